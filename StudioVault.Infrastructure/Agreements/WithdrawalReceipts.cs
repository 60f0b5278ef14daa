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

/// <summary>What the receipt of a withdrawal says.</summary>
/// <param name="Reference">Number of the receipt: PORTO-2026-0042-W.</param>
/// <param name="Content">The agreement withdrawn from.</param>
/// <param name="Name">Who withdrew, as they wrote it.</param>
/// <param name="AnsweredTo">Where the confirmation went, masked.</param>
/// <param name="HasReceipt">Whether the document is made.</param>
public sealed record WithdrawalFacts(string Reference, AgreementContent Content, int Version, string ContentHash, string Name, string Statement, string AnsweredTo, DateTimeOffset ConcludedAt, DateOnly OpenUntil,
    DateTimeOffset ReceivedAt, string EvidenceSha256, bool HasReceipt);

/// <summary>
/// Prints, seals and keeps the receipts of withdrawals that have none yet. A withdrawal is received when it is recorded and mailed;
/// the document follows, so that a printer that is away keeps nobody from withdrawing.
/// </summary>
public sealed class WithdrawalReceipts(WriteDoor door, Papers papers, ClientKeys keys, SealKeys seals, IPaperPrinter printer) : IVaultJob
{
    public async Task<Result<JobReport>> RunAsync(Sender self, CancellationToken ct)
    {
        var waiting = await door.ReadAsync<List<(BranchId Branch, AgreementId Agreement)>>(self, TenantScope.Hq, Access.Hq, async (db, _, token) =>
            (await db.Withdrawals.AsNoTracking().Where(w => !db.Files.Any(f => f.PaperId == w.PaperId && f.Kind == FileKind.WithdrawalReceipt)
                && db.Clients.Any(c => c.Id == w.ClientId && c.ErasedAt == null)).Select(w => new { w.BranchId, w.AgreementId }).ToListAsync(token)).ConvertAll(w => (w.BranchId, w.AgreementId)), ct);
        if (!waiting.TryGet(out var due, out var refusal)) return refusal;
        var made = 0;
        foreach (var (branch, agreement) in due)
            if ((await MakeAsync(self, branch, agreement, ct)).Refusal is { } no) refusal ??= no;
            else made++;
        if (refusal is not null) return refusal;
        return made == 0 ? JobReport.NothingToDo("No withdrawal was waiting for its receipt") : JobReport.Of($"Made {made} {(made == 1 ? "receipt" : "receipts")}");
    }

    /// <summary>Makes one receipt; refused with why no document can be made, or <c>refuse.kernel.stale_write</c> when it is made already.</summary>
    public async Task<Result<Done>> MakeAsync(Sender self, BranchId branch, AgreementId id, CancellationToken ct)
    {
        var read = await door.ReadAsync<WithdrawalFacts>(self, TenantScope.Of(branch), Access.MemberOf(branch), (db, _, token) => FactsAsync(db, id, token), ct);
        if (!read.TryGet(out var facts, out var refusal)) return refusal;
        if (facts.HasReceipt) return KernelRefusals.StaleWrite;
        if (!(await seals.CurrentAsync(ct)).TryGet(out var key, out refusal)) return refusal;
        var at = facts.ReceivedAt > key.Life.From ? facts.ReceivedAt : key.Life.From;
        if (!(await printer.WithdrawalAsync(facts, ct)).TryGet(out var printed, out refusal)) return refusal;
        if (!PdfSeal.Apply(printed, facts.EvidenceSha256, key, seals.Group, $"Receipt {facts.Reference}", at).TryGet(out var document, out refusal)) return refusal;
        return await door.RunAsync<Done>(new Command("agreement.receipt", self, TenantScope.Of(branch), Access.MemberOf(branch), "agreement", id.ToString()), async (context, token) =>
        {
            var db = context.Db;
            var withdrawal = await db.Withdrawals.AsNoTracking().SingleAsync(w => w.AgreementId == id, token);
            if (await db.Files.AnyAsync(f => f.PaperId == withdrawal.PaperId && f.Kind == FileKind.WithdrawalReceipt, token)) return KernelRefusals.StaleWrite;
            if (!(await papers.KeyAsync(db, withdrawal.PaperId, token)).TryGet(out var paperKey, out var no)) return no;
            // The same bytes made twice at once are one file; the second one is told.
            context.IfTaken("pk_files", KernelRefusals.StaleWrite);
            var file = StoredFile.Of(branch, withdrawal.PaperId, FileKind.WithdrawalReceipt, document, SecretBox.Close(paperKey, document), at);
            db.Files.Add(file);
            db.Fingerprints.Add(FingerprintRow.Of(new(file.Sha256, file.Length, "withdrawal", PdfSeal.PdfId(facts.EvidenceSha256), facts.Content.Number, facts.Version, facts.EvidenceSha256, at)));
            context.Audit(new JsonObject { ["documentSha256"] = file.Sha256, ["evidenceSha256"] = facts.EvidenceSha256, ["sealKey"] = key.Fingerprint });
            AgreementCommands.Announce(context, branch, id, PaperState.Executed, facts.Version);
            return Done.It;
        }, ct);
    }

    /// <summary>What was declared; <c>refuse.kernel.not_found</c>, <c>refuse.client.erased</c>.</summary>
    internal async Task<Result<WithdrawalFacts>> FactsAsync(VaultDb db, AgreementId id, CancellationToken ct)
    {
        if (await db.Withdrawals.AsNoTracking().SingleOrDefaultAsync(w => w.AgreementId == id, ct) is not { } withdrawal) return KernelRefusals.NotFound;
        if (!(await papers.ChainAsync(db, id, withdrawal.Version, ct)).TryGet(out var chain, out var refusal)) return refusal;
        if (!keys.Open(await db.Clients.AsNoTracking().SingleAsync(c => c.Id == withdrawal.ClientId, ct), withdrawal.Evidence).TryGet(out var json, out refusal)) return refusal;
        var evidence = JsonNode.Parse(json)!.AsObject();
        string Said(string name) => evidence[name]?.GetValue<string>() ?? "";
        return new WithdrawalFacts($"{chain.First.Number}-W", AgreementContent.From(chain.Whole().Content).Value, withdrawal.Version, withdrawal.ContentHash, Said("name"), Said("statement"), Client.Masked(Said("answeredTo")),
            withdrawal.ConcludedAt, withdrawal.OpenUntil, withdrawal.ReceivedAt, withdrawal.EvidenceSha256, await db.Files.AnyAsync(f => f.PaperId == withdrawal.PaperId && f.Kind == FileKind.WithdrawalReceipt, ct));
    }
}
