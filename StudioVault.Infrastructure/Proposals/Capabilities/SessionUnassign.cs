using System.Text.Json.Nodes;
using Microsoft.EntityFrameworkCore;
using StudioVault.Domain.Agreements;
using StudioVault.Domain.Kernel;
using StudioVault.Domain.Proposals;
using StudioVault.Infrastructure.Agreements;
using StudioVault.Infrastructure.Door;
using StudioVault.Infrastructure.Persistence;

namespace StudioVault.Infrastructure.Proposals.Capabilities;

/// <summary>Takes somebody off a session. Refused with <c>refuse.kernel.not_found</c>, <c>refuse.session.not_assigned</c>.</summary>
public sealed class SessionUnassign : ICapability
{
    public const string Name = "session.unassign";

    public CapabilityDefinition Definition { get; } = new(Name, "Sessions", "Take somebody off a session", "Takes one person off a session they were put on.",
        new([new("projectId", InputKind.Id, "Project"), new("personId", InputKind.Id, "Person")]), Band.Green, IsAtomic: true,
        new("Studio operations", "low", "A session has too few people and nobody notices.", "The person is put on the session again with the task they had.", "SessionAssignTests",
            Band.Green, TimeSpan.FromDays(1), TimeSpan.FromHours(4), PerAgent: 40, PerOwner: 60, PerBranch: 80, TimeSpan.FromDays(1)))
    {
        UndoneBy = [SessionAssign.Name],
        RejectReasons = ["They are needed", "Wrong person", "Find somebody else first", "Ask them first", "Not needed"],
    };

    public async Task<Result<IntendedWrite>> PrepareAsync(VaultDb db, CapabilityCall call, CancellationToken ct)
    {
        var (projectId, person) = (new ProjectId(call.Id("projectId")), new PersonId(call.Id("personId")));
        if (await db.Projects.AsNoTracking().SingleOrDefaultAsync(p => p.Id == projectId, ct) is not { } project) return KernelRefusals.NotFound.At("/args/projectId");
        var crew = await SessionCommands.CrewAsync(db, projectId, ct);
        if (crew.FirstOrDefault(c => c.Person == person) is not { } member) return SessionRefusals.NotAssigned;
        var (words, rest) = (SessionCommands.Words(member.Task), crew.Where(c => c.Task == member.Task && c.Person != person).Select(c => c.Name).ToList());
        return new IntendedWrite($"Take {member.Name} off the session of {project.ClientName} on {project.EventOn.Words()}", $"taking {member.Name} off",
            new("project", projectId.ToString(), TargetRef.EtagOf(new JsonObject { ["person"] = person.ToString(), ["project"] = projectId.ToString(), ["task"] = member.Task.Spelled() }), $"/projects/{projectId}"),
            [new(char.ToUpperInvariant(words[0]) + words[1..], string.Join(", ", [member.Name, .. rest]), rest.Count > 0 ? string.Join(", ", rest) : null)])
        { About = await Concern.OfProjectAsync(db, projectId, ct), Notes = rest.Count == 0 ? [$"Nobody else is on the session as {words}."] : [] };
    }

    public async Task<Result<Effect>> ExecuteAsync(WriteContext context, CapabilityCall call, CancellationToken ct)
    {
        var (project, person) = (new ProjectId(call.Id("projectId")), new PersonId(call.Id("personId")));
        if (!(await SessionCommands.UnassignAsync(context, project, person, ct)).TryGet(out var task, out var refusal)) return refusal;
        return new Effect($"One {SessionCommands.Words(task)} less is on the session.", $"/projects/{project}",
            new(SessionAssign.Name, CapabilityWords.Args(("projectId", project.ToString()), ("personId", person.ToString()), ("task", task.Spelled()))));
    }
}
