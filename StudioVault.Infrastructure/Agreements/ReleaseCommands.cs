using System.Globalization;
using System.Text;
using System.Text.Json.Nodes;
using Microsoft.EntityFrameworkCore;
using StudioVault.Domain.Agreements;
using StudioVault.Domain.Kernel;
using StudioVault.Domain.Organization;
using StudioVault.Infrastructure.Door;
using StudioVault.Infrastructure.Live;
using StudioVault.Infrastructure.Organization;
using StudioVault.Infrastructure.Persistence;
using StudioVault.Infrastructure.Scheduling;

namespace StudioVault.Infrastructure.Agreements;

/// <summary>An image release as staff and its client see it.</summary>
/// <param name="Allowed">Words of the purposes that hold today.</param>
/// <param name="Withdrawn">When a purpose was taken back.</param>
/// <param name="HasDocument">Whether its sealed document is made.</param>
public sealed record ReleaseView(ReleaseId Id, string PartyId, ReleaseContent Content, string ContentHash, ReleaseState State, DateTimeOffset AskedAt, DateTimeOffset? GivenAt, IReadOnlyList<string> Given, IReadOnlyList<string> Allowed,
    IReadOnlyDictionary<string, DateTimeOffset> Withdrawn, bool HasDocument);

/// <summary>What a client decides.</summary>
/// <param name="Decisions">Every purpose, allowed or not.</param>
public sealed record ReleaseInput(string Name, IReadOnlyDictionary<string, bool> Decisions, string Device, string Network);

/// <summary>
/// Image releases: asked for by the studio beside an agreement that is in force, decided purpose by purpose behind the client's own
/// link, and taken back there at any time. Nothing of the booking depends on them.
/// </summary>
public sealed class ReleaseCommands(WriteDoor door, SigningCommands signings, Papers papers, ClientKeys keys, ClientLetters letters, ReleaseDocuments documents, Soon soon)
{
    private const int LongestTerms = 10_000;
    private const int LongestTitle = 200;
    private const int MostPurposes = 12;
    private static readonly Sender PrintsAtOnce = Sender.System("agreements.releases");

    /// <summary>
    /// Asks somebody who signed for a release, by mail. Refused with <c>refuse.agreement.not_in_force</c>, <c>refuse.release.no_purpose</c>,
    /// <c>refuse.release.not_a_signatory</c>, <c>refuse.kernel.too_long</c>.
    /// </summary>
    public Task<Result<ReleaseId>> AskAsync(Sender from, BranchId branch, AgreementId id, string partyId, IReadOnlyList<AskedPurpose> purposes, string terms, CancellationToken ct) =>
        door.RunAsync<ReleaseId>(new Command("release.ask", from, TenantScope.Of(branch), Access.MemberOf(branch), "agreement", id.ToString()), async (context, token) =>
        {
            var db = context.Db;
            if (await db.Agreements.AsNoTracking().SingleOrDefaultAsync(a => a.Id == id, token) is not { } agreement) return KernelRefusals.NotFound;
            if (agreement.State is not (AgreementState.InForce or AgreementState.Completed)) return AgreementRefusals.NotInForce;
            if (purposes.Count is 0 or > MostPurposes || purposes.DistinctBy(p => p.Id).Count() != purposes.Count || purposes.Any(p => p.Id.Length == 0 || p.Title.Trim().Length == 0)) return ReleaseRefusals.NoPurpose;
            if (purposes.Any(p => p.Id.Length > LongestTitle || p.Title.Length > LongestTitle)) return KernelRefusals.TooLong.At("purposes", LongestTitle);
            if (terms.Length > LongestTerms) return KernelRefusals.TooLong.At("terms", LongestTerms);
            if (!(await papers.ChainAsync(db, id, agreement.Head, token)).TryGet(out var chain, out var refusal)) return refusal;
            var content = AgreementContent.From(chain.Whole().Content).Value;
            if (content.Parties.FirstOrDefault(p => p.Id == partyId) is not { Signs: true, Role: not PartyRole.Payer } party) return ReleaseRefusals.NotASignatory;
            var ward = content.Parties.FirstOrDefault(p => p.Id == party.SignsFor);
            var first = await db.SealedPapers.AsNoTracking().Where(s => s.AgreementId == id && s.Version == 1).Select(s => s.PaperId).SingleAsync(token);
            if (await db.Signings.AsNoTracking().Where(s => s.PartyId == partyId && db.Papers.Any(p => p.Id == s.PaperId && p.AgreementId == id && p.Issue == s.Issue && p.State == PaperState.Executed)).OrderByDescending(s => s.AskedAt).FirstOrDefaultAsync(token) is not { } signing)
                return ReleaseRefusals.NotASignatory;
            if (!(await papers.KeyAsync(db, first, token)).TryGet(out var key, out refusal)) return refusal;
            var number = await db.Releases.CountAsync(r => r.AgreementId == id, token) + 1;
            context.IfTaken("ix_releases_branch_id_agreement_id_number", KernelRefusals.StaleWrite);
            var asked = new ReleaseContent($"{agreement.Number}-R{number.ToString(CultureInfo.InvariantCulture)}", (ward ?? party).Name, ward is null ? "" : party.Name, content.Event.Title,
                [.. purposes.Select(p => p with { Title = p.Title.Trim() })], terms.Trim());
            var bytes = asked.Canonical();
            var release = PictureRelease.Ask(branch, ReleaseId.New(), id, first, signing.ClientId, partyId, number, SecretBox.Close(key, bytes), CanonicalJson.Sha256(bytes), context.Now);
            db.Releases.Add(release);
            letters.AskForRelease(context, await db.Clients.SingleAsync(c => c.Id == signing.ClientId, token), signing, first, content);
            context.Audit(new JsonObject { ["releaseId"] = release.Id.ToString(), ["party"] = partyId, ["contentHash"] = release.ContentHash, ["purposes"] = new JsonArray([.. purposes.Select(p => (JsonNode)p.Id)]) });
            Announce(context, release);
            return release.Id;
        }, ct);

    /// <summary>The releases of an agreement, for staff.</summary>
    public Task<Result<IReadOnlyList<ReleaseView>>> OfAsync(Sender from, BranchId branch, AgreementId id, CancellationToken ct) =>
        door.ReadAsync<IReadOnlyList<ReleaseView>>(from, TenantScope.Of(branch), Access.MemberOf(branch), async (db, _, token) =>
            await ViewsAsync(db, await db.Releases.AsNoTracking().Where(r => r.AgreementId == id).OrderBy(r => r.Number).ToListAsync(token), token), ct);

    /// <summary>The releases a client was asked for beside the agreement of their link.</summary>
    public async Task<Result<IReadOnlyList<ReleaseView>>> MineAsync(LinkTarget link, CancellationToken ct)
    {
        if (!(await signings.WhoAsync(link, ct)).TryGet(out var client, out var refusal)) return refusal;
        return await door.ReadAsync<IReadOnlyList<ReleaseView>>(Sender.ClientOf(link.Branch, client), TenantScope.Of(link.Branch), Access.ClientOf(link.Branch, client), async (db, _, token) =>
        {
            var agreement = await AgreementAsync(db, link, token);
            return await ViewsAsync(db, await db.Releases.AsNoTracking().Where(r => r.AgreementId == agreement && r.ClientId == client).OrderBy(r => r.Number).ToListAsync(token), token);
        }, ct);
    }

    /// <summary>
    /// Decides a release. Refused with <c>refuse.signing.name_missing</c>, <c>refuse.release.not_decided</c>, <c>refuse.release.already_given</c>,
    /// <c>refuse.kernel.not_found</c> for somebody else's.
    /// </summary>
    public async Task<Result<Done>> GiveAsync(LinkTarget link, ReleaseId id, ReleaseInput input, CancellationToken ct)
    {
        var done = await OnMineAsync<Done>("release.give", link, id, async (context, release, token) =>
        {
            var db = context.Db;
            if (release.State == ReleaseState.Given) return ReleaseRefusals.AlreadyGiven;
            if (input.Name.Trim().Length == 0) return SigningRefusals.NameMissing.At("name");
            if (input.Name.Trim().Length > Client.LongestName) return KernelRefusals.TooLong.At("name", Client.LongestName);
            if (!(await papers.KeyAsync(db, release.PaperId, token)).TryGet(out var key, out var refusal)) return refusal;
            var content = ReleaseContent.Parse(Papers.Text(SecretBox.Open(key, release.Content)));
            if (!content.Purposes.All(p => input.Decisions.ContainsKey(p.Id))) return ReleaseRefusals.NotDecided;
            var client = await db.Clients.AsNoTracking().SingleAsync(c => c.Id == release.ClientId, token);
            var evidence = CanonicalJson.Canonicalize(new JsonObject
            {
                ["contentHash"] = release.ContentHash,
                ["decisions"] = new JsonObject([.. content.Purposes.Select(p => KeyValuePair.Create(p.Id, (JsonNode?)JsonValue.Create(input.Decisions[p.Id])))]),
                ["device"] = input.Device,
                ["givenAt"] = context.Now.ToUniversalTime().ToString("O", CultureInfo.InvariantCulture),
                ["name"] = client.Name,
                ["network"] = input.Network,
                ["party"] = release.PartyId,
                ["typedName"] = input.Name.Trim(),
            });
            var allowed = content.Purposes.Where(p => input.Decisions[p.Id]).Select(p => p.Id).ToList();
            if (release.Give(allowed, keys.Close(client, Encoding.UTF8.GetString(evidence)), CanonicalJson.Sha256(evidence), context.Now).Refusal is { } no) return no;
            context.Audit(new JsonObject { ["releaseId"] = id.ToString(), ["contentHash"] = release.ContentHash, ["evidenceSha256"] = release.EvidenceSha256, ["allowed"] = new JsonArray([.. allowed.Select(a => (JsonNode)a)]) });
            Announce(context, release);
            return Done.It;
        }, ct);
        if (!done.IsRefused) soon.Do("an image release", token => documents.MakeAsync(PrintsAtOnce, link.Branch, id, token));
        return done;
    }

    /// <summary>Takes a permission back for the future; once taken back nothing happens. Refused with <c>refuse.release.not_allowed</c>.</summary>
    public Task<Result<Done>> TakeBackAsync(LinkTarget link, ReleaseId id, string purpose, CancellationToken ct) =>
        OnMineAsync<Done>("release.take_back", link, id, async (context, release, token) =>
        {
            var db = context.Db;
            if (!release.Allowed.Contains(purpose)) return ReleaseRefusals.NotAllowed;
            if (await db.ReleaseWithdrawals.AnyAsync(w => w.ReleaseId == id && w.Purpose == purpose, token)) return Done.It;
            context.IfTaken("pk_release_withdrawals", KernelRefusals.StaleWrite);
            db.ReleaseWithdrawals.Add(ReleaseWithdrawal.Of(release, purpose, context.Now));
            if (!(await papers.KeyAsync(db, release.PaperId, token)).TryGet(out var key, out var refusal)) return refusal;
            var content = ReleaseContent.Parse(Papers.Text(SecretBox.Open(key, release.Content)));
            var branch = await db.Branches.AsNoTracking().SingleAsync(b => b.Id == release.BranchId, token);
            letters.ReleaseTakenBack(context, await db.Clients.SingleAsync(c => c.Id == release.ClientId, token), release, content, purpose, branch);
            context.Audit(new JsonObject { ["releaseId"] = id.ToString(), ["purpose"] = purpose });
            Announce(context, release);
            return Done.It;
        }, ct);

    /// <summary>The sealed document of a release; <c>refuse.kernel.not_found</c> before it is made and for somebody else's.</summary>
    public async Task<Result<PaperFile>> FileAsync(LinkTarget link, ReleaseId id, CancellationToken ct)
    {
        if (!(await signings.WhoAsync(link, ct)).TryGet(out var client, out var refusal)) return refusal;
        return await door.ReadAsync<PaperFile>(Sender.ClientOf(link.Branch, client), TenantScope.Of(link.Branch), Access.ClientOf(link.Branch, client), async (db, _, token) =>
        {
            if (await db.Releases.AsNoTracking().SingleOrDefaultAsync(r => r.Id == id && r.ClientId == client, token) is not { DocumentSha256: { } sha } release) return KernelRefusals.NotFound;
            if (!(await papers.FileAsync(db, release.PaperId, FileKind.ImageRelease, sha, token)).TryGet(out var bytes, out var no)) return no;
            var agreement = await db.Agreements.AsNoTracking().SingleAsync(a => a.Id == release.AgreementId, token);
            return new PaperFile(bytes, sha, FileKind.ImageRelease, agreement.Number, release.Number);
        }, ct);
    }

    private async Task<Result<T>> OnMineAsync<T>(string action, LinkTarget link, ReleaseId id, Func<WriteContext, PictureRelease, CancellationToken, Task<Result<T>>> work, CancellationToken ct)
    {
        if (!(await signings.WhoAsync(link, ct)).TryGet(out var client, out var refusal)) return refusal;
        return await door.RunAsync<T>(new Command(action, Sender.ClientOf(link.Branch, client), TenantScope.Of(link.Branch), Access.ClientOf(link.Branch, client), "agreement", link.Id.ToString()), async (context, token) =>
        {
            if (await context.Db.Releases.SingleOrDefaultAsync(r => r.Id == id && r.ClientId == client, token) is not { } release) return KernelRefusals.NotFound;
            context.ObjectId = release.AgreementId.ToString();
            return await work(context, release, token);
        }, ct);
    }

    private async Task<Result<IReadOnlyList<ReleaseView>>> ViewsAsync(VaultDb db, List<PictureRelease> releases, CancellationToken ct)
    {
        var views = new List<ReleaseView>();
        var now = await db.Database.SqlQuery<DateTimeOffset>($"select clock_timestamp() as \"Value\"").SingleAsync(ct);
        foreach (var release in releases)
        {
            if (!(await papers.KeyAsync(db, release.PaperId, ct)).TryGet(out var key, out var refusal)) return refusal;
            var content = ReleaseContent.Parse(Papers.Text(SecretBox.Open(key, release.Content)));
            var withdrawn = await db.ReleaseWithdrawals.AsNoTracking().Where(w => w.ReleaseId == release.Id).ToDictionaryAsync(w => w.Purpose, w => w.WithdrawnAt, ct);
            var zone = await db.Branches.AsNoTracking().Where(b => b.Id == release.BranchId).Select(b => b.TimeZone).SingleAsync(ct);
            var today = BranchClock.DayOf(now, zone);
            views.Add(new(release.Id, release.PartyId, content, release.ContentHash, release.State, release.AskedAt, release.GivenAt, release.Allowed, [.. content.Purposes.Where(p => release.Allows(p, withdrawn.Keys, today)).Select(p => p.Id)], withdrawn,
                release.DocumentSha256 is not null));
        }

        return views;
    }

    private static Task<AgreementId> AgreementAsync(VaultDb db, LinkTarget link, CancellationToken ct) =>
        db.Papers.AsNoTracking().Where(p => db.Signings.Any(s => s.Id == new SigningId(link.Id) && s.PaperId == p.Id)).Select(p => p.AgreementId).SingleAsync(ct);

    private static void Announce(WriteContext context, PictureRelease release) =>
        context.Announce(Topics.ReleaseChanged, release.BranchId, new JsonObject { ["releaseId"] = release.Id.ToString(), ["agreementId"] = release.AgreementId.ToString(), ["state"] = release.State.ToString() });
}
