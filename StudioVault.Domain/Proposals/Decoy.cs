using StudioVault.Domain.Kernel;

namespace StudioVault.Domain.Proposals;

/// <summary>
/// What is behind a proposal that is a test (features row 5.12): which capability it imitates, what is wrong with it, and in whose
/// name it stands in the queue until it has ended. Nothing of it can be carried out: no capability is called <c>decoy.…</c>, and
/// PostgreSQL takes no state in which it would be. Insert-only.
/// </summary>
public sealed class Decoy : ITenantOwned
{
    /// <summary>What the capability of a test begins with.</summary>
    public const string Prefix = "decoy.";

    /// <summary>End code: somebody approved it.</summary>
    public const string Missed = "decoy.missed";

    /// <summary>End code: somebody rejected it, edited it or sent it to human review.</summary>
    public const string Caught = "decoy.caught";

    /// <summary>End code: a stop was thrown, or the tests were switched off.</summary>
    public const string Stopped = "decoy.stopped";

    /// <summary>Most in one branch in seven days.</summary>
    public const int PerWeek = 2;

    private Decoy() { }

    public BranchId BranchId { get; private init; }
    public ProposalId ProposalId { get; private init; }

    /// <summary>Name of the capability it looks like.</summary>
    public string Imitates { get; private init; } = "";

    /// <summary>Which of the texts it was made from.</summary>
    public string TextId { get; private init; } = "";

    /// <summary>What a careful reader finds; follows "This was a test: ". Names nobody.</summary>
    public string Flaw { get; private init; } = "";

    public AgentId ShownAgent { get; private init; }
    public string ShownAgentName { get; private init; } = "";
    public PersonId ShownFor { get; private init; }
    public string ShownForName { get; private init; } = "";

    /// <summary>Humans who could not decide on it if it were real.</summary>
    public Guid[] ShownHumans { get; private init; } = [];

    /// <summary>The audit entry of its planting, which only headquarters sees while it is open.</summary>
    public Guid EntryId { get; private init; }

    public DateTimeOffset PlantedAt { get; private init; }

    /// <summary>Whether a capability's name is a test's.</summary>
    public static bool Is(string capability) => capability.StartsWith(Prefix, StringComparison.Ordinal);

    /// <summary>Whether a proposal is a test.</summary>
    public static bool Is(Proposal proposal) => Is(proposal.Capability);

    /// <summary>The capability a test looks like; any other as it is.</summary>
    public static string Imitated(string capability) => Is(capability) ? capability[Prefix.Length..] : capability;

    /// <summary>Who seems to propose it, acting first.</summary>
    public IReadOnlyList<Actor> ShownChain => [new(ActorKind.Agent, ShownAgent.ToString(), ShownAgentName), new(ActorKind.Staff, ShownFor.ToString(), ShownForName)];

    public static Decoy Of(Proposal proposal, string textId, string flaw, (AgentId Id, string Name) agent, (PersonId Id, string Name) behalf, IReadOnlyList<Guid> humans, Guid entry, DateTimeOffset at) => new()
    {
        BranchId = proposal.BranchId,
        ProposalId = proposal.Id,
        Imitates = Imitated(proposal.Capability),
        TextId = textId,
        Flaw = flaw,
        ShownAgent = agent.Id,
        ShownAgentName = agent.Name,
        ShownFor = behalf.Id,
        ShownForName = behalf.Name,
        ShownHumans = [.. humans],
        EntryId = entry,
        PlantedAt = at,
    };
}

/// <summary>Headquarters said that tests begin or end, for the group or one branch. Insert-only: the newest of each holds, and there are none before the first.</summary>
public sealed class DecoySwitch
{
    public const int LongestReason = 300;

    private DecoySwitch() { }

    public Guid Id { get; private init; }

    /// <summary>Null: the group. Tests are planted only where both are on.</summary>
    public BranchId? BranchId { get; private init; }

    public bool IsOn { get; private init; }
    public string Reason { get; private init; } = "";
    public DateTimeOffset At { get; private init; }
    public PersonId? By { get; private init; }
    public string ByName { get; private init; } = "";

    /// <returns><c>refuse.decoy.as_it_is</c>, <c>refuse.kernel.reason_required</c>, <c>refuse.kernel.too_long</c>.</returns>
    public static Result<DecoySwitch> Of(DecoySwitch? before, BranchId? branch, bool on, string reason, DateTimeOffset at, PersonId? by, string byName)
    {
        if (string.IsNullOrWhiteSpace(reason)) return KernelRefusals.ReasonRequired.At("reason");
        if (reason.Trim().Length > LongestReason) return KernelRefusals.TooLong.At("reason", LongestReason);
        if ((before?.IsOn ?? false) == on) return DecoyRefusals.AsItIs.With(on ? "on" : "off");
        return new DecoySwitch { Id = Guid.CreateVersion7(), BranchId = branch, IsOn = on, Reason = reason.Trim(), At = at, By = by, ByName = byName };
    }
}

/// <summary>Refusals around tests of reviewers.</summary>
public static class DecoyRefusals
{
    public static readonly RefusalKind AsItIs = new("refuse.decoy.as_it_is",
        "Test proposals are {0} there already.",
        "Nothing has to be done.", 409);

    public static readonly RefusalKind NotNow = new("refuse.decoy.not_now",
        "No test proposal was planted: {0}.",
        "It is tried again by itself.", 409);
}
