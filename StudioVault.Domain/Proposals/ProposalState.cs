namespace StudioVault.Domain.Proposals;

/// <summary>Where a proposal stands (features table A5).</summary>
public enum ProposalState
{
    /// <summary>Waits until the people of its branch can look at more (features row 5.11).</summary>
    Drafted,

    /// <summary>Somebody may decide.</summary>
    Pending,

    /// <summary>Somebody said they are deciding, for two minutes.</summary>
    Claimed,

    /// <summary>Approved by some, not yet by all it needs.</summary>
    Approved,

    /// <summary>Approved by all it needs; it runs when the time to undo is over.</summary>
    Grace,

    /// <summary>Being carried out; the intent is on record.</summary>
    IntentLogged,

    Succeeded,
    Failed,

    /// <summary>It was begun and nobody knows whether it happened: a human finds out.</summary>
    UnknownOutcome,

    Rejected,
    Expired,

    /// <summary>Another one took its place: edited, recomputed, or its agent began anew.</summary>
    Superseded,

    /// <summary>What it was about changed before it was carried out.</summary>
    TargetChanged,

    /// <summary>A stop was thrown between approval and execution.</summary>
    Killed,

    /// <summary>Taken back by whoever proposed it, or their authority ended.</summary>
    Withdrawn,
}

/// <summary>What can happen to a proposal.</summary>
public enum ProposalVerb
{
    /// <summary>There is room for it now.</summary>
    Raise,

    Claim,

    /// <summary>The claim is given back or ran out.</summary>
    Release,

    /// <summary>Approved, and somebody else still has to.</summary>
    Approve,

    /// <summary>Approved by the last one it needs, or under an exemption.</summary>
    ApproveLast,

    Undo,

    /// <summary>Somebody who approved may no longer: it has to be approved again.</summary>
    Return,

    Reject,
    Expire,
    Supersede,
    Withdraw,

    /// <summary>A stop covers it.</summary>
    Kill,

    /// <summary>The time to undo is over: say what will be done.</summary>
    LogIntent,

    Succeed,
    Fail,

    /// <summary>The target is not what it was.</summary>
    FindChanged,

    /// <summary>The node that ran it is gone and left no outcome.</summary>
    LoseTrack,

    /// <summary>A human found out that it happened.</summary>
    ResolveDone,

    /// <summary>A human found out that it did not.</summary>
    ResolveNotDone,
}

/// <summary>
/// Where a verb leads (APP-1, features table A5). A pair that is not in the table is refused; every edge is one conditional update
/// of state and version, so of two who race one wins and the other is told.
/// </summary>
public static class ProposalMachine
{
    private static readonly Dictionary<(ProposalState, ProposalVerb), ProposalState> Edges = Table();

    /// <summary>Where it leads, or null when it cannot happen there.</summary>
    public static ProposalState? Next(ProposalState state, ProposalVerb verb) => Edges.TryGetValue((state, verb), out var next) ? next : null;

    /// <summary>Somebody can still decide on it.</summary>
    public static bool IsOpen(ProposalState state) => state is ProposalState.Pending or ProposalState.Claimed or ProposalState.Approved;

    /// <summary>Nothing will happen to it any more.</summary>
    public static bool IsEnded(ProposalState state) => state is ProposalState.Succeeded or ProposalState.Failed or ProposalState.Rejected or ProposalState.Expired
        or ProposalState.Superseded or ProposalState.TargetChanged or ProposalState.Killed or ProposalState.Withdrawn;

    private static Dictionary<(ProposalState, ProposalVerb), ProposalState> Table()
    {
        var table = new Dictionary<(ProposalState, ProposalVerb), ProposalState>();
        ProposalState[] deciding = [ProposalState.Pending, ProposalState.Claimed, ProposalState.Approved];
        foreach (var open in deciding)
        {
            table[(open, ProposalVerb.Claim)] = ProposalState.Claimed;
            table[(open, ProposalVerb.Approve)] = ProposalState.Approved;
            table[(open, ProposalVerb.ApproveLast)] = ProposalState.Grace;
            table[(open, ProposalVerb.Reject)] = ProposalState.Rejected;
        }

        table[(ProposalState.Drafted, ProposalVerb.Raise)] = ProposalState.Pending;
        table[(ProposalState.Claimed, ProposalVerb.Release)] = ProposalState.Pending;
        foreach (var early in (ProposalState[])[ProposalState.Drafted, .. deciding])
        {
            table[(early, ProposalVerb.Expire)] = ProposalState.Expired;
            table[(early, ProposalVerb.Supersede)] = ProposalState.Superseded;
            table[(early, ProposalVerb.Withdraw)] = ProposalState.Withdrawn;
        }

        // Where somebody has approved already: a claim, and its end, leave that approval standing.
        foreach (var open in deciding) table[(open, ProposalVerb.Kill)] = ProposalState.Killed;
        foreach (var near in (ProposalState[])[ProposalState.Grace, ProposalState.IntentLogged])
        {
            table[(near, ProposalVerb.Kill)] = ProposalState.Killed;
            table[(near, ProposalVerb.Expire)] = ProposalState.Expired;
            table[(near, ProposalVerb.FindChanged)] = ProposalState.TargetChanged;
            table[(near, ProposalVerb.Withdraw)] = ProposalState.Withdrawn;
            table[(near, ProposalVerb.Fail)] = ProposalState.Failed;
        }

        table[(ProposalState.Grace, ProposalVerb.Undo)] = ProposalState.Pending;
        table[(ProposalState.Grace, ProposalVerb.Return)] = ProposalState.Pending;
        table[(ProposalState.Grace, ProposalVerb.LogIntent)] = ProposalState.IntentLogged;
        table[(ProposalState.IntentLogged, ProposalVerb.Succeed)] = ProposalState.Succeeded;
        table[(ProposalState.IntentLogged, ProposalVerb.LoseTrack)] = ProposalState.UnknownOutcome;
        table[(ProposalState.UnknownOutcome, ProposalVerb.ResolveDone)] = ProposalState.Succeeded;
        table[(ProposalState.UnknownOutcome, ProposalVerb.ResolveNotDone)] = ProposalState.Failed;
        return table;
    }
}
