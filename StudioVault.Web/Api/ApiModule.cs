using System.Text.Json.Serialization;
using System.Text.RegularExpressions;
using Microsoft.AspNetCore.Authentication;
using Microsoft.AspNetCore.Authorization;
using Microsoft.AspNetCore.Routing.Template;
using StudioVault.Domain.Kernel;
using StudioVault.Domain.Proposals;
using StudioVault.Infrastructure.Proposals;
using StudioVault.Infrastructure.Proposals.Api;

namespace StudioVault.Web.Api;

/// <summary>The public API, version 1: for agents, by key. People use the pages.</summary>
public static partial class ApiModule
{
    private const int DefaultLimit = 50;
    private const int MostLimit = 100;

    private static readonly string[] ProposalMembers = ["branch", "capability", "args", "why", "evidence", "epoch"];

    public static void AddVaultApi(this IServiceCollection services)
    {
        services.AddSingleton<ApiGate>();
        // The web's default also reads numbers from texts, and the document would say so; ApiBody refuses them.
        services.ConfigureHttpJsonOptions(o => o.SerializerOptions.NumberHandling = JsonNumberHandling.Strict);
        services.AddAuthentication().AddScheme<AuthenticationSchemeOptions, AgentKeyHandler>(AgentKeyHandler.SchemeName, null);
        services.AddVaultOpenApi();
    }

    public static void MapVaultApi(this IEndpointRouteBuilder routes)
    {
        var v1 = routes.MapGroup("/v1").RequireAuthorization(new AuthorizationPolicyBuilder(AgentKeyHandler.SchemeName).RequireAuthenticatedUser().Build()).DisableAntiforgery().WithTags("Agents").AddEndpointFilter(GuardAsync);
        v1.MapPost("/proposals", SubmitAsync).Documented<ApiSubmitted>(ApiDocs.Submit);
        v1.MapGet("/proposals", ListAsync).Documented<ApiProposalPage>(ApiDocs.List);
        v1.MapGet("/proposals/{id}", ReadAsync).Documented<ApiProposal>(ApiDocs.Read);
        v1.MapGet("/proposals/{id}/decisions", DecisionsAsync).Documented<ApiDecisions>(ApiDocs.Decisions);
        v1.MapPost("/proposals/{id}/withdraw", WithdrawAsync).Documented<ApiProposal>(ApiDocs.Withdraw);
        v1.MapGet("/capabilities", CapabilitiesAsync).Documented<ApiCapabilities>(ApiDocs.Capabilities);
        v1.MapGet("/capabilities/{name}", CapabilityAsync).Documented<ApiCapability>(ApiDocs.OneCapability);
        v1.MapGet("/quotas", QuotasAsync).Documented<ApiQuotas>(ApiDocs.Quotas);
        v1.MapGet("/me", MeAsync).Documented<ApiMe>(ApiDocs.Me);
        v1.MapNothing();
        routes.MapVaultOpenApi();
    }

    /// <summary>What is not there below a group, said as problem details: another method of an address that is, or no address at all.</summary>
    internal static void MapNothing(this IEndpointRouteBuilder group) => group.Map("/{**rest}", (HttpContext http, EndpointDataSource endpoints) =>
    {
        var methods = ApiReference.All(endpoints).Where(e => new TemplateMatcher(TemplateParser.Parse(e.Path), new RouteValueDictionary()).TryMatch(http.Request.Path, new RouteValueDictionary())).Select(e => e.Method).Distinct().Order(StringComparer.Ordinal).ToList();
        if (methods.Count == 0 || methods.Contains(http.Request.Method)) return ApiProblem.Answer(ApiRefusals.NoSuchAddress);
        http.Response.Headers.Allow = string.Join(", ", methods);
        return ApiProblem.Answer(ApiRefusals.MethodNotAllowed.With(string.Join(" and ", methods)));
    }).ExcludeFromDescription();

    private static async Task<IResult> SubmitAsync(HttpContext http, AgentApi api, CancellationToken ct)
    {
        var key = http.Request.Headers["Idempotency-Key"].ToString();
        if (!IdempotencyKey().IsMatch(key)) return ApiProblem.Answer(ApiRefusals.IdempotencyKeyMissing.At("Idempotency-Key"));
        if (!(await ApiBody.ReadAsync(http.Request, ProposalMembers, ct)).TryGet(out var body, out var refusal)) return ApiProblem.Answer(refusal);
        var (branch, input) = (body.Text("branch"), new ProposalInput(body.Text("capability"), body.Object("args"), body.Text("why"), body.Evidence("evidence"), body.OptionalWhole("epoch")));
        if (body.Problem is { } problem) return ApiProblem.Answer(problem);
        var sender = AgentKeyHandler.SenderOf(http.User)!;
        var made = await api.SubmitAsync(sender, AgentKeyHandler.AgentOf(http).Id, new ApiOrder(branch, input, key, body.Sha256), ct);
        if (!made.TryGet(out var answer, out refusal))
        {
            var waits = refusal.Kind == QuotaRefusals.Attention ? 60 : refusal.Kind.HttpStatus == StatusCodes.Status429TooManyRequests ? await api.RefillAsync(sender, input.Capability, ct) : (int?)null;
            return ApiProblem.Answer(refusal, waits);
        }

        http.Response.Headers.Location = answer.Location;
        if (answer.IsReplay) http.Response.Headers["Idempotency-Replayed"] = "true";
        http.Response.StatusCode = StatusCodes.Status202Accepted;
        return Results.Bytes(answer.Body, "application/json");
    }

    private static async Task<IResult> ListAsync(string? branch, string? state, string? capability, string? cursor, string? limit, HttpContext http, AgentApi api, CancellationToken ct)
    {
        var most = DefaultLimit;
        if (string.IsNullOrEmpty(branch)) return ApiProblem.Answer(ApiRefusals.Parameter.At("branch", "branch", "it is missing"));
        if (limit is not null && (!int.TryParse(limit, System.Globalization.NumberStyles.None, System.Globalization.CultureInfo.InvariantCulture, out most) || most is < 1 or > MostLimit)) return ApiProblem.Answer(ApiRefusals.Parameter.At("limit", "limit", $"a whole number from 1 to {MostLimit} is expected"));
        ProposalState? only = null;
        if (state is not null)
        {
            if (!Enum.GetNames<ProposalState>().Contains(state)) return ApiProblem.Answer(ApiRefusals.Parameter.At("state", "state", "there is no such state"));
            only = Enum.Parse<ProposalState>(state);
        }

        var sender = AgentKeyHandler.SenderOf(http.User)!;
        var list = $"{AgentKeyHandler.AgentOf(http).Id} {branch} {state} {capability}";
        Guid? before = null;
        if (cursor is not null)
        {
            if (!ApiCursor.TryRead(cursor, list, out var last)) return ApiProblem.Answer(ApiRefusals.Cursor.At("cursor"));
            before = last;
        }

        if (!(await api.BranchAsync(sender, branch, ct)).TryGet(out var id, out var refusal)) return ApiProblem.Answer(refusal);
        // One more than asked for tells whether there is another page.
        var found = await api.ProposalsAsync(sender, id, only, capability, before, most + 1, ct);
        if (found.IsRefused) return ApiProblem.Answer(found.Refusal);
        var items = found.Value.Take(most).ToList();
        return Json(new ApiProposalPage(items, found.Value.Count > most ? ApiCursor.Of(items[^1].Id, list) : null));
    }

    private static Task<IResult> ReadAsync(string id, HttpContext http, AgentApi api, CancellationToken ct) => OnAsync(id, guid => api.ProposalAsync(AgentKeyHandler.SenderOf(http.User)!, guid, ct));

    private static Task<IResult> DecisionsAsync(string id, HttpContext http, AgentApi api, CancellationToken ct) => OnAsync(id, guid => api.DecisionsAsync(AgentKeyHandler.SenderOf(http.User)!, guid, ct));

    private static async Task<IResult> WithdrawAsync(string id, HttpContext http, AgentApi api, CancellationToken ct)
    {
        string? reason = null;
        if (http.Request.ContentLength is not (null or 0) || http.Request.Headers.TransferEncoding.Count > 0)
        {
            if (!(await ApiBody.ReadAsync(http.Request, ["reason"], ct)).TryGet(out var body, out var refusal)) return ApiProblem.Answer(refusal);
            reason = body.OptionalText("reason");
            if (body.Problem is { } problem) return ApiProblem.Answer(problem);
        }

        return await OnAsync(id, guid => api.WithdrawAsync(AgentKeyHandler.SenderOf(http.User)!, guid, reason, ct), StatusCodes.Status202Accepted);
    }

    private static async Task<IResult> CapabilitiesAsync(HttpContext http, AgentApi api, CancellationToken ct)
    {
        var found = await api.CapabilitiesAsync(AgentKeyHandler.SenderOf(http.User)!, ct);
        return found.IsRefused ? ApiProblem.Answer(found.Refusal) : Json(new ApiCapabilities(found.Value));
    }

    private static async Task<IResult> CapabilityAsync(string name, HttpContext http, AgentApi api, CancellationToken ct)
    {
        var found = await api.CapabilitiesAsync(AgentKeyHandler.SenderOf(http.User)!, ct);
        if (found.IsRefused) return ApiProblem.Answer(found.Refusal);
        return found.Value.FirstOrDefault(c => c.Name == name) is { } capability ? Json(capability) : ApiProblem.Answer(CapabilityRefusals.Unknown.At("name", name.Length <= 60 ? name : name[..60]));
    }

    private static async Task<IResult> QuotasAsync(string? branch, HttpContext http, AgentApi api, CancellationToken ct)
    {
        if (string.IsNullOrEmpty(branch)) return ApiProblem.Answer(ApiRefusals.Parameter.At("branch", "branch", "it is missing"));
        var sender = AgentKeyHandler.SenderOf(http.User)!;
        if (!(await api.BranchAsync(sender, branch, ct)).TryGet(out var id, out var refusal)) return ApiProblem.Answer(refusal);
        return Answer(await api.QuotasAsync(sender, id, branch, ct));
    }

    private static async Task<IResult> MeAsync(HttpContext http, AgentApi api, CancellationToken ct) => Answer(await api.MeAsync(AgentKeyHandler.SenderOf(http.User)!, ct));

    private static async Task<IResult> OnAsync<T>(string id, Func<Guid, Task<Result<T>>> work, int status = StatusCodes.Status200OK) =>
        Guid.TryParseExact(id, "D", out var guid) ? Answer(await work(guid), status) : ApiProblem.Answer(KernelRefusals.NotFound);

    private static IResult Answer<T>(Result<T> result, int status = StatusCodes.Status200OK) => result.IsRefused ? ApiProblem.Answer(result.Refusal) : Json(result.Value, status);

    private static IResult Json<T>(T value, int status = StatusCodes.Status200OK) => Results.Json(value, AgentApi.Json, "application/json", status);

    /// <summary>Whatever breaks is logged here and leaves as problem details, never as a page.</summary>
    internal static async ValueTask<object?> GuardAsync(EndpointFilterInvocationContext context, EndpointFilterDelegate next)
    {
        try
        {
            return await next(context);
        }
        catch (BadHttpRequestException)
        {
            return ApiProblem.Answer(ApiRefusals.Malformed.With("it broke off or is no HTTP message"));
        }
        catch (Exception e) when (!context.HttpContext.RequestAborted.IsCancellationRequested)
        {
            context.HttpContext.RequestServices.GetRequiredService<ILoggerFactory>().CreateLogger("StudioVault.Web.Api").LogError(e, "A request to the API broke");
            return ApiProblem.Answer(ApiRefusals.Failed);
        }
    }

    [GeneratedRegex("^[A-Za-z0-9_:.-]{8,100}$")]
    private static partial Regex IdempotencyKey();
}
