using System.Globalization;
using System.Text;
using System.Text.Json.Nodes;
using Microsoft.EntityFrameworkCore;
using StudioVault.Domain.Agreements;
using StudioVault.Domain.Kernel;
using StudioVault.Domain.Organization;
using StudioVault.Infrastructure.Door;
using StudioVault.Infrastructure.Persistence;
using StudioVault.Infrastructure.Scheduling;

namespace StudioVault.Infrastructure.Agreements;

/// <summary>What a client declares.</summary>
/// <param name="Name">As they write it.</param>
/// <param name="Statement">Word for word as it stood on the page.</param>
/// <param name="Device">Coarse: kind of device and browser.</param>
/// <param name="Network">Masked network address.</param>
public sealed record WithdrawalInput(string Name, string Statement, string Device, string Network);

/// <summary>
/// Withdrawing from an agreement behind a client's link (Directive 2023/2673, Article 11a): no sign-in and no code, since nothing may
/// stand in the way of it; the confirmation goes to the client's mailbox at once.
/// </summary>
public sealed class WithdrawalCommands(WriteDoor door, SigningCommands signings, Papers papers, ClientKeys keys, ClientLetters letters, WithdrawalReceipts receipts, Soon soon)
{
    private static readonly Sender PrintsAtOnce = Sender.System("agreements.receipts");

    /// <summary>
    /// Withdraws. Refused as <see cref="WithdrawalPeriod.Refuses"/>, with <c>refuse.withdrawal.not_a_client</c> for whoever only pays, or
    /// <c>refuse.signing.name_missing</c>. Staff see it at once; every client gets a mail; the receipt follows.
    /// </summary>
    public async Task<Result<DateTimeOffset>> WithdrawAsync(LinkTarget link, WithdrawalInput input, CancellationToken ct)
    {
        if (!(await signings.WhoAsync(link, ct)).TryGet(out var client, out var refusal)) return refusal;
        AgreementId withdrawn = default;
        var done = await door.RunAsync<DateTimeOffset>(new Command("agreement.withdraw", Sender.ClientOf(link.Branch, client), TenantScope.Of(link.Branch), Access.ClientOf(link.Branch, client), "agreement", link.Id.ToString()), async (context, token) =>
        {
            var db = context.Db;
            var signing = await db.Signings.AsNoTracking().SingleAsync(s => s.Id == new SigningId(link.Id), token);
            var paper = await db.Papers.AsNoTracking().SingleAsync(p => p.Id == signing.PaperId, token);
            var agreement = await db.Agreements.SingleAsync(a => a.Id == paper.AgreementId, token);
            withdrawn = agreement.Id;
            context.ObjectId = agreement.Id.ToString();
            context.IfTaken("pk_withdrawals", WithdrawalRefusals.Already);
            if (agreement.Head == 0) return AgreementRefusals.NotInForce;
            if (!(await WithdrawalStanding.OfAsync(db, papers, agreement, context.Now, token)).TryGet(out var standing, out var no)) return no;
            if (standing.Refusal is { } closed) return closed;
            if (standing.Content.Parties.FirstOrDefault(p => p.Id == signing.PartyId) is not { Role: PartyRole.Client or PartyRole.Guardian }) return WithdrawalRefusals.NotAClient;
            if (input.Name.Trim().Length == 0) return SigningRefusals.NameMissing.At("name");
            if (input.Name.Trim().Length > Client.LongestName) return KernelRefusals.TooLong.At("name", Client.LongestName);

            var people = await db.Clients.Where(c => db.ProjectClients.Any(p => p.ProjectId == agreement.ProjectId && p.ClientId == c.Id)).ToListAsync(token);
            var person = people.Single(c => c.Id == client);
            var evidence = CanonicalJson.Canonicalize(new JsonObject
            {
                ["agreement"] = agreement.Number,
                ["answeredTo"] = person.Email,
                ["contentHash"] = agreement.HeadHash,
                ["device"] = input.Device,
                ["name"] = input.Name.Trim(),
                ["network"] = input.Network,
                ["party"] = signing.PartyId,
                ["receivedAt"] = context.Now.ToUniversalTime().ToString("O", CultureInfo.InvariantCulture),
                ["statement"] = input.Statement,
                ["version"] = agreement.Head,
            });
            if (agreement.Withdraw().Refusal is { } notNow) return notNow;
            await AgreementEffects.WithdrawnAsync(context, agreement, standing.Content.Studio.TimeZone, token);
            var withdrawal = Withdrawal.Of(agreement, standing.First, signing, keys.Close(person, Encoding.UTF8.GetString(evidence)), CanonicalJson.Sha256(evidence), standing.ConcludedAt, standing.OpenUntil, context.Now);
            db.Withdrawals.Add(withdrawal);
            foreach (var other in people.Where(c => c.Email.Length > 0 && c.ErasedAt is null))
                letters.Withdrawn(context, other, withdrawal, standing.Content, input, other.Id == client ? signing : null);
            context.Audit(new JsonObject { ["version"] = agreement.Head, ["party"] = signing.PartyId, ["evidenceSha256"] = withdrawal.EvidenceSha256, ["openUntil"] = withdrawal.OpenUntil.ToString("yyyy-MM-dd", CultureInfo.InvariantCulture) });
            AgreementCommands.Announce(context, link.Branch, agreement.Id, PaperState.Executed, agreement.Head);
            return context.Now;
        }, ct);
        if (!done.IsRefused) soon.Do("the receipt of a withdrawal", token => receipts.MakeAsync(PrintsAtOnce, link.Branch, withdrawn, token));
        return done;
    }

    /// <summary>What was declared behind a link; <c>refuse.kernel.not_found</c> when nothing was.</summary>
    public async Task<Result<WithdrawalFacts>> SeeAsync(LinkTarget link, CancellationToken ct)
    {
        if (!(await signings.WhoAsync(link, ct)).TryGet(out var client, out var refusal)) return refusal;
        return await door.ReadAsync<WithdrawalFacts>(Sender.ClientOf(link.Branch, client), TenantScope.Of(link.Branch), Access.ClientOf(link.Branch, client), async (db, _, token) =>
        {
            var paper = await db.Papers.AsNoTracking().SingleAsync(p => db.Signings.Any(s => s.Id == new SigningId(link.Id) && s.PaperId == p.Id), token);
            return await receipts.FactsAsync(db, paper.AgreementId, token);
        }, ct);
    }

    /// <summary>The receipt, exactly as stored; <c>refuse.kernel.not_found</c> before it is made.</summary>
    public async Task<Result<PaperFile>> ReceiptAsync(LinkTarget link, CancellationToken ct)
    {
        if (!(await signings.WhoAsync(link, ct)).TryGet(out var client, out var refusal)) return refusal;
        return await door.ReadAsync<PaperFile>(Sender.ClientOf(link.Branch, client), TenantScope.Of(link.Branch), Access.ClientOf(link.Branch, client), async (db, _, token) =>
        {
            var paper = await db.Papers.AsNoTracking().SingleAsync(p => db.Signings.Any(s => s.Id == new SigningId(link.Id) && s.PaperId == p.Id), token);
            if (await db.Withdrawals.AsNoTracking().SingleOrDefaultAsync(w => w.AgreementId == paper.AgreementId, token) is not { } withdrawal) return KernelRefusals.NotFound;
            if (!(await papers.FileAsync(db, withdrawal.PaperId, FileKind.WithdrawalReceipt, null, token)).TryGet(out var bytes, out var no)) return no;
            var agreement = await db.Agreements.AsNoTracking().SingleAsync(a => a.Id == paper.AgreementId, token);
            return new PaperFile(bytes, Convert.ToHexStringLower(System.Security.Cryptography.SHA256.HashData(bytes)), FileKind.WithdrawalReceipt, agreement.Number, withdrawal.Version);
        }, ct);
    }
}
