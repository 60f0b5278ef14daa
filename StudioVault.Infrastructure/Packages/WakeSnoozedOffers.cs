using Microsoft.EntityFrameworkCore;
using StudioVault.Domain.Kernel;
using StudioVault.Domain.Organization;
using StudioVault.Domain.Packages;
using StudioVault.Infrastructure.Door;
using StudioVault.Infrastructure.Organization;
using StudioVault.Infrastructure.Persistence;
using StudioVault.Infrastructure.Scheduling;

namespace StudioVault.Infrastructure.Packages;

/// <summary>
/// Brings updates that were put off until a day back when that day begins at the branch (features table A2). A branch that has
/// paused its updates gets them back too: they gather in its inbox and nobody is reminded before the pause ends.
/// </summary>
public sealed class WakeSnoozedOffers(WriteDoor door, OfferCommands offers) : IVaultJob
{
    public async Task<Result<JobReport>> RunAsync(Sender self, CancellationToken ct)
    {
        if (!(await DueAsync(self, ct)).TryGet(out var due, out var refusal)) return refusal;
        var woken = new List<BranchId>();
        foreach (var (branch, offer) in due)
        {
            var result = await offers.WakeDueAsync(self, branch, offer, ct);
            if (!result.IsRefused) woken.Add(branch);
            // Somebody was quicker: decided it, put it off again or woke it. Anything else must not keep the others asleep.
            else if (!OfferCommands.IsSettled(result.Refusal)) refusal ??= result.Refusal;
        }

        if (refusal is not null) return refusal;
        return woken.Count == 0 ? JobReport.NothingToDo("No update was due")
            : JobReport.Of($"Brought back {Count(woken.Count, "update", "updates")} at {Count(woken.Distinct().Count(), "branch", "branches")}");
    }

    /// <summary>Snoozed offers whose day has begun at their branch, the longest overdue first.</summary>
    private Task<Result<IReadOnlyList<(BranchId Branch, OfferId Offer)>>> DueAsync(Sender self, CancellationToken ct) =>
        door.ReadAsync<IReadOnlyList<(BranchId, OfferId)>>(self, TenantScope.Hq, Access.Hq, async (db, _, token) =>
        {
            var now = await db.Database.SqlQuery<DateTimeOffset>($"select clock_timestamp() as \"Value\"").SingleAsync(token);
            // No clock on earth is further ahead than this.
            var latest = DateOnly.FromDateTime(now.UtcDateTime).AddDays(1);
            var snoozed = await (from o in db.UpdateOffers.AsNoTracking()
                                 join b in db.Branches.AsNoTracking() on o.BranchId equals b.Id
                                 where o.State == OfferState.Snoozed && o.SnoozedUntil <= latest
                                 orderby o.SnoozedUntil, o.Id
                                 select new { o.BranchId, o.Id, Day = o.SnoozedUntil!.Value, b.TimeZone }).ToListAsync(token);
            return snoozed.Where(o => BranchClock.HasBegun(o.Day, now, o.TimeZone)).Select(o => (o.BranchId, o.Id)).ToList();
        }, ct);

    private static string Count(int count, string one, string many) => $"{count} {(count == 1 ? one : many)}";
}
