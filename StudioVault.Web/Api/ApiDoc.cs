using StudioVault.Domain.Kernel;

namespace StudioVault.Web.Api;

/// <summary>What the reference and the OpenAPI document say about an endpoint; it stands beside the endpoint itself.</summary>
/// <param name="Name">Operation id, camelCase, stable.</param>
/// <param name="Summary">Three to six words.</param>
/// <param name="Description">Plain sentences.</param>
/// <param name="Answers">Status of the one success answer.</param>
/// <param name="ExampleAnswer">JSON.</param>
/// <param name="ExampleRequest">JSON, or null where nothing is sent.</param>
/// <param name="Parameters">Meaning of path and query parameters and headers by name.</param>
/// <param name="Refusals">Codes it answers with beyond those of every endpoint.</param>
public sealed record ApiDoc(string Name, string Summary, string Description, int Answers, string ExampleAnswer, string? ExampleRequest, IReadOnlyDictionary<string, string> Parameters, IReadOnlyList<RefusalKind> Refusals)
{
    /// <summary>Shape of what is sent. Not as metadata of the framework's own: that would send what has another content type elsewhere.</summary>
    public Type? RequestType { get; init; }

    /// <summary>Media type of what is sent; an example of another type than JSON stands as it is.</summary>
    public string RequestMedia { get; init; } = ApiDocs.Json;

    /// <summary>Media type of the success answer; an example of another type than JSON stands as it is. Null: it has no body.</summary>
    public string? AnswerMedia { get; init; } = ApiDocs.Json;

    /// <summary>Whether something has to be sent.</summary>
    public bool NeedsRequest { get; init; }

    /// <summary>Whether it takes an agent key.</summary>
    public bool NeedsKey { get; init; } = true;

    /// <summary>Every code it may answer with.</summary>
    public IEnumerable<RefusalKind> AllRefusals => Refusals.Concat(NeedsKey ? ApiDocs.Everywhere : ApiDocs.WithoutKey);
}

internal static class ApiDocExtensions
{
    /// <summary>Puts the endpoint into the OpenAPI document and the reference.</summary>
    /// <typeparam name="T">Shape of the success answer.</typeparam>
    public static RouteHandlerBuilder Documented<T>(this RouteHandlerBuilder endpoint, ApiDoc doc)
    {
        endpoint.WithName(doc.Name).WithMetadata(doc).Produces(doc.Answers, doc.AnswerMedia is null ? null : typeof(T), doc.AnswerMedia);
        foreach (var status in doc.AllRefusals.Select(k => k.HttpStatus).Distinct().Order()) endpoint.Produces<ApiProblem>(status, ApiProblem.MediaType);
        return endpoint;
    }
}

// The two bodies are for the OpenAPI document, which shows these comments to everybody; ApiBody reads what is sent.

/// <summary>Body of a new proposal.</summary>
/// <param name="Branch">Short name of the branch, from /v1/me.</param>
/// <param name="Capability">Name of the capability.</param>
/// <param name="Args">As the capability's input schema says.</param>
/// <param name="Why">Why it should be done, for the people who decide; at most 2,000 characters.</param>
/// <param name="Evidence">At most 10 sources.</param>
/// <param name="Epoch">When your program started, any unit that grows: what an earlier start left open is superseded, in your other branches within a minute; what takes human review stays.</param>
public sealed record ApiProposalRequest(string Branch, string Capability, System.Text.Json.Nodes.JsonObject Args, string Why, IReadOnlyList<Infrastructure.Proposals.Api.ApiEvidence>? Evidence = null, long? Epoch = null);

/// <summary>Body of a withdrawal; it may be left out.</summary>
/// <param name="Reason">For the record; at most 1,000 characters.</param>
public sealed record ApiWithdrawRequest(string? Reason = null);
