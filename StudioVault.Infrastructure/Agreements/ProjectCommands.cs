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

/// <summary>
/// Enquiries, quotes and projects of a branch. Each pins the package's current revision and the rules of its day and keeps them
/// for ever.
/// </summary>
public sealed class ProjectCommands(WriteDoor door, MandatoryUpdates mandatory, AgreementEffects effects)
{
    private const int LongestReason = 2_000;

    /// <summary>Characters of a place.</summary>
    public const int LongestVenue = 200;

    /// <summary>
    /// Makes a quote from the package as it stands now. Refused with <c>refuse.package.mandatory_pending</c> while a mandatory
    /// change of HQ is overdue, <c>refuse.project.revision_moved</c> when the price the person saw is not the one that would be
    /// pinned, <c>refuse.project.client_name_missing</c>, <c>refuse.project.date_in_the_past</c>.
    /// </summary>
    /// <param name="seenRevision">The revision whose price was on the screen.</param>
    public Task<Result<ProjectId>> QuoteAsync(Sender from, BranchId branch, BranchPackageId package, int seenRevision, string clientName, DateOnly eventOn, CancellationToken ct) =>
        MakeAsync(new Command("quote.create", from, TenantScope.Of(branch), Access.MemberOf(branch), "package", package.ToString()), branch, package, seenRevision, clientName, eventOn, Project.Quote, ct);

    /// <summary>
    /// Notes that somebody asked about a package. What they were told about it, its prices and rules, is pinned as for a quote;
    /// refused as <see cref="QuoteAsync"/>.
    /// </summary>
    public Task<Result<ProjectId>> EnquireAsync(Sender from, BranchId branch, BranchPackageId package, int seenRevision, string clientName, DateOnly eventOn, CancellationToken ct) =>
        MakeAsync(new Command("project.enquire", from, TenantScope.Of(branch), Access.MemberOf(branch), "package", package.ToString()), branch, package, seenRevision, clientName, eventOn, Project.Enquire, ct);

    /// <summary>
    /// The enquiry becomes a quote, under the revision it pins. Refused with <c>refuse.package.mandatory_pending</c> too: a
    /// mandatory change stops new quotes, whatever they were pinned to.
    /// </summary>
    public Task<Result<Done>> QuoteEnquiryAsync(Sender from, BranchId branch, ProjectId id, CancellationToken ct) =>
        ChangeAsync("project.quote", from, branch, id, Access.MemberOf(branch), async (context, project, studio, token) =>
        {
            var package = await context.Db.BranchPackages.AsNoTracking().SingleAsync(p => p.Id == project.PackageId, token);
            var today = BranchClock.DayOf(context.Now, studio.TimeZone);
            return await mandatory.OverdueAsync(context.Db, studio, package, today, token) is { } overdue ? overdue : project.Take(ProjectVerb.Quote, context.Now, today);
        }, ct);

    /// <summary>The client booked. A lapsed quote is refused with <c>refuse.project.not_open</c>.</summary>
    public Task<Result<Done>> BookAsync(Sender from, BranchId branch, ProjectId id, CancellationToken ct) =>
        ChangeAsync("project.book", from, branch, id, Access.MemberOf(branch), TakeAsync(ProjectVerb.Book), ct);

    /// <summary>The enquiry or quote came to nothing.</summary>
    public Task<Result<Done>> LapseAsync(Sender from, BranchId branch, ProjectId id, CancellationToken ct) =>
        ChangeAsync("quote.lapse", from, branch, id, Access.MemberOf(branch), TakeAsync(ProjectVerb.Lapse), ct);

    /// <summary>The event took place. <c>refuse.project.not_yet</c> before its day.</summary>
    public Task<Result<Done>> ShootAsync(Sender from, BranchId branch, ProjectId id, CancellationToken ct) =>
        ChangeAsync("project.shoot", from, branch, id, Access.MemberOf(branch), TakeAsync(ProjectVerb.Shoot), ct);

    /// <summary>The client has what was promised: what is due on delivery becomes due.</summary>
    public Task<Result<Done>> DeliverAsync(Sender from, BranchId branch, ProjectId id, CancellationToken ct) =>
        ChangeAsync("project.deliver", from, branch, id, Access.MemberOf(branch), async (context, project, studio, token) =>
        {
            var taken = project.Take(ProjectVerb.Deliver, context.Now, BranchClock.DayOf(context.Now, studio.TimeZone));
            return taken.IsRefused ? taken : await effects.DeliveredAsync(context, project, token);
        }, ct);

    /// <summary>Delivered and paid. Refused with <c>refuse.project.invoices_open</c>; the agreement is completed with it.</summary>
    public Task<Result<Done>> CloseAsync(Sender from, BranchId branch, ProjectId id, CancellationToken ct) =>
        ChangeAsync("project.close", from, branch, id, Access.ManagerOf(branch), async (context, project, studio, token) =>
        {
            var open = await context.Db.Invoices.CountAsync(i => i.ProjectId == id && i.State == InvoiceState.Open, token);
            if (open > 0) return ProjectRefusals.InvoicesOpen.With(open);
            var taken = project.Take(ProjectVerb.Close, context.Now, BranchClock.DayOf(context.Now, studio.TimeZone));
            if (taken.IsRefused) return taken;
            var agreement = await context.Db.Agreements.SingleOrDefaultAsync(a => a.ProjectId == id && a.State == AgreementState.InForce, token);
            return agreement?.Complete() ?? Done.It;
        }, ct);

    /// <summary>
    /// It does not take place. Refused with <c>refuse.project.agreement_in_force</c> while there is one: then the parties amend it
    /// with a cancellation, and the project follows.
    /// </summary>
    public Task<Result<Done>> CancelAsync(Sender from, BranchId branch, ProjectId id, string reason, CancellationToken ct) =>
        ChangeAsync("project.cancel", from, branch, id, Access.ManagerOf(branch), async (context, project, studio, token) =>
        {
            if (string.IsNullOrWhiteSpace(reason)) return KernelRefusals.ReasonRequired.At("reason");
            if (reason.Trim().Length > LongestReason) return KernelRefusals.TooLong.At("reason", LongestReason);
            if (await HasAgreementAsync(context.Db, id, token)) return ProjectRefusals.AgreementInForce;
            var taken = project.Take(ProjectVerb.Cancel, context.Now, BranchClock.DayOf(context.Now, studio.TimeZone));
            if (!taken.IsRefused) context.Audit(new JsonObject { ["reason"] = reason.Trim() });
            return taken;
        }, ct);

    /// <summary>
    /// Day, time and place as planned. Refused with <c>refuse.project.agreement_in_force</c> once they are signed: then only an
    /// amendment moves them.
    /// </summary>
    public Task<Result<Done>> PlanAsync(Sender from, BranchId branch, ProjectId id, DateOnly eventOn, string startsAt, string venue, CancellationToken ct) =>
        ChangeAsync("project.plan", from, branch, id, Access.MemberOf(branch), async (context, project, studio, token) =>
        {
            if (await UnplannableAsync(context.Db, project, studio, context.Now, eventOn, startsAt, token) is { } no) return no;
            if (venue.Trim().Length > LongestVenue) return KernelRefusals.TooLong.At("venue", LongestVenue);
            project.Plan(eventOn, startsAt, venue.Trim());
            context.Audit(new JsonObject { ["eventOn"] = AgreementContent.Day(eventOn), ["startsAt"] = startsAt, ["venue"] = venue.Trim() });
            return Done.It;
        }, ct);

    /// <summary>Why the studio alone cannot move a project to a day and time, or null: see <see cref="PlanAsync"/>.</summary>
    /// <param name="startsAt">HH:mm; empty while it is open.</param>
    internal static async Task<Refusal?> UnplannableAsync(VaultDb db, Project project, Branch studio, DateTimeOffset now, DateOnly eventOn, string startsAt, CancellationToken ct)
    {
        if (ProjectMachine.IsEnded(project.State)) return ProjectRefusals.Ended;
        if (await HasAgreementAsync(db, project.Id, ct)) return ProjectRefusals.AgreementInForce;
        if (eventOn != project.EventOn && eventOn < BranchClock.DayOf(now, studio.TimeZone)) return ProjectRefusals.DateInThePast.At("eventOn");
        if (startsAt.Length > 0 && !TimeOnly.TryParseExact(startsAt, "HH:mm", CultureInfo.InvariantCulture, DateTimeStyles.None, out _)) return ProjectRefusals.TimeUnclear.At("startsAt");
        return null;
    }

    private Task<Result<ProjectId>> MakeAsync(Command command, BranchId branch, BranchPackageId package, int seenRevision, string clientName, DateOnly eventOn,
        Func<BranchId, ProjectId, string, DateOnly, BranchPackageId, RulesSnapshot, DateTimeOffset, PersonId?, Project> make, CancellationToken ct) =>
        door.RunAsync<ProjectId>(command, async (context, token) =>
        {
            var name = clientName.Trim();
            if (name.Length == 0) return ProjectRefusals.ClientNameMissing.At("clientName");
            if (name.Length > Project.LongestName) return KernelRefusals.TooLong.At("clientName", Project.LongestName);
            var studio = await context.Db.Branches.AsNoTracking().SingleAsync(b => b.Id == branch, token);
            var today = BranchClock.DayOf(context.Now, studio.TimeZone);
            if (eventOn < today) return ProjectRefusals.DateInThePast.At("eventOn");
            // Held until the project stands: what it pins cannot be undone at the same time.
            await context.Db.Database.ExecuteSqlAsync($"select from packages.branch_packages where branch_id = {branch.Value} and id = {package.Value} for share", token);
            var found = await context.Db.BranchPackages.AsNoTracking().SingleOrDefaultAsync(p => p.Id == package, token);
            if (found is null) return KernelRefusals.NotFound;
            if (await mandatory.OverdueAsync(context.Db, studio, found, today, token) is { } overdue) return overdue;
            if (found.CurrentRevision != seenRevision) return ProjectRefusals.RevisionMoved.With(found.CurrentRevision, seenRevision);

            var revision = await context.Db.PackageRevisions.AsNoTracking().SingleAsync(r => r.PackageId == package && r.Number == found.CurrentRevision, token);
            var template = await context.Db.Templates.AsNoTracking().SingleAsync(t => t.Id == found.TemplateId, token);
            var project = make(branch, ProjectId.New(), name, eventOn, package, RulesOf(template.Slug, revision, today), context.Now, context.Caller.PersonId);
            context.Db.Projects.Add(project);
            context.ObjectId = project.Id.ToString();
            context.Audit(new JsonObject { ["packageId"] = package.ToString(), ["revision"] = found.CurrentRevision, ["eventOn"] = eventOn.ToString("O", CultureInfo.InvariantCulture) });
            Announce(context, project);
            return project.Id;
        }, ct);

    /// <summary>The rules of a revision and a day. Policies and switches are none as long as the group keeps no register of them.</summary>
    internal static RulesSnapshot RulesOf(string template, PackageRevision revision, DateOnly day) =>
        new(new(day, template, FieldPointers.Parse(revision.Pointers).DefaultSyncedFrom, revision.Number, revision.Hash), [], new Dictionary<string, bool>());

    internal static void Announce(WriteContext context, Project project) =>
        context.Announce(Topics.ProjectChanged, project.BranchId, new JsonObject { ["projectId"] = project.Id.ToString(), ["state"] = project.State.ToString() });

    private static Task<bool> HasAgreementAsync(VaultDb db, ProjectId project, CancellationToken ct) =>
        db.Agreements.AnyAsync(a => a.ProjectId == project && (a.State == AgreementState.InForce || a.State == AgreementState.Completed), ct);

    private static Func<WriteContext, Project, Branch, CancellationToken, Task<Result<Done>>> TakeAsync(ProjectVerb verb) =>
        (context, project, studio, _) => Task.FromResult(project.Take(verb, context.Now, BranchClock.DayOf(context.Now, studio.TimeZone)));

    private Task<Result<Done>> ChangeAsync(string action, Sender from, BranchId branch, ProjectId id, Access access, Func<WriteContext, Project, Branch, CancellationToken, Task<Result<Done>>> change, CancellationToken ct) =>
        door.RunAsync<Done>(new Command(action, from, TenantScope.Of(branch), access, "project", id.ToString()), async (context, token) =>
        {
            var project = await context.Db.Projects.SingleOrDefaultAsync(p => p.Id == id, token);
            if (project is null) return KernelRefusals.NotFound;
            var before = project.State;
            var result = await change(context, project, await context.Db.Branches.AsNoTracking().SingleAsync(b => b.Id == branch, token), token);
            if (result.IsRefused) return result;
            context.Audit(new JsonObject { ["before"] = before.ToString(), ["after"] = project.State.ToString(), ["revision"] = project.PackageRevision });
            Announce(context, project);
            return Done.It;
        }, ct);
}
