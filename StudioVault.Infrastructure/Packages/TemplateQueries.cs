using Microsoft.EntityFrameworkCore;
using StudioVault.Domain.Kernel;
using StudioVault.Domain.Organization;
using StudioVault.Domain.Packages;
using StudioVault.Infrastructure.Door;
using StudioVault.Infrastructure.Persistence;

namespace StudioVault.Infrastructure.Packages;

/// <summary>A template in HQ's list.</summary>
/// <param name="Branches">Branches that have the package.</param>
/// <param name="NewestVersion">The newest version that is not called back; 0 when no branch has the package, or every version is.</param>
/// <param name="Following">Branches that took that version.</param>
/// <param name="Behind">Branches that stand on an older one: they have not ruled on it yet, ignored it or went back.</param>
/// <param name="OnCalledBack">Branches that took a later version, which HQ called back.</param>
/// <param name="Customised">Branches whose copy differs from HQ's.</param>
/// <param name="OpenOffers">Offers that wait for a branch.</param>
/// <param name="HasDraft">A draft differs from the newest version, or there is none published yet.</param>
public sealed record TemplateRow(TemplateId Id, string Slug, string Name, int LatestVersion, string? Summary, ChangeClass? Class, DateTimeOffset? PublishedAt,
    int Branches, int NewestVersion, int Following, int Behind, int OnCalledBack, int Customised, int OpenOffers, bool HasDraft, DateTimeOffset? DraftSavedAt, bool IsYanked);

/// <summary>A published version as HQ's history shows it.</summary>
public sealed record VersionRow(int Number, string Hash, string Summary, ChangeClass Class, string? CadenceReason, DateTimeOffset PublishedAt, string? PublishedBy,
    DateTimeOffset? YankedAt, string? YankReason, int Offered, int Accepted, int Ignored, int Waiting, IReadOnlyList<WaveRow> Waves);

/// <summary>One wave of a version.</summary>
public sealed record WaveRow(int Wave, string Name, int? Branches, DateTimeOffset OpenedAt);

/// <summary>Where one branch stands with a template.</summary>
/// <param name="StandsOn">The newest version it took something of; null when it does not have the package.</param>
/// <param name="State">State of its newest offer; null when it was never offered.</param>
public sealed record AdoptionRow(BranchId BranchId, string Slug, string Branch, string Country, string Currency, Ownership Ownership, int? StandsOn, int? Revision, bool IsCustomised,
    OfferState? State, int? OfferedVersion, DateTimeOffset? OfferedAt, DateTimeOffset? ClosedAt, string? Reason, DateOnly? SnoozedUntil, bool ReviewsYank);

/// <summary>One template with its history and the branches' standing.</summary>
/// <param name="Versions">Newest first.</param>
public sealed record TemplateView(TemplateId Id, string Slug, string Name, int LatestVersion, IReadOnlyList<VersionRow> Versions, IReadOnlyList<AdoptionRow> Adoption, bool HasDraft)
{
    /// <summary>The newest version that is not called back, against which branches are behind; null when there is none.</summary>
    public VersionRow? Newest => Versions.FirstOrDefault(v => v.YankedAt is null);
}

/// <summary>What HQ asks about templates.</summary>
public sealed class TemplateQueries(WriteDoor door)
{
    /// <summary>All templates by name; those with a search text in name or short name when given.</summary>
    public Task<Result<IReadOnlyList<TemplateRow>>> ListAsync(Sender from, string? search, CancellationToken ct) =>
        door.ReadAsync<IReadOnlyList<TemplateRow>>(from, TenantScope.Hq, Access.Hq, async (db, _, token) =>
        {
            var templates = await db.Templates.AsNoTracking().OrderBy(t => t.Name).ToListAsync(token);
            if (!string.IsNullOrWhiteSpace(search))
                templates = [.. templates.Where(t => t.Name.Contains(search, StringComparison.OrdinalIgnoreCase) || t.Slug.Contains(search, StringComparison.OrdinalIgnoreCase))];
            var newest = (await db.TemplateVersions.AsNoTracking().Select(v => new { v.TemplateId, v.Number, v.Summary, v.Class, v.PublishedAt, v.Content }).ToListAsync(token)).ToLookup(v => v.TemplateId);
            var packages = (await CopyStanding.Of(db).GroupBy(c => new { c.TemplateId, c.NewestVersion }).Select(g => new
            {
                g.Key.TemplateId,
                g.Key.NewestVersion,
                Branches = g.Count(),
                Following = g.Count(c => c.StandsOn == c.NewestVersion),
                Behind = g.Count(c => c.StandsOn < c.NewestVersion),
                OnCalledBack = g.Count(c => c.StandsOn > c.NewestVersion),
                Customised = g.Count(c => c.IsCustomised),
            }).ToListAsync(token)).ToDictionary(g => new TemplateId(g.TemplateId));
            var open = (await db.UpdateOffers.AsNoTracking().Where(o => o.State == OfferState.Offered || o.State == OfferState.Viewed || o.State == OfferState.Snoozed)
                .GroupBy(o => o.TemplateId).Select(g => new { g.Key, Count = g.Count() }).ToListAsync(token)).ToDictionary(g => g.Key, g => g.Count);
            var drafts = (await db.TemplateDrafts.AsNoTracking().ToListAsync(token)).ToDictionary(d => d.TemplateId);
            var yanked = (await db.TemplateYanks.AsNoTracking().Select(y => new { y.TemplateId, y.Number }).ToListAsync(token)).ToHashSet();
            return templates.ConvertAll(t =>
            {
                var last = newest[t.Id].SingleOrDefault(v => v.Number == t.LatestVersion);
                var copies = packages.GetValueOrDefault(t.Id);
                var draft = drafts.GetValueOrDefault(t.Id);
                return new TemplateRow(t.Id, t.Slug, t.Name, t.LatestVersion, last?.Summary, last?.Class, last?.PublishedAt,
                    copies?.Branches ?? 0, copies?.NewestVersion ?? 0, copies?.Following ?? 0, copies?.Behind ?? 0, copies?.OnCalledBack ?? 0, copies?.Customised ?? 0,
                    open.GetValueOrDefault(t.Id), draft is not null && Differs(draft.Content, last?.Content), draft?.SavedAt, yanked.Contains(new { TemplateId = t.Id, Number = t.LatestVersion }));
            });
        }, ct);

    /// <summary>One template by its short name.</summary>
    public Task<Result<TemplateView>> FindAsync(Sender from, string slug, CancellationToken ct) =>
        door.ReadAsync<TemplateView>(from, TenantScope.Hq, Access.Hq, async (db, _, token) =>
        {
            var template = await db.Templates.AsNoTracking().SingleOrDefaultAsync(t => t.Slug == slug, token);
            if (template is null) return KernelRefusals.NotFound;
            var versions = await db.TemplateVersions.AsNoTracking().Where(v => v.TemplateId == template.Id).OrderByDescending(v => v.Number).ToListAsync(token);
            var yanks = await db.TemplateYanks.AsNoTracking().Where(y => y.TemplateId == template.Id).ToDictionaryAsync(y => y.Number, token);
            var waves = (await db.PublishWaves.AsNoTracking().Where(w => w.TemplateId == template.Id).OrderBy(w => w.Wave).ToListAsync(token)).ToLookup(w => w.Number);
            var offers = await db.UpdateOffers.AsNoTracking().Where(o => o.TemplateId == template.Id).ToListAsync(token);
            var packages = await db.BranchPackages.AsNoTracking().Where(p => p.TemplateId == template.Id).ToDictionaryAsync(p => p.BranchId, token);
            var branches = await db.Branches.AsNoTracking().OrderBy(b => b.Name).ToListAsync(token);
            var names = await db.Users.AsNoTracking().Select(p => new { p.Id, p.Name }).ToDictionaryAsync(p => p.Id, p => p.Name, token);
            var draft = await db.TemplateDrafts.AsNoTracking().SingleOrDefaultAsync(d => d.TemplateId == template.Id, token);
            var byVersion = offers.ToLookup(o => o.Version);
            // What is open counts before what is closed: after a recall the older version is on offer again.
            var newestOffer = offers.GroupBy(o => o.BranchId).ToDictionary(g => g.Key, g => g.OrderByDescending(o => o.IsOpen).ThenByDescending(o => o.Version).ThenByDescending(o => o.OfferedAt).First());
            var reviewers = offers.Where(o => o.ReviewRevertAskedAt is not null && o.RevertReviewedAt is null).Select(o => o.BranchId).ToHashSet();
            return new TemplateView(template.Id, template.Slug, template.Name, template.LatestVersion,
                versions.ConvertAll(v => new VersionRow(v.Number, v.Hash, v.Summary, v.Class, v.CadenceReason, v.PublishedAt,
                    v.PublishedBy is { } by ? names.GetValueOrDefault(by.Value) : null, yanks.GetValueOrDefault(v.Number)?.YankedAt, yanks.GetValueOrDefault(v.Number)?.Reason,
                    byVersion[v.Number].Count(), byVersion[v.Number].Count(o => o.State is OfferState.Accepted or OfferState.PartlyAccepted),
                    byVersion[v.Number].Count(o => o.State == OfferState.Ignored), byVersion[v.Number].Count(o => o.IsOpen),
                    [.. waves[v.Number].Select(w => new WaveRow(w.Wave, w.Name, w.Branches.Length == 0 ? null : w.Branches.Length, w.OpenedAt))])),
                branches.ConvertAll(b =>
                {
                    var package = packages.GetValueOrDefault(b.Id);
                    var offer = newestOffer.GetValueOrDefault(b.Id);
                    return new AdoptionRow(b.Id, b.Slug, b.Name, b.Country, b.Currency, b.Ownership, package is null ? null : FieldPointers.Parse(package.Pointers).StandsOn, package?.CurrentRevision, package?.IsCustomised == true,
                        offer?.State, offer?.Version, offer?.OfferedAt, offer?.ClosedAt, offer?.Reason, offer?.SnoozedUntil,
                        reviewers.Contains(b.Id));
                }),
                draft is not null && Differs(draft.Content, versions.FirstOrDefault()?.Content));
        }, ct);

    /// <summary>Content of a published version, as JSON.</summary>
    public Task<Result<string>> ContentAsync(Sender from, TemplateId id, int version, CancellationToken ct) =>
        door.ReadAsync<string>(from, TenantScope.Hq, Access.Hq, async (db, _, token) =>
            await db.TemplateVersions.AsNoTracking().Where(v => v.TemplateId == id && v.Number == version).Select(v => v.Content).SingleOrDefaultAsync(token) is { } content
                ? content : KernelRefusals.NotFound, ct);

    /// <summary>What the next version of a template is compared with, for pages that show a draft's class.</summary>
    public Task<Result<ChangeBasis>> BasisAsync(Sender from, TemplateId id, CancellationToken ct) =>
        door.ReadAsync<ChangeBasis>(from, TenantScope.Hq, Access.Hq, async (db, _, token) => await ChangeBases.ReadAsync(db, id, token), ct);

    private static bool Differs(string draft, string? published) => published is null || draft != published;
}
