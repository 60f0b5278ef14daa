using Microsoft.EntityFrameworkCore;
using StudioVault.Domain.Agreements;
using StudioVault.Domain.Kernel;
using StudioVault.Domain.Organization;
using StudioVault.Domain.Packages;
using StudioVault.Infrastructure.Door;
using StudioVault.Infrastructure.Packages;
using StudioVault.Infrastructure.Persistence;

namespace StudioVault.Infrastructure.Agreements;

/// <summary>A quote or project in the list.</summary>
/// <param name="Revision">The pinned revision; <paramref name="CurrentRevision"/> is what a new quote would pin.</param>
/// <param name="Included">What the pinned revision costs without add-ons.</param>
public sealed record ProjectRow(ProjectId Id, string ClientName, DateOnly EventOn, ProjectState State, BranchPackageId PackageId, string Package, int Revision, int CurrentRevision,
    Money Included, DateTimeOffset CreatedAt, string? CreatedBy, DateTimeOffset? BookedAt);

/// <summary>A page of projects.</summary>
/// <param name="HasMore">There is a next page.</param>
public sealed record ProjectPage(IReadOnlyList<ProjectRow> Rows, IReadOnlyDictionary<ProjectState, int> Counts, bool HasMore);

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
            return new ProjectPage(shown.ConvertAll(p => new ProjectRow(p.Id, p.ClientName, p.EventOn, p.State, p.PackageId, packages[p.PackageId].Name, p.PackageRevision, packages[p.PackageId].CurrentRevision,
                    PackageContent.Parse(revisions[(p.PackageId, p.PackageRevision)]).Value.IncludedTotal, p.CreatedAt, names(p.CreatedBy), p.BookedAt)),
                Enum.GetValues<ProjectState>().ToDictionary(s => s, s => counts.GetValueOrDefault(s)),
                found.Count > PageSize);
        }, ct);
}
