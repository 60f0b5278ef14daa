using System.Text.Json.Nodes;
using Microsoft.EntityFrameworkCore;
using StudioVault.Domain.Agreements;
using StudioVault.Domain.Kernel;
using StudioVault.Domain.Organization;
using StudioVault.Infrastructure.Documents.Sealing;
using StudioVault.Infrastructure.Door;
using StudioVault.Infrastructure.Persistence;
using StudioVault.Infrastructure.Scheduling;

namespace StudioVault.Infrastructure.Agreements;

/// <summary>What the document of an image release says.</summary>
/// <param name="WithdrawAddress">Where it is taken back.</param>
public sealed record ReleaseFacts(ReleaseContent Content, string ContentHash, AgreementStudio Studio, string PartyId, IReadOnlyList<string> Allowed, string TypedName, DateTimeOffset GivenAt, Uri WithdrawAddress);

/// <summary>Prints, seals and keeps the documents of releases that were decided and have none yet.</summary>
public sealed class ReleaseDocuments(WriteDoor door, Papers papers, ClientKeys keys, SealKeys seals, IPaperPrinter printer, ClientLetters letters) : IVaultJob
{
    public async Task<Result<JobReport>> RunAsync(Sender self, CancellationToken ct)
    {
        var waiting = await door.ReadAsync<List<(BranchId Branch, ReleaseId Release)>>(self, TenantScope.Hq, Access.Hq, async (db, _, token) =>
            (await db.Releases.AsNoTracking().Where(r => r.State == ReleaseState.Given && r.DocumentSha256 == null && db.Clients.Any(c => c.Id == r.ClientId && c.ErasedAt == null))
                .Select(r => new { r.BranchId, r.Id }).ToListAsync(token)).ConvertAll(r => (r.BranchId, r.Id)), ct);
        if (!waiting.TryGet(out var due, out var refusal)) return refusal;
        var made = 0;
        foreach (var (branch, release) in due)
            if ((await MakeAsync(self, branch, release, ct)).Refusal is { } no) refusal ??= no;
            else made++;
        if (refusal is not null) return refusal;
        return made == 0 ? JobReport.NothingToDo("No image release was waiting for its document") : JobReport.Of($"Made {made} {(made == 1 ? "document" : "documents")}");
    }

    /// <summary>Makes one; refused with why no document can be made, or <c>refuse.kernel.stale_write</c> when it is made already.</summary>
    public async Task<Result<Done>> MakeAsync(Sender self, BranchId branch, ReleaseId id, CancellationToken ct)
    {
        var read = await door.ReadAsync<ReleaseFacts>(self, TenantScope.Of(branch), Access.MemberOf(branch), async (db, _, token) =>
        {
            if (await db.Releases.AsNoTracking().SingleOrDefaultAsync(r => r.Id == id, token) is not { Evidence: { } box, GivenAt: { } given } release) return KernelRefusals.NotFound;
            if (release.DocumentSha256 is not null) return KernelRefusals.StaleWrite;
            if (!(await papers.KeyAsync(db, release.PaperId, token)).TryGet(out var paperKey, out var no)) return no;
            if (!keys.Open(await db.Clients.AsNoTracking().SingleAsync(c => c.Id == release.ClientId, token), box).TryGet(out var json, out no)) return no;
            if (!(await papers.ChainAsync(db, release.AgreementId, 1, token)).TryGet(out var chain, out no)) return no;
            var signing = await db.Signings.AsNoTracking().Where(s => s.ClientId == release.ClientId && s.SignedAt != null).OrderByDescending(s => s.AskedAt).Select(s => s.Id).FirstAsync(token);
            return new ReleaseFacts(ReleaseContent.Parse(Papers.Text(SecretBox.Open(paperKey, release.Content))), release.ContentHash, chain.First.Studio, release.PartyId, release.Allowed,
                JsonNode.Parse(json)!["typedName"]!.GetValue<string>(), given, letters.PicturesOf(branch, signing));
        }, ct);
        if (!read.TryGet(out var facts, out var refusal)) return refusal;
        if (!(await seals.CurrentAsync(ct)).TryGet(out var key, out refusal)) return refusal;
        var at = facts.GivenAt > key.Life.From ? facts.GivenAt : key.Life.From;
        if (!(await printer.ReleaseAsync(facts, ct)).TryGet(out var printed, out refusal)) return refusal;
        if (!PdfSeal.Apply(printed, facts.ContentHash, key, seals.Group, $"Image release {facts.Content.Number}", at).TryGet(out var document, out refusal)) return refusal;
        return await door.RunAsync<Done>(new Command("release.document", self, TenantScope.Of(branch), Access.MemberOf(branch), "agreement", id.ToString()), async (context, token) =>
        {
            var db = context.Db;
            var release = await db.Releases.SingleAsync(r => r.Id == id, token);
            context.ObjectId = release.AgreementId.ToString();
            if (release.DocumentSha256 is not null) return KernelRefusals.StaleWrite;
            if (!(await papers.KeyAsync(db, release.PaperId, token)).TryGet(out var paperKey, out var no)) return no;
            context.IfTaken("pk_files", KernelRefusals.StaleWrite);
            var file = StoredFile.Of(branch, release.PaperId, FileKind.ImageRelease, document, SecretBox.Close(paperKey, document), at);
            db.Files.Add(file);
            db.Fingerprints.Add(FingerprintRow.Of(new(file.Sha256, file.Length, "release", PdfSeal.PdfId(facts.ContentHash), facts.Content.Number, release.Number, facts.ContentHash, at)));
            release.Documented(file.Sha256);
            context.Audit(new JsonObject { ["releaseId"] = id.ToString(), ["documentSha256"] = file.Sha256, ["sealKey"] = key.Fingerprint });
            return Done.It;
        }, ct);
    }
}
