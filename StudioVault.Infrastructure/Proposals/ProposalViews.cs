using StudioVault.Domain.Kernel;
using StudioVault.Domain.Proposals;

namespace StudioVault.Infrastructure.Proposals;

/// <summary>Which proposals of a branch.</summary>
public enum QueueFilter
{
    /// <summary>What somebody has to decide on, or find out about.</summary>
    Open,

    /// <summary>What a manager or a second person has to look at: routed, BLACK, called, of unknown outcome, or carried out on its own proposer's approval.</summary>
    Review,

    /// <summary>Decided and in the time to undo, or being carried out.</summary>
    Running,

    Done,
    All,
}

/// <summary>One row of the queue.</summary>
/// <param name="Title">Sentence with amount or count.</param>
/// <param name="Proposer">Name of the acting actor.</param>
/// <param name="OnBehalfOf">Name of the root, or null when somebody acts for themselves.</param>
/// <param name="Approvals">Given in this round.</param>
/// <param name="Needed">In all.</param>
/// <param name="GroupKey">Equal GREEN ones share it; null = never in a group.</param>
/// <param name="ClaimedBy">Who is deciding, while they do.</param>
/// <param name="LastSaid">Who said what last, and when.</param>
/// <param name="IsApprovedByMe">The signed-in person's approval counts in this round.</param>
/// <param name="IsErased">A client it was about was erased: sentences stand for what it said.</param>
/// <param name="ExecuteBy">Approved and not begun by then, it expires; null while it is not approved.</param>
public sealed record QueueRow(ProposalId Id, string Title, string Consequence, Band Band, string Area, string Capability, string CapabilityTitle, ProposalState State, int Version, string Digest, DateTimeOffset CreatedAt, DateTimeOffset ChangedAt,
    DateTimeOffset ApproveBy, DateTimeOffset? GraceUntil, string Proposer, ActorKind ProposerKind, string? OnBehalfOf, int Approvals, int Needed, bool IsRouted, bool IsCalled, bool IsMine, string? GroupKey, string? ClaimedBy, PersonId? ClaimedById, string? EndCode, Moment? LastSaid, bool IsApprovedByMe = false, bool IsErased = false, DateTimeOffset? ExecuteBy = null)
{
    /// <summary>What whoever decides has to know besides, in sentences: as beside the proposal itself.</summary>
    public IReadOnlyList<string> Notes { get; init; } = [];

    /// <summary>Carried out on its own proposer's approval, and no second person has looked at it yet.</summary>
    public bool NeedsLook { get; init; }
}

/// <summary>A branch's queue.</summary>
/// <param name="Now">Database clock: remaining times count from it, not from the tablet's.</param>
/// <param name="Open">How many are open in all, whatever is shown.</param>
/// <param name="Waiting">How many wait for their turn.</param>
/// <param name="OpenBands">How many are open of each band.</param>
/// <param name="HasMore">There are more than those shown.</param>
/// <param name="DecidedToday">How many people decided, or an exemption let through, since the branch's midnight.</param>
/// <param name="UnderWay">In the time to undo, or being carried out, whatever is shown.</param>
/// <param name="Also">What became of those that were asked for besides.</param>
public sealed record QueueView(DateTimeOffset Now, IReadOnlyList<QueueRow> Rows, int Open, int Review, int Waiting, IReadOnlyDictionary<Band, int> OpenBands, IReadOnlyList<Stop> Stops, bool HasMore, int DecidedToday,
    IReadOnlyList<QueueRow> UnderWay, IReadOnlyList<QueueRow> Also)
{
    /// <summary>How many managers are called to, whatever is shown: little time is left, or somebody sent it to human review.</summary>
    public int Called { get; init; }
}

/// <summary>A proposal managers are called to.</summary>
/// <param name="Since">When they were.</param>
/// <param name="IsAsked">Somebody sent it to human review; else its time runs out.</param>
public sealed record CalledProposal(ProposalId Id, DateTimeOffset Since, bool IsAsked);

/// <summary>The last row of a page of ended ones: the next page begins below it.</summary>
public sealed record QueueCursor(DateTimeOffset ChangedAt, ProposalId Id);

/// <summary>A further page of ended ones.</summary>
public sealed record QueueOlder(IReadOnlyList<QueueRow> Rows, bool HasMore);

/// <summary>One decision as it is shown.</summary>
/// <param name="Counts">Whether it counts in the present round.</param>
public sealed record DecisionView(Guid Id, Verdict Verdict, PersonId PersonId, string PersonName, string? StandsInFor, string? Reason, DateTimeOffset At, int? TookMs, bool IsFast, int Round, bool Counts, bool IsGroup);

/// <summary>The card of a capability as it is shown beside a proposal.</summary>
/// <param name="Last">Its last five uses in the branch, newest first.</param>
/// <param name="UndoneBy">Titles of the capabilities that take it back.</param>
public sealed record CardView(string Capability, string Title, string What, string Area, int Version, string Owner, string RiskTier, string FailureMode, string Rollback, string TestCoverage, string RuleWords, IReadOnlyList<CardUse> Last, IReadOnlyList<string> UndoneBy)
{
    /// <summary>As <see cref="CapabilityDefinition.HoldsBack"/>.</summary>
    public bool HoldsBack { get; init; }
}

/// <summary>A use of a capability.</summary>
public sealed record CardUse(ProposalId Id, string Title, ProposalState State, DateTimeOffset At);

/// <summary>How much of a quota is used.</summary>
/// <param name="What">agent, owner or capability.</param>
public sealed record QuotaView(string What, string Capability, int Used, int Cap, DateTimeOffset RefillsAt);

/// <summary>What the target is now, for a proposal that is still open.</summary>
/// <param name="IsSame">Whether an approval would still be carried out.</param>
/// <param name="Why">Why not, in a sentence.</param>
public sealed record TargetNow(bool IsSame, string? Why);

/// <summary>The attempt, as it is shown.</summary>
/// <param name="CanRollBack">Whether it left something that takes it back.</param>
public sealed record ExecutionView(DateTimeOffset IntentAt, DateTimeOffset? EndedAt, string? Summary, string? Href, string? Code, string Node, int Attempts, bool CanRollBack, string? UndoTitle);

/// <summary>Everything about one proposal.</summary>
/// <param name="Row">As in the queue.</param>
/// <param name="ArgsJson">Canonical, as it would be carried out.</param>
/// <param name="Target">Null when nobody can approve it any more.</param>
/// <param name="Execution">Null before the intent.</param>
/// <param name="MayApprove">Null when the signed-in person's approval would count now; else why not.</param>
/// <param name="NeedsFreshSignIn">RED: the password again.</param>
/// <param name="NeedsReason">Routed: an approval needs a reason.</param>
/// <param name="StandInFor">People the signed-in person may stand in for here.</param>
/// <param name="OpenSeats">Whom it still needs, in words.</param>
/// <param name="IsManager">Whether the signed-in person manages the branch.</param>
/// <param name="OwnMedianMs">The signed-in person's median time to decide in the last 30 days, or null.</param>
/// <param name="IsExempt">It runs, or ran, without an approval; false once somebody asked for one.</param>
/// <param name="AuditEntries">The newest entries about it, oldest first: sequence number, or null while it waits for one.</param>
/// <param name="EndNote">What whoever took it back said, or null.</param>
public sealed record ProposalView(DateTimeOffset Now, BranchId Branch, QueueRow Row, string Why, IReadOnlyList<Evidence> Evidence, IReadOnlyList<FactChange> Changes, IReadOnlyList<string> Notes, string TargetType, string TargetId, string? TargetHref, string ArgsJson,
    IReadOnlyList<Actor> Chain, IReadOnlyList<RoutingRule> Routes, int ValidForSeconds, DateTimeOffset? ExecuteBy, DateTimeOffset? ReviewAskedAt, ProposalId? Replaces, ProposalId? ReplacedBy, ProposalId? Undoes, ProposalId? UndoneBy, bool IsExempt,
    IReadOnlyList<DecisionView> Decisions, CardView Card, IReadOnlyList<string> RejectReasons, IReadOnlyList<QuotaView> Quotas, TargetNow? Target, ExecutionView? Execution, Refusal? MayApprove, bool NeedsFreshSignIn, bool NeedsReason,
    IReadOnlyList<(PersonId Id, string Name)> StandInFor, IReadOnlyList<string> OpenSeats, bool IsManager, int? OwnMedianMs, IReadOnlyList<ProposalEntry> AuditEntries, string? EndNote)
{
    /// <summary>That it is, or was, a test of reviewers; null for real ones, and for a branch's people while it is open.</summary>
    public TestView? Test { get; init; }

    /// <summary>Null when the signed-in person may reject it; else why it takes somebody else (<see cref="Proposal.TakesReview"/>).</summary>
    public Refusal? MayReject { get; init; }

    /// <summary>As <see cref="Proposal.TakesReview"/>, until somebody has closed or approved it.</summary>
    public bool TakesReview { get; init; }

    /// <summary>Its record is longer than <see cref="AuditEntries"/>: the audit log has the older ones.</summary>
    public bool HasOlderEntries { get; init; }

    /// <summary>Names of others who could give the approval it still needs, as far as roles say; empty for many, and where one person does.</summary>
    public IReadOnlyList<string> CouldApprove { get; init; } = [];
}

/// <summary>What a test of reviewers was.</summary>
/// <param name="Flaw">What a careful reader finds.</param>
/// <param name="EndCode">One of <see cref="Decoy"/>'s, another when nobody decided; null while it is open.</param>
public sealed record TestView(string Flaw, string? EndCode);

/// <summary>An audit entry about a proposal.</summary>
/// <param name="Leaf">Its number in the log; null for the second or so in which it waits for it.</param>
public sealed record ProposalEntry(long? Leaf, string Action, string Outcome, string? ReasonCode, DateTimeOffset At);

/// <summary>A capability as HQ sees it.</summary>
/// <param name="Missing">What the card lacks before it can be enabled.</param>
/// <param name="Uses">Carried out in the last 30 days, over all branches.</param>
/// <param name="UndoneBy">Titles of the capabilities that take it back.</param>
public sealed record CapabilityView(string Name, string Title, string What, string Area, Band LeastBand, bool IsAtomic, InputSchema Input, int Version, bool IsEnabled, CapabilityCard Card, IReadOnlyList<string> Missing, int Open, int Uses, int Failures, int Rejections, IReadOnlyList<(string Name, string Title)> UndoneBy);
