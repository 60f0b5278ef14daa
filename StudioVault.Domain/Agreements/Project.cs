using StudioVault.Domain.Kernel;
using StudioVault.Domain.Packages;

namespace StudioVault.Domain.Agreements;

/// <summary>A quote or a booked project of a client.</summary>
public readonly record struct ProjectId(Guid Value) : IId<ProjectId>
{
    public static ProjectId From(Guid value) => new(value);
    public static ProjectId New() => new(Guid.CreateVersion7());
    public override string ToString() => Value.ToString();
}

/// <summary>
/// An enquiry, quote or project. It pins the package revision and the rules it was made under and keeps them for ever: no update,
/// edit or revert moves them.
/// </summary>
public sealed class Project : ITenantOwned
{
    /// <summary>Characters of the name it goes by.</summary>
    public const int LongestName = 120;

    private Project() { }

    public BranchId BranchId { get; private init; }
    public ProjectId Id { get; private init; }
    public string ClientName { get; private set; } = "";

    /// <summary>Day of the event, branch-local; see <see cref="DayIsOpen"/>.</summary>
    public DateOnly EventOn { get; private set; }

    /// <summary>The parties moved the event and the new day is still to be found.</summary>
    public bool DayIsOpen { get; private set; }

    /// <summary>Branch-local time such as 14:00; empty while it is open.</summary>
    public string StartsAt { get; private set; } = "";

    /// <summary>Where; empty while it is open.</summary>
    public string Venue { get; private set; } = "";

    public ProjectState State { get; private set; }
    public BranchPackageId PackageId { get; private init; }

    /// <summary>The pinned revision. Has no setter after creation, and PostgreSQL refuses to change the column.</summary>
    public int PackageRevision { get; private init; }

    /// <summary>The pinned rules: JSON of a <see cref="RulesSnapshot"/>; PostgreSQL refuses to change the column.</summary>
    public string Rules { get; private init; } = "";

    public DateTimeOffset CreatedAt { get; private init; }
    public PersonId? CreatedBy { get; private init; }
    public DateTimeOffset? BookedAt { get; private set; }
    public DateTimeOffset? ShotAt { get; private set; }
    public DateTimeOffset? DeliveredAt { get; private set; }

    /// <summary>When it was closed, cancelled or lapsed.</summary>
    public DateTimeOffset? EndedAt { get; private set; }

    public static Project Enquire(BranchId branch, ProjectId id, string clientName, DateOnly eventOn, BranchPackageId package, RulesSnapshot rules, DateTimeOffset at, PersonId? by) =>
        Of(ProjectState.Enquiry, branch, id, clientName, eventOn, package, rules, at, by);

    public static Project Quote(BranchId branch, ProjectId id, string clientName, DateOnly eventOn, BranchPackageId package, RulesSnapshot rules, DateTimeOffset at, PersonId? by) =>
        Of(ProjectState.Quote, branch, id, clientName, eventOn, package, rules, at, by);

    private static Project Of(ProjectState state, BranchId branch, ProjectId id, string clientName, DateOnly eventOn, BranchPackageId package, RulesSnapshot rules, DateTimeOffset at, PersonId? by) => new()
    {
        BranchId = branch,
        Id = id,
        ClientName = clientName,
        EventOn = eventOn,
        State = state,
        PackageId = package,
        PackageRevision = rules.Package.PackageRevision,
        Rules = rules.ToJson(),
        CreatedAt = at,
        CreatedBy = by,
    };

    /// <summary>Called after other people, because one of them was erased.</summary>
    public void Rename(string clientName) => ClientName = clientName.Length <= LongestName ? clientName : clientName[..LongestName];

    /// <summary>When and where. What is agreed in a signed agreement follows its amendments instead, see <see cref="Follow"/>.</summary>
    public void Plan(DateOnly eventOn, string startsAt, string venue) => (EventOn, DayIsOpen, StartsAt, Venue) = (eventOn, false, startsAt, venue);

    /// <summary>What an executed paper says of the event holds for the project.</summary>
    public void Follow(AgreementEvent agreed) => (EventOn, DayIsOpen, StartsAt, Venue) = (agreed.On ?? EventOn, agreed.On is null, agreed.StartsAt, agreed.Venue);

    /// <summary>Takes a step. See <see cref="ProjectMachine.Next"/> for the refusals.</summary>
    /// <param name="today">The branch's day.</param>
    public Result<Done> Take(ProjectVerb verb, DateTimeOffset at, DateOnly today)
    {
        if (!ProjectMachine.Next(State, verb).TryGet(out var next, out var refusal)) return refusal;
        if (next == State) return Done.It;
        if (verb == ProjectVerb.Shoot && (DayIsOpen || today < EventOn)) return ProjectRefusals.NotYet.With(EventOn);
        State = next;
        switch (verb)
        {
            case ProjectVerb.Book: BookedAt = at; break;
            case ProjectVerb.Shoot: ShotAt = at; break;
            case ProjectVerb.Deliver: DeliveredAt = at; break;
            case ProjectVerb.Close or ProjectVerb.Cancel or ProjectVerb.Lapse: EndedAt = at; break;
        }

        return Done.It;
    }
}
