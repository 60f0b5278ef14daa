using System.Globalization;
using System.Security.Cryptography;
using System.Text;
using System.Text.Json.Nodes;
using Microsoft.EntityFrameworkCore;
using StudioVault.Domain.Agreements;
using StudioVault.Domain.Kernel;
using StudioVault.Domain.Organization;
using StudioVault.Infrastructure.Door;
using StudioVault.Infrastructure.Organization;
using StudioVault.Infrastructure.Persistence;

namespace StudioVault.Infrastructure.Agreements;

/// <summary>What a signatory sees behind their link.</summary>
/// <param name="Text">What they are asked to sign, or what they signed.</param>
/// <param name="Signatures">Who signed already, by party id.</param>
/// <param name="IsCurrent">False when the studio took this issue back or sent a newer one.</param>
public sealed record SigningView(SigningId Id, AgreementId AgreementId, PaperState State, int Version, int Issue, SigningState Mine, AgreementParty Me, PaperText Text, string ContentHash,
    string ShownSha256, DateOnly ExpiresOn, DateOnly Today, string TimeZone, IReadOnlyDictionary<string, DateTimeOffset> Signatures, bool IsCurrent, DateTimeOffset? SignedAt);

/// <summary>What a signatory sends.</summary>
/// <param name="ContentHash">Of the paper they read; another one now is refused.</param>
/// <param name="Sentence">The consent they agreed to, as it stood on the page.</param>
/// <param name="Disclosure">Version of the disclosure behind it.</param>
/// <param name="Device">Coarse: kind of device and browser, no version.</param>
/// <param name="Network">Masked network address.</param>
public sealed record SignatureInput(string ContentHash, string TypedName, bool Agrees, string Code, string Sentence, string Disclosure, string Locale, string Device, string Network);

/// <summary>What a client does behind a link of theirs. Whoever calls has checked the link's proof.</summary>
public sealed class SigningCommands(WriteDoor door, PaperKeys keys, Papers papers, ClientLetters letters, MasterKey master)
{
    private readonly byte[] _codeKey = master.Derive("signing codes");

    /// <summary>What stands behind a link, noting that it was opened. <c>refuse.kernel.not_found</c> when nothing does.</summary>
    public async Task<Result<SigningView>> OpenAsync(LinkTarget link, CancellationToken ct)
    {
        if (!(await WhoAsync(link, ct)).TryGet(out var client, out var refusal)) return refusal;
        var from = Sender.ClientOf(link.Branch, client);
        var seen = await door.ReadAsync<(SigningView View, bool IsNew)>(from, TenantScope.Of(link.Branch), Access.ClientOf(link.Branch, client), async (db, _, token) =>
        {
            var (signing, paper) = await FindAsync(db.Signings.AsNoTracking(), db.Papers.AsNoTracking(), link, token);
            if (!(await ViewAsync(db, signing, paper, token)).TryGet(out var view, out var no)) return no;
            return (view, signing.State == SigningState.Asked && view.IsCurrent);
        }, ct);
        if (!seen.TryGet(out var found, out refusal)) return refusal;
        if (!found.IsNew) return found.View;
        return await RunAsync<SigningView>("agreement.view", link, client, async (context, signing, paper, token) =>
        {
            if (signing.Issue == paper.Issue && PaperMachine.IsOut(paper.State))
            {
                paper.Viewed();
                signing.Viewed(context.Now);
            }

            context.Audit(new JsonObject { ["version"] = paper.Version, ["issue"] = signing.Issue, ["party"] = signing.PartyId });
            AgreementCommands.Announce(context, link.Branch, paper.AgreementId, paper.State, paper.Version);
            return await ViewAsync(context.Db, signing, paper, token);
        }, ct);
    }

    /// <summary>Makes a new code and mails it. Refused as <see cref="Signing.SendCode"/>, or with <c>refuse.agreement.stale_view</c>.</summary>
    public async Task<Result<Done>> SendCodeAsync(LinkTarget link, CancellationToken ct)
    {
        if (!(await WhoAsync(link, ct)).TryGet(out var client, out var refusal)) return refusal;
        return await RunAsync<Done>("agreement.send_code", link, client, async (context, signing, paper, token) =>
        {
            if (Stale(signing, paper) is { } stale) return stale;
            var code = RandomNumberGenerator.GetInt32(1_000_000).ToString("000000", CultureInfo.InvariantCulture);
            var result = signing.SendCode(Hash(signing.Id, code), context.Now, await TodayAsync(context, link.Branch, token));
            if (result.IsRefused) return result;
            letters.Code(context, await context.Db.Clients.SingleAsync(c => c.Id == client, token), signing, code);
            context.Audit(new JsonObject { ["version"] = paper.Version, ["party"] = signing.PartyId });
            return Done.It;
        }, ct);
    }

    /// <summary>
    /// Signs. Refused with <c>refuse.agreement.stale_view</c> when the paper is another one than was read, the refusals of
    /// <see cref="Signing.TryCode"/>, <c>refuse.signing.name_missing</c>, <c>refuse.signing.consent_missing</c>. A wrong code is
    /// remembered though it is refused.
    /// </summary>
    /// <returns>How many have still to sign.</returns>
    public async Task<Result<int>> SignAsync(LinkTarget link, SignatureInput input, CancellationToken ct)
    {
        if (!(await WhoAsync(link, ct)).TryGet(out var client, out var refusal)) return refusal;
        var outcome = await RunAsync<(int Left, Refusal? Wrong)>("agreement.sign", link, client, async (context, signing, paper, token) =>
        {
            var db = context.Db;
            if (signing.State == SigningState.Signed) return SigningRefusals.AlreadySigned;
            if (Stale(signing, paper) is { } stale) return stale;
            if (paper.ContentHash != input.ContentHash) return AgreementRefusals.StaleView;
            if (input.TypedName.Trim().Length == 0) return SigningRefusals.NameMissing.At("name");
            if (input.TypedName.Trim().Length > Client.LongestName) return KernelRefusals.TooLong.At("name", Client.LongestName);
            if (!input.Agrees) return SigningRefusals.ConsentMissing.At("agrees");
            var tried = signing.TryCode(hash => CryptographicOperations.FixedTimeEquals(hash, Hash(signing.Id, input.Code.Trim())), context.Now, await TodayAsync(context, link.Branch, token));
            if (tried.Refusal is { } wrong)
            {
                // The try has to count, so this much is committed; the person is told no all the same.
                if (wrong.Kind != SigningRefusals.CodeWrong) return wrong;
                context.Audit(new JsonObject { ["version"] = paper.Version, ["party"] = signing.PartyId, ["codeWrong"] = true, ["triesLeft"] = signing.CodeTriesLeft });
                return (-1, wrong);
            }

            var person = await db.Clients.AsNoTracking().SingleAsync(c => c.Id == client, token);
            var evidence = SignatureEvidence.Of(paper, signing, person, input, context.Now);
            signing.Signed(context.Now);
            db.Signatures.Add(PartySignature.Of(signing, paper.ContentHash!, paper.ShownSha256!, input.Disclosure, keys.Close(person, Encoding.UTF8.GetString(evidence)), CanonicalJson.Sha256(evidence), context.Now));
            var left = await db.Signings.CountAsync(s => s.PaperId == paper.Id && s.Issue == paper.Issue && s.Id != signing.Id && s.State != SigningState.Signed, token);
            if (paper.Signed(left).Refusal is { } no) return no;
            context.Audit(new JsonObject { ["version"] = paper.Version, ["issue"] = paper.Issue, ["party"] = signing.PartyId, ["contentHash"] = paper.ContentHash, ["evidenceSha256"] = CanonicalJson.Sha256(evidence), ["left"] = left });
            AgreementCommands.Announce(context, link.Branch, paper.AgreementId, paper.State, paper.Version);
            return (left, null);
        }, ct);
        if (!outcome.TryGet(out var done, out refusal)) return refusal;
        return done.Wrong is { } wrongCode ? wrongCode : done.Left;
    }

    private byte[] Hash(SigningId signing, string code) => HMACSHA256.HashData(_codeKey, Encoding.ASCII.GetBytes($"{signing}:{code}"));

    private static Refusal? Stale(Signing signing, AgreementPaper paper)
    {
        if (PaperMachine.IsOut(paper.State) && signing.Issue == paper.Issue) return null;
        return paper.State switch
        {
            PaperState.Void => AgreementRefusals.Voided,
            PaperState.Sealing => AgreementRefusals.BeingSealed,
            PaperState.Executed => AgreementRefusals.Sealed,
            _ => AgreementRefusals.StaleView,
        };
    }

    private static async Task<DateOnly> TodayAsync(WriteContext context, BranchId branch, CancellationToken ct) =>
        BranchClock.DayOf(context.Now, (await context.Db.Branches.AsNoTracking().SingleAsync(b => b.Id == branch, ct)).TimeZone);

    // Who a link belongs to is asked by StudioVault itself: the link's proof is the right to be that client.
    private Task<Result<ClientId>> WhoAsync(LinkTarget link, CancellationToken ct) =>
        door.ReadAsync<ClientId>(Sender.System("link"), TenantScope.Of(link.Branch), Access.MemberOf(link.Branch), async (db, _, token) =>
            await db.Signings.AsNoTracking().SingleOrDefaultAsync(s => s.Id == new SigningId(link.Id), token) is { } signing ? signing.ClientId : KernelRefusals.NotFound, ct);

    private Task<Result<T>> RunAsync<T>(string action, LinkTarget link, ClientId client, Func<WriteContext, Signing, AgreementPaper, CancellationToken, Task<Result<T>>> work, CancellationToken ct) =>
        door.RunAsync<T>(new Command(action, Sender.ClientOf(link.Branch, client), TenantScope.Of(link.Branch), Access.ClientOf(link.Branch, client), "agreement", link.Id.ToString()), async (context, token) =>
        {
            var (signing, paper) = await FindAsync(context.Db.Signings, context.Db.Papers, link, token);
            context.ObjectId = paper.AgreementId.ToString();
            return await work(context, signing, paper, token);
        }, ct);

    private static async Task<(Signing, AgreementPaper)> FindAsync(IQueryable<Signing> signings, IQueryable<AgreementPaper> papers, LinkTarget link, CancellationToken ct)
    {
        var signing = await signings.SingleAsync(s => s.Id == new SigningId(link.Id), ct);
        return (signing, await papers.SingleAsync(p => p.Id == signing.PaperId, ct));
    }

    private async Task<Result<SigningView>> ViewAsync(VaultDb db, Signing signing, AgreementPaper paper, CancellationToken ct)
    {
        if (!(await papers.ReadAsync(db, paper, ct)).TryGet(out var stored, out var refusal)) return refusal;
        var text = stored.Text;
        var isCurrent = signing.Issue == paper.Issue && paper.State is not (PaperState.Draft or PaperState.Void);
        var signed = await db.Signings.AsNoTracking().Where(s => s.PaperId == paper.Id && s.Issue == paper.Issue && s.SignedAt != null).ToDictionaryAsync(s => s.PartyId, s => s.SignedAt!.Value, ct);
        var now = await db.Database.SqlQuery<DateTimeOffset>($"select clock_timestamp() as \"Value\"").SingleAsync(ct);
        var me = text.Signatories.FirstOrDefault(p => p.Id == signing.PartyId) ?? new AgreementParty(signing.PartyId, PartyRole.Client, "", "", false, "");
        return new SigningView(signing.Id, paper.AgreementId, paper.State, paper.Version, paper.Issue, signing.State, me, text, paper.ContentHash ?? "", paper.ShownSha256 ?? "", signing.ExpiresOn,
            BranchClock.DayOf(now, text.Studio.TimeZone), text.Studio.TimeZone, signed, isCurrent, signing.SignedAt);
    }
}
