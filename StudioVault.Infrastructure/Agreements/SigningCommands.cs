using System.Globalization;
using System.Security.Cryptography;
using System.Text;
using System.Text.Json.Nodes;
using Microsoft.EntityFrameworkCore;
using StudioVault.Domain.Agreements;
using StudioVault.Domain.Kernel;
using StudioVault.Domain.Organization;
using StudioVault.Infrastructure.Door;
using StudioVault.Infrastructure.Mail;
using StudioVault.Infrastructure.Organization;
using StudioVault.Infrastructure.Persistence;
using StudioVault.Infrastructure.Scheduling;

namespace StudioVault.Infrastructure.Agreements;

/// <summary>What a signatory sees behind their link.</summary>
/// <param name="Agreement">What has become of the agreement as a whole.</param>
/// <param name="Head">Version of the newest executed paper; 0 before the first.</param>
/// <param name="Text">What they are asked to sign, or what they signed; what stands there now when it is not <paramref name="IsCurrent"/>, which is not for showing.</param>
/// <param name="ShownLength">Bytes of the document with <paramref name="ShownSha256"/>.</param>
/// <param name="Signatures">Who signed already, by party id.</param>
/// <param name="IsCurrent">False when the studio took this issue back or sent a newer one.</param>
/// <param name="Newer">The same client's signing of the issue that is out now; null when there is none.</param>
/// <param name="Address">Where codes go, masked.</param>
/// <param name="CodeSentAt">When the code that still counts was mailed; null when none counts.</param>
/// <param name="Sealed">The documents; null before the paper is executed.</param>
/// <param name="WaitingReason">Why the documents take longer; null when nothing is in the way.</param>
/// <param name="Withdrawal">Whether and how long the agreement can be withdrawn from; null before it is executed, and for whoever only pays.</param>
public sealed record SigningView(SigningId Id, AgreementId AgreementId, PaperId PaperId, PaperState State, AgreementState Agreement, int Head, int Version, int Issue, SigningState Mine, AgreementParty Me, PaperText Text,
    string ContentHash, string ShownSha256, long ShownLength, DateOnly ExpiresOn, DateOnly Today, string TimeZone, IReadOnlyDictionary<string, DateTimeOffset> Signatures, bool IsCurrent, SigningId? Newer,
    DateTimeOffset? SignedAt, string Address, DateTimeOffset? CodeSentAt, SealedDocuments? Sealed, string? WaitingReason, WithdrawalStanding? Withdrawal)
{
    /// <summary>Whether a signature is still taken here.</summary>
    public bool TakesSignature => IsCurrent && PaperMachine.IsOut(State) && Mine != SigningState.Signed && Today <= ExpiresOn;
}

/// <summary>The documents of an executed paper.</summary>
public sealed record SealedDocuments(string DocumentSha256, long DocumentLength, string CertificateSha256, long CertificateLength, DateTimeOffset SealedAt);

/// <summary>A document for download, exactly as stored.</summary>
public sealed record PaperFile(byte[] Bytes, string Sha256, FileKind Kind, string Number, int Version);

/// <summary>What a signatory sends.</summary>
/// <param name="ContentHash">Of the paper they read; another one now is refused.</param>
/// <param name="Sentence">The consent they agreed to, as it stood on the page.</param>
/// <param name="Disclosure">Version of the disclosure behind it.</param>
/// <param name="Device">Coarse: kind of device and browser, no version.</param>
/// <param name="Network">Masked network address.</param>
public sealed record SignatureInput(string ContentHash, string TypedName, bool Agrees, string Code, string Sentence, string Disclosure, string Locale, string Device, string Network);

/// <summary>What a client does behind a link of theirs. Whoever calls has checked the link's proof.</summary>
public sealed class SigningCommands(WriteDoor door, ClientKeys keys, Papers papers, ClientLetters letters, MasterKey master, SealPapers seal, SendMail mail, Soon soon)
{
    private static readonly Sender SealsAtOnce = Sender.System("agreements.seal");
    private static readonly Sender MailsAtOnce = Sender.System("mail.send");

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
        var sent = await RunAsync<Guid>("agreement.send_code", link, client, async (context, signing, paper, token) =>
        {
            if (Stale(signing, paper) is { } stale) return stale;
            var code = RandomNumberGenerator.GetInt32(1_000_000).ToString("000000", CultureInfo.InvariantCulture);
            var result = signing.SendCode(Hash(signing.Id, code), context.Now, await TodayAsync(context, link.Branch, token));
            if (result.Refusal is { } no) return no;
            context.Audit(new JsonObject { ["version"] = paper.Version, ["party"] = signing.PartyId });
            return letters.Code(context, await context.Db.Clients.SingleAsync(c => c.Id == client, token), signing, code);
        }, ct);
        if (!sent.TryGet(out var letter, out refusal)) return refusal;
        // Somebody looks at their mailbox.
        soon.Do("a code by mail", token => mail.SendAsync(MailsAtOnce, link.Branch, letter, token));
        return Done.It;
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
        PaperId signed = default;
        var outcome = await RunAsync<(int Left, Refusal? Wrong)>("agreement.sign", link, client, async (context, signing, paper, token) =>
        {
            signed = paper.Id;
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
        if (done.Wrong is { } wrongCode) return wrongCode;
        if (done.Left == 0) soon.Do("a paper to seal", token => seal.SealAsync(SealsAtOnce, link.Branch, signed, token));
        return done.Left;
    }

    /// <summary>
    /// A document behind a link: the certificate, or the paper as it was sealed, before that as it is shown to be signed. Refused with
    /// <c>refuse.kernel.not_found</c> when there is none, <c>refuse.agreement.stale_view</c> for an issue that was taken back.
    /// </summary>
    public async Task<Result<PaperFile>> FileAsync(LinkTarget link, bool certificate, CancellationToken ct)
    {
        if (!(await WhoAsync(link, ct)).TryGet(out var client, out var refusal)) return refusal;
        return await door.ReadAsync<PaperFile>(Sender.ClientOf(link.Branch, client), TenantScope.Of(link.Branch), Access.ClientOf(link.Branch, client), async (db, _, token) =>
        {
            var (signing, paper) = await FindAsync(db.Signings.AsNoTracking(), db.Papers.AsNoTracking(), link, token);
            if (signing.Issue != paper.Issue || paper.State is PaperState.Draft or PaperState.Void) return AgreementRefusals.StaleView;
            var seal = await db.SealedPapers.AsNoTracking().SingleOrDefaultAsync(s => s.PaperId == paper.Id, token);
            if (certificate && seal is null) return KernelRefusals.NotFound;
            var (kind, sha) = seal is null ? (FileKind.Shown, paper.ShownSha256!) : certificate ? (FileKind.Certificate, seal.CertificateSha256) : (FileKind.Paper, seal.DocumentSha256);
            if (!(await papers.FileAsync(db, paper.Id, kind, sha, token)).TryGet(out var bytes, out var no)) return no;
            var agreement = await db.Agreements.AsNoTracking().SingleAsync(a => a.Id == paper.AgreementId, token);
            return new PaperFile(bytes, sha, kind, agreement.Number, paper.Version);
        }, ct);
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
    internal Task<Result<ClientId>> WhoAsync(LinkTarget link, CancellationToken ct) =>
        door.ReadAsync<ClientId>(Sender.System("link"), TenantScope.Of(link.Branch), Access.MemberOf(link.Branch), async (db, _, token) =>
        {
            if (await db.Signings.AsNoTracking().SingleOrDefaultAsync(s => s.Id == new SigningId(link.Id), token) is not { } signing) return KernelRefusals.NotFound;
            // The other party can still read the paper, and a link must not lend that to whoever finds the mail of somebody erased.
            if (await db.Clients.AnyAsync(c => c.Id == signing.ClientId && c.ErasedAt != null, token)) return ClientRefusals.Erased;
            return signing.ClientId;
        }, ct);

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
        var agreement = await db.Agreements.AsNoTracking().SingleAsync(a => a.Id == paper.AgreementId, ct);
        var address = await db.Clients.AsNoTracking().Where(c => c.Id == signing.ClientId).Select(c => c.Email).SingleAsync(ct);
        var newer = signing.Issue == paper.Issue || !PaperMachine.IsOut(paper.State) ? null : await db.Signings.AsNoTracking()
            .Where(s => s.PaperId == paper.Id && s.Issue == paper.Issue && s.ClientId == signing.ClientId).Select(s => (SigningId?)s.Id).SingleOrDefaultAsync(ct);
        var lengths = await db.Files.AsNoTracking().Where(f => f.PaperId == paper.Id).Select(f => new { f.Sha256, f.Length }).ToDictionaryAsync(f => f.Sha256, f => f.Length, ct);
        var seal = await db.SealedPapers.AsNoTracking().SingleOrDefaultAsync(s => s.PaperId == paper.Id, ct);
        WithdrawalStanding? withdrawal = null;
        if (agreement.Head > 0 && me.Role != PartyRole.Payer && !(await WithdrawalStanding.OfAsync(db, papers, agreement, now, ct)).TryGet(out withdrawal, out refusal)) return refusal;
        return new SigningView(signing.Id, paper.AgreementId, paper.Id, paper.State, agreement.State, agreement.Head, paper.Version, paper.Issue, signing.State, me, text, paper.ContentHash ?? "", paper.ShownSha256 ?? "",
            lengths.GetValueOrDefault(paper.ShownSha256 ?? ""), signing.ExpiresOn, BranchClock.DayOf(now, text.Studio.TimeZone), text.Studio.TimeZone, signed, isCurrent, newer, signing.SignedAt, Client.Masked(address),
            signing.CodeHash is not null && signing.CodeTriesLeft > 0 && now - signing.CodeSentAt < Signing.CodeLife ? signing.CodeSentAt : null,
            seal is null ? null : new(seal.DocumentSha256, lengths[seal.DocumentSha256], seal.CertificateSha256, lengths[seal.CertificateSha256], seal.SealedAt), paper.WaitingReason, withdrawal);
    }
}
