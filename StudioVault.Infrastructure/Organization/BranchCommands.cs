using System.Globalization;
using System.Text.Json.Nodes;
using Microsoft.EntityFrameworkCore;
using StudioVault.Domain.Kernel;
using StudioVault.Domain.Organization;
using StudioVault.Infrastructure.Door;
using StudioVault.Infrastructure.Live;
using StudioVault.Infrastructure.Persistence;

namespace StudioVault.Infrastructure.Organization;

/// <summary>What headquarters says about a branch, and what a manager sets for it as a whole. Pausing updates is a matter of offers and lives with them.</summary>
public sealed class BranchCommands(WriteDoor door)
{
    /// <summary>Longest name of a blackout, in characters.</summary>
    public const int LongestName = 80;

    private const int LongestDays = 366;

    private const string SlugIndex = "ix_branches_slug";

    /// <summary>
    /// Opens a branch. It has no people and no packages: headquarters adds its people, and offers it templates. Refused with what
    /// <see cref="BranchProfile.Problem"/> answers and <c>refuse.organization.branch_slug_taken</c>.
    /// </summary>
    public Task<Result<BranchId>> OpenAsync(Sender from, BranchProfile facts, CancellationToken ct) =>
        door.RunAsync<BranchId>(new Command("branch.open", from, TenantScope.Hq, Access.Hq, "branch", "branch"), async (context, token) =>
        {
            if (!Branch.Open(BranchId.New(), facts.Trimmed()).TryGet(out var branch, out var refusal)) return refusal;
            context.IfTaken(SlugIndex, BranchRefusals.SlugTaken.At("slug", branch.Slug));
            if (await context.Db.Branches.AnyAsync(b => b.Slug == branch.Slug, token)) return BranchRefusals.SlugTaken.At("slug", branch.Slug);
            context.Db.Branches.Add(branch);
            context.ObjectId = branch.Id.ToString();
            context.Audit(Payload(branch.ToProfile()));
            Announce(context, branch.Id);
            return branch.Id;
        }, ct);

    /// <summary>
    /// Changes what is said about a branch. Refused as <see cref="OpenAsync"/>, with <c>refuse.organization.branch_fixed</c> where packages,
    /// offers or projects rest on it, and with <c>refuse.kernel.stale_write</c> when <paramref name="seen"/> is no longer so.
    /// </summary>
    /// <param name="seen">The branch as it stood when the change was begun.</param>
    public Task<Result<Done>> ChangeAsync(Sender from, BranchId id, BranchProfile seen, BranchProfile wanted, CancellationToken ct) =>
        door.RunAsync<Done>(new Command("branch.change", from, TenantScope.Hq, Access.Hq, "branch", id.ToString()), async (context, token) =>
        {
            if (await context.Db.Branches.SingleOrDefaultAsync(b => b.Id == id, token) is not { } branch) return KernelRefusals.NotFound;
            var before = branch.ToProfile();
            if (before != seen) return KernelRefusals.StaleWrite;
            var described = branch.Describe(wanted.Trimmed(), await IsInUseAsync(context.Db, id, token));
            if (described.IsRefused) return described;
            if (branch.ToProfile() == before) return context.Nothing<Result<Done>>(Done.It);
            var payload = Payload(branch.ToProfile());
            payload["before"] = Payload(before);
            context.Audit(payload);
            Announce(context, id);
            return Done.It;
        }, ct);

    /// <summary>Whether anything was made by what is said about the branch.</summary>
    internal static async Task<bool> IsInUseAsync(VaultDb db, BranchId id, CancellationToken ct) =>
        await db.UpdateOffers.AnyAsync(o => o.BranchId == id, ct) || await db.BranchPackages.AnyAsync(p => p.BranchId == id, ct) || await db.Projects.AnyAsync(p => p.BranchId == id, ct);

    private static JsonObject Payload(BranchProfile facts) => new()
    {
        ["slug"] = facts.Slug,
        ["name"] = facts.Name,
        ["city"] = facts.City,
        ["country"] = facts.Country,
        ["currency"] = facts.Currency,
        ["timeZone"] = facts.TimeZone,
        ["ownership"] = facts.Ownership.ToString(),
        ["jurisdiction"] = facts.Jurisdiction,
        ["taxName"] = facts.TaxName,
        ["taxRatePercent"] = facts.TaxRatePercent.ToString(CultureInfo.InvariantCulture),
        ["contactEmail"] = facts.ContactEmail,
    };

    /// <summary>
    /// Adds days in which the branch must not be disturbed. Refused with <c>refuse.organization.blackout_name_missing</c>,
    /// <c>blackout_ends_first</c>, <c>blackout_past</c>, <c>blackout_too_long</c> or <c>blackout_overlaps</c>.
    /// </summary>
    /// <param name="startsOn">First day, branch-local.</param>
    /// <param name="endsOn">Last day, inclusive.</param>
    public Task<Result<Guid>> AddBlackoutAsync(Sender from, BranchId branch, DateOnly startsOn, DateOnly endsOn, string name, CancellationToken ct) =>
        door.RunAsync<Guid>(new Command("blackout.add", from, TenantScope.Of(branch), Access.ManagerOf(branch), "branch", branch.ToString()), async (context, token) =>
        {
            var label = name.Trim();
            if (label.Length == 0) return BranchRefusals.BlackoutNameMissing.At("name");
            if (label.Length > LongestName) return KernelRefusals.TooLong.At("name", LongestName);
            if (endsOn < startsOn) return BranchRefusals.BlackoutEndsFirst.At("endsOn");
            if (endsOn.DayNumber - startsOn.DayNumber >= LongestDays) return BranchRefusals.BlackoutTooLong.At("endsOn", LongestDays);
            // One at a time per branch: two who add overlapping days at once must meet each other.
            await context.Db.Database.ExecuteSqlAsync($"select pg_advisory_xact_lock(hashtextextended({"blackouts:" + branch}, 0))", token);
            var studio = await context.Db.Branches.AsNoTracking().SingleAsync(b => b.Id == branch, token);
            if (endsOn < BranchClock.DayOf(context.Now, studio.TimeZone)) return BranchRefusals.BlackoutPast.At("endsOn");
            var clash = await context.Db.Blackouts.AsNoTracking().Where(b => b.StartsOn <= endsOn && b.EndsOn >= startsOn).OrderBy(b => b.StartsOn).FirstOrDefaultAsync(token);
            if (clash is not null) return BranchRefusals.BlackoutOverlaps.At("startsOn", clash.Label, Day(clash.StartsOn), Day(clash.EndsOn));

            var blackout = Blackout.Of(branch, startsOn, endsOn, label);
            context.Db.Blackouts.Add(blackout);
            context.Audit(Payload(blackout));
            Announce(context, branch);
            return blackout.Id;
        }, ct);

    /// <summary>Removes a blackout, running or not. A second time it is refused with <c>refuse.kernel.not_found</c>.</summary>
    public Task<Result<Done>> RemoveBlackoutAsync(Sender from, BranchId branch, Guid id, CancellationToken ct) =>
        door.RunAsync<Done>(new Command("blackout.remove", from, TenantScope.Of(branch), Access.ManagerOf(branch), "branch", branch.ToString()), async (context, token) =>
        {
            var blackout = await context.Db.Blackouts.SingleOrDefaultAsync(b => b.Id == id, token);
            if (blackout is null) return KernelRefusals.NotFound;
            context.Db.Blackouts.Remove(blackout);
            context.Audit(Payload(blackout));
            Announce(context, branch);
            return Done.It;
        }, ct);

    /// <summary>Tells open pages that the branch's settings are others now.</summary>
    internal static void Announce(WriteContext context, BranchId branch) =>
        context.Announce(Topics.BranchChanged, branch, new JsonObject { ["branchId"] = branch.ToString() });

    private static JsonObject Payload(Blackout blackout) => new()
    {
        ["blackoutId"] = blackout.Id.ToString(),
        ["label"] = blackout.Label,
        ["startsOn"] = blackout.StartsOn.ToString("O", CultureInfo.InvariantCulture),
        ["endsOn"] = blackout.EndsOn.ToString("O", CultureInfo.InvariantCulture),
    };

    private static string Day(DateOnly day) => day.ToString("d MMM yyyy", CultureInfo.InvariantCulture);
}
