using StudioVault.Domain.Kernel;
using StudioVault.Domain.Organization;

namespace StudioVault.Domain.Proposals;

/// <summary>How much a stop stops.</summary>
public enum StopLevel
{
    Global,

    /// <summary>A capability class: Finance, Sessions …</summary>
    Area,

    Capability,
    Branch,
    Agent,

    /// <summary>The weekly drill: stops nothing but the drill's own attempt.</summary>
    Drill,
}

/// <summary>A stop that was thrown: nothing it covers is carried out until two different people have lifted it.</summary>
public sealed class Stop
{
    private Stop() { }

    public StopId Id { get; private init; }
    public StopLevel Level { get; private init; }

    /// <summary>What it covers: area, capability name, branch id or agent id; empty for everything.</summary>
    public string Key { get; private init; } = "";

    /// <summary>The branch of a branch stop, whose own managers may throw and lift it.</summary>
    public BranchId? BranchId { get; private init; }

    public string Reason { get; private init; } = "";
    public DateTimeOffset ThrownAt { get; private init; }
    public PersonId? ThrownBy { get; private init; }
    public string ThrownByName { get; private init; } = "";
    public PersonId? LiftAskedBy { get; private set; }
    public string? LiftAskedByName { get; private set; }
    public HumanId? LiftAskedHuman { get; private set; }
    public DateTimeOffset? LiftAskedAt { get; private set; }
    public string? LiftReason { get; private set; }
    public PersonId? LiftedBy { get; private set; }
    public string? LiftedByName { get; private set; }
    public DateTimeOffset? LiftedAt { get; private set; }

    public static Stop Throw(StopLevel level, string key, BranchId? branch, string reason, DateTimeOffset at, PersonId? by, string byName) =>
        new() { Id = StopId.New(), Level = level, Key = key, BranchId = branch, Reason = reason, ThrownAt = at, ThrownBy = by, ThrownByName = byName };

    /// <summary>What the weekly drill tries under its stop; no capability can be called so.</summary>
    public const string DrillKey = "drill";

    /// <summary>Whether it covers a proposal.</summary>
    /// <param name="agents">Every agent of its chain: what acts by the power of a stopped one is stopped with it.</param>
    /// <param name="holdsBack">
    /// It only keeps something from happening that has not happened yet (a mail from leaving). To stop that would let the thing happen,
    /// so a wide stop leaves it alone; one that names it, or an agent of its chain, does not.
    /// </param>
    public bool Covers(string area, string capability, BranchId branch, IEnumerable<AgentId> agents, bool holdsBack = false) => LiftedAt is null && Level switch
    {
        StopLevel.Global => !holdsBack,
        StopLevel.Area => !holdsBack && Key == area,
        StopLevel.Capability => Key == capability,
        StopLevel.Branch => !holdsBack && Key == branch.ToString(),
        StopLevel.Agent => agents.Any(a => Key == a.ToString()),
        StopLevel.Drill => capability == DrillKey,
        _ => false,
    };

    /// <summary>The first of two: it stays in force.</summary>
    /// <returns><c>refuse.stop.lifted</c>, <c>refuse.stop.lift_asked</c>.</returns>
    public Result<Done> AskLift(PersonId by, string name, HumanId human, string reason, DateTimeOffset at)
    {
        if (LiftedAt is not null) return StopRefusals.Lifted;
        if (LiftAskedBy is not null) return StopRefusals.LiftAsked.With(LiftAskedByName);
        (LiftAskedBy, LiftAskedByName, LiftAskedHuman, LiftAskedAt, LiftReason) = (by, name, human, at, reason);
        return Done.It;
    }

    /// <summary>The second, somebody else: it is lifted.</summary>
    /// <param name="human">Whose account lifts, as accounts are linked now.</param>
    /// <param name="askedNow">Whose account asked, as accounts are linked now.</param>
    /// <returns><c>refuse.stop.lifted</c>, <c>refuse.stop.lift_not_asked</c>, <c>refuse.stop.second_person</c>.</returns>
    public Result<Done> Lift(PersonId by, string name, HumanId human, HumanId? askedNow, DateTimeOffset at)
    {
        if (LiftedAt is not null) return StopRefusals.Lifted;
        if (LiftAskedBy is null) return StopRefusals.LiftNotAsked;
        if (IsAskedBy(by, human, askedNow)) return StopRefusals.SecondPerson.With(LiftAskedByName);
        (LiftedBy, LiftedByName, LiftedAt) = (by, name, at);
        return Done.It;
    }

    /// <summary>Whether an account is, was when it was asked, or belongs now to the human who asked first.</summary>
    public bool IsAskedBy(PersonId account, HumanId human, HumanId? askedNow) =>
        TwoHumans.IsSame(LiftAskedBy, LiftAskedHuman, askedNow, account, human);

    /// <summary>The first took it back: it stays in force.</summary>
    public void KeepStopped() => (LiftAskedBy, LiftAskedByName, LiftAskedHuman, LiftAskedAt, LiftReason) = (null, null, null, null, null);

    /// <summary>The drill ends its own stop.</summary>
    public void EndDrill(DateTimeOffset at)
    {
        if (Level == StopLevel.Drill) (LiftedAt, LiftedByName) = (at, "drill");
    }

    /// <summary>What it stops, in words.</summary>
    public string Words => Level switch
    {
        StopLevel.Global => "everything",
        StopLevel.Area => $"everything of {Key}",
        StopLevel.Capability => Key,
        StopLevel.Branch => "this branch",
        StopLevel.Agent => "this agent",
        _ => "the drill",
    };
}

/// <summary>One measured drill of the stop. Insert-only.</summary>
public sealed class StopDrill
{
    private StopDrill() { }

    public Guid Id { get; private init; }
    public DateTimeOffset At { get; private init; }

    /// <summary>From throwing it to the commit after which nothing runs, in milliseconds.</summary>
    public int StopMs { get; private init; }

    /// <summary>Whether the attempt made under it was refused.</summary>
    public bool Held { get; private init; }

    /// <summary>How many nodes held a lease then.</summary>
    public int Nodes { get; private init; }

    public static StopDrill Of(DateTimeOffset at, int stopMs, bool held, int nodes) => new() { Id = Guid.CreateVersion7(), At = at, StopMs = stopMs, Held = held, Nodes = nodes };
}

/// <summary>A node's leave to execute: short, so that a node that hangs or is cut off stops by itself (features row 5.13).</summary>
public sealed class ExecutorLease
{
    private ExecutorLease() { }

    public string Node { get; private init; } = "";
    public DateTimeOffset Until { get; private init; }

    /// <summary>Fencing token: one more each time the node had lost its lease.</summary>
    public long Fence { get; private init; }
}

/// <summary>Refusals of the stop.</summary>
public static class StopRefusals
{
    public static readonly RefusalKind Lifted = new("refuse.stop.lifted",
        "This stop was lifted already.",
        "Nothing is left to do; throw another one if it is needed.", 409);

    public static readonly RefusalKind LiftAsked = new("refuse.stop.lift_asked",
        "{0} asked for it to be lifted already.",
        "Lift it as the second person.", 409);

    public static readonly RefusalKind LiftNotAsked = new("refuse.stop.lift_not_asked",
        "Nobody has asked for it to be lifted.",
        "Ask first; a second person lifts it then.", 409);

    public static readonly RefusalKind SecondPerson = new("refuse.stop.second_person",
        "A stop is lifted by two different people, and {0} was the first.",
        "Ask a colleague to lift it.", 403);

    public static readonly RefusalKind InForce = new("refuse.stop.in_force",
        "The same stop is in force since {0}.",
        "Nothing has to be done.", 409);

    public static readonly RefusalKind KeyUnknown = new("refuse.stop.key_unknown",
        "There is nothing called “{0}” to stop.",
        "Choose from the list.", 400);
}
