using StudioVault.Domain.Kernel;

namespace StudioVault.Domain.Organization;

/// <summary>Refusals about a branch's own settings.</summary>
public static class BranchRefusals
{
    public static readonly RefusalKind BlackoutNameMissing = new("refuse.organization.blackout_name_missing",
        "A blackout needs a name, so that colleagues know why nobody disturbs them.",
        "Write a short name, for example “Wedding season”.", 400);

    public static readonly RefusalKind BlackoutEndsFirst = new("refuse.organization.blackout_ends_first",
        "The last day lies before the first day.",
        "Swap the two days, or choose another one.", 400);

    public static readonly RefusalKind BlackoutPast = new("refuse.organization.blackout_past",
        "This blackout would be over already.",
        "Choose a last day from today on.", 400);

    public static readonly RefusalKind BlackoutTooLong = new("refuse.organization.blackout_too_long",
        "A blackout may last at most {0} days.",
        "Choose a shorter stretch, or add another one later.", 400);

    public static readonly RefusalKind BlackoutOverlaps = new("refuse.organization.blackout_overlaps",
        "Another blackout holds some of these days: “{0}”, {1} to {2}.",
        "Choose other days, or remove that blackout first.");

    public static readonly RefusalKind BookingPausePast = new("refuse.organization.booking_pause_past",
        "This pause would be over already.",
        "Choose a last day from today on.", 400);

    public static readonly RefusalKind BookingPauseLong = new("refuse.organization.booking_pause_long",
        "Online booking can be paused for at most {0} days.",
        "Choose an earlier day; it can be paused again.", 400);

    public static readonly RefusalKind BookingNotPaused = new("refuse.organization.booking_not_paused",
        "Online booking is not paused.",
        "Nothing has to be done.");
}
