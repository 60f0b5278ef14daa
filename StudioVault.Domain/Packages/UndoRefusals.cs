using StudioVault.Domain.Kernel;

namespace StudioVault.Domain.Packages;

/// <summary>Why a decision on an update stays: it can be taken back only while nothing was built on it.</summary>
public static class UndoRefusals
{
    public static readonly RefusalKind NothingToUndo = new("refuse.package.nothing_to_undo",
        "Nothing is decided on this update, so there is nothing to take back.",
        "Look at it as it is now.");

    public static readonly RefusalKind TooLate = new("refuse.package.undo_too_late",
        "A decision can be undone for {0} days, and they are over.",
        "Go back to an earlier revision on the package's page, or wait for HQ's next version.");

    public static readonly RefusalKind InUse = new("refuse.package.undo_in_use",
        "{0} on the revision this made, so it is not undone.",
        "Go back to an earlier revision on the package's page if new quotes should not use it.");

    public static readonly RefusalKind Overtaken = new("refuse.package.undo_overtaken",
        "{0} since, so this decision cannot be undone by itself.",
        "Look at the package as it is now; you can go back to an earlier revision there.");

    public static readonly RefusalKind TakenUp = new("refuse.package.undo_taken_up",
        "The package was taken up with it, and a package stays.",
        "Leave it unquoted if you do not sell it; HQ's changes to it are only ever offered.");

    public static readonly RefusalKind Unrecorded = new("refuse.package.undo_unrecorded",
        "The record of this decision does not say how the package stood before.",
        "Go back to an earlier revision on the package's page instead.");
}
