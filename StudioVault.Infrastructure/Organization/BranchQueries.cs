using Microsoft.EntityFrameworkCore;
using StudioVault.Domain.Kernel;
using StudioVault.Domain.Organization;
using StudioVault.Domain.Packages;
using StudioVault.Infrastructure.Door;
using StudioVault.Infrastructure.Packages;
using StudioVault.Infrastructure.Persistence;

namespace StudioVault.Infrastructure.Organization;

/// <summary>Days in which a branch must not be disturbed, both inclusive and branch-local.</summary>
public sealed record BlackoutView(Guid Id, DateOnly StartsOn, DateOnly EndsOn, string Label);

/// <summary>A branch as HQ sees it in the list.</summary>
/// <param name="Packages">All of its packages.</param>
/// <param name="Behind">Packages that stand on an older version than HQ's newest that is not called back: not ruled on yet, ignored, or gone back.</param>
/// <param name="Customised">Packages with values of the branch's own, entered or kept against HQ's: <see cref="BranchPackage.IsCustomised"/>.</param>
/// <param name="OpenOffers">Updates that wait for the branch, snoozed ones included.</param>
/// <param name="LastDecisionAt">When the branch last ruled on an update, or null; taking a decision back is none.</param>
/// <param name="IsPaused">Whether it wants no reminder of updates today.</param>
/// <param name="Blackout">The blackout the branch is in today, or null.</param>
public sealed record BranchOverview(BranchView Branch, int People, int Packages, int Behind, int Customised, int OpenOffers, DateTimeOffset? LastDecisionAt, bool IsPaused, BlackoutView? Blackout);

/// <summary>Somebody of a branch.</summary>
public sealed record BranchPerson(PersonId Id, string Name, string Title, Role Role, bool IsDisabled);

/// <summary>A package of a branch beside HQ's template.</summary>
/// <param name="StandsOn">Newest template version the branch took something of.</param>
/// <param name="NewestVersion">Newest template version HQ has not called back; 0 when all of them are.</param>
public sealed record BranchPackageView(BranchPackageId Id, TemplateId TemplateId, string TemplateSlug, string Name, string TemplateName, int Revision, int StandsOn, int NewestVersion, bool IsCustomised)
{
    /// <summary>HQ has a newer version than it stands on.</summary>
    public bool IsBehind => StandsOn < NewestVersion;
}

/// <summary>An update that waits for a branch.</summary>
public sealed record BranchOfferView(OfferId Id, string TemplateName, int Version, bool IsAdoption, OfferState State, DateTimeOffset OfferedAt, DateOnly? SnoozedUntil, bool SnoozedToNextVersion, string? Reason);

/// <summary>What a branch decided.</summary>
/// <param name="Verdict">One of <see cref="DecisionVerdict"/>.</param>
public sealed record BranchDecisionView(Guid Id, string TemplateName, int Version, string Verdict, string? By, DateTimeOffset At, string? Reason);

/// <summary>A branch as HQ looks into it. HQ decides nothing here.</summary>
/// <param name="Blackouts">Running and coming.</param>
/// <param name="Decisions">The newest few.</param>
/// <param name="IsInUse">Whether packages, offers or projects rest on what is said about it.</param>
public sealed record BranchLook(BranchView Branch, string ContactEmail, DateOnly Today, IReadOnlyList<BranchPerson> People, IReadOnlyList<BlackoutView> Blackouts,
    IReadOnlyList<BranchPackageView> Packages, IReadOnlyList<BranchOfferView> Offers, IReadOnlyList<BranchDecisionView> Decisions, bool IsInUse = true);

/// <summary>What holds for a branch as a whole, as its own people see it.</summary>
/// <param name="Today">The branch's day now.</param>
/// <param name="MayChange">Whether the reader is one of its managers.</param>
/// <param name="Blackouts">Running and coming first, then the ones that are over.</param>
public sealed record BranchSettings(BranchView Branch, string ContactEmail, DateOnly Today, bool MayChange, IReadOnlyList<BlackoutView> Blackouts, IReadOnlyList<BranchPerson> People);

/// <summary>Branches as HQ looks in on them, and a branch's own settings.</summary>
public sealed class BranchQueries(WriteDoor door)
{
    private const int NewestDecisions = 8;

    private static readonly OfferState[] Open = [OfferState.Offered, OfferState.Viewed, OfferState.Snoozed];

    /// <summary>Every branch of the group with its numbers, by name; HQ only.</summary>
    public Task<Result<IReadOnlyList<BranchOverview>>> OverviewAsync(Sender from, CancellationToken ct) =>
        door.ReadAsync<IReadOnlyList<BranchOverview>>(from, TenantScope.Hq, Access.Hq, async (db, _, token) =>
        {
            var now = await NowAsync(db, token);
            var branches = await db.Branches.AsNoTracking().OrderBy(b => b.Name).ToListAsync(token);
            var people = await db.Memberships.AsNoTracking().Where(m => m.BranchId != null).GroupBy(m => m.BranchId!.Value)
                .Select(g => new { g.Key, Count = g.Count() }).ToDictionaryAsync(g => g.Key, g => g.Count, token);
            var packages = await CopyStanding.Of(db).GroupBy(c => c.BranchId)
                .Select(g => new { g.Key, All = g.Count(), Behind = g.Count(c => c.StandsOn < c.NewestVersion), Customised = g.Count(c => c.IsCustomised) })
                .ToDictionaryAsync(g => new BranchId(g.Key), token);
            var offers = await db.UpdateOffers.AsNoTracking().Where(o => Open.Contains(o.State)).GroupBy(o => o.BranchId)
                .Select(g => new { g.Key, Count = g.Count() }).ToDictionaryAsync(g => g.Key, g => g.Count, token);
            var decisions = await db.OfferDecisions.AsNoTracking().Where(d => d.Verdict != DecisionVerdict.Undone).GroupBy(d => d.BranchId)
                .Select(g => new { g.Key, At = g.Max(d => d.DecidedAt) }).ToDictionaryAsync(g => g.Key, g => g.At, token);
            var today = DateOnly.FromDateTime(now.UtcDateTime);
            // A day more on either side, because it may be yesterday or tomorrow at the branch.
            var blackouts = (await db.Blackouts.AsNoTracking().Where(b => b.StartsOn <= today.AddDays(1) && b.EndsOn >= today.AddDays(-1)).ToListAsync(token)).ToLookup(b => b.BranchId);
            return branches.ConvertAll(b =>
            {
                var day = BranchClock.DayOf(now, b.TimeZone);
                var blackout = blackouts[b.Id].FirstOrDefault(x => x.StartsOn <= day && x.EndsOn >= day);
                var own = packages.GetValueOrDefault(b.Id);
                return new BranchOverview(OrganizationQueries.View(b), people.GetValueOrDefault(b.Id), own?.All ?? 0, own?.Behind ?? 0, own?.Customised ?? 0,
                    offers.GetValueOrDefault(b.Id), decisions.TryGetValue(b.Id, out var at) ? at : null, b.UpdatesPausedUntil >= day, blackout is null ? null : View(blackout));
            });
        }, ct);

    /// <summary>One branch for HQ; <c>refuse.kernel.not_found</c> when no branch has the short name.</summary>
    public Task<Result<BranchLook>> LookAsync(Sender from, string slug, CancellationToken ct) =>
        door.ReadAsync<BranchLook>(from, TenantScope.Hq, Access.Hq, async (db, _, token) =>
        {
            var branch = await db.Branches.AsNoTracking().SingleOrDefaultAsync(b => b.Slug == slug, token);
            if (branch is null) return KernelRefusals.NotFound;
            var today = BranchClock.DayOf(await NowAsync(db, token), branch.TimeZone);
            var blackouts = await db.Blackouts.AsNoTracking().Where(b => b.BranchId == branch.Id && b.EndsOn >= today).OrderBy(b => b.StartsOn).ToListAsync(token);
            return new BranchLook(OrganizationQueries.View(branch), branch.ContactEmail, today, await PeopleAsync(db, branch.Id, token), blackouts.ConvertAll(View),
                await PackagesAsync(db, branch.Id, token), await OffersAsync(db, branch.Id, token), await DecisionsAsync(db, branch.Id, token), await BranchCommands.IsInUseAsync(db, branch.Id, token));
        }, ct);

    /// <summary>The settings of a branch, for its people; only managers change them.</summary>
    public Task<Result<BranchSettings>> SettingsAsync(Sender from, BranchId branch, CancellationToken ct) =>
        door.ReadAsync<BranchSettings>(from, TenantScope.Of(branch), Access.MemberOf(branch), async (db, caller, token) =>
        {
            var studio = await db.Branches.AsNoTracking().SingleAsync(b => b.Id == branch, token);
            var today = BranchClock.DayOf(await NowAsync(db, token), studio.TimeZone);
            var blackouts = (await db.Blackouts.AsNoTracking().ToListAsync(token)).ConvertAll(View);
            return new BranchSettings(OrganizationQueries.View(studio), studio.ContactEmail, today, caller.RoleIn(branch) == Role.BranchManager,
                [.. blackouts.Where(b => b.EndsOn >= today).OrderBy(b => b.StartsOn), .. blackouts.Where(b => b.EndsOn < today).OrderByDescending(b => b.StartsOn)],
                await PeopleAsync(db, branch, token));
        }, ct);

    private static async Task<IReadOnlyList<BranchPerson>> PeopleAsync(VaultDb db, BranchId branch, CancellationToken ct)
    {
        var roles = await db.Memberships.AsNoTracking().Where(m => m.BranchId == branch).ToDictionaryAsync(m => m.PersonId.Value, m => m.Role, ct);
        List<Guid> ids = [.. roles.Keys];
        var people = await db.Users.AsNoTracking().Where(p => ids.Contains(p.Id)).Select(p => new { p.Id, p.Name, p.Title, p.IsDisabled }).ToListAsync(ct);
        return [.. people.Select(p => new BranchPerson(new PersonId(p.Id), p.Name, p.Title, roles[p.Id], p.IsDisabled))
            .OrderByDescending(p => p.Role).ThenBy(p => p.Name, StringComparer.CurrentCulture)];
    }

    private static async Task<IReadOnlyList<BranchPackageView>> PackagesAsync(VaultDb db, BranchId branch, CancellationToken ct)
    {
        var standing = await CopyStanding.Of(db).Where(c => c.BranchId == branch.Value).ToDictionaryAsync(c => new BranchPackageId(c.PackageId), ct);
        var found = await (from p in db.BranchPackages.AsNoTracking()
                           join t in db.Templates.AsNoTracking() on p.TemplateId equals t.Id
                           where p.BranchId == branch
                           orderby p.Name
                           select new { p.Id, TemplateId = t.Id, t.Slug, p.Name, TemplateName = t.Name, p.CurrentRevision }).ToListAsync(ct);
        return found.ConvertAll(p => new BranchPackageView(p.Id, p.TemplateId, p.Slug, p.Name, p.TemplateName, p.CurrentRevision,
            standing[p.Id].StandsOn, standing[p.Id].NewestVersion, standing[p.Id].IsCustomised));
    }

    private static async Task<IReadOnlyList<BranchOfferView>> OffersAsync(VaultDb db, BranchId branch, CancellationToken ct) =>
        await (from o in db.UpdateOffers.AsNoTracking()
               join t in db.Templates.AsNoTracking() on o.TemplateId equals t.Id
               where o.BranchId == branch && Open.Contains(o.State)
               orderby o.OfferedAt, o.Id
               select new BranchOfferView(o.Id, t.Name, o.Version, o.IsAdoption, o.State, o.OfferedAt, o.SnoozedUntil, o.SnoozedToNextVersion, o.Reason)).ToListAsync(ct);

    private static async Task<IReadOnlyList<BranchDecisionView>> DecisionsAsync(VaultDb db, BranchId branch, CancellationToken ct)
    {
        var found = await (from d in db.OfferDecisions.AsNoTracking()
                           join o in db.UpdateOffers.AsNoTracking() on new { d.BranchId, Id = d.OfferId } equals new { o.BranchId, o.Id }
                           join t in db.Templates.AsNoTracking() on o.TemplateId equals t.Id
                           where d.BranchId == branch
                           orderby d.DecidedAt descending, d.Id descending
                           select new { d.Id, t.Name, o.Version, d.Verdict, d.DecidedBy, d.DecidedAt, d.Reason }).Take(NewestDecisions).ToListAsync(ct);
        List<Guid> by = [.. found.Select(d => d.DecidedBy).OfType<PersonId>().Select(p => p.Value).Distinct()];
        var names = await db.Users.AsNoTracking().Where(p => by.Contains(p.Id)).ToDictionaryAsync(p => p.Id, p => p.Name, ct);
        return found.ConvertAll(d => new BranchDecisionView(d.Id, d.Name, d.Version, d.Verdict, d.DecidedBy is { } id ? names.GetValueOrDefault(id.Value) : null, d.DecidedAt, d.Reason));
    }

    private static Task<DateTimeOffset> NowAsync(VaultDb db, CancellationToken ct) =>
        db.Database.SqlQuery<DateTimeOffset>($"select clock_timestamp() as \"Value\"").SingleAsync(ct);

    private static BlackoutView View(Blackout b) => new(b.Id, b.StartsOn, b.EndsOn, b.Label);
}
