using Microsoft.EntityFrameworkCore;
using StudioVault.Domain.Agreements;
using StudioVault.Domain.Kernel;
using StudioVault.Domain.Packages;
using StudioVault.Domain.Proposals;
using StudioVault.Infrastructure.Persistence;

namespace StudioVault.Infrastructure.Audit;

/// <summary>
/// Names of what entries are about, as they are now and as the reader may see them: row-level security hides other branches'
/// things, and a client's name is told to the branch alone.
/// </summary>
internal sealed class AuditThings
{
    public const string Template = "template";
    public const string Offer = "offer";
    public const string Package = "package";
    public const string Project = "project";
    public const string Agreement = "agreement";
    public const string Branch = "branch";
    public const string Person = "person";
    public const string Job = "job";
    public const string Proposal = "proposal";

    /// <summary>Every type of object an id may belong to.</summary>
    public static readonly string[] Types = [Template, Offer, Package, Project, Agreement, Branch, Person, Proposal, "blackout"];

    private readonly Dictionary<(string Type, string Id), (string Label, string? Slug)> _known = [];

    /// <summary>The thing with its name, where there is one.</summary>
    public AuditThing this[string type, string id] => _known.TryGetValue((type, id), out var known)
        ? new AuditThing(type, id, known.Label, known.Slug)
        // A name instead of an id (a job, the slug of a template that was refused) speaks for itself.
        : new AuditThing(type, id, Guid.TryParse(id, out _) || type == "group" ? null : id, null);

    /// <summary>Looks up every thing of these entries with one query per kind.</summary>
    /// <param name="titleOf">A capability in plain words.</param>
    public static async Task<AuditThings> LoadAsync(VaultDb db, Func<string, string> titleOf, IEnumerable<(string Type, string Id, BranchId? Branch)> wanted, CancellationToken ct)
    {
        var things = new AuditThings();
        var ids = wanted.Where(w => Guid.TryParse(w.Id, out _)).Select(w => (w.Type, Id: Guid.Parse(w.Id), w.Branch)).Distinct().ToLookup(w => w.Type);
        List<BranchId> BranchesOf(string type) => [.. ids[type].Select(w => w.Branch).OfType<BranchId>().Distinct()];

        if (ids.Contains(Template))
        {
            List<TemplateId> templates = [.. ids[Template].Select(w => new TemplateId(w.Id))];
            foreach (var t in await db.Templates.AsNoTracking().Where(t => templates.Contains(t.Id)).Select(t => new { t.Id, t.Name }).ToListAsync(ct))
                things.Add(Template, t.Id.Value, t.Name);
        }

        if (ids.Contains(Offer))
        {
            List<OfferId> offers = [.. ids[Offer].Select(w => new OfferId(w.Id))];
            var at = BranchesOf(Offer);
            var found = from o in db.UpdateOffers.AsNoTracking()
                        join t in db.Templates.AsNoTracking() on o.TemplateId equals t.Id
                        where at.Contains(o.BranchId) && offers.Contains(o.Id)
                        select new { o.Id, o.Version, t.Name };
            foreach (var o in await found.ToListAsync(ct)) things.Add(Offer, o.Id.Value, $"{o.Name} version {o.Version}");
        }

        if (ids.Contains(Package))
        {
            List<BranchPackageId> packages = [.. ids[Package].Select(w => new BranchPackageId(w.Id))];
            var at = BranchesOf(Package);
            foreach (var p in await db.BranchPackages.AsNoTracking().Where(p => at.Contains(p.BranchId) && packages.Contains(p.Id)).Select(p => new { p.Id, p.Name }).ToListAsync(ct))
                things.Add(Package, p.Id.Value, p.Name);
        }

        if (ids.Contains(Project) && !db.Scope.IsHq)
        {
            List<ProjectId> projects = [.. ids[Project].Select(w => new ProjectId(w.Id))];
            var at = BranchesOf(Project);
            foreach (var p in await db.Projects.AsNoTracking().Where(p => at.Contains(p.BranchId) && projects.Contains(p.Id)).Select(p => new { p.Id, p.ClientName }).ToListAsync(ct))
                things.Add(Project, p.Id.Value, p.ClientName);
        }

        if (ids.Contains(Agreement))
        {
            List<AgreementId> agreements = [.. ids[Agreement].Select(w => new AgreementId(w.Id))];
            var at = BranchesOf(Agreement);
            foreach (var a in await db.Agreements.AsNoTracking().Where(a => at.Contains(a.BranchId) && agreements.Contains(a.Id)).Select(a => new { a.Id, a.Number }).ToListAsync(ct))
                things.Add(Agreement, a.Id.Value, a.Number);
        }

        if (ids.Contains(Proposal))
        {
            // By what it would do, never by its title: that may name a client.
            List<ProposalId> proposals = [.. ids[Proposal].Select(w => new ProposalId(w.Id))];
            var at = BranchesOf(Proposal);
            foreach (var p in await db.Proposals.AsNoTracking().Where(p => at.Contains(p.BranchId) && proposals.Contains(p.Id)).Select(p => new { p.Id, p.Capability }).ToListAsync(ct))
                things.Add(Proposal, p.Id.Value, $"proposal “{titleOf(p.Capability)}”");
        }

        if (ids.Contains(Branch))
        {
            List<BranchId> branches = [.. ids[Branch].Select(w => new BranchId(w.Id))];
            foreach (var b in await db.Branches.AsNoTracking().Where(b => branches.Contains(b.Id)).Select(b => new { b.Id, b.Name, b.Slug }).ToListAsync(ct))
                things.Add(Branch, b.Id.Value, b.Name, b.Slug);
        }

        if (ids.Contains(Person))
        {
            List<Guid> people = [.. ids[Person].Select(w => w.Id)];
            foreach (var p in await db.Users.AsNoTracking().Where(p => people.Contains(p.Id)).Select(p => new { p.Id, p.Name }).ToListAsync(ct))
                things.Add(Person, p.Id, p.Name);
        }

        return things;
    }

    private void Add(string type, Guid id, string label, string? slug = null) => _known[(type, id.ToString())] = (label, slug);
}
