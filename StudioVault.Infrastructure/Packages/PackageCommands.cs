using System.Text.Json.Nodes;
using Microsoft.EntityFrameworkCore;
using StudioVault.Domain.Kernel;
using StudioVault.Domain.Organization;
using StudioVault.Domain.Packages;
using StudioVault.Infrastructure.Door;
using StudioVault.Infrastructure.Live;
using StudioVault.Infrastructure.Organization;
using StudioVault.Infrastructure.Persistence;

namespace StudioVault.Infrastructure.Packages;

/// <summary>What a branch does with its own copy. Every change is a new revision; quotes and projects keep the one they pin.</summary>
public sealed class PackageCommands(WriteDoor door)
{
    private const int LongestNote = 500;

    /// <summary>
    /// Saves the branch's own edit. Refused with <c>refuse.kernel.stale_write</c> when another revision came in between,
    /// <c>refuse.package.field_locked</c>, <c>out_of_bounds</c>, or the broken invariant, each with its path, and without a reason.
    /// </summary>
    /// <param name="baseRevision">The revision the person edited.</param>
    /// <param name="content">Branch content as JSON, whole.</param>
    /// <param name="note">Why; it stands in the history.</param>
    /// <returns>The new revision's number; the same number when nothing changed.</returns>
    public Task<Result<int>> EditAsync(Sender from, BranchId branch, BranchPackageId id, int baseRevision, string content, string note, CancellationToken ct) =>
        door.RunAsync<int>(new Command("package.edit", from, TenantScope.Of(branch), Access.ManagerOf(branch), "package", id.ToString()), async (context, token) =>
        {
            if (string.IsNullOrWhiteSpace(note)) return KernelRefusals.ReasonRequired.At("note");
            if (note.Length > LongestNote) return KernelRefusals.TooLong.At("note", LongestNote);
            var package = await context.Db.BranchPackages.SingleOrDefaultAsync(p => p.Id == id, token);
            if (package is null) return KernelRefusals.NotFound;
            if (package.CurrentRevision != baseRevision) return KernelRefusals.StaleWrite;
            if (!PackageContent.Parse(content).TryGet(out var edited, out var refusal)) return refusal;
            var current = await RevisionAsync(context.Db, package, baseRevision, token);
            var before = PackageContent.Parse(current.Content).Value;
            if (ContentNode.Same(before.ToTree(), edited.ToTree())) return baseRevision;
            if (edited.Problems() is { Count: > 0 } problems) return problems[0];

            var studio = await context.Db.Branches.AsNoTracking().SingleAsync(b => b.Id == branch, token);
            var synced = await context.Db.TemplateVersions.AsNoTracking().SingleAsync(v => v.TemplateId == package.TemplateId && v.Number == package.DecidedVersion, token);
            var (hq, rules) = PackageQueries.HqSide(studio, synced, BranchClock.DayOf(context.Now, studio.TimeZone));
            var changes = ContentDiff.Between(before.ToTree(), edited.ToTree()).Select(c => c.Path);
            if (rules.CheckEdit(before.ToTree(), edited.ToTree(), hq.ToTree()) is { Count: > 0 } denied) return denied[0];

            var number = package.Revise(edited.Name, package.Pointers, package.DecidedVersion, isCustomised: !ContentNode.Same(edited.ToTree(), hq.ToTree()));
            context.Db.PackageRevisions.Add(PackageRevision.Of(branch, id, number, edited.ToJson(), edited.Hash(), package.Pointers, RevisionOrigin.Edited, null,
                note.Trim(), context.Now, context.Caller.PersonId));
            context.Audit(new JsonObject { ["revision"] = number, ["from"] = baseRevision, ["hash"] = edited.Hash(), ["fields"] = new JsonArray([.. changes.Select(c => (JsonNode)c)]) });
            Announce(context, branch, package.Id, number);
            return number;
        }, ct);

    /// <summary>
    /// Goes back: a new revision with an older one's values. HQ's later changes count as ruled on; new quotes use it, sent quotes and
    /// bookings keep their pin. Answers a request of HQ to review a called-back version, where there is one.
    /// </summary>
    public Task<Result<int>> RevertAsync(Sender from, BranchId branch, BranchPackageId id, int baseRevision, int toRevision, string reason, CancellationToken ct) =>
        door.RunAsync<int>(new Command("package.revert", from, TenantScope.Of(branch), Access.ManagerOf(branch), "package", id.ToString()),
            (context, token) => RevertAsync(context, branch, id, baseRevision, toRevision, reason, context.Caller.PersonId, token), ct);

    /// <summary>The same inside somebody's command.</summary>
    /// <param name="by">Who decided it.</param>
    internal static async Task<Result<int>> RevertAsync(WriteContext context, BranchId branch, BranchPackageId id, int baseRevision, int toRevision, string reason, PersonId? by, CancellationToken ct)
    {
        if (string.IsNullOrWhiteSpace(reason)) return KernelRefusals.ReasonRequired.At("reason");
        if (reason.Length > LongestNote) return KernelRefusals.TooLong.At("reason", LongestNote);
        var package = await context.Db.BranchPackages.SingleOrDefaultAsync(p => p.Id == id, ct);
        if (package is null || toRevision < 1 || toRevision > package.CurrentRevision) return KernelRefusals.NotFound;
        if (package.CurrentRevision != baseRevision) return KernelRefusals.StaleWrite;
        var target = await RevisionAsync(context.Db, package, toRevision, ct);
        var content = PackageContent.Parse(target.Content).Value;
        var pointers = FieldPointers.Parse(package.Pointers).BackTo(FieldPointers.Parse(target.Pointers)).ToJson();
        var studio = await context.Db.Branches.AsNoTracking().SingleAsync(b => b.Id == branch, ct);
        var ruledOn = await context.Db.TemplateVersions.AsNoTracking().SingleAsync(v => v.TemplateId == package.TemplateId && v.Number == package.DecidedVersion, ct);
        var (hq, _) = PackageQueries.HqSide(studio, ruledOn, BranchClock.DayOf(context.Now, studio.TimeZone));
        var number = package.Revise(content.Name, pointers, package.DecidedVersion, isCustomised: !ContentNode.Same(content.ToTree(), hq.ToTree()));
        context.Db.PackageRevisions.Add(PackageRevision.Of(branch, id, number, target.Content, target.Hash, pointers, RevisionOrigin.Reverted, toRevision, reason.Trim(), context.Now, by));
        foreach (var asked in await context.Db.UpdateOffers.Where(o => o.TemplateId == package.TemplateId && o.ReviewRevertAskedAt != null && o.RevertReviewedAt == null).ToListAsync(ct))
        {
            asked.RevertReviewed(context.Now);
            OfferCommands.Announce(context, asked);
        }

        context.Audit(new JsonObject { ["revision"] = number, ["backTo"] = toRevision, ["hash"] = target.Hash, ["reason"] = reason.Trim() });
        Announce(context, branch, package.Id, number);
        return number;
    }

    /// <summary>The branch's own tax where the template leaves it to the branch.</summary>
    internal static TaxTerms? TaxTermsOf(Branch studio, TemplateContent template) =>
        new(studio.TaxName, studio.TaxRatePercent, template.Tax.PricesIncludeTax);

    private static Task<PackageRevision> RevisionAsync(VaultDb db, BranchPackage package, int number, CancellationToken ct) =>
        db.PackageRevisions.AsNoTracking().SingleAsync(r => r.BranchId == package.BranchId && r.PackageId == package.Id && r.Number == number, ct);

    private static void Announce(WriteContext context, BranchId branch, BranchPackageId package, int revision) =>
        context.Announce(Topics.PackageRevised, branch, new JsonObject { ["packageId"] = package.ToString(), ["revision"] = revision });
}
