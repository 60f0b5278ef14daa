using Microsoft.EntityFrameworkCore;
using StudioVault.Domain.Agreements;
using StudioVault.Domain.Kernel;
using StudioVault.Domain.Organization;
using StudioVault.Domain.Packages;
using StudioVault.Infrastructure.Door;
using StudioVault.Infrastructure.Mail;
using StudioVault.Infrastructure.Organization;
using StudioVault.Infrastructure.Packages;
using StudioVault.Infrastructure.Persistence;

namespace StudioVault.Infrastructure.Agreements;

/// <summary>What a branch's people ask about agreements. HQ may read them too and gets nobody's link.</summary>
public sealed class AgreementQueries(WriteDoor door, Papers papers, ClientLetters letters)
{
    /// <summary>Rows of one page.</summary>
    public const int PageSize = 50;

    /// <summary>A link that ends within so many days is a trouble.</summary>
    private const int DaysOfWarning = 3;

    /// <summary>Agreements: first those something is waited for in, then by what happened last.</summary>
    /// <param name="stage">Null = all.</param>
    /// <param name="inTrouble">Only those somebody has to look at.</param>
    /// <param name="search">Part of the number, of the client's name or of a signatory's.</param>
    /// <param name="page">1 or more; a branch has some thousands of agreements at most, so they are sorted and counted here.</param>
    public Task<Result<AgreementPage>> ListAsync(Sender from, BranchId branch, AgreementStage? stage, bool inTrouble, string? search, int page, CancellationToken ct) =>
        door.ReadAsync<AgreementPage>(from, TenantScope.Of(branch), Access.ReaderOf(branch), async (db, _, token) =>
        {
            var today = BranchClock.DayOf(await PackageQueries.NowAsync(db, token), await ZoneAsync(db, branch, token));
            var projects = await db.Projects.AsNoTracking().Select(p => new { p.Id, p.ClientName, p.EventOn, p.DayIsOpen, p.State }).ToDictionaryAsync(p => p.Id, token);
            var agreements = await db.Agreements.AsNoTracking().ToListAsync(token);
            var all = (await db.Papers.AsNoTracking().Select(p => new { p.Id, p.AgreementId, p.Version, p.Kind, p.State, p.Issue, p.CreatedAt, p.SentAt, p.WaitingReason }).ToListAsync(token)).ToLookup(p => p.AgreementId);
            var signings = (await db.Signings.AsNoTracking().Select(s => new { s.PaperId, s.Issue, s.PartyId, s.ClientId, s.State, s.ExpiresOn, s.SignedAt }).ToListAsync(token)).ToLookup(s => s.PaperId);
            var names = await db.Clients.AsNoTracking().Select(c => new { c.Id, c.Name }).ToDictionaryAsync(c => c.Id, c => c.Name, token);
            var places = await db.ProjectClients.AsNoTracking().Select(c => new { c.ProjectId, c.PartyId, c.Place }).ToDictionaryAsync(c => (c.ProjectId, c.PartyId), c => c.Place, token);
            var sealedAt = await db.SealedPapers.AsNoTracking().Select(s => new { s.PaperId, s.SealedAt }).ToDictionaryAsync(s => s.PaperId, s => s.SealedAt, token);
            var lost = (await db.Mails.AsNoTracking().Where(m => m.State == MailState.Bounced || m.State == MailState.Failed).Select(m => new { m.AboutId, m.ClientId, m.QueuedAt }).ToListAsync(token))
                .ToLookup(m => (m.AboutId, m.ClientId), m => m.QueuedAt);
            var arrived = lost.Count == 0 ? null : (await db.Mails.AsNoTracking().Where(m => m.State == MailState.Sent || m.State == MailState.Queued).Select(m => new { m.AboutId, m.ClientId, m.QueuedAt }).ToListAsync(token))
                .ToLookup(m => (m.AboutId, m.ClientId), m => m.QueuedAt);

            var rows = new List<AgreementRow>();
            foreach (var agreement in agreements)
            {
                var project = projects[agreement.ProjectId];
                var family = all[agreement.Id].OrderBy(p => p.Version).ThenBy(p => p.CreatedAt).ToList();
                var newest = family.LastOrDefault(p => p.State != PaperState.Void) ?? family[^1];
                var asked = signings[newest.Id].Where(s => s.Issue == newest.Issue && newest.State != PaperState.Draft).OrderBy(s => places.GetValueOrDefault((agreement.ProjectId, s.PartyId))).ToList();
                var open = PaperMachine.IsOut(newest.State) ? asked.Where(s => s.State != SigningState.Signed).ToList() : [];
                var troubles = new List<AgreementTrouble>();
                if (open.Exists(s => s.ExpiresOn < today)) troubles.Add(AgreementTrouble.LinkExpired);
                else if (open.Exists(s => s.ExpiresOn <= today.AddDays(DaysOfWarning))) troubles.Add(AgreementTrouble.LinkExpiring);
                if (open.Exists(s => lost[(newest.Id.Value, s.ClientId)].Any(at => !(arrived![(newest.Id.Value, s.ClientId)].Any(later => later > at))))) troubles.Add(AgreementTrouble.MailFailed);
                if (newest is { State: PaperState.Sealing, WaitingReason: not null }) troubles.Add(AgreementTrouble.SealingWaits);
                DateTimeOffset[] times = [newest.CreatedAt, newest.SentAt ?? newest.CreatedAt, .. asked.Select(s => s.SignedAt ?? newest.CreatedAt), sealedAt.GetValueOrDefault(newest.Id, newest.CreatedAt)];
                rows.Add(new(agreement.Id, agreement.Number, agreement.ProjectId, project.ClientName, project.DayIsOpen ? null : project.EventOn, StageOf(agreement.State, newest.State), agreement.State, agreement.Head, newest.Version, newest.Kind,
                    newest.State, asked.Count(s => s.State == SigningState.Signed), asked.Count, [.. open.Select(s => names[s.ClientId])], open.Count == 0 ? null : open.Min(s => s.ExpiresOn), troubles, times.Max()));
            }

            if (!string.IsNullOrWhiteSpace(search))
            {
                var parties = (await db.ProjectClients.AsNoTracking().Select(c => new { c.ProjectId, c.ClientId }).ToListAsync(token)).ToLookup(c => c.ProjectId, c => names[c.ClientId]);
                bool Has(string text) => text.Contains(search.Trim(), StringComparison.OrdinalIgnoreCase);
                rows = rows.FindAll(r => Has(r.Number) || Has(r.ClientName) || parties[r.ProjectId].Any(Has));
            }

            var counts = Enum.GetValues<AgreementStage>().ToDictionary(s => s, s => rows.Count(r => r.Stage == s));
            var troubled = rows.Count(r => r.Troubles.Count > 0);
            if (stage is { } only) rows = rows.FindAll(r => r.Stage == only);
            if (inTrouble) rows = rows.FindAll(r => r.Troubles.Count > 0);
            var first = Math.Max(0, page - 1) * PageSize;
            var shown = rows.OrderBy(r => r.Stage > AgreementStage.Sealing).ThenByDescending(r => r.At).ThenByDescending(r => r.Number, StringComparer.Ordinal).Skip(first).Take(PageSize + 1).ToList();
            var taken = agreements.Where(a => a.State != AgreementState.Void).Select(a => a.ProjectId).ToHashSet();
            return new AgreementPage([.. shown.Take(PageSize)], counts, troubled, shown.Count > PageSize,
                [.. projects.Values.Where(p => ProjectMachine.UnderWay.Contains(p.State) && !taken.Contains(p.Id)).OrderBy(p => p.EventOn < today).ThenBy(p => p.EventOn < today ? -p.EventOn.DayNumber : p.EventOn.DayNumber).Select(p => new BookedProject(p.Id, p.ClientName, p.EventOn))]);
        }, ct);

    /// <summary>One agreement with everything about its papers. Another branch's is not there (404).</summary>
    public Task<Result<AgreementView>> FindAsync(Sender from, BranchId branch, AgreementId id, CancellationToken ct) =>
        door.ReadAsync<AgreementView>(from, TenantScope.Of(branch), Access.ReaderOf(branch), async (db, caller, token) =>
        {
            if (await db.Agreements.AsNoTracking().SingleOrDefaultAsync(a => a.Id == id, token) is not { } agreement) return KernelRefusals.NotFound;
            var studio = await db.Branches.AsNoTracking().SingleAsync(b => b.Id == branch, token);
            var today = BranchClock.DayOf(await PackageQueries.NowAsync(db, token), studio.TimeZone);
            var project = await db.Projects.AsNoTracking().SingleAsync(p => p.Id == agreement.ProjectId, token);
            var rows = await db.Papers.AsNoTracking().Where(p => p.AgreementId == id).OrderBy(p => p.Version).ThenBy(p => p.CreatedAt).ToListAsync(token);
            var ids = rows.ConvertAll(p => p.Id);
            var seals = await db.SealedPapers.AsNoTracking().Where(s => s.AgreementId == id)
                .Select(s => new { s.PaperId, Seal = new PaperSeal(s.DocumentSha256, s.CertificateSha256, s.SealKey, s.SealedAt) }).ToDictionaryAsync(s => s.PaperId, s => s.Seal, token);
            var signings = (await db.Signings.AsNoTracking().Where(s => ids.Contains(s.PaperId)).ToListAsync(token)).ToLookup(s => s.PaperId);
            var members = await db.ProjectClients.AsNoTracking().Where(c => c.ProjectId == agreement.ProjectId).OrderBy(c => c.Place).ToListAsync(token);
            List<ClientId> people = [.. members.Select(m => m.ClientId), .. signings.SelectMany(s => s).Select(s => s.ClientId)];
            var clients = await db.Clients.AsNoTracking().Where(c => people.Contains(c.Id)).ToDictionaryAsync(c => c.Id, token);
            List<Guid> about = ids.ConvertAll(p => p.Value);
            var mails = (await db.Mails.AsNoTracking().Where(m => about.Contains(m.AboutId)).Select(m => new { m.AboutId, m.ClientId, Mail = new SentMail(m.State, m.QueuedAt, m.EndedAt, m.Problem) }).ToListAsync(token))
                .ToLookup(m => (m.AboutId, m.ClientId), m => m.Mail);
            var names = await PackageQueries.NamesAsync(db, rows.Select(p => p.CreatedBy), token);
            var isOurs = caller.RoleIn(branch) is not null;
            var chain = await papers.ChainAsync(db, id, agreement.Head, token);
            var unreadable = agreement.Head > 0 ? chain.Refusal : null;

            var views = new List<PaperView>();
            foreach (var paper in rows)
            {
                var read = await papers.ReadAsync(db, paper, token);
                unreadable ??= read.Refusal;
                var text = read.IsRefused ? null : read.Value.Text;
                // A draft names its parties as they are now, as it would when it is sent.
                if (text?.First is { } first && paper.State == PaperState.Draft)
                    text = PaperText.Of(first with { Parties = [.. members.Select(m => AgreementCommands.Party(m, clients[m.ClientId]))] });
                var asked = paper.State == PaperState.Draft ? [] : signings[paper.Id].Where(s => s.Issue == paper.Issue).ToList();
                var problem = text is null || paper.State != PaperState.Draft ? null : text.Refuses();
                SignatoryView One(AgreementParty party)
                {
                    var signing = asked.Find(s => s.PartyId == party.Id);
                    var client = signing is not null ? clients[signing.ClientId] : members.Find(m => m.PartyId == party.Id) is { } member ? clients[member.ClientId] : null;
                    return new(party.Id, client?.Id, party.Name, client?.Email ?? party.Email, party.Role, party.SignsFor, signing?.State, signing?.AskedAt, signing?.ViewedAt, signing?.SignedAt, signing?.ExpiresOn,
                        signing is not null && signing.State != SigningState.Signed && signing.ExpiresOn < today, signing is not null && isOurs ? letters.AddressOf(signing) : null,
                        signing is null ? null : mails[(paper.Id.Value, signing.ClientId)].MaxBy(m => m.QueuedAt));
                }

                // What nobody can read any more still names nobody; the signings tell how many there were.
                IReadOnlyList<SignatoryView> signatories = text is not null ? [.. text.Signatories.Select(One)]
                    : [.. asked.Select(s => One(new AgreementParty(s.PartyId, PartyRole.Client, clients[s.ClientId].Name, "", false, "")))];
                views.Add(new(paper.Id, paper.Version, paper.Kind, paper.State, paper.Issue, paper.DraftRevision, paper.EffectiveOn, paper.BaseHash, paper.ContentHash ?? text?.Hash, paper.ShownSha256, paper.CreatedAt,
                    names(paper.CreatedBy), paper.SentAt, paper.WaitingReason, seals.GetValueOrDefault(paper.Id), text, problem, signatories));
            }

            var newest = views.LastOrDefault(p => p.State != PaperState.Void) ?? views[^1];
            return new AgreementView(id, branch, studio.Name, studio.TimeZone, today, agreement.Number, agreement.ProjectId, project.ClientName, agreement.State, StageOf(agreement.State, newest.State), agreement.Head,
                agreement.CreatedAt, views, chain.IsRefused ? null : chain.Value, unreadable, isOurs, caller.RoleIn(branch) == Role.BranchManager);
        }, ct);

    /// <summary>What an agreement of a project would be begun from. Another branch's project is not there (404).</summary>
    public Task<Result<AgreementStart>> StartAsync(Sender from, BranchId branch, ProjectId id, CancellationToken ct) =>
        door.ReadAsync<AgreementStart>(from, TenantScope.Of(branch), Access.ReaderOf(branch), async (db, _, token) =>
        {
            if (await db.Projects.AsNoTracking().SingleOrDefaultAsync(p => p.Id == id, token) is not { } project) return KernelRefusals.NotFound;
            var agreement = await db.Agreements.AsNoTracking().SingleOrDefaultAsync(a => a.ProjectId == id && a.State != AgreementState.Void, token);
            var package = await db.BranchPackages.AsNoTracking().SingleAsync(p => p.Id == project.PackageId, token);
            var revision = await db.PackageRevisions.AsNoTracking().SingleAsync(r => r.PackageId == project.PackageId && r.Number == project.PackageRevision, token);
            var members = await db.ProjectClients.AsNoTracking().Where(c => c.ProjectId == id).OrderBy(c => c.Place).ToListAsync(token);
            var ids = members.ConvertAll(m => m.ClientId);
            var clients = await db.Clients.AsNoTracking().Where(c => ids.Contains(c.Id)).ToDictionaryAsync(c => c.Id, token);
            Refusal? problem = null;
            if (agreement is not null) problem = AgreementRefusals.AlreadyThere;
            else if (!ProjectMachine.UnderWay.Contains(project.State)) problem = AgreementRefusals.NotBooked;
            return new AgreementStart(id, project.ClientName, project.EventOn, package.Name, revision.Number, PackageContent.Parse(revision.Content).Value,
                [.. members.Select(m => AgreementCommands.Party(m, clients[m.ClientId]))], agreement?.Id, problem);
        }, ct);

    /// <summary>The package of an agreement as the branch sells it today.</summary>
    public Task<Result<PackageToday>> PackageTodayAsync(Sender from, BranchId branch, AgreementId id, CancellationToken ct) =>
        door.ReadAsync<PackageToday>(from, TenantScope.Of(branch), Access.ReaderOf(branch), async (db, _, token) =>
        {
            if (await db.Agreements.AsNoTracking().SingleOrDefaultAsync(a => a.Id == id, token) is not { } agreement) return KernelRefusals.NotFound;
            var project = await db.Projects.AsNoTracking().SingleAsync(p => p.Id == agreement.ProjectId, token);
            var package = await db.BranchPackages.AsNoTracking().SingleAsync(p => p.Id == project.PackageId, token);
            var revision = await db.PackageRevisions.AsNoTracking().SingleAsync(r => r.PackageId == package.Id && r.Number == package.CurrentRevision, token);
            var slug = await db.Templates.AsNoTracking().Where(t => t.Id == package.TemplateId).Select(t => t.Slug).SingleAsync(token);
            var today = BranchClock.DayOf(await PackageQueries.NowAsync(db, token), await ZoneAsync(db, branch, token));
            return new PackageToday(package.Name, PackageContent.Parse(revision.Content).Value, new AgreementRules(today, slug, package.DecidedVersion, revision.Number, revision.Hash));
        }, ct);

    /// <summary>A stored document of a paper, as it was made. Refused as <see cref="Papers.FileAsync"/>.</summary>
    /// <param name="version">The newest paper of this version that was not given up.</param>
    public Task<Result<(byte[] Bytes, string Name)>> FileAsync(Sender from, BranchId branch, AgreementId id, int version, FileKind kind, CancellationToken ct) =>
        door.ReadAsync<(byte[], string)>(from, TenantScope.Of(branch), Access.ReaderOf(branch), async (db, _, token) =>
        {
            var found = await (from p in db.Papers.AsNoTracking()
                               join a in db.Agreements.AsNoTracking() on p.AgreementId equals a.Id
                               where p.AgreementId == id && p.Version == version && p.State != PaperState.Void
                               select new { p.Id, p.ShownSha256, a.Number }).SingleOrDefaultAsync(token);
            if (found is null || (kind == FileKind.Shown && found.ShownSha256 is null)) return KernelRefusals.NotFound;
            var what = kind switch { FileKind.Paper => "", FileKind.Certificate => "-certificate", _ => "-for-review" };
            return (await papers.FileAsync(db, found.Id, kind, kind == FileKind.Shown ? found.ShownSha256 : null, token)).TryGet(out var bytes, out var refusal)
                ? (bytes, $"{found.Number}-v{version}{what}.pdf") : refusal;
        }, ct);

    /// <summary>The stage of an agreement whose newest paper is in a state.</summary>
    internal static AgreementStage StageOf(AgreementState agreement, PaperState newest) => (agreement, newest) switch
    {
        (AgreementState.Void, _) => AgreementStage.GivenUp,
        (AgreementState.Completed or AgreementState.Cancelled or AgreementState.Withdrawn, _) => AgreementStage.Ended,
        (_, PaperState.Draft) => AgreementStage.Writing,
        (_, PaperState.Sealing) => AgreementStage.Sealing,
        (_, PaperState.Executed) => AgreementStage.InForce,
        _ => AgreementStage.WithClients,
    };

    private static async Task<string> ZoneAsync(VaultDb db, BranchId branch, CancellationToken ct) => await db.Branches.AsNoTracking().Where(b => b.Id == branch).Select(b => b.TimeZone).SingleAsync(ct);
}
