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

/// <summary>
/// Executes papers everybody has signed: prints and seals the paper once, prints and seals its certificate, and writes both with
/// the new state in one transaction (features rows 2.1, 2.2). Printing writes nothing, so a crash at any point leaves the paper
/// waiting and the next run does it; two at once end with one of them refused.
/// </summary>
public sealed class SealPapers(WriteDoor door, Papers papers, ClientKeys keys, SealKeys seals, IPaperPrinter printer, ClientLetters letters, AgreementEffects effects) : IVaultJob
{
    public async Task<Result<JobReport>> RunAsync(Sender self, CancellationToken ct)
    {
        var waiting = await door.ReadAsync<List<(BranchId Branch, PaperId Paper)>>(self, TenantScope.Hq, Access.Hq, async (db, _, token) =>
            (await db.Papers.AsNoTracking().Where(p => p.State == PaperState.Sealing).OrderBy(p => p.SentAt).Select(p => new { p.BranchId, p.Id }).ToListAsync(token)).ConvertAll(p => (p.BranchId, p.Id)), ct);
        if (!waiting.TryGet(out var due, out var refusal)) return refusal;
        var sealedNow = 0;
        foreach (var (branch, paper) in due)
        {
            var result = await SealAsync(self, branch, paper, ct);
            if (!result.IsRefused) sealedNow++;
            else if (result.Refusal.Kind != AgreementRefusals.Sealed) refusal ??= result.Refusal;
        }

        if (refusal is not null) return refusal;
        return sealedNow == 0 ? JobReport.NothingToDo("No paper was waiting") : JobReport.Of($"Sealed {sealedNow} {(sealedNow == 1 ? "paper" : "papers")}");
    }

    /// <summary>
    /// Seals one paper. Refused with <c>refuse.agreement.sealed</c> when that is done, <c>refuse.agreement.signatures_missing</c>, or
    /// with why no document can be made; the paper then says what it waits for.
    /// </summary>
    public async Task<Result<Done>> SealAsync(Sender self, BranchId branch, PaperId id, CancellationToken ct)
    {
        if (!(await MakeAsync(self, branch, id, ct)).TryGet(out var made, out var refusal))
        {
            if (refusal.Kind != AgreementRefusals.Sealed && refusal.Kind != AgreementRefusals.SignaturesMissing) await WaitAsync(self, branch, id, refusal, ct);
            return refusal;
        }

        return await door.RunAsync<Done>(new Command("agreement.execute", self, TenantScope.Of(branch), Access.MemberOf(branch), "agreement", id.ToString()), async (context, token) =>
        {
            var db = context.Db;
            var paper = await db.Papers.SingleAsync(p => p.Id == id, token);
            var agreement = await db.Agreements.SingleAsync(a => a.Id == paper.AgreementId, token);
            if (paper.ContentHash != made.Text.Hash) return KernelRefusals.StaleWrite;
            var document = StoredFile.Of(branch, id, FileKind.Paper, made.Document, SecretBox.Close(made.Key, made.Document), made.At);
            var certificate = StoredFile.Of(branch, id, FileKind.Certificate, made.Certificate, SecretBox.Close(made.Key, made.Certificate), made.At);
            var seal = SealedPaper.Of(paper, document.Sha256, certificate.Sha256, made.SealKey, context.Now);
            if (paper.Executed(seal).Refusal is { } no) return no;
            if (agreement.Executed(paper).Refusal is { } notHead) return notHead;
            context.ObjectId = agreement.Id.ToString();
            context.Audit(new JsonObject
            {
                ["version"] = paper.Version,
                ["contentHash"] = paper.ContentHash,
                ["documentSha256"] = document.Sha256,
                ["certificateSha256"] = certificate.Sha256,
                ["sealKey"] = made.SealKey,
            });
            AgreementCommands.Announce(context, branch, agreement.Id, paper.State, paper.Version);
            foreach (var signing in await db.Signings.AsNoTracking().Where(s => s.PaperId == id && s.Issue == paper.Issue).ToListAsync(token))
                letters.Executed(context, await db.Clients.SingleAsync(c => c.Id == signing.ClientId, token), signing, made.Text);
            db.Files.AddRange(document, certificate);
            db.SealedPapers.Add(seal);
            await effects.ExecutedAsync(context, agreement, made.Text.After, token);
            db.Fingerprints.Add(FingerprintRow.Of(new(document.Sha256, document.Length, paper.Version == 1 ? "agreement" : "amendment", PdfSeal.PdfId(paper.ContentHash), agreement.Number, paper.Version, paper.ContentHash, made.At)));
            db.Fingerprints.Add(FingerprintRow.Of(new(certificate.Sha256, certificate.Length, "certificate", PdfSeal.PdfId(document.Sha256), agreement.Number, paper.Version, document.Sha256, made.At)));
            return Done.It;
        }, ct);
    }

    private sealed record Made(PaperText Text, byte[] Key, byte[] Document, byte[] Certificate, string SealKey, DateTimeOffset At);

    private async Task<Result<Made>> MakeAsync(Sender self, BranchId branch, PaperId id, CancellationToken ct)
    {
        var read = await door.ReadAsync<(PaperText Text, byte[] Key, IReadOnlyList<SignatureFact> Signatures)>(self, TenantScope.Of(branch), Access.MemberOf(branch), async (db, _, token) =>
        {
            if (await db.Papers.AsNoTracking().SingleOrDefaultAsync(p => p.Id == id, token) is not { } paper) return KernelRefusals.NotFound;
            if (PaperMachine.Next(paper.State, PaperVerb.Execute).Refusal is { } closed) return closed;
            if (!(await papers.ReadAsync(db, paper, token)).TryGet(out var text, out var no)) return no;
            if (!(await SignaturesAsync(db, paper, text.Text, token)).TryGet(out var facts, out no)) return no;
            return (text.Text, text.Key, facts);
        }, ct);
        if (!read.TryGet(out var found, out var refusal)) return refusal;
        if (!(await seals.CurrentAsync(ct)).TryGet(out var key, out refusal)) return refusal;
        // The document's time is that of the last signature: made again after a crash it is the same document.
        var signed = found.Signatures.Max(s => s.SignedAt);
        var at = signed > key.Life.From ? signed : key.Life.From;
        var name = $"{found.Text.Number}, version {found.Text.Version}";
        if (!(await printer.PaperAsync(found.Text, found.Signatures, at, ct)).TryGet(out var printed, out refusal)) return refusal;
        if (!PdfSeal.Apply(printed, found.Text.Hash, key, seals.Group, $"Agreement {name}", at).TryGet(out var document, out refusal)) return refusal;
        var sha = Convert.ToHexStringLower(System.Security.Cryptography.SHA256.HashData(document));
        if (!(await printer.CertificateAsync(new(found.Text, sha, document.LongLength, key.Fingerprint, found.Signatures, at), ct)).TryGet(out printed, out refusal)) return refusal;
        if (!PdfSeal.Apply(printed, sha, key, seals.Group, $"Certificate of completion of {name}", at).TryGet(out var certificate, out refusal)) return refusal;
        return new Made(found.Text, found.Key, document, certificate, key.Fingerprint, at);
    }

    private async Task<Result<IReadOnlyList<SignatureFact>>> SignaturesAsync(VaultDb db, AgreementPaper paper, PaperText text, CancellationToken ct)
    {
        var facts = new List<SignatureFact>();
        var signings = await db.Signings.AsNoTracking().Where(s => s.PaperId == paper.Id && s.Issue == paper.Issue).ToListAsync(ct);
        foreach (var party in text.Signatories)
        {
            if (signings.Find(s => s.PartyId == party.Id) is not { } signing) return AgreementRefusals.SignaturesMissing;
            if (await db.Signatures.AsNoTracking().SingleOrDefaultAsync(s => s.SigningId == signing.Id, ct) is not { } signature || signature.ContentHash != paper.ContentHash) return AgreementRefusals.SignaturesMissing;
            var client = await db.Clients.AsNoTracking().SingleAsync(c => c.Id == signing.ClientId, ct);
            if (!keys.Open(client, signature.Evidence).TryGet(out var json, out var refusal)) return refusal;
            var evidence = JsonNode.Parse(json)!.AsObject();
            string Said(string name) => evidence[name]?.GetValue<string>() ?? "";
            facts.Add(new(party, Said("typedName"), Said("codeSentTo"), Said("sentence"), signature.Disclosure, Said("locale"), Said("device"), Said("network"), signature.ShownSha256, signature.EvidenceSha256,
                signing.ViewedAt, signing.CodeSentAt, signature.SignedAt));
        }

        return facts;
    }

    private Task<Result<Done>> WaitAsync(Sender self, BranchId branch, PaperId id, Refusal why, CancellationToken ct) =>
        door.RunAsync<Done>(new Command("agreement.wait", self, TenantScope.Of(branch), Access.MemberOf(branch), "agreement", id.ToString()), async (context, token) =>
        {
            if (await context.Db.Papers.SingleOrDefaultAsync(p => p.Id == id, token) is not { State: PaperState.Sealing } paper) return KernelRefusals.NotFound;
            if (paper.WaitingReason == why.Sentence) return AgreementRefusals.BeingSealed;
            paper.Waits(why.Sentence);
            context.ObjectId = paper.AgreementId.ToString();
            context.Audit(new JsonObject { ["version"] = paper.Version, ["reason"] = why.Code });
            AgreementCommands.Announce(context, branch, paper.AgreementId, paper.State, paper.Version);
            return Done.It;
        }, ct);
}
