using System.Text.Json.Nodes;
using Microsoft.EntityFrameworkCore;
using StudioVault.Domain.Agreements;
using StudioVault.Domain.Kernel;
using StudioVault.Domain.Organization;
using StudioVault.Domain.Proposals;
using StudioVault.Infrastructure.Door;
using StudioVault.Infrastructure.Organization;
using StudioVault.Infrastructure.Persistence;

namespace StudioVault.Infrastructure.Proposals.Capabilities;

/// <summary>The branch's website takes no bookings through a day. Refused as <see cref="Branch.PauseBooking"/>, and with <c>refuse.proposal.nothing_changes</c>.</summary>
public sealed class BookingPause : ICapability
{
    public const string Name = "booking.pause";

    public CapabilityDefinition Definition { get; } = new(Name, "Branch", "Pause online booking", "The studio’s website takes no bookings through a day; enquiries and quotes go on.",
        new([new("until", InputKind.Day, "Paused through"), new("reason", InputKind.Text, "Reason", Branch.LongestPauseReason)]), Band.Red, IsAtomic: true,
        new("Branch managers", "high", "Clients find the studio closed and book elsewhere.", "Online booking is taken up again at once; the websites ask every minute.", "BookingPauseTests",
            Band.Red, TimeSpan.FromDays(1), TimeSpan.FromHours(2), PerAgent: 2, PerOwner: 4, PerBranch: 6, TimeSpan.FromDays(1)))
    {
        UndoneBy = [Name, BookingResume.Name],
        RejectReasons = ["We can still take clients", "Too long", "Ask HQ first", "Wrong branch", "Not now"],
    };

    public async Task<Result<IntendedWrite>> PrepareAsync(VaultDb db, CapabilityCall call, CancellationToken ct)
    {
        var studio = await db.Branches.AsNoTracking().SingleAsync(b => b.Id == call.Branch, ct);
        var (etag, before) = (EtagOf(studio), Said(studio, call.Now));
        if (Pause(studio, call, call.Now).Refusal is { } no) return no;
        var waiting = await db.Projects.CountAsync(p => ProjectMachine.Open.Contains(p.State), ct);
        return new IntendedWrite($"Pause online booking of {studio.Name} through {call.Day("until").Words()}", $"pausing online booking through {call.Day("until").Words()}",
            new("branch", call.Branch.ToString(), etag, "/branch"),
            [new("Online booking", before, Said(studio, call.Now)), new("Reason", null, call.Text("reason"))])
        { About = Concern.Nobody, Notes = waiting > 0 ? [$"{CapabilityWords.Count(waiting, "open enquiry or quote stays", "open enquiries and quotes stay")} as they are."] : [] };
    }

    public async Task<Result<Effect>> ExecuteAsync(WriteContext context, CapabilityCall call, CancellationToken ct)
    {
        var studio = await context.Db.Branches.SingleAsync(b => b.Id == call.Branch, ct);
        var (until, reason) = (studio.OnlineBookingPausedUntil, studio.OnlineBookingPauseReason);
        var undo = IsPaused(studio, context.Now) ? new Compensation(Name, CapabilityWords.Args(("until", until!.Value.Spelled()), ("reason", reason))) : new Compensation(BookingResume.Name, []);
        if (Pause(studio, call, context.Now).Refusal is { } no) return no;
        BranchCommands.Announce(context, call.Branch);
        return new Effect($"Online booking is paused through {call.Day("until").Words()}.", "/branch", undo);
    }

    internal static bool IsPaused(Branch studio, DateTimeOffset now) => studio.OnlineBookingPausedUntil >= BranchClock.DayOf(now, studio.TimeZone);

    internal static string EtagOf(Branch studio) => TargetRef.EtagOf(new JsonObject
    {
        ["branch"] = studio.Id.ToString(),
        ["pausedUntil"] = studio.OnlineBookingPausedUntil?.Spelled(),
        ["reason"] = studio.OnlineBookingPauseReason,
    });

    internal static string Said(Branch studio, DateTimeOffset now) => IsPaused(studio, now) ? $"paused through {studio.OnlineBookingPausedUntil!.Value.Words()}" : "open";

    private static Result<Done> Pause(Branch studio, CapabilityCall call, DateTimeOffset now)
    {
        if (studio.OnlineBookingPausedUntil == call.Day("until") && studio.OnlineBookingPauseReason == call.Text("reason")) return IntentRefusals.NothingChanges;
        return studio.PauseBooking(call.Day("until"), call.Text("reason"), BranchClock.DayOf(now, studio.TimeZone));
    }
}
