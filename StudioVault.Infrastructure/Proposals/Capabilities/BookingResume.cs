using Microsoft.EntityFrameworkCore;
using StudioVault.Domain.Kernel;
using StudioVault.Domain.Organization;
using StudioVault.Domain.Proposals;
using StudioVault.Infrastructure.Door;
using StudioVault.Infrastructure.Organization;
using StudioVault.Infrastructure.Persistence;

namespace StudioVault.Infrastructure.Proposals.Capabilities;

/// <summary>The branch's website takes bookings again. Refused as <see cref="Branch.ResumeBooking"/>.</summary>
public sealed class BookingResume : ICapability
{
    public const string Name = "booking.resume";

    public CapabilityDefinition Definition { get; } = new(Name, "Branch", "Take bookings again", "The studio’s website takes bookings again at once.",
        new([]), Band.Amber, IsAtomic: true,
        new("Branch managers", "medium", "Clients book days on which the studio cannot work.", "Online booking is paused again through the same day.", "BookingPauseTests",
            Band.Amber, TimeSpan.FromDays(1), TimeSpan.FromHours(2), PerAgent: 2, PerOwner: 4, PerBranch: 6, TimeSpan.FromDays(1)))
    {
        UndoneBy = [BookingPause.Name],
        RejectReasons = ["We are still full", "Nobody is free yet", "Ask HQ first", "Wrong branch", "Not now"],
    };

    public async Task<Result<IntendedWrite>> PrepareAsync(VaultDb db, CapabilityCall call, CancellationToken ct)
    {
        var studio = await db.Branches.AsNoTracking().SingleAsync(b => b.Id == call.Branch, ct);
        var (etag, before, reason) = (BookingPause.EtagOf(studio), BookingPause.Said(studio, call.Now), studio.OnlineBookingPauseReason);
        if (studio.ResumeBooking(BranchClock.DayOf(call.Now, studio.TimeZone)).Refusal is { } no) return no;
        return new IntendedWrite($"Take online bookings of {studio.Name} again", "taking online bookings again", new("branch", call.Branch.ToString(), etag, "/branch"), [new("Online booking", before, "open"), new("Reason", reason, null)])
        { About = Concern.Nobody, Notes = [$"It was paused because: {reason}"] };
    }

    public async Task<Result<Effect>> ExecuteAsync(WriteContext context, CapabilityCall call, CancellationToken ct)
    {
        var studio = await context.Db.Branches.SingleAsync(b => b.Id == call.Branch, ct);
        var undo = new Compensation(BookingPause.Name, CapabilityWords.Args(("until", studio.OnlineBookingPausedUntil?.Spelled()), ("reason", studio.OnlineBookingPauseReason)));
        if (studio.ResumeBooking(BranchClock.DayOf(context.Now, studio.TimeZone)).Refusal is { } no) return no;
        BranchCommands.Announce(context, call.Branch);
        return new Effect("Online booking is open again.", "/branch", undo);
    }
}
