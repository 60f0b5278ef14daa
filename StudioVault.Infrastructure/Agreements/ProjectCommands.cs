using System.Globalization;
using System.Text.Json.Nodes;
using Microsoft.EntityFrameworkCore;
using StudioVault.Domain.Agreements;
using StudioVault.Domain.Kernel;
using StudioVault.Domain.Organization;
using StudioVault.Domain.Packages;
using StudioVault.Infrastructure.Door;
using StudioVault.Infrastructure.Live;
using StudioVault.Infrastructure.Organization;
using StudioVault.Infrastructure.Packages;
using StudioVault.Infrastructure.Persistence;

namespace StudioVault.Infrastructure.Agreements;

/// <summary>Quotes and projects of a branch. A quote pins the package's current revision and keeps it for ever.</summary>
public sealed class ProjectCommands(WriteDoor door, MandatoryUpdates mandatory)
{
    private const int LongestName = 120;

    /// <summary>
    /// Makes a quote from the package as it stands now. Refused with <c>refuse.package.mandatory_pending</c> while a mandatory
    /// change of HQ is overdue, <c>refuse.project.revision_moved</c> when the price the person saw is not the one that would be
    /// pinned, <c>refuse.project.client_name_missing</c>, <c>refuse.project.date_in_the_past</c>.
    /// </summary>
    /// <param name="seenRevision">The revision whose price was on the screen.</param>
    public Task<Result<ProjectId>> QuoteAsync(Sender from, BranchId branch, BranchPackageId package, int seenRevision, string clientName, DateOnly eventOn, CancellationToken ct) =>
        door.RunAsync<ProjectId>(new Command("quote.create", from, TenantScope.Of(branch), Access.MemberOf(branch), "package", package.ToString()), async (context, token) =>
        {
            var name = clientName.Trim();
            if (name.Length == 0) return ProjectRefusals.ClientNameMissing.At("clientName");
            if (name.Length > LongestName) return KernelRefusals.TooLong.At("clientName", LongestName);
            var studio = await context.Db.Branches.AsNoTracking().SingleAsync(b => b.Id == branch, token);
            var today = BranchClock.DayOf(context.Now, studio.TimeZone);
            if (eventOn < today) return ProjectRefusals.DateInThePast.At("eventOn");
            var found = await context.Db.BranchPackages.AsNoTracking().SingleOrDefaultAsync(p => p.Id == package, token);
            if (found is null) return KernelRefusals.NotFound;
            if (await mandatory.OverdueAsync(context.Db, studio, found, today, token) is { } overdue) return overdue;
            if (found.CurrentRevision != seenRevision) return ProjectRefusals.RevisionMoved.With(found.CurrentRevision, seenRevision);

            var project = Project.Quote(branch, ProjectId.New(), name, eventOn, package, found.CurrentRevision, context.Now, context.Caller.PersonId);
            context.Db.Projects.Add(project);
            context.ObjectId = project.Id.ToString();
            context.Audit(new JsonObject { ["packageId"] = package.ToString(), ["revision"] = found.CurrentRevision, ["eventOn"] = eventOn.ToString("O", CultureInfo.InvariantCulture) });
            Announce(context, branch, project);
            return project.Id;
        }, ct);

    /// <summary>The client booked. A lapsed quote is refused with <c>refuse.project.not_open</c>.</summary>
    public Task<Result<Done>> BookAsync(Sender from, BranchId branch, ProjectId id, CancellationToken ct) =>
        ChangeAsync(from, branch, id, "project.book", (project, now) => project.Book(now), ct);

    /// <summary>The quote came to nothing.</summary>
    public Task<Result<Done>> LapseAsync(Sender from, BranchId branch, ProjectId id, CancellationToken ct) =>
        ChangeAsync(from, branch, id, "quote.lapse", (project, _) => project.Lapse(), ct);

    private Task<Result<Done>> ChangeAsync(Sender from, BranchId branch, ProjectId id, string action, Func<Project, DateTimeOffset, Result<Done>> change, CancellationToken ct) =>
        door.RunAsync<Done>(new Command(action, from, TenantScope.Of(branch), Access.MemberOf(branch), "project", id.ToString()), async (context, token) =>
        {
            var project = await context.Db.Projects.SingleOrDefaultAsync(p => p.Id == id, token);
            if (project is null) return KernelRefusals.NotFound;
            var before = project.State;
            var result = change(project, context.Now);
            if (result.IsRefused) return result;
            context.Audit(new JsonObject { ["before"] = before.ToString(), ["after"] = project.State.ToString(), ["revision"] = project.PackageRevision });
            Announce(context, branch, project);
            return Done.It;
        }, ct);

    private static void Announce(WriteContext context, BranchId branch, Project project) =>
        context.Announce(Topics.ProjectChanged, branch, new JsonObject { ["projectId"] = project.Id.ToString(), ["state"] = project.State.ToString() });
}
