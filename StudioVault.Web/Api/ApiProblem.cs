using System.Globalization;
using System.Text.Json;
using System.Text.Json.Serialization;
using StudioVault.Domain.Kernel;
using StudioVault.Infrastructure.Proposals.Api;

namespace StudioVault.Web.Api;

/// <summary>A refusal as it leaves the API: problem details (RFC 9457) with our code.</summary>
/// <param name="Type">Address of the page about the code; it never changes.</param>
/// <param name="Title">What is the matter, one sentence.</param>
/// <param name="Status">The HTTP status again.</param>
/// <param name="Detail">What to do now.</param>
/// <param name="Code">Stable code, <c>refuse.area.reason</c>: what programs match on.</param>
/// <param name="Sentence">The same as the title.</param>
/// <param name="NextStep">The same as the detail.</param>
/// <param name="Path">What it is about: a JSON pointer into the body, beginning with a slash, or the name of a parameter or header; absent when it is about the whole.</param>
public sealed record ApiProblem(string Type, string Title, int Status, string Detail, string Code, string Sentence, string NextStep, [property: JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)] string? Path)
{
    public const string MediaType = "application/problem+json";

    public static ApiProblem Of(Refusal refusal) => new(TypeOf(refusal.Code), refusal.Sentence, refusal.Kind.HttpStatus, refusal.NextStep, refusal.Code, refusal.Sentence, refusal.NextStep, refusal.Path);

    /// <summary>Page of a code.</summary>
    public static string TypeOf(string code) => $"/docs/api/codes/{code}";

    /// <summary>The refusal as an answer.</summary>
    /// <param name="retryAfter">Seconds, for what passes by itself.</param>
    public static IResult Answer(Refusal refusal, int? retryAfter = null) => new Result(refusal, retryAfter);

    public static async Task WriteAsync(HttpContext http, Refusal refusal, int? retryAfter)
    {
        http.Response.StatusCode = refusal.Kind.HttpStatus;
        http.Response.ContentType = MediaType;
        http.Response.Headers.CacheControl = "no-store";
        if ((retryAfter ?? (refusal.Kind.HttpStatus == StatusCodes.Status503ServiceUnavailable ? 5 : null)) is { } seconds)
            http.Response.Headers.RetryAfter = Math.Max(1, seconds).ToString(CultureInfo.InvariantCulture);
        await http.Response.Body.WriteAsync(JsonSerializer.SerializeToUtf8Bytes(Of(refusal), AgentApi.Json), http.RequestAborted);
    }

    private sealed class Result(Refusal refusal, int? retryAfter) : IResult
    {
        public Task ExecuteAsync(HttpContext httpContext) => WriteAsync(httpContext, refusal, retryAfter);
    }
}
