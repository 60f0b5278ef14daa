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

public enum ProjectState
{
    /// <summary>Sent to the client, not booked: an open quote.</summary>
    Quote,

    /// <summary>Booked: the client relies on it.</summary>
    Booked,

    /// <summary>The client said no, or the date passed.</summary>
    Lapsed,
}

/// <summary>
/// A quote or project. It pins the package revision it was made from and keeps it for ever: no update, edit or revert moves it.
/// </summary>
public sealed class Project : ITenantOwned
{
    private Project() { }

    public BranchId BranchId { get; private init; }
    public ProjectId Id { get; private init; }
    public string ClientName { get; private init; } = "";

    /// <summary>Day of the event, branch-local.</summary>
    public DateOnly EventOn { get; private init; }

    public ProjectState State { get; private set; }
    public BranchPackageId PackageId { get; private init; }

    /// <summary>The pinned revision. Has no setter after creation, and PostgreSQL refuses to change the column.</summary>
    public int PackageRevision { get; private init; }

    public DateTimeOffset CreatedAt { get; private init; }
    public PersonId? CreatedBy { get; private init; }
    public DateTimeOffset? BookedAt { get; private set; }

    public static Project Quote(BranchId branch, ProjectId id, string clientName, DateOnly eventOn, BranchPackageId package, int revision, DateTimeOffset at, PersonId? by) => new()
    {
        BranchId = branch,
        Id = id,
        ClientName = clientName,
        EventOn = eventOn,
        State = ProjectState.Quote,
        PackageId = package,
        PackageRevision = revision,
        CreatedAt = at,
        CreatedBy = by,
    };

    /// <summary>The client booked.</summary>
    public Result<Done> Book(DateTimeOffset at)
    {
        if (State == ProjectState.Booked) return Done.It;
        if (State != ProjectState.Quote) return ProjectRefusals.NotOpen;
        (State, BookedAt) = (ProjectState.Booked, at);
        return Done.It;
    }

    /// <summary>The quote came to nothing.</summary>
    public Result<Done> Lapse()
    {
        if (State == ProjectState.Lapsed) return Done.It;
        if (State != ProjectState.Quote) return ProjectRefusals.NotOpen;
        State = ProjectState.Lapsed;
        return Done.It;
    }
}

/// <summary>Refusals about quotes and projects.</summary>
public static class ProjectRefusals
{
    public static readonly RefusalKind NotOpen = new("refuse.project.not_open",
        "This quote is not open any more.",
        "Make a new quote for the client.");

    public static readonly RefusalKind ClientNameMissing = new("refuse.project.client_name_missing",
        "A quote needs the client's name.",
        "Write the name as it should stand on the agreement.", 400);

    public static readonly RefusalKind DateMissing = new("refuse.project.date_missing",
        "A quote needs the day of the event.",
        "Choose the day; it can be agreed anew by another quote.", 400);

    public static readonly RefusalKind RevisionMoved = new("refuse.project.revision_moved",
        "The package was changed while you were writing: a quote would be made from revision {0} now, not from revision {1}.",
        "Look at the price as it is now and make the quote again; what you typed is kept.");

    public static readonly RefusalKind DateInThePast = new("refuse.project.date_in_the_past",
        "The event day lies in the past.",
        "Choose a day from today on.", 400);
}
