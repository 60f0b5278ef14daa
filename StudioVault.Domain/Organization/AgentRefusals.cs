using StudioVault.Domain.Kernel;

namespace StudioVault.Domain.Organization;

/// <summary>Refusals around agents and their keys.</summary>
public static class AgentRefusals
{
    /// <summary>Also said when the secret is wrong: a guess learns nothing.</summary>
    public static readonly RefusalKind KeyUnknown = new("refuse.agent.key_unknown",
        "This agent key is not known.",
        "Check the key, or ask HQ for a new one.", 401);

    public static readonly RefusalKind KeyRevoked = new("refuse.agent.key_revoked",
        "This agent key was revoked.",
        "Ask HQ for a new one.", 401);

    public static readonly RefusalKind KeyExpired = new("refuse.agent.key_expired",
        "This agent key ended at {0} UTC.",
        "Use the key that replaced it, or ask HQ for a new one.", 401);

    public static readonly RefusalKind Disabled = new("refuse.agent.disabled",
        "This agent is switched off.",
        "Ask HQ to switch it on again.", 403);

    public static readonly RefusalKind OwnerGone = new("refuse.agent.owner_gone",
        "Nobody answers for this agent any more: its owner's account is switched off.",
        "Ask HQ to name another owner.", 403);

    public static readonly RefusalKind ProposesOnly = new("refuse.agent.proposes_only",
        "An agent proposes and reads; it never does this itself.",
        "Propose it; people decide.", 403);

    public static readonly RefusalKind OutOfKeyScope = new("refuse.agent.key_scope",
        "This key does not reach so far: {0}.",
        "Use a key with that scope, or ask HQ for one.", 403);

    public static readonly RefusalKind SlugMalformed = new("refuse.agent.slug_malformed",
        "A short name is made of small letters, digits and hyphens, at most {0} of them.",
        "Choose another one, for example “invoice-helper”.", 400);

    public static readonly RefusalKind SlugTaken = new("refuse.agent.slug_taken",
        "There is an agent “{0}” already.",
        "Choose another short name.");

    public static readonly RefusalKind NameMissing = new("refuse.agent.name_missing",
        "An agent and a key need a name, so that people know what they see.",
        "Write a short name.", 400);

    public static readonly RefusalKind OwnerMissing = new("refuse.agent.owner_missing",
        "Nobody is chosen who answers for it.",
        "Choose a person.", 400);

    public static readonly RefusalKind OwnerUnfit = new("refuse.agent.owner_unfit",
        "The owner has to be a person whose account is switched on.",
        "Choose somebody else.", 400);

    public static readonly RefusalKind KeyLifetime = new("refuse.agent.key_lifetime",
        "A key ends by itself, at most {0} days from now.",
        "Choose an earlier end.", 400);

    public static readonly RefusalKind Overlap = new("refuse.agent.overlap",
        "The old key may go on for at most {0} hours.",
        "Choose a shorter time.", 400);

    public static readonly RefusalKind ScopeMalformed = new("refuse.agent.scope_malformed",
        "The scope cannot be used: {0}.",
        "Choose at least one capability and one branch, or leave it open.", 400);
}

/// <summary>Refusals around delegations.</summary>
public static class DelegationRefusals
{
    public static readonly RefusalKind None = new("refuse.delegation.none",
        "Nobody of this branch gave this agent the power to do this for them.",
        "Ask somebody of the branch for a delegation.", 403);

    public static readonly RefusalKind OutOfScope = new("refuse.delegation.scope",
        "The delegation does not cover “{0}”.",
        "Ask for one that does.", 403);

    public static readonly RefusalKind NotBegun = new("refuse.delegation.not_begun",
        "The delegation begins at {0} UTC.",
        "Wait until then.", 403);

    public static readonly RefusalKind Expired = new("refuse.delegation.expired",
        "The delegation ended at {0} UTC.",
        "Ask for a new one.", 403);

    public static readonly RefusalKind Revoked = new("refuse.delegation.revoked",
        "The delegation was revoked at {0} UTC.",
        "Ask for a new one.", 403);

    public static readonly RefusalKind PersonGone = new("refuse.delegation.person_gone",
        "{0} is switched off or belongs to the branch no more, so nothing happens in that name.",
        "Ask somebody of the branch for a delegation.", 403);

    public static readonly RefusalKind AgentGone = new("refuse.delegation.agent_gone",
        "The agent {0} is switched off, or nobody answers for it any more.",
        "Ask HQ to look at it.", 403);

    /// <summary>A stored chain that is not the one of its delegations.</summary>
    public static readonly RefusalKind Broken = new("refuse.delegation.broken",
        "The chain of delegations does not hold together.",
        "Propose it again.", 403);

    public static readonly RefusalKind TooDeep = new("refuse.delegation.too_deep",
        "A chain of delegations has at most {0} links.",
        "Delegate from nearer to the person it comes from.");

    public static readonly RefusalKind Loop = new("refuse.delegation.loop",
        "This would make a loop: {0} would act on behalf of themselves.",
        "Choose somebody else.");

    public static readonly RefusalKind BeyondGiver = new("refuse.delegation.beyond_giver",
        "Nobody can give more than they have: “{0}” is not theirs to give.",
        "Leave it out.");

    public static readonly RefusalKind Lifetime = new("refuse.delegation.lifetime",
        "A delegation begins now or later, ends after it begins, and lasts at most {0} days.",
        "Choose other days.", 400);

    public static readonly RefusalKind CapabilitiesMalformed = new("refuse.delegation.capabilities_malformed",
        "The capabilities cannot be used: {0}.",
        "Name at least one capability, or leave it open for all.", 400);

    public static readonly RefusalKind ReceiverUnfit = new("refuse.delegation.receiver_unfit",
        "Only a person of the branch or an agent that is switched on can take a delegation.",
        "Choose somebody else.", 400);

    public static readonly RefusalKind NotYours = new("refuse.delegation.not_yours",
        "A delegation is given by whom it comes from: you give only your own powers and those of your agents.",
        "Ask whoever has the power to give it.", 403);

    public static readonly RefusalKind Ended = new("refuse.delegation.ended",
        "This delegation has ended already.",
        "Nothing has to be done.");
}

/// <summary>Refusals of linking accounts.</summary>
public static class LinkRefusals
{
    public static readonly RefusalKind SameAccount = new("refuse.organization.link_same",
        "These are one person already.",
        "Nothing has to be done.");

    public static readonly RefusalKind NotLinked = new("refuse.organization.not_linked",
        "This account is linked to no other.",
        "Nothing has to be done.");

    public static readonly RefusalKind OwnAccounts = new("refuse.organization.own_accounts",
        "These are your own accounts, and parting them would make you count as two people.",
        "Ask another administrator of headquarters to do it.", 403);
}
