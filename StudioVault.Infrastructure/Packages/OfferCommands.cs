using System.Globalization;
using System.Text.Json.Nodes;
using Microsoft.EntityFrameworkCore;
using StudioVault.Domain.Kernel;
using StudioVault.Domain.Organization;
using StudioVault.Domain.Packages;
using StudioVault.Infrastructure.Door;
using StudioVault.Infrastructure.Live;
using StudioVault.Infrastructure.Organization;
using StudioVault.Infrastructure.Persistence;

namespace StudioVault.Infrastructure.Packages;

/// <summary>Until when an offer sleeps.</summary>
public abstract record Snooze
{
    private Snooze() { }

    /// <summary>Until a branch-local day.</summary>
    public sealed record Until(DateOnly Day) : Snooze;

    /// <summary>Until HQ publishes a newer version.</summary>
    public sealed record NextVersion : Snooze;

    /// <summary>Until the day after the blackout the branch is in, or the next one it has.</summary>
    public sealed record EndOfBlackout : Snooze;
}

/// <summary>What a branch may do with an offer short of deciding on it. None of these writes a value of the branch.</summary>
public sealed class OfferCommands(WriteDoor door)
{
    private static readonly RefusalKind[] Settled =
        [OfferRefusals.NotSnoozed, OfferRefusals.AlreadyDecided, OfferRefusals.Superseded, OfferRefusals.Yanked, KernelRefusals.StaleWrite, KernelRefusals.NotFound];

    /// <summary>Somebody opened the offer. Only the first time is news: repeating it writes nothing, and tells nobody.</summary>
    public async Task<Result<Done>> ViewAsync(Sender from, BranchId branch, OfferId id, CancellationToken ct)
    {
        var seen = await door.ReadAsync<bool>(from, TenantScope.Of(branch), Access.MemberOf(branch), async (db, _, token) =>
            await db.UpdateOffers.AsNoTracking().Where(o => o.Id == id).Select(o => (OfferState?)o.State).SingleOrDefaultAsync(token) is { } state ? state != OfferState.Offered : KernelRefusals.NotFound, ct);
        if (seen.IsRefused) return seen.Refusal;
        if (seen.Value) return Done.It;
        return await ChangeAsync(from, branch, id, "offer.view", OfferVerb.View, Access.MemberOf(branch), (context, offer, _) =>
        {
            offer.View(context.Now);
            return Task.FromResult<Result<Done>>(Done.It);
        }, ct);
    }

    /// <summary>Not now. Refused for a closed offer (<c>refuse.package.offer_closed</c>) and a day that is not in the future.</summary>
    public Task<Result<Done>> SnoozeAsync(Sender from, BranchId branch, OfferId id, Snooze until, string? reason, CancellationToken ct) =>
        ChangeAsync(from, branch, id, "offer.snooze", OfferVerb.Snooze, Access.ManagerOf(branch), async (context, offer, token) =>
        {
            if (Remarks.Fault("reason", reason, Remarks.LongestOfOffer) is { } endless) return endless;
            var studio = await context.Db.Branches.AsNoTracking().SingleAsync(b => b.Id == branch, token);
            var today = BranchClock.DayOf(context.Now, studio.TimeZone);
            var day = until switch
            {
                Snooze.Until u => u.Day,
                Snooze.EndOfBlackout => (await context.Db.Blackouts.AsNoTracking().Where(b => b.EndsOn >= today).OrderBy(b => b.StartsOn).FirstOrDefaultAsync(token))?.EndsOn.AddDays(1),
                _ => null,
            };
            if (until is Snooze.EndOfBlackout && day is null) return OfferRefusals.NoBlackout;
            if (day is { } d && d <= today) return OfferRefusals.SnoozeInThePast.At("until");
            offer.Snooze(day, Remarks.Trim(reason));
            context.Audit(new JsonObject { ["until"] = day?.ToString("O", CultureInfo.InvariantCulture) ?? "next version", ["reason"] = offer.Reason });
            return Done.It;
        }, ct);

    /// <summary>Shows a snoozed offer again now.</summary>
    public Task<Result<Done>> WakeAsync(Sender from, BranchId branch, OfferId id, CancellationToken ct) =>
        ChangeAsync(from, branch, id, "offer.wake", OfferVerb.Wake, Access.ManagerOf(branch), (_, offer, _) =>
        {
            offer.Wake();
            return Task.FromResult<Result<Done>>(Done.It);
        }, ct);

    /// <summary>
    /// The day has come: what <see cref="WakeSnoozedOffers"/> sends. Refused with <c>refuse.kernel.stale_write</c> when it was put off
    /// to a later day meanwhile, with <c>refuse.package.not_snoozed</c> or as decided when somebody was quicker.
    /// </summary>
    internal Task<Result<Done>> WakeDueAsync(Sender job, BranchId branch, OfferId id, CancellationToken ct) =>
        ChangeAsync(job, branch, id, "offer.wake", OfferVerb.Wake, Access.ManagerOf(branch), async (context, offer, token) =>
        {
            var studio = await context.Db.Branches.AsNoTracking().SingleAsync(b => b.Id == branch, token);
            if (offer.SnoozedUntil is not { } day || !BranchClock.HasBegun(day, context.Now, studio.TimeZone)) return KernelRefusals.StaleWrite;
            context.Audit(new JsonObject { ["until"] = day.ToString("O", CultureInfo.InvariantCulture), ["version"] = offer.Version });
            offer.Wake();
            return Done.It;
        }, ct);

    /// <summary>Whether a refusal to wake only says that somebody else has settled it meanwhile.</summary>
    internal static bool IsSettled(Refusal refusal) => Settled.Contains(refusal.Kind);

    /// <summary>After a yank: the branch looked and keeps what it has.</summary>
    public Task<Result<Done>> KeepAfterYankAsync(Sender from, BranchId branch, OfferId id, string reason, CancellationToken ct) =>
        door.RunAsync<Done>(new Command("offer.keep_after_yank", from, TenantScope.Of(branch), Access.ManagerOf(branch), "offer", id.ToString()), async (context, token) =>
        {
            if (Remarks.Fault("reason", reason, Remarks.LongestOfOffer, KernelRefusals.ReasonRequired) is { } unsaid) return unsaid;
            var offer = await context.Db.UpdateOffers.SingleOrDefaultAsync(o => o.Id == id, token);
            if (offer is null) return KernelRefusals.NotFound;
            if (offer.ReviewRevertAskedAt is null) return OfferRefusals.NothingToReview;
            offer.RevertReviewed(context.Now);
            context.Audit(new JsonObject { ["reason"] = reason.Trim(), ["version"] = offer.Version });
            Announce(context, offer);
            return Done.It;
        }, ct);

    /// <summary>Stops asking about any update until a day, or asks again at once when null. Nothing is accepted or ignored by it.</summary>
    public Task<Result<Done>> PauseAllAsync(Sender from, BranchId branch, DateOnly? until, CancellationToken ct) =>
        door.RunAsync<Done>(new Command("updates.pause", from, TenantScope.Of(branch), Access.ManagerOf(branch), "branch", branch.ToString()), async (context, token) =>
        {
            var studio = await context.Db.Branches.SingleAsync(b => b.Id == branch, token);
            if (until is { } day && day <= BranchClock.DayOf(context.Now, studio.TimeZone)) return OfferRefusals.SnoozeInThePast.At("until");
            var before = studio.UpdatesPausedUntil;
            studio.PauseUpdates(until);
            context.Audit(new JsonObject
            {
                ["until"] = new JsonObject { ["before"] = before?.ToString("O", CultureInfo.InvariantCulture), ["after"] = until?.ToString("O", CultureInfo.InvariantCulture) },
            });
            if (before != until) BranchCommands.Announce(context, branch);
            return Done.It;
        }, ct);

    internal static void Announce(WriteContext context, UpdateOffer offer) => context.Announce(Topics.OfferChanged, offer.BranchId, new JsonObject
    {
        ["offerId"] = offer.Id.ToString(),
        ["state"] = offer.State.ToString(),
        ["templateId"] = offer.TemplateId.ToString(),
        ["version"] = offer.Version,
    });

    private Task<Result<Done>> ChangeAsync(Sender from, BranchId branch, OfferId id, string action, OfferVerb verb, Access access,
        Func<WriteContext, UpdateOffer, CancellationToken, Task<Result<Done>>> change, CancellationToken ct) =>
        door.RunAsync<Done>(new Command(action, from, TenantScope.Of(branch), access, "offer", id.ToString()), async (context, token) =>
        {
            var offer = await context.Db.UpdateOffers.SingleOrDefaultAsync(o => o.Id == id, token);
            if (offer is null) return KernelRefusals.NotFound;
            if (!offer.IsOpen) return await DecidedByAsync(context.Db, offer, token);
            if (OfferMachine.Next(offer.State, verb).Refusal is { } denied) return denied;
            var result = await change(context, offer, token);
            if (!result.IsRefused) Announce(context, offer);
            return result;
        }, ct);

    /// <summary>The refusal for a second decision: it says who decided what, and when.</summary>
    internal static async Task<Refusal> DecidedByAsync(VaultDb db, UpdateOffer offer, CancellationToken ct)
    {
        if (offer.State == OfferState.Yanked) return OfferRefusals.Yanked;
        if (offer.State == OfferState.Superseded) return OfferRefusals.Superseded;
        var name = offer.ClosedBy is { } by ? await db.Users.AsNoTracking().Where(p => p.Id == by.Value).Select(p => p.Name).SingleOrDefaultAsync(ct) : null;
        var what = offer.State switch
        {
            OfferState.Accepted => "accepted",
            OfferState.PartlyAccepted => "accepted in part",
            _ => "ignored",
        };
        return OfferRefusals.AlreadyDecided.With(name ?? "A colleague", what, offer.Version);
    }
}
