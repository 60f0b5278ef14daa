using Microsoft.EntityFrameworkCore;
using StudioVault.Domain.Agreements;
using StudioVault.Domain.Kernel;
using StudioVault.Domain.Organization;
using StudioVault.Domain.Packages;
using StudioVault.Infrastructure.Door;
using StudioVault.Infrastructure.Organization;
using StudioVault.Infrastructure.Packages;
using StudioVault.Infrastructure.Persistence;

namespace StudioVault.Infrastructure.Agreements;

/// <summary>A quote or project in the list.</summary>
/// <param name="Revision">The pinned revision; <paramref name="CurrentRevision"/> is what a new quote would pin.</param>
/// <param name="Included">What the pinned revision costs without add-ons.</param>
public sealed record ProjectRow(ProjectId Id, string ClientName, DateOnly EventOn, ProjectState State, BranchPackageId PackageId, string Package, int Revision, int CurrentRevision,
    Money Included, DateTimeOffset CreatedAt, string? CreatedBy, DateTimeOffset? BookedAt);

/// <summary>A page of projects.</summary>
/// <param name="Counts">By state, of what the search and the package leave.</param>
/// <param name="Packages">Every package of the branch by name, for a filter.</param>
/// <param name="HasMore">There is a next page.</param>
public sealed record ProjectPage(IReadOnlyList<ProjectRow> Rows, IReadOnlyDictionary<ProjectState, int> Counts, IReadOnlyList<(BranchPackageId Id, string Name)> Packages, bool HasMore);

/// <summary>A client of a project.</summary>
/// <param name="SignsFor">A guardian's ward by party id; else empty.</param>
/// <param name="IsErased">Their data were erased and their key destroyed.</param>
/// <param name="HoldReason">Why nothing of them may be erased at present, or null.</param>
public sealed record ProjectParty(string PartyId, ClientId ClientId, string Name, string Email, PartyRole Role, bool IsMinor, string SignsFor, bool IsErased, string? HoldReason);

/// <summary>The agreement of a project.</summary>
/// <param name="Head">Version of the newest executed paper; 0 before the first.</param>
public sealed record ProjectAgreement(AgreementId Id, string Number, AgreementState State, int Head, bool IsOut);

/// <summary>An invoice of a project.</summary>
/// <param name="Amount">What it asks for.</param>
/// <param name="Due">What is owed on it, and what came in once it is paid: less when goodwill was given.</param>
/// <param name="Refunded">What of it goes back.</param>
/// <param name="Notes">Everything given back on it, void or not, oldest first.</param>
public sealed record InvoiceRow(InvoiceId Id, string Number, int Version, string Title, Money Amount, Money Due, Money Refunded, DateOnly? DueOn, InvoiceState State, DateOnly? PaidOn, PaymentMethod? Method, IReadOnlyList<CreditRow> Notes);

/// <summary>Something given back on an invoice.</summary>
/// <param name="VoidedReason">Why it counts no more; null while it does.</param>
public sealed record CreditRow(CreditNoteId Id, string Number, CreditNoteKind Kind, Money Amount, string Reason, DateTimeOffset CreatedAt, string? VoidedReason);

/// <summary>What is known of a project besides what it pins.</summary>
/// <param name="Rules">The rules it is governed by.</param>
public sealed record ProjectFacts(RulesSnapshot Rules, string StartsAt, string Venue, bool DayIsOpen, DateTimeOffset? ShotAt, DateTimeOffset? DeliveredAt, DateTimeOffset? EndedAt,
    IReadOnlyList<ProjectParty> Parties, ProjectAgreement? Agreement, IReadOnlyList<InvoiceRow> Invoices);

/// <summary>One quote or project with the content it pins.</summary>
/// <param name="Revision">The pinned revision as it was written.</param>
/// <param name="Content">Its content: what the client was offered, whatever became of the package since.</param>
/// <param name="Today">The branch's day now.</param>
public sealed record ProjectView(ProjectRow Row, BranchId BranchId, string TimeZone, int Revision, DateTimeOffset RevisionAt, int Version, PackageContent Content, DateOnly Today, ProjectFacts Facts);

/// <summary>What a branch's people ask about quotes and projects.</summary>
public sealed class ProjectQueries(WriteDoor door)
{
    /// <summary>Rows of one page.</summary>
    public const int PageSize = 50;

    /// <param name="state">Null = all.</param>
    /// <param name="package">Of one package; null = of all.</param>
    /// <param name="search">Part of the client's or package's name.</param>
    /// <param name="page">1 or more; a branch has some hundreds of projects, so pages are counted.</param>
    public Task<Result<ProjectPage>> ListAsync(Sender from, BranchId branch, ProjectState? state, BranchPackageId? package, string? search, int page, CancellationToken ct) =>
        door.ReadAsync<ProjectPage>(from, TenantScope.Of(branch), Access.ReaderOf(branch), async (db, _, token) =>
        {
            var packages = await db.BranchPackages.AsNoTracking().ToDictionaryAsync(p => p.Id, token);
            var query = db.Projects.AsNoTracking();
            if (package is { } of) query = query.Where(p => p.PackageId == of);
            if (!string.IsNullOrWhiteSpace(search))
            {
                var pattern = $"%{search.Trim().Replace("\\", "\\\\", StringComparison.Ordinal).Replace("%", "\\%", StringComparison.Ordinal).Replace("_", "\\_", StringComparison.Ordinal)}%";
                var named = packages.Values.Where(p => p.Name.Contains(search.Trim(), StringComparison.OrdinalIgnoreCase)).Select(p => p.Id).ToList();
                query = query.Where(p => EF.Functions.ILike(p.ClientName, pattern) || named.Contains(p.PackageId));
            }

            var counts = await query.GroupBy(p => p.State).Select(g => new { g.Key, Count = g.Count() }).ToDictionaryAsync(g => g.Key, g => g.Count, token);
            if (state is { } only) query = query.Where(p => p.State == only);
            var first = Math.Max(0, page - 1) * PageSize;
            var found = await query.OrderByDescending(p => p.EventOn).ThenBy(p => p.Id).Skip(first).Take(PageSize + 1).ToListAsync(token);
            var shown = found.Take(PageSize).ToList();
            var ids = shown.Select(p => p.PackageId).Distinct().ToList();
            var revisions = (await db.PackageRevisions.AsNoTracking().Where(r => ids.Contains(r.PackageId)).Select(r => new { r.PackageId, r.Number, r.Content }).ToListAsync(token))
                .ToDictionary(r => (r.PackageId, r.Number), r => r.Content);
            var names = await PackageQueries.NamesAsync(db, shown.Select(p => p.CreatedBy), token);
            return new ProjectPage(shown.ConvertAll(p => RowOf(p, packages[p.PackageId], PackageContent.Parse(revisions[(p.PackageId, p.PackageRevision)]).Value, names)),
                Enum.GetValues<ProjectState>().ToDictionary(s => s, s => counts.GetValueOrDefault(s)),
                [.. packages.Values.OrderBy(p => p.Name, StringComparer.Ordinal).Select(p => (p.Id, p.Name))],
                found.Count > PageSize);
        }, ct);

    /// <summary>One quote or project. Another branch's is not there (404).</summary>
    public Task<Result<ProjectView>> FindAsync(Sender from, BranchId branch, ProjectId id, CancellationToken ct) =>
        door.ReadAsync<ProjectView>(from, TenantScope.Of(branch), Access.ReaderOf(branch), async (db, _, token) =>
        {
            var project = await db.Projects.AsNoTracking().SingleOrDefaultAsync(p => p.Id == id, token);
            if (project is null) return KernelRefusals.NotFound;
            var now = await PackageQueries.NowAsync(db, token);
            var studio = await db.Branches.AsNoTracking().SingleAsync(b => b.Id == branch, token);
            var package = await db.BranchPackages.AsNoTracking().SingleAsync(p => p.Id == project.PackageId, token);
            var revision = await db.PackageRevisions.AsNoTracking().SingleAsync(r => r.PackageId == project.PackageId && r.Number == project.PackageRevision, token);
            var content = PackageContent.Parse(revision.Content).Value;
            var names = await PackageQueries.NamesAsync(db, [project.CreatedBy], token);
            return new ProjectView(RowOf(project, package, content, names), branch, studio.TimeZone, revision.Number, revision.CreatedAt, FieldPointers.Parse(revision.Pointers).DefaultSyncedFrom, content,
                BranchClock.DayOf(now, studio.TimeZone), await FactsAsync(db, project, token));
        }, ct);

    private static async Task<ProjectFacts> FactsAsync(VaultDb db, Project project, CancellationToken ct)
    {
        var parties = await db.ProjectClients.AsNoTracking().Where(c => c.ProjectId == project.Id).OrderBy(c => c.Place)
            .Join(db.Clients.AsNoTracking(), r => new { r.BranchId, Id = r.ClientId }, c => new { c.BranchId, c.Id }, (r, c) => new { Row = r, Client = c }).ToListAsync(ct);
        var agreement = await db.Agreements.AsNoTracking().Where(a => a.ProjectId == project.Id && a.State != AgreementState.Void).SingleOrDefaultAsync(ct);
        var isOut = agreement is not null && await db.Papers.AnyAsync(p => p.AgreementId == agreement.Id && p.State != PaperState.Draft && p.State != PaperState.Void, ct);
        var invoices = await db.Invoices.AsNoTracking().Where(i => i.ProjectId == project.Id).OrderBy(i => i.CreatedAt).ThenBy(i => i.Number).ToListAsync(ct);
        var notes = (await db.CreditNotes.AsNoTracking().Where(n => n.ProjectId == project.Id).OrderBy(n => n.CreatedAt).ThenBy(n => n.Number).ToListAsync(ct))
            .ToLookup(n => n.InvoiceId, n => new CreditRow(n.Id, n.Number, n.Kind, new(n.Amount, n.Currency), n.Reason, n.CreatedAt, n.VoidedReason));
        return new(RulesSnapshot.Parse(project.Rules).Value, project.StartsAt, project.Venue, project.DayIsOpen, project.ShotAt, project.DeliveredAt, project.EndedAt,
            parties.ConvertAll(p => new ProjectParty(p.Row.PartyId, p.Client.Id, p.Client.Name, p.Client.Email, p.Row.Role, p.Row.IsMinor, p.Row.SignsFor, p.Client.ErasedAt is not null, p.Client.HoldReason)),
            agreement is null ? null : new(agreement.Id, agreement.Number, agreement.State, agreement.Head, isOut),
            invoices.ConvertAll(i => new InvoiceRow(i.Id, i.Number, i.Version, i.Title, new(i.Amount, i.Currency), new(i.AmountDue, i.Currency), new(i.Refunded, i.Currency), i.DueOn, i.State, i.PaidOn, i.Method, [.. notes[i.Id]])));
    }

    private static ProjectRow RowOf(Project p, BranchPackage package, PackageContent content, Func<PersonId?, string?> names) =>
        new(p.Id, p.ClientName, p.EventOn, p.State, p.PackageId, package.Name, p.PackageRevision, package.CurrentRevision, content.IncludedTotal, p.CreatedAt, names(p.CreatedBy), p.BookedAt);
}
