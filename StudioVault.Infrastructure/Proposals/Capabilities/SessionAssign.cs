using System.Text.Json.Nodes;
using Microsoft.EntityFrameworkCore;
using StudioVault.Domain.Agreements;
using StudioVault.Domain.Kernel;
using StudioVault.Domain.Proposals;
using StudioVault.Infrastructure.Agreements;
using StudioVault.Infrastructure.Door;
using StudioVault.Infrastructure.Persistence;

namespace StudioVault.Infrastructure.Proposals.Capabilities;

/// <summary>Puts somebody of the branch on a session. Refused as <see cref="SessionCommands.AssignAsync(Sender, BranchId, ProjectId, PersonId, SessionTask, CancellationToken)"/>.</summary>
public sealed class SessionAssign : ICapability
{
    public const string Name = "session.assign";

    public CapabilityDefinition Definition { get; } = new(Name, "Sessions", "Put somebody on a session", "Puts one person of the branch on a session with a task.",
        new([new("projectId", InputKind.Id, "Project"), new("personId", InputKind.Id, "Person"), new("task", InputKind.Text, "Task", OneOf: [.. Enum.GetValues<SessionTask>().Select(CapabilityWords.Spelled)])]),
        Band.Green, IsAtomic: true,
        new("Studio operations", "low", "Somebody is planned twice on a day, or works on one they cannot.", "The person is taken off the session.", "SessionAssignTests",
            Band.Green, TimeSpan.FromDays(1), TimeSpan.FromHours(4), PerAgent: 40, PerOwner: 60, PerBranch: 80, TimeSpan.FromDays(1)))
    {
        UndoneBy = [SessionUnassign.Name],
        RejectReasons = ["They are not free", "Wrong person", "Wrong task", "Enough people are on it", "Ask them first"],
    };

    public async Task<Result<IntendedWrite>> PrepareAsync(VaultDb db, CapabilityCall call, CancellationToken ct)
    {
        var (projectId, person, task) = Read(call);
        if (!(await SessionCommands.AssignableAsync(db, call.Branch, projectId, person, ct)).TryGet(out var found, out var refusal)) return refusal;
        var (project, name) = found;
        var crew = await SessionCommands.CrewAsync(db, projectId, ct);
        var before = string.Join(", ", crew.Where(c => c.Task == task).Select(c => c.Name));
        var others = await db.SessionAssignments.CountAsync(a => a.PersonId == person && a.ProjectId != projectId
            && db.Projects.Any(p => p.Id == a.ProjectId && p.EventOn == project.EventOn && p.State != ProjectState.Cancelled && p.State != ProjectState.Lapsed), ct);
        var words = SessionCommands.Words(task);
        return new IntendedWrite($"Put {name} on the session of {project.ClientName} on {project.EventOn.Words()} as {words}", $"{name} as {words}",
            // The day belongs to it: whoever is free on one day need not be on another.
            new("project", projectId.ToString(), TargetRef.EtagOf(new JsonObject { ["day"] = project.EventOn.Spelled(), ["person"] = person.ToString(), ["project"] = projectId.ToString(), ["task"] = null }), $"/projects/{projectId}"),
            [new(char.ToUpperInvariant(words[0]) + words[1..], before.Length > 0 ? before : null, before.Length > 0 ? $"{before}, {name}" : name)])
        { About = await Concern.OfProjectAsync(db, projectId, ct), Notes = others > 0 ? [$"{name} is on {CapabilityWords.Count(others, "other session", "other sessions")} that day."] : [] };
    }

    public async Task<Result<Effect>> ExecuteAsync(WriteContext context, CapabilityCall call, CancellationToken ct)
    {
        var (project, person, task) = Read(call);
        if ((await SessionCommands.AssignAsync(context, call.Branch, project, person, task, call.Approver ?? context.Caller.PersonId, ct)).Refusal is { } refusal) return refusal;
        return new Effect($"One {SessionCommands.Words(task)} more is on the session.", $"/projects/{project}", new(SessionUnassign.Name, CapabilityWords.Args(("projectId", project.ToString()), ("personId", person.ToString()))));
    }

    private static (ProjectId Project, PersonId Person, SessionTask Task) Read(CapabilityCall call) =>
        (new(call.Id("projectId")), new(call.Id("personId")), Enum.GetValues<SessionTask>().First(t => t.Spelled() == call.Text("task")));
}
