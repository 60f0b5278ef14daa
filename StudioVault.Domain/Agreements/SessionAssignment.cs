using StudioVault.Domain.Kernel;

namespace StudioVault.Domain.Agreements;

/// <summary>What somebody does on the day.</summary>
public enum SessionTask
{
    Photographer,
    SecondPhotographer,
    Videographer,
    Assistant,
}

/// <summary>Somebody of the branch who works on a project's day. One task a person; who leaves the day is deleted here, the audit keeps it.</summary>
public sealed class SessionAssignment : ITenantOwned
{
    private SessionAssignment() { }

    public BranchId BranchId { get; private init; }
    public ProjectId ProjectId { get; private init; }
    public PersonId PersonId { get; private init; }
    public SessionTask Task { get; private init; }
    public DateTimeOffset AssignedAt { get; private init; }

    /// <summary>Who assigned or approved it; null when a rule did.</summary>
    public PersonId? AssignedBy { get; private init; }

    public static SessionAssignment Of(Project project, PersonId person, SessionTask task, DateTimeOffset at, PersonId? by) =>
        new() { BranchId = project.BranchId, ProjectId = project.Id, PersonId = person, Task = task, AssignedAt = at, AssignedBy = by };
}

/// <summary>Refusals about who works on a day.</summary>
public static class SessionRefusals
{
    public static readonly RefusalKind NotOfTheBranch = new("refuse.session.not_of_the_branch",
        "Nobody of this branch who can sign in has that account.",
        "Choose somebody of the branch.", 404);

    public static readonly RefusalKind AlreadyAssigned = new("refuse.session.already_assigned",
        "{0} is on this session already: {1}.",
        "Take them off first if the task is to be another one.");

    public static readonly RefusalKind NotAssigned = new("refuse.session.not_assigned",
        "This person is not on the session.",
        "Look at the project again: somebody may have taken them off before you.");
}
