using System.Text.Json.Nodes;
using Microsoft.EntityFrameworkCore;
using StudioVault.Domain.Agreements;
using StudioVault.Domain.Kernel;
using StudioVault.Domain.Organization;
using StudioVault.Domain.Packages;
using StudioVault.Infrastructure.Organization;
using StudioVault.Infrastructure.Persistence;

namespace StudioVault.Infrastructure.Packages;

/// <summary>What hangs on the branch's package: shown before deciding, and part of what the decision is bound to.</summary>
/// <param name="OpenQuotes">Quotes that pin a revision of it; they stay as they are.</param>
/// <param name="Booked">Booked projects that pin a revision of it.</param>
public sealed record PackageUse(int OpenQuotes, int Booked);

/// <summary>
/// One offer with everything that decides about it, read in one transaction. The review screen and the accept command build it
/// in the same way, so that the digest on the screen is the digest of the command.
/// </summary>
internal sealed class ReviewCase
{
    private ReviewCase() { }

    public required Branch Studio { get; init; }
    public required UpdateOffer Offer { get; init; }
    public required PackageTemplate Template { get; init; }

    /// <summary>Null when the branch has no package of the template yet: accepting adopts it.</summary>
    public BranchPackage? Package { get; init; }

    public PackageRevision? Revision { get; init; }

    /// <summary>Every version the difference spans, oldest first; the last one is the offered one.</summary>
    public required IReadOnlyList<TemplateVersion> Versions { get; init; }

    /// <summary>The difference; null for an adoption, where there is nothing to compare with.</summary>
    public UpdateReview? Review { get; init; }

    /// <summary>What an adoption would write: HQ's content in the branch's currency with the branch's own tax. Null otherwise.</summary>
    public PackageContent? Adoption { get; init; }
    public required PackageUse Use { get; init; }
    public required DateOnly Today { get; init; }

    /// <summary>Digest of what a person sees; the acceptance carries it back.</summary>
    public string Digest => Review?.Digest ?? CanonicalJson.Sha256(new JsonObject
    {
        ["adopts"] = Versions[^1].Hash,
        ["branchId"] = Studio.Id.ToString(),
        ["content"] = Adoption!.Hash(),
    });

    /// <summary>Builds the case of an offer, or refuses when it is gone or its content cannot be read.</summary>
    public static async Task<Result<ReviewCase>> LoadAsync(VaultDb db, BranchId branch, OfferId id, DateTimeOffset now, CancellationToken ct)
    {
        var offer = await db.UpdateOffers.SingleOrDefaultAsync(o => o.Id == id, ct);
        if (offer is null) return KernelRefusals.NotFound;
        var studio = await db.Branches.AsNoTracking().SingleAsync(b => b.Id == branch, ct);
        return await LoadAsync(db, studio, offer, offer.Version, now, ct);
    }

    /// <summary>The same for a version that is not the offer's own (blast radius, mandatory check).</summary>
    public static async Task<Result<ReviewCase>> LoadAsync(VaultDb db, Branch studio, UpdateOffer offer, int version, DateTimeOffset now, CancellationToken ct)
    {
        var package = await db.BranchPackages.SingleOrDefaultAsync(p => p.TemplateId == offer.TemplateId && p.BranchId == studio.Id, ct);
        var revision = package is null ? null : await db.PackageRevisions.AsNoTracking()
            .SingleAsync(r => r.BranchId == studio.Id && r.PackageId == package.Id && r.Number == package.CurrentRevision, ct);
        var template = await db.Templates.AsNoTracking().SingleAsync(t => t.Id == offer.TemplateId, ct);
        // A decided offer can be older than what the package has decided on since.
        var newest = package is null ? version : FieldPointers.Parse(package.Pointers).Versions.Append(version).Max();
        var known = await db.TemplateVersions.AsNoTracking().Where(v => v.TemplateId == offer.TemplateId && v.Number <= newest).OrderBy(v => v.Number).ToListAsync(ct);
        var versions = known.FindAll(v => v.Number <= version);
        var today = BranchClock.DayOf(now, studio.TimeZone);
        if (package is null || revision is null)
        {
            var content = TemplateContent.Parse(versions[^1].Content).Value;
            if (!content.ProjectTo(studio.Currency, PackageCommands.TaxTermsOf(studio, content)).TryGet(out var adoption, out var missing)) return missing;
            return new ReviewCase { Studio = studio, Offer = offer, Template = template, Versions = versions, Adoption = adoption, Use = new PackageUse(0, 0), Today = today };
        }

        var use = await UseAsync(db, studio.Id, package.Id, ct);
        if (!Build(package, revision, Read(known), version, today, await QuotedAsync(db, studio.Id, package.Id, ct), use).TryGet(out var review, out var refusal)) return refusal;
        return new ReviewCase { Studio = studio, Offer = offer, Template = template, Package = package, Revision = revision, Versions = versions, Review = review, Use = use, Today = today };
    }

    /// <summary>The pure part: no database, also used for thousands of branches in a row.</summary>
    /// <param name="quoted">Elements that open quotes contain, from <see cref="QuotedAsync"/>.</param>
    public static Result<UpdateReview> Build(BranchPackage package, PackageRevision revision, IReadOnlyList<PublishedVersion> versions, int target, DateOnly today,
        IReadOnlySet<string> quoted, PackageUse use) =>
        Build(package.TemplateId, package.Pointers, revision, versions, target, today, quoted, use);

    /// <summary>The same of a package that is not tracked.</summary>
    public static Result<UpdateReview> Build(TemplateId template, string pointers, PackageRevision revision, IReadOnlyList<PublishedVersion> versions, int target, DateOnly today,
        IReadOnlySet<string> quoted, PackageUse use) =>
        UpdateReview.Of(new ReviewRequest(template, versions, target, FieldPointers.Parse(pointers), PackageContent.Parse(revision.Content).Value, revision.Hash,
            today, quoted, new Dictionary<string, long> { ["openQuotes"] = use.OpenQuotes, ["booked"] = use.Booked, ["revision"] = revision.Number }));

    /// <summary>Versions as the domain reads them.</summary>
    public static IReadOnlyList<PublishedVersion> Read(IEnumerable<TemplateVersion> versions) =>
        [.. versions.Select(v => new PublishedVersion(v.Number, v.PublishedAt, v.Summary, v.Hash, TemplateContent.Parse(v.Content).Value))];

    /// <summary>Paths of the lines, instalments and clauses that open quotes of a package contain.</summary>
    public static async Task<IReadOnlySet<string>> QuotedAsync(VaultDb db, BranchId branch, BranchPackageId package, CancellationToken ct)
    {
        var contents = await db.PackageRevisions.AsNoTracking()
            .Where(r => r.BranchId == branch && r.PackageId == package
                && db.Projects.Any(p => p.BranchId == branch && p.PackageId == package && p.PackageRevision == r.Number && ProjectMachine.Open.Contains(p.State)))
            .Select(r => r.Content).ToListAsync(ct);
        return contents.SelectMany(c => UpdateReview.ElementsOf(PackageContent.Parse(c).Value)).ToHashSet(StringComparer.Ordinal);
    }

    private static async Task<PackageUse> UseAsync(VaultDb db, BranchId branch, BranchPackageId package, CancellationToken ct)
    {
        var counts = await db.Projects.AsNoTracking().Where(p => p.BranchId == branch && p.PackageId == package)
            .GroupBy(p => p.State).Select(g => new { g.Key, Count = g.Count() }).ToListAsync(ct);
        int Of(IReadOnlyList<ProjectState> states) => counts.Where(c => states.Contains(c.Key)).Sum(c => c.Count);
        return new PackageUse(Of(ProjectMachine.Open), Of(ProjectMachine.UnderWay));
    }
}
