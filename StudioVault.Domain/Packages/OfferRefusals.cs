using StudioVault.Domain.Kernel;

namespace StudioVault.Domain.Packages;

/// <summary>Refusals about update offers.</summary>
public static class OfferRefusals
{
    public static readonly RefusalKind AlreadyDecided = new("refuse.package.already_decided",
        "{0} {1} version {2} before you did; your choice was not written.",
        "Look at the package as it is now. If you disagree, talk to {0} or go back to an earlier revision.");

    public static readonly RefusalKind Superseded = new("refuse.package.superseded",
        "A newer version was published while you were looking; it holds the changes of this one.",
        "Open the newer update; your choices here were not written.");

    public static readonly RefusalKind Yanked = new("refuse.package.yanked",
        "HQ called this version back, so it cannot be accepted any more.",
        "Nothing to do; you stay on what you have.");

    public static readonly RefusalKind NotSnoozed = new("refuse.package.not_snoozed",
        "This update is not snoozed.",
        "Look at the inbox; it may be waiting there already.");

    public static readonly RefusalKind NoBlackout = new("refuse.package.no_blackout",
        "This branch has no blackout ahead to wait for.",
        "Snooze until a day instead.", 400);

    public static readonly RefusalKind SnoozeInThePast = new("refuse.package.snooze_in_the_past",
        "The day to be asked again has to lie in the future.",
        "Choose tomorrow or later.", 400);

    public static readonly RefusalKind NothingToReview = new("refuse.package.nothing_to_review",
        "HQ has not asked to review this version.",
        "Look at the package's revisions if you want to go back.");

    public static readonly RefusalKind NotViewed = new("refuse.package.not_viewed",
        "Nobody of your branch has looked at this update yet.",
        "Open it, then accept what you see.");

    public static readonly RefusalKind NotSafe = new("refuse.package.not_safe",
        "This update has to be looked at by hand: {0}.",
        "Open it in the inbox and decide there.");

    public static readonly RefusalKind Snoozed = new("refuse.package.offer_snoozed",
        "This update is put off for now.",
        "Take it out of snooze first.");

    public static readonly RefusalKind Closed = new("refuse.package.offer_closed",
        "This update has been decided already.",
        "Look at the package as it is now; the history says who decided what.");

    public static readonly RefusalKind ConsentDamaged = new("refuse.package.consent_damaged",
        "The stored record of this decision does not match its signature, so no document is made of it.",
        "Tell HQ: the audit log shows what was decided, and the record has to be looked at.");
}
