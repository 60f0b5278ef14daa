using System.Text.Json.Nodes;
using Microsoft.EntityFrameworkCore;
using StudioVault.Domain.Agreements;
using StudioVault.Domain.Kernel;
using StudioVault.Domain.Organization;
using StudioVault.Infrastructure.Door;
using StudioVault.Infrastructure.Persistence;

namespace StudioVault.Infrastructure.Agreements;

/// <summary>Somebody on a session.</summary>
public sealed record CrewMember(PersonId Person, string Name, SessionTask Task);

/// <summary>Who works on a session.</summary>
/// <param name="Free">The others of the branch, by name.</param>
public sealed record CrewView(IReadOnlyList<CrewMember> Crew, IReadOnlyList<(PersonId Id, string Name)> Free);

/// <summary>Who of the branch works on the day of a project.</summary>
public sealed class SessionCommands(WriteDoor door)
{
    /// <summary>
    /// Puts somebody of the branch on the session. Refused with <c>refuse.kernel.not_found</c>, <c>refuse.project.ended</c>,
    /// <c>refuse.session.not_of_the_branch</c>, <c>refuse.session.already_assigned</c>.
    /// </summary>
    public Task<Result<Done>> AssignAsync(Sender from, BranchId branch, ProjectId project, PersonId person, SessionTask task, CancellationToken ct) =>
        door.RunAsync<Done>(new Command("session.assign", from, TenantScope.Of(branch), Access.ManagerOf(branch), "project", project.ToString()), async (context, token) =>
        {
            var result = await AssignAsync(context, branch, project, person, task, context.Caller.PersonId, token);
            if (!result.IsRefused) context.Audit(new JsonObject { ["personId"] = person.ToString(), ["task"] = Words(task) });
            return result;
        }, ct);

    /// <summary>Takes somebody off the session. Refused with <c>refuse.session.not_assigned</c>.</summary>
    public Task<Result<Done>> UnassignAsync(Sender from, BranchId branch, ProjectId project, PersonId person, CancellationToken ct) =>
        door.RunAsync<Done>(new Command("session.unassign", from, TenantScope.Of(branch), Access.ManagerOf(branch), "project", project.ToString()), async (context, token) =>
        {
            if (!(await UnassignAsync(context, project, person, token)).TryGet(out var task, out var refusal)) return refusal;
            context.Audit(new JsonObject { ["personId"] = person.ToString(), ["task"] = Words(task) });
            return Done.It;
        }, ct);

    /// <summary>Who works on a session, and who else could.</summary>
    public Task<Result<CrewView>> OfAsync(Sender from, BranchId branch, ProjectId project, CancellationToken ct) =>
        door.ReadAsync<CrewView>(from, TenantScope.Of(branch), Access.ReaderOf(branch), async (db, _, token) =>
        {
            var crew = await CrewAsync(db, project, token);
            return new CrewView(crew, [.. (await PeopleAsync(db, branch, token)).Where(p => crew.All(c => c.Person != p.Id)).OrderBy(p => p.Name, StringComparer.CurrentCulture)]);
        }, ct);

    /// <summary>The same inside somebody's command.</summary>
    /// <param name="by">Who decided it.</param>
    internal static async Task<Result<Done>> AssignAsync(WriteContext context, BranchId branch, ProjectId project, PersonId person, SessionTask task, PersonId? by, CancellationToken ct)
    {
        if (!(await AssignableAsync(context.Db, branch, project, person, ct)).TryGet(out var found, out var refusal)) return refusal;
        context.IfTaken("pk_session_assignments", SessionRefusals.AlreadyAssigned.With(found.Name, Words(task)));
        context.Db.SessionAssignments.Add(SessionAssignment.Of(found.Project, person, task, context.Now, by));
        ProjectCommands.Announce(context, found.Project);
        return Done.It;
    }

    /// <summary>The same inside somebody's command; answers with the task they had.</summary>
    internal static async Task<Result<SessionTask>> UnassignAsync(WriteContext context, ProjectId project, PersonId person, CancellationToken ct)
    {
        if (await context.Db.Projects.AsNoTracking().SingleOrDefaultAsync(p => p.Id == project, ct) is not { } found) return KernelRefusals.NotFound;
        if (await context.Db.SessionAssignments.SingleOrDefaultAsync(a => a.ProjectId == project && a.PersonId == person, ct) is not { } assignment) return SessionRefusals.NotAssigned;
        context.Db.SessionAssignments.Remove(assignment);
        ProjectCommands.Announce(context, found);
        return assignment.Task;
    }

    /// <summary>The project and the name of whoever may be put on it; refused as <see cref="AssignAsync(Sender, BranchId, ProjectId, PersonId, SessionTask, CancellationToken)"/>.</summary>
    internal static async Task<Result<(Project Project, string Name)>> AssignableAsync(VaultDb db, BranchId branch, ProjectId project, PersonId person, CancellationToken ct)
    {
        if (await db.Projects.AsNoTracking().SingleOrDefaultAsync(p => p.Id == project, ct) is not { } found) return KernelRefusals.NotFound;
        if (ProjectMachine.IsEnded(found.State)) return ProjectRefusals.Ended;
        if ((await PeopleAsync(db, branch, ct)).Find(p => p.Id == person) is not { Name: { } name }) return SessionRefusals.NotOfTheBranch;
        if (await db.SessionAssignments.AsNoTracking().SingleOrDefaultAsync(a => a.ProjectId == project && a.PersonId == person, ct) is { } there) return SessionRefusals.AlreadyAssigned.With(name, Words(there.Task));
        return (found, name);
    }

    /// <summary>Who works on a session, by task and name.</summary>
    internal static async Task<IReadOnlyList<CrewMember>> CrewAsync(VaultDb db, ProjectId project, CancellationToken ct)
    {
        var crew = await db.SessionAssignments.AsNoTracking().Where(a => a.ProjectId == project).ToListAsync(ct);
        List<Guid> ids = [.. crew.Select(a => a.PersonId.Value)];
        var names = await db.Users.AsNoTracking().Where(p => ids.Contains(p.Id)).ToDictionaryAsync(p => p.Id, p => p.Name, ct);
        return [.. crew.Select(a => new CrewMember(a.PersonId, names.GetValueOrDefault(a.PersonId.Value, "Somebody no longer here"), a.Task)).OrderBy(c => c.Task).ThenBy(c => c.Name, StringComparer.Ordinal)];
    }

    /// <summary>As sentences and the audit call a task: "second photographer".</summary>
    public static string Words(SessionTask task) => task switch
    {
        SessionTask.Photographer => "photographer",
        SessionTask.SecondPhotographer => "second photographer",
        SessionTask.Videographer => "videographer",
        _ => "assistant",
    };

    /// <summary>Everybody of the branch who can sign in.</summary>
    private static async Task<List<(PersonId Id, string Name)>> PeopleAsync(VaultDb db, BranchId branch, CancellationToken ct)
    {
        List<Guid> ids = [.. (await db.Memberships.AsNoTracking().Where(m => m.BranchId == branch).Select(m => m.PersonId).ToListAsync(ct)).Select(p => p.Value)];
        return (await db.Users.AsNoTracking().Where(p => ids.Contains(p.Id) && !p.IsDisabled).Select(p => new { p.Id, p.Name }).ToListAsync(ct)).ConvertAll(p => (new PersonId(p.Id), p.Name));
    }
}
