using StudioVault.Domain.Kernel;

namespace StudioVault.Domain.Packages;

/// <summary>What can happen to an update offer.</summary>
public enum OfferVerb
{
    /// <summary>Somebody of the branch opens it.</summary>
    View,

    /// <summary>All of HQ's side is taken.</summary>
    Accept,

    /// <summary>Some of it is taken, or a value entered.</summary>
    AcceptPart,

    /// <summary>Nothing is taken, with a reason.</summary>
    Ignore,

    /// <summary>Not now.</summary>
    Snooze,

    /// <summary>The day has come, or the branch wants to see it now.</summary>
    Wake,

    /// <summary>A newer version folds in.</summary>
    Supersede,

    /// <summary>HQ calls the version back.</summary>
    Yank,

    /// <summary>The branch takes its decision back, while nothing was built on it.</summary>
    Undo,
}

/// <summary>
/// Where a verb leads (features table A2). Every pair of state and verb either leads to a state or is refused; leading to the
/// state it is in means nothing happens. Only <see cref="OfferVerb.Accept"/> and <see cref="OfferVerb.AcceptPart"/> may write
/// values of the branch.
/// </summary>
public static class OfferMachine
{
    private static readonly Dictionary<(OfferState, OfferVerb), OfferState> Table = new()
    {
        [(OfferState.Offered, OfferVerb.View)] = OfferState.Viewed,
        [(OfferState.Offered, OfferVerb.Snooze)] = OfferState.Snoozed,
        [(OfferState.Offered, OfferVerb.Ignore)] = OfferState.Ignored,
        [(OfferState.Offered, OfferVerb.Supersede)] = OfferState.Superseded,
        [(OfferState.Offered, OfferVerb.Yank)] = OfferState.Yanked,

        [(OfferState.Viewed, OfferVerb.View)] = OfferState.Viewed,
        [(OfferState.Viewed, OfferVerb.Accept)] = OfferState.Accepted,
        [(OfferState.Viewed, OfferVerb.AcceptPart)] = OfferState.PartlyAccepted,
        [(OfferState.Viewed, OfferVerb.Ignore)] = OfferState.Ignored,
        [(OfferState.Viewed, OfferVerb.Snooze)] = OfferState.Snoozed,
        [(OfferState.Viewed, OfferVerb.Supersede)] = OfferState.Superseded,
        [(OfferState.Viewed, OfferVerb.Yank)] = OfferState.Yanked,

        [(OfferState.Snoozed, OfferVerb.Snooze)] = OfferState.Snoozed,
        [(OfferState.Snoozed, OfferVerb.Wake)] = OfferState.Offered,
        [(OfferState.Snoozed, OfferVerb.Supersede)] = OfferState.Superseded,
        [(OfferState.Snoozed, OfferVerb.Yank)] = OfferState.Yanked,

        [(OfferState.Accepted, OfferVerb.Undo)] = OfferState.Viewed,
        [(OfferState.PartlyAccepted, OfferVerb.Undo)] = OfferState.Viewed,
        [(OfferState.Ignored, OfferVerb.Undo)] = OfferState.Viewed,
    };

    /// <summary>Whether the branch can still decide.</summary>
    public static bool IsOpen(OfferState state) => state is OfferState.Offered or OfferState.Viewed or OfferState.Snoozed;

    /// <summary>The state after the verb.</summary>
    /// <returns>
    /// It, or <c>refuse.package.yanked</c>, <c>refuse.package.superseded</c>, <c>refuse.package.offer_closed</c> for closed
    /// offers, <c>refuse.package.not_viewed</c> for accepting what nobody opened, <c>refuse.package.offer_snoozed</c> for deciding
    /// while it sleeps, <c>refuse.package.not_snoozed</c> for waking what is awake, <c>refuse.package.nothing_to_undo</c> for taking
    /// back what is not decided.
    /// </returns>
    public static Result<OfferState> Next(OfferState state, OfferVerb verb) => Table.TryGetValue((state, verb), out var next) ? next : state switch
    {
        OfferState.Yanked => OfferRefusals.Yanked,
        OfferState.Superseded => OfferRefusals.Superseded,
        OfferState.Offered or OfferState.Viewed or OfferState.Snoozed when verb == OfferVerb.Undo => UndoRefusals.NothingToUndo,
        OfferState.Snoozed => OfferRefusals.Snoozed,
        OfferState.Offered or OfferState.Viewed => verb == OfferVerb.Wake ? OfferRefusals.NotSnoozed : OfferRefusals.NotViewed,
        _ => OfferRefusals.Closed,
    };
}
