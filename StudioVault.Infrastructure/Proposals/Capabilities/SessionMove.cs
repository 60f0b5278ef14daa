using System.Text.Json.Nodes;
using Microsoft.EntityFrameworkCore;
using StudioVault.Domain.Agreements;
using StudioVault.Domain.Kernel;
using StudioVault.Domain.Organization;
using StudioVault.Domain.Proposals;
using StudioVault.Infrastructure.Agreements;
using StudioVault.Infrastructure.Door;
using StudioVault.Infrastructure.Persistence;

namespace StudioVault.Infrastructure.Proposals.Capabilities;

/// <summary>
/// Moves the day of a project that nobody has signed for yet, by the rules of <see cref="ProjectCommands.PlanAsync"/>: under an
/// agreement only an amendment moves it. Refused likewise, with <c>refuse.kernel.not_found</c> and <c>refuse.proposal.nothing_changes</c>.
/// </summary>
public sealed class SessionMove : ICapability
{
    public const string Name = "session.move";

    /// <summary>The time is still to be found.</summary>
    private const string Open = "open";

    public CapabilityDefinition Definition { get; } = new(Name, "Sessions", "Move a session", "Moves the day or time of a session before an agreement is signed; afterwards only an amendment does.",
        new([new("projectId", InputKind.Id, "Project"), new("to", InputKind.Day, "New day"), new("startsAt", InputKind.Text, "Starts at (HH:mm, or “open”)", 5, IsOptional: true)]),
        Band.Amber, IsAtomic: true,
        new("Studio operations", "medium", "Somebody stands at the venue on the wrong day, or the studio promises two clients the same one.",
            "The session is moved back to the day it had.", "SessionMoveTests",
            Band.Amber, TimeSpan.FromDays(1), TimeSpan.FromHours(2), PerAgent: 10, PerOwner: 20, PerBranch: 30, TimeSpan.FromDays(1)))
    {
        UndoneBy = [Name],
        RejectReasons = ["The day is taken", "The client does not know yet", "Nobody is free that day", "Wrong day", "Talk to the client first"],
    };

    public async Task<Result<IntendedWrite>> PrepareAsync(VaultDb db, CapabilityCall call, CancellationToken ct)
    {
        if (!(await FindAsync(db, call, call.Now, tracked: false, ct)).TryGet(out var found, out var refusal)) return refusal;
        var (project, to, startsAt) = found;
        var others = await db.Projects.CountAsync(p => p.Id != project.Id && p.EventOn == to && ProjectMachine.UnderWay.Contains(p.State), ct);
        var crew = await db.SessionAssignments.Where(a => a.ProjectId == project.Id).Select(a => a.PersonId).ToListAsync(ct);
        var busy = await db.SessionAssignments.Where(a => a.ProjectId != project.Id && crew.Contains(a.PersonId) && db.Projects.Any(p => p.Id == a.ProjectId && p.EventOn == to)).Select(a => a.PersonId).Distinct().CountAsync(ct);
        var notes = new List<string>();
        if (others > 0) notes.Add($"{CapabilityWords.Count(others, "other booked session is", "other booked sessions are")} on that day.");
        if (busy > 0) notes.Add($"{CapabilityWords.Count(busy, "person", "people")} of this session work on another one that day.");
        if (await db.Papers.AnyAsync(p => (p.State == PaperState.Sent || p.State == PaperState.Sealing) && db.Agreements.Any(a => a.Id == p.AgreementId && a.ProjectId == project.Id), ct)) notes.Add("An agreement with the old day is out for signing.");
        var title = to == project.EventOn ? $"Move the session of {project.ClientName} on {to.Words()} to {Said(startsAt)}" : $"Move the session of {project.ClientName} from {project.EventOn.Words()} to {to.Words()}";
        return new IntendedWrite(title, to == project.EventOn ? $"moving the session to {Said(startsAt)}" : $"moving the session to {to.Words()}",
            new("project", project.Id.ToString(), TargetRef.EtagOf(new JsonObject
            {
                ["day"] = project.EventOn.Spelled(),
                ["dayIsOpen"] = project.DayIsOpen,
                ["ended"] = ProjectMachine.IsEnded(project.State),
                ["project"] = project.Id.ToString(),
                ["startsAt"] = project.StartsAt,
            }), $"/projects/{project.Id}"),
            [new("Day", project.EventOn.Words(), to.Words()), new("Starts at", Said(project.StartsAt), Said(startsAt))])
        { About = await Concern.OfProjectAsync(db, project.Id, ct), Notes = notes };
    }

    public async Task<Result<Effect>> ExecuteAsync(WriteContext context, CapabilityCall call, CancellationToken ct)
    {
        if (!(await FindAsync(context.Db, call, context.Now, tracked: true, ct)).TryGet(out var found, out var refusal)) return refusal;
        var (project, to, startsAt) = found;
        var undo = CapabilityWords.Args(("projectId", project.Id.ToString()), ("to", project.EventOn.Spelled()), ("startsAt", project.StartsAt.Length > 0 ? project.StartsAt : Open));
        // The place is nobody's business here: whatever it is by now stays.
        project.Plan(to, startsAt, project.Venue);
        ProjectCommands.Announce(context, project);
        return new Effect($"The session is on {to.Words()}.", $"/projects/{project.Id}", new(Name, undo));
    }

    private static string Said(string startsAt) => startsAt.Length > 0 ? startsAt : "still open";

    private static async Task<Result<(Project Project, DateOnly To, string StartsAt)>> FindAsync(VaultDb db, CapabilityCall call, DateTimeOffset now, bool tracked, CancellationToken ct)
    {
        var id = new ProjectId(call.Id("projectId"));
        var query = tracked ? db.Projects : db.Projects.AsNoTracking();
        if (await query.SingleOrDefaultAsync(p => p.Id == id, ct) is not { } project) return KernelRefusals.NotFound.At("/args/projectId");
        var startsAt = call.TextOrNull("startsAt") switch { null => project.StartsAt, Open => "", var at => at };
        var to = call.Day("to");
        Branch studio = await db.Branches.AsNoTracking().SingleAsync(b => b.Id == call.Branch, ct);
        if (await ProjectCommands.UnplannableAsync(db, project, studio, now, to, startsAt, ct) is { } no) return no;
        if (to == project.EventOn && startsAt == project.StartsAt && !project.DayIsOpen) return IntentRefusals.NothingChanges;
        return (project, to, startsAt);
    }
}
