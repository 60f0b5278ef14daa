using System.Globalization;
using System.Text;
using System.Text.Json.Nodes;
using Microsoft.AspNetCore.Http.Features;
using StudioVault.Domain.Audit;
using StudioVault.Domain.Kernel;
using StudioVault.Domain.Proposals;
using StudioVault.Infrastructure.Audit;
using StudioVault.Infrastructure.Organization;
using StudioVault.Infrastructure.Persistence;
using StudioVault.Web.Api;
using StudioVault.Web.Hosting;
using StudioVault.Web.Organization;

namespace StudioVault.Web.Audit;

/// <summary>
/// <c>/v1/audit</c>: checkpoints, the key and proofs for everybody (they hold hashes and nothing else), entries for whoever may
/// see them, and the place where devices ask whether history goes on from what they saw. Sizes and indices as the log counts:
/// entry 0 is the first. Hashes are 64 lower-case hexadecimal digits.
/// </summary>
public static class AuditApi
{
    private const int LongestNote = 4_096;

    public static void MapAuditApi(this IEndpointRouteBuilder routes)
    {
        var open = routes.MapGroup("/v1/audit").AllowAnonymous().DisableAntiforgery().RequireRateLimiting(Limits.Proofs).WithTags("Audit").AddEndpointFilter(ApiModule.GuardAsync);
        open.MapGet("/checkpoint", CheckpointAsync).Documented<string>(ApiDocs.AuditCheckpoint);
        open.MapGet("/key", Key).Documented<string>(ApiDocs.AuditKey);
        open.MapGet("/entries/{index}/proof", EntryProofAsync).Documented<ApiInclusion>(ApiDocs.AuditEntryProof);
        open.MapGet("/proof/inclusion", InclusionAsync).Documented<ApiInclusion>(ApiDocs.AuditInclusion);
        open.MapGet("/proof/consistency", ConsistencyAsync).Documented<ApiConsistency>(ApiDocs.AuditConsistency);
        open.MapPost("/witness", WitnessAsync).Documented<ApiConsistency>(ApiDocs.AuditWitness);
        open.MapPost("/alarms", AlarmAsync).Documented<string>(ApiDocs.AuditAlarm);
        open.MapGet("/entries/{index}", EntryAsync).Documented<ApiEntry>(ApiDocs.AuditEntry);
        open.MapNothing();

        // For people who look at the page: with the entry's content, or the whole log.
        routes.MapGet("/audit/{index:long}/proof.json", ProofFileAsync);
        routes.MapGet("/audit/check.json", CheckFileAsync);
        routes.MapGet("/audit/export.jsonl", ExportAsync);
    }

    private static async Task<IResult> CheckpointAsync(string? size, HttpContext http, AuditProofs proofs, CancellationToken ct)
    {
        http.Response.Headers.CacheControl = "no-store";
        if (!Whole("size", size).TryGet(out var of, out var refusal)) return ApiProblem.Answer(refusal);
        return (await proofs.CheckpointAsync(of, ct)).TryGet(out var note, out refusal) ? Results.Text(note, "text/plain", Encoding.UTF8) : ApiProblem.Answer(refusal);
    }

    private static IResult Key(GroupKey key) => Results.Text(key.Signer.Key.ToPem() + "\n", "application/x-pem-file", Encoding.ASCII);

    private static async Task<IResult> EntryProofAsync(string index, HttpContext http, AuditProofs proofs, CancellationToken ct) =>
        Needed("index", index).TryGet(out var entry, out var refusal) ? await ProvedAsync(entry, null, http, proofs, ct) : ApiProblem.Answer(refusal);

    private static async Task<IResult> InclusionAsync(string? entry, string? size, HttpContext http, AuditProofs proofs, CancellationToken ct)
    {
        if (!Needed("entry", entry).TryGet(out var index, out var refusal)) return ApiProblem.Answer(refusal);
        if (!Whole("size", size).TryGet(out var of, out refusal)) return ApiProblem.Answer(refusal);
        return await ProvedAsync(index, of, http, proofs, ct);
    }

    private static async Task<IResult> ProvedAsync(long entry, long? size, HttpContext http, AuditProofs proofs, CancellationToken ct)
    {
        http.Response.Headers.CacheControl = "no-store";
        return (await proofs.InclusionAsync(entry, size, ct)).TryGet(out var p, out var refusal)
            ? Results.Json(new ApiInclusion(p.Index, p.Size, p.LeafHash.ToString(), p.Root.ToString(), [.. p.Proof.Select(h => h.ToString())], p.Checkpoint)) : ApiProblem.Answer(refusal);
    }

    private static async Task<IResult> ConsistencyAsync(string? from, string? to, HttpContext http, AuditProofs proofs, CancellationToken ct)
    {
        http.Response.Headers.CacheControl = "no-store";
        if (!Needed("from", from).TryGet(out var first, out var refusal)) return ApiProblem.Answer(refusal);
        if (!Whole("to", to).TryGet(out var second, out refusal)) return ApiProblem.Answer(refusal);
        return (await proofs.ConsistencyAsync(first, second, ct)).TryGet(out var p, out refusal) ? Results.Json(Shown(p)) : ApiProblem.Answer(refusal);
    }

    private static async Task<IResult> WitnessAsync(HttpContext http, AuditProofs proofs, CancellationToken ct)
    {
        http.Response.Headers.CacheControl = "no-store";
        if (await NoteAsync(http, ct) is not { } note) return ApiProblem.Answer(AuditRefusals.CheckpointMalformed.With("it is too long"));
        return (await proofs.WitnessAsync(note, ct)).TryGet(out var p, out var refusal) ? Results.Json(Shown(p)) : ApiProblem.Answer(refusal);
    }

    private static async Task<IResult> AlarmAsync(HttpContext http, AuditProofs proofs, CancellationToken ct)
    {
        if (await NoteAsync(http, ct) is not { } note) return ApiProblem.Answer(AuditRefusals.CheckpointMalformed.With("it is too long"));
        return (await proofs.ReportAsync(note, ct)).TryGet(out _, out var refusal) ? Results.NoContent() : ApiProblem.Answer(refusal);
    }

    private static async Task<IResult> EntryAsync(string index, HttpContext http, OrganizationQueries organization, AuditQueries audit, AuditReads reads, CancellationToken ct)
    {
        http.Response.Headers.CacheControl = "no-store";
        if (!Needed("index", index).TryGet(out var number, out var refusal)) return ApiProblem.Answer(refusal);
        if (!(await ReaderAsync(http, organization, ct)).TryGet(out var reader, out refusal)) return ApiProblem.Answer(refusal);
        if (!(await audit.EntryAtAsync(reader, number, ct)).TryGet(out var id, out refusal)) return ApiProblem.Answer(refusal);
        if (!(await audit.DetailAsync(reader, id, ct)).TryGet(out var detail, out refusal)) return ApiProblem.Answer(refusal);
        await reads.EntryAsync(reader, id, number, ct);
        return Results.Json(new ApiEntry(number, detail.LeafHash, JsonNode.Parse(detail.Body.ToCanonical())!.AsObject(), detail.Payload, detail.IsAltered));
    }

    private static async Task<IResult> ProofFileAsync(long index, HttpContext http, OrganizationQueries organization, AuditChecks checks, CancellationToken ct)
    {
        http.Response.Headers.CacheControl = "no-store";
        if (!(await ReaderAsync(http, organization, ct)).TryGet(out var reader, out var refusal)) return ApiProblem.Answer(refusal);
        return (await checks.ProofFileAsync(reader, index, ct)).TryGet(out var file, out refusal) ? Results.File(Encoding.UTF8.GetBytes(file.Json), "application/json", file.Name) : ApiProblem.Answer(refusal);
    }

    private static async Task<IResult> CheckFileAsync(long from, long to, HttpContext http, OrganizationQueries organization, AuditChecks checks, CancellationToken ct)
    {
        http.Response.Headers.CacheControl = "no-store";
        if (!(await ReaderAsync(http, organization, ct)).TryGet(out var reader, out var refusal)) return ApiProblem.Answer(refusal);
        return (await checks.CheckAsync(reader, from, to, ct)).TryGet(out var check, out refusal)
            ? Results.File(Encoding.UTF8.GetBytes(check.ToJson()), "application/json", string.Create(CultureInfo.InvariantCulture, $"audit-check-{check.From}-{check.To}.json")) : ApiProblem.Answer(refusal);
    }

    private static async Task<IResult> ExportAsync(HttpContext http, OrganizationQueries organization, AuditChecks checks, VaultDbs dbs, TimeProvider time, CancellationToken ct)
    {
        http.Response.Headers.CacheControl = "no-store";
        if (!(await ReaderAsync(http, organization, ct)).TryGet(out var reader, out var refusal)) return ApiProblem.Answer(refusal);
        // The whole log is the group's; nothing leaves before it stands in the log who took it.
        if ((await checks.ExportingAsync(reader, ct)).Refusal is { } no) return ApiProblem.Answer(no);
        http.Features.Get<IHttpResponseBodyFeature>()?.DisableBuffering();
        return Results.Stream(async output =>
        {
            await using var archive = await AuditArchive.OpenAsync(dbs.Source, ct);
            await AuditExport.WriteAsync(archive, output, ct);
        }, "application/jsonl", string.Create(CultureInfo.InvariantCulture, $"studiovault-audit-{time.GetUtcNow().UtcDateTime:yyyy-MM-dd}.jsonl"));
    }

    /// <summary>Whoever is signed in, as they may read the log: HQ everything, a manager the branch's own; the query itself refuses everybody else and remembers it.</summary>
    private static async Task<Result<AuditReader>> ReaderAsync(HttpContext http, OrganizationQueries organization, CancellationToken ct)
    {
        var sender = PersonClaims.SenderOf(http.User);
        if (!(await organization.SessionAsync(sender, ct)).TryGet(out var session, out var refusal)) return refusal;
        return new AuditReader(sender, session.IsHqAdmin ? null : Session.CurrentBranch(session, http.User)?.Id);
    }

    private static async Task<string?> NoteAsync(HttpContext http, CancellationToken ct)
    {
        var buffer = new char[LongestNote + 1];
        using var reader = new StreamReader(http.Request.Body, Encoding.UTF8);
        var length = await reader.ReadBlockAsync(buffer, ct);
        return length > LongestNote ? null : new string(buffer, 0, length);
    }

    /// <summary>A whole number that may be left out.</summary>
    private static Result<long?> Whole(string name, string? text)
    {
        if (string.IsNullOrEmpty(text)) return (long?)null;
        if (long.TryParse(text, NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture, out var number)) return number;
        return ApiRefusals.Parameter.At(name, name, "a whole number is expected");
    }

    /// <summary>A whole number that has to be there.</summary>
    private static Result<long> Needed(string name, string? text)
    {
        if (!Whole(name, text).TryGet(out var number, out var refusal)) return refusal;
        if (number is { } there) return there;
        return ApiRefusals.Parameter.At(name, name, "it is missing");
    }

    private static ApiConsistency Shown(AuditConsistency p) => new(p.From, p.To, p.FromRoot.ToString(), p.ToRoot.ToString(), [.. p.Proof.Select(h => h.ToString())], p.Checkpoint);
}

/// <summary>That an entry stands in the log of a size.</summary>
/// <param name="Proof">Hashes, the lowest first.</param>
/// <param name="Checkpoint">Signed note of that size, or null where there is none.</param>
public sealed record ApiInclusion(long Index, long Size, string LeafHash, string Root, IReadOnlyList<string> Proof, string? Checkpoint);

/// <summary>That the log of one size is the beginning of the log of another.</summary>
/// <param name="Proof">Hashes, the lowest first.</param>
/// <param name="Checkpoint">Signed note of the larger size, or null where there is none.</param>
public sealed record ApiConsistency(long From, long To, string FromRoot, string ToRoot, IReadOnlyList<string> Proof, string? Checkpoint);

/// <summary>Content of an entry.</summary>
/// <param name="LeafHash">Null until it is numbered.</param>
/// <param name="Leaf">What the hash is made of.</param>
/// <param name="Payload">JSON text as it was recorded, or null.</param>
/// <param name="Altered">What is recorded is not what was hashed.</param>
public sealed record ApiEntry(long Index, string? LeafHash, JsonObject Leaf, string? Payload, bool Altered);
