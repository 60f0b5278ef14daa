using StudioVault.Domain.Kernel;

namespace StudioVault.Domain.Proposals;

/// <summary>Refusals of making a proposal and of what it says.</summary>
public static class ProposalRefusals
{
    public static readonly RefusalKind ArgumentMissing = new("refuse.proposal.argument_missing",
        "The argument “{0}” is missing.",
        "Add it as the capability's input schema says.", 400);

    public static readonly RefusalKind ArgumentUnknown = new("refuse.proposal.argument_unknown",
        "The capability takes no argument “{0}”.",
        "Leave it out; the capability's input schema lists what it takes.", 400);

    public static readonly RefusalKind ArgumentWrong = new("refuse.proposal.argument_wrong",
        "The argument “{0}” does not fit: {1}.",
        "Correct it as the capability's input schema says.", 400);

    public static readonly RefusalKind EvidenceMalformed = new("refuse.proposal.evidence_malformed",
        "The evidence cannot be read: {0}.",
        "Give at most {1} pieces, each with a title of at most 120 characters and a source.", 400);

    public static readonly RefusalKind NotOpen = new("refuse.proposal.not_open",
        "This proposal is no longer open: {0}.",
        "Nothing is left to decide; its record stays here.", 409);

    public static readonly RefusalKind AlreadyDecided = new("refuse.proposal.already_decided",
        "Already decided: {0}.",
        "Look at the record below; if it was wrong, use undo while the time runs, or roll it back.", 409);

    public static readonly RefusalKind GraceOver = new("refuse.proposal.grace_over",
        "The time to undo is over; the action is being carried out.",
        "Use roll back on the finished proposal instead.", 409);

    public static readonly RefusalKind InReview = new("refuse.proposal.in_review",
        "This takes human review: whoever proposed it does not take it back.",
        "A branch manager looks at it and closes it; tell them that it is no longer wanted.", 409);

    public static readonly RefusalKind ClientErased = new("refuse.proposal.client_erased",
        "A client this was about was erased, and what it said with them.",
        "Who proposed and decided it, and when, stays on record. If something is still to be done, propose it anew.", 410);

    public static readonly RefusalKind NotUnknown = new("refuse.proposal.outcome_known",
        "The outcome of this proposal is known.",
        "Nothing has to be resolved.", 409);

    public static readonly RefusalKind NotUndoable = new("refuse.proposal.no_rollback",
        "This proposal left nothing that could be rolled back.",
        "Look at its capability's card for what to do instead.", 409);

    public static readonly RefusalKind RolledBack = new("refuse.proposal.rolled_back",
        "A rollback was proposed already.",
        "Open the linked proposal.", 409);
}

/// <summary>Refusals of deciding (features A8).</summary>
public static class ApprovalRefusals
{
    public static readonly RefusalKind DigestMismatch = new("refuse.approval.digest_mismatch",
        "What was approved is not what would be done now: {0}.",
        "Look at the proposal again and decide anew.", 409);

    public static readonly RefusalKind TargetChanged = new("refuse.approval.target_changed",
        "What this would change has changed itself since it was proposed.",
        "Recompute the proposal and decide on the new one.", 409);

    public static readonly RefusalKind RulesChanged = new("refuse.approval.rules_changed",
        "The rules for this have changed since it was proposed: {0}.",
        "Recompute the proposal and decide on the new one.", 409);

    public static readonly RefusalKind Expired = new("refuse.approval.expired",
        "The time for this ran out at {0}.",
        "Propose it again if it is still wanted.", 409);

    public static readonly RefusalKind SameHuman = new("refuse.approval.same_human",
        "Four eyes: {0} stands behind this proposal already, directly or through an agent, a delegation or another account.",
        "Ask somebody else to decide.", 403);

    public static readonly RefusalKind ApproverGone = new("refuse.approval.approver_gone",
        "{0} had approved this and {1} since.",
        "It waits for an approval again; nothing was carried out.", 409);

    public static readonly RefusalKind WindowClosed = new("refuse.approval.window_closed",
        "Proposals of this kind are decided between {0} and {1} local time.",
        "Decide it then, or ask HQ to change the hours.", 409);

    public static readonly RefusalKind Claimed = new("refuse.approval.claimed",
        "{0} is deciding on this right now.",
        "Wait, or take it over.", 409);

    public static readonly RefusalKind SeatMissing = new("refuse.approval.seat_missing",
        "This still needs {0}; your approval would not count.",
        "Ask somebody with that role.", 403);

    public static readonly RefusalKind SignInAnew = new("refuse.approval.sign_in_anew",
        "This needs you to have signed in within the last five minutes.",
        "Enter your password and approve again.", 403);

    public static readonly RefusalKind HumanReviewOnly = new("refuse.approval.human_review_only",
        "Nobody can approve this here.",
        "Send it to human review with a reason.", 403);

    public static readonly RefusalKind ReviewByManager = new("refuse.approval.review_by_manager",
        "This takes human review: only a branch manager who has no hand in it closes it.",
        "Ask a manager of the branch; where there is no other one, headquarters can name one.", 403);

    public static readonly RefusalKind NotInGroups = new("refuse.approval.not_in_groups",
        "Only equal proposals of the GREEN band that nothing routed to review are approved together.",
        "Decide on this one by itself.", 409);
}

/// <summary>Refusals around capabilities (features A8).</summary>
public static class CapabilityRefusals
{
    public static readonly RefusalKind Unknown = new("refuse.capability.unknown",
        "There is no capability “{0}”.",
        "Look at the list of capabilities.", 404);

    public static readonly RefusalKind NotEnabled = new("refuse.capability.not_enabled",
        "The capability “{0}” is not enabled.",
        "Ask HQ to enable it.", 409);

    public static readonly RefusalKind MetadataMissing = new("refuse.capability.metadata_missing",
        "The card of this capability is not complete: {0} missing.",
        "Fill in the card, then enable it.", 409);

    public static readonly RefusalKind RuleMalformed = new("refuse.capability.rule_malformed",
        "The approval rule cannot be read, is too deep, or asks for less than the band demands.",
        "Use at least, all and any as the card shows them, at most three inside each other.", 400);

    public static readonly RefusalKind BandTooLow = new("refuse.capability.band_too_low",
        "This capability is never below {0}.",
        "Choose that band or a higher one.", 400);

    public static readonly RefusalKind CardMalformed = new("refuse.capability.card_malformed",
        "The card cannot be used: {0}.",
        "Correct the field.", 400);

    public static readonly RefusalKind Killed = new("refuse.capability.killed",
        "Stopped: {0}.",
        "Nothing is executed until two people have lifted the stop.", 409);

    public static readonly RefusalKind NoLease = new("refuse.capability.no_lease",
        "This node holds no fresh leave to execute, so it executes nothing.",
        "It is renewed by itself; if not, look at the readiness page.", 503);
}

/// <summary>Refusals of quotas (features A8): which bucket is used up and when it refills.</summary>
public static class QuotaRefusals
{
    public static readonly RefusalKind Agent = new("refuse.quota.agent",
        "The agent has used its {0} proposals of this window.",
        "It refills at {1}.", 429);

    public static readonly RefusalKind Owner = new("refuse.quota.owner",
        "The agents of this owner have used their {0} proposals of this window.",
        "It refills at {1}.", 429);

    public static readonly RefusalKind Capability = new("refuse.quota.capability",
        "The branch has used its {0} proposals of this capability in this window.",
        "It refills at {1}.", 429);

    public static readonly RefusalKind Attention = new("refuse.quota.attention",
        "The people of this branch have more to decide than they can look at, and {0} of your proposals wait already.",
        "Wait until some are decided.", 429);
}

/// <summary>Refusals of carrying out.</summary>
public static class ExecutionRefusals
{
    public static readonly RefusalKind Broke = new("refuse.execution.broke",
        "The program failed while carrying it out; nothing of it was written.",
        "Tell whoever runs the server; propose it again when it is mended.", 500);
}
