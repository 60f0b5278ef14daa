namespace StudioVault.Infrastructure.Live;

/// <summary>Names of the events, <c>NAME@major.minor</c> (seed 002 §4). A name never changes its meaning.</summary>
public static class Topics
{
    /// <summary>In a payload: no agent hears of it. The public channel takes the word out.</summary>
    public const string PeopleOnly = "peopleOnly";

    /// <summary>A template version was published or yanked. Payload: templateId, version.</summary>
    public const string TemplateChanged = "TEMPLATE_CHANGED@1.0";

    /// <summary>An update offer of a branch was made or changed state. Payload: offerId, templateId, version, state.</summary>
    public const string OfferChanged = "OFFER_CHANGED@1.0";

    /// <summary>A branch package has a new revision. Payload: packageId, revision.</summary>
    public const string PackageRevised = "PACKAGE_REVISED@1.0";

    /// <summary>A quote or project was made or changed state. Payload: projectId, state.</summary>
    public const string ProjectChanged = "PROJECT_CHANGED@1.0";

    /// <summary>A paper of an agreement was made or changed state. Payload: agreementId, state, version.</summary>
    public const string AgreementChanged = "AGREEMENT_CHANGED@1.0";

    /// <summary>An image release was asked for, decided or taken back in part. Payload: releaseId, agreementId, state.</summary>
    public const string ReleaseChanged = "RELEASE_CHANGED@1.0";

    /// <summary>A proposal was made or changed state. Payload: proposalId, state, version, capability, band.</summary>
    public const string ProposalChanged = "PROPOSAL_CHANGED@1.0";

    /// <summary>A stop was thrown, asked to be lifted or lifted. Payload: stopId, level, inForce.</summary>
    public const string StopChanged = "STOP_CHANGED@1.0";

    /// <summary>A capability was enabled, disabled or got another card, or an exemption changed. Payload: capability.</summary>
    public const string CapabilityChanged = "CAPABILITY_CHANGED@1.0";

    /// <summary>A branch's settings changed: the pause of its updates or its blackouts. Payload: branchId.</summary>
    public const string BranchChanged = "BRANCH_CHANGED@1.0";

    /// <summary>An agent or one of its keys was made, changed or ended. Payload: agentId.</summary>
    public const string AgentChanged = "AGENT_CHANGED@1.0";

    /// <summary>HQ said which accounts are one person. Payload: personIds, all accounts it concerns.</summary>
    public const string PersonChanged = "PERSON_CHANGED@1.0";

    /// <summary>An account was made, changed, switched off or on, or got another password. Payload: personId.</summary>
    public const string AccountChanged = "ACCOUNT_CHANGED@1.0";

    /// <summary>Somebody signed out of one of their sessions. For the nodes alone: it leaves by no channel. Payload: personId.</summary>
    public const string SessionEnded = "SESSION_ENDED@1.0";

    /// <summary>Headquarters switched test proposals on or off, for the group or a branch. Payload: on.</summary>
    public const string DecoysChanged = "DECOYS_CHANGED@1.0";

    /// <summary>A delegation was given or revoked. Payload: delegationId.</summary>
    public const string DelegationChanged = "DELEGATION_CHANGED@1.0";
}
