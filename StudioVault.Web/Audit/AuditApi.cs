using System.Globalization;
using System.Text;
using System.Text.Json;
using Microsoft.AspNetCore.Http.Features;
using StudioVault.Domain.Audit;
using StudioVault.Domain.Kernel;
using StudioVault.Infrastructure.Audit;
using StudioVault.Infrastructure.Organization;
using StudioVault.Infrastructure.Persistence;
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
        var open = routes.MapGroup("/v1/audit").AllowAnonymous().DisableAntiforgery().RequireRateLimiting(Limits.Proofs);
        open.MapGet("/checkpoint", CheckpointAsync);
        open.MapGet("/key", Key);
        open.MapGet("/entries/{index:long}/proof", (long index, HttpContext http, AuditProofs proofs, CancellationToken ct) => InclusionAsync(index, null, http, proofs, ct));
        open.MapGet("/proof/inclusion", (long entry, long? size, HttpContext http, AuditProofs proofs, CancellationToken ct) => InclusionAsync(entry, size, http, proofs, ct));
        open.MapGet("/proof/consistency", ConsistencyAsync);
        open.MapPost("/witness", WitnessAsync);
        open.MapPost("/alarms", AlarmAsync);
        open.MapGet("/entries/{index:long}", EntryAsync);

        // For people who look at the page: with the entry's content, or the whole log.
        routes.MapGet("/audit/{index:long}/proof.json", ProofFileAsync);
        routes.MapGet("/audit/check.json", CheckFileAsync);
        routes.MapGet("/audit/export.jsonl", ExportAsync);
    }

    private static async Task<IResult> CheckpointAsync(long? size, HttpContext http, AuditProofs proofs, CancellationToken ct)
    {
        http.Response.Headers.CacheControl = "no-store";
        return (await proofs.CheckpointAsync(size, ct)).TryGet(out var note, out var refusal) ? Results.Text(note, "text/plain", Encoding.UTF8) : Problem(refusal);
    }

    private static IResult Key(GroupKey key) => Results.Text(key.Signer.Key.ToPem() + "\n", "application/x-pem-file", Encoding.ASCII);

    private static async Task<IResult> InclusionAsync(long entry, long? size, HttpContext http, AuditProofs proofs, CancellationToken ct)
    {
        http.Response.Headers.CacheControl = "no-store";
        return (await proofs.InclusionAsync(entry, size, ct)).TryGet(out var p, out var refusal)
            ? Results.Json(new { index = p.Index, size = p.Size, leafHash = p.LeafHash.ToString(), root = p.Root.ToString(), proof = p.Proof.Select(h => h.ToString()), checkpoint = p.Checkpoint })
            : Problem(refusal);
    }

    private static async Task<IResult> ConsistencyAsync(long from, long? to, HttpContext http, AuditProofs proofs, CancellationToken ct)
    {
        http.Response.Headers.CacheControl = "no-store";
        return (await proofs.ConsistencyAsync(from, to, ct)).TryGet(out var p, out var refusal) ? Results.Json(Shown(p)) : Problem(refusal);
    }

    private static async Task<IResult> WitnessAsync(HttpContext http, AuditProofs proofs, CancellationToken ct)
    {
        http.Response.Headers.CacheControl = "no-store";
        if (await NoteAsync(http, ct) is not { } note) return Problem(AuditRefusals.CheckpointMalformed.With("it is too long"));
        return (await proofs.WitnessAsync(note, ct)).TryGet(out var p, out var refusal) ? Results.Json(Shown(p)) : Problem(refusal);
    }

    private static async Task<IResult> AlarmAsync(HttpContext http, AuditProofs proofs, CancellationToken ct)
    {
        if (await NoteAsync(http, ct) is not { } note) return Problem(AuditRefusals.CheckpointMalformed.With("it is too long"));
        return (await proofs.ReportAsync(note, ct)).TryGet(out _, out var refusal) ? Results.NoContent() : Problem(refusal);
    }

    private static async Task<IResult> EntryAsync(long index, HttpContext http, OrganizationQueries organization, AuditQueries audit, AuditReads reads, CancellationToken ct)
    {
        http.Response.Headers.CacheControl = "no-store";
        if (!(await ReaderAsync(http, organization, ct)).TryGet(out var reader, out var refusal)) return Problem(refusal);
        if (!(await audit.EntryAtAsync(reader, index, ct)).TryGet(out var id, out refusal)) return Problem(refusal);
        if (!(await audit.DetailAsync(reader, id, ct)).TryGet(out var detail, out refusal)) return Problem(refusal);
        await reads.EntryAsync(reader, id, index, ct);
        using var body = JsonDocument.Parse(detail.Body.ToCanonical());
        return Results.Json(new { index, leafHash = detail.LeafHash, leaf = body.RootElement, payload = detail.Payload, altered = detail.IsAltered });
    }

    private static async Task<IResult> ProofFileAsync(long index, HttpContext http, OrganizationQueries organization, AuditChecks checks, CancellationToken ct)
    {
        http.Response.Headers.CacheControl = "no-store";
        if (!(await ReaderAsync(http, organization, ct)).TryGet(out var reader, out var refusal)) return Problem(refusal);
        return (await checks.ProofFileAsync(reader, index, ct)).TryGet(out var file, out refusal) ? Results.File(Encoding.UTF8.GetBytes(file.Json), "application/json", file.Name) : Problem(refusal);
    }

    private static async Task<IResult> CheckFileAsync(long from, long to, HttpContext http, OrganizationQueries organization, AuditChecks checks, CancellationToken ct)
    {
        http.Response.Headers.CacheControl = "no-store";
        if (!(await ReaderAsync(http, organization, ct)).TryGet(out var reader, out var refusal)) return Problem(refusal);
        return (await checks.CheckAsync(reader, from, to, ct)).TryGet(out var check, out refusal)
            ? Results.File(Encoding.UTF8.GetBytes(check.ToJson()), "application/json", string.Create(CultureInfo.InvariantCulture, $"audit-check-{check.From}-{check.To}.json")) : Problem(refusal);
    }

    private static async Task<IResult> ExportAsync(HttpContext http, OrganizationQueries organization, AuditChecks checks, VaultDbs dbs, TimeProvider time, CancellationToken ct)
    {
        http.Response.Headers.CacheControl = "no-store";
        if (!(await ReaderAsync(http, organization, ct)).TryGet(out var reader, out var refusal)) return Problem(refusal);
        // The whole log is the group's; nothing leaves before it stands in the log who took it.
        if ((await checks.ExportingAsync(reader, ct)).Refusal is { } no) return Problem(no);
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

    private static object Shown(AuditConsistency p) => new { from = p.From, to = p.To, fromRoot = p.FromRoot.ToString(), toRoot = p.ToRoot.ToString(), proof = p.Proof.Select(h => h.ToString()), checkpoint = p.Checkpoint };

    private static IResult Problem(Refusal refusal) => Results.Problem(title: refusal.Sentence, detail: refusal.NextStep, statusCode: refusal.Kind.HttpStatus, type: $"urn:studiovault:{refusal.Code}",
        extensions: new Dictionary<string, object?> { ["code"] = refusal.Code });
}
