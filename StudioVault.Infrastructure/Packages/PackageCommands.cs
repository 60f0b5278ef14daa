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

/// <summary>A field that stays as it is now although the branch goes back.</summary>
/// <param name="Label">For people.</param>
/// <param name="Refusal">Why: the lock or the limits.</param>
public sealed record KeptField(string Path, string Label, Refusal Refusal);

/// <summary>What going back to an earlier revision would write.</summary>
/// <param name="Before">The current revision.</param>
/// <param name="After">The new one: the older one's values, but for what is kept.</param>
/// <param name="Kept">What HQ's rules hold as it is now.</param>
internal sealed record RevertPlan(PackageContent Before, PackageContent After, IReadOnlyList<KeptField> Kept, string Pointers, bool IsCustomised, RevisionLineage Lineage);

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
            var hq = await HqSide.OfAsync(context.Db, studio, package, BranchClock.DayOf(context.Now, studio.TimeZone), token);
            var changes = ContentDiff.Between(before.ToTree(), edited.ToTree()).Select(c => c.Path);
            if (hq.Rules.CheckEdit(before.ToTree(), edited.ToTree(), hq.Ruling.ToTree()) is { Count: > 0 } denied) return denied[0];

            var number = package.Revise(edited.Name, package.Pointers, package.DecidedVersion, PackageQueries.IsOwn(edited, studio, hq.Decided));
            context.Db.PackageRevisions.Add(PackageRevision.Of(branch, id, number, edited.ToJson(), edited.Hash(), package.Pointers, RevisionOrigin.Edited, null,
                note.Trim(), context.Now, context.Caller.PersonId));
            context.Audit(new JsonObject { ["revision"] = number, ["from"] = baseRevision, ["hash"] = edited.Hash(), ["fields"] = new JsonArray([.. changes.Select(c => (JsonNode)c)]) });
            Announce(context, branch, package.Id, number);
            return number;
        }, ct);

    /// <summary>
    /// Goes back: a new revision with an older one's values, but for what HQ's rules hold today: a locked field, or one with limits the
    /// old value lies outside of, stays as it is (<see cref="RevertPlan.Kept"/>). HQ's later changes count as ruled on; new quotes use
    /// it, sent quotes and bookings keep their pin. Answers a request of HQ to review a called-back version where it goes back before
    /// that version was taken. Refused with the rule's refusal when the rules hold everything that would change, and with
    /// <c>refuse.kernel.stale_write</c> when it would write something else than was looked at.
    /// </summary>
    /// <param name="seen">The hash of <see cref="RevertPreview.After"/>, as it was looked at; null where nobody looked.</param>
    public Task<Result<int>> RevertAsync(Sender from, BranchId branch, BranchPackageId id, int baseRevision, int toRevision, string reason, string? seen, CancellationToken ct) =>
        door.RunAsync<int>(new Command("package.revert", from, TenantScope.Of(branch), Access.ManagerOf(branch), "package", id.ToString()),
            (context, token) => RevertAsync(context, branch, id, baseRevision, toRevision, reason, seen, context.Caller.PersonId, token), ct);

    /// <summary>The same inside somebody's command.</summary>
    /// <param name="by">Who decided it.</param>
    internal static async Task<Result<int>> RevertAsync(WriteContext context, BranchId branch, BranchPackageId id, int baseRevision, int toRevision, string reason, string? seen, PersonId? by, CancellationToken ct)
    {
        if (string.IsNullOrWhiteSpace(reason)) return KernelRefusals.ReasonRequired.At("reason");
        if (reason.Length > LongestNote) return KernelRefusals.TooLong.At("reason", LongestNote);
        var package = await context.Db.BranchPackages.SingleOrDefaultAsync(p => p.Id == id, ct);
        if (package is null || toRevision < 1 || toRevision > package.CurrentRevision) return KernelRefusals.NotFound;
        if (package.CurrentRevision != baseRevision) return KernelRefusals.StaleWrite;
        var studio = await context.Db.Branches.AsNoTracking().SingleAsync(b => b.Id == branch, ct);
        if (!(await PlanRevertAsync(context.Db, package, studio, toRevision, context.Now, ct)).TryGet(out var plan, out var refusal)) return refusal;
        // The day may have turned over a rule, or HQ called back the version it came with.
        if (seen is not null && seen != plan.After.Hash()) return KernelRefusals.StaleWrite;

        var number = package.Revise(plan.After.Name, plan.Pointers, package.DecidedVersion, plan.IsCustomised);
        context.Db.PackageRevisions.Add(PackageRevision.Of(branch, package.Id, number, plan.After.ToJson(), plan.After.Hash(), plan.Pointers, RevisionOrigin.Reverted, toRevision, reason.Trim(), context.Now, by));
        foreach (var asked in await context.Db.UpdateOffers.Where(o => o.TemplateId == package.TemplateId && o.ReviewRevertAskedAt != null && o.RevertReviewedAt == null).ToListAsync(ct))
        {
            if (!plan.Lineage.IsBefore(toRevision, asked.Version)) continue;
            asked.RevertReviewed(context.Now);
            OfferCommands.Announce(context, asked);
        }

        context.Audit(new JsonObject
        {
            ["revision"] = number,
            ["backTo"] = toRevision,
            ["hash"] = plan.After.Hash(),
            ["kept"] = new JsonArray([.. plan.Kept.Select(k => (JsonNode)k.Path)]),
            ["reason"] = reason.Trim(),
        });
        Announce(context, branch, package.Id, number);
        return number;
    }

    /// <summary>What going back would write. The preview and the command ask here, so they say the same.</summary>
    internal static async Task<Result<RevertPlan>> PlanRevertAsync(VaultDb db, BranchPackage package, Branch studio, int toRevision, DateTimeOffset now, CancellationToken ct)
    {
        if (toRevision < 1 || toRevision > package.CurrentRevision) return KernelRefusals.NotFound;
        var current = await RevisionAsync(db, package, package.CurrentRevision, ct);
        var target = await RevisionAsync(db, package, toRevision, ct);
        var (before, wanted) = (PackageContent.Parse(current.Content).Value, PackageContent.Parse(target.Content).Value);
        var today = BranchClock.DayOf(now, studio.TimeZone);
        var hq = await HqSide.OfAsync(db, studio, package, today, ct);
        var ruling = hq.Ruling.ToTree();
        var (content, kept) = hq.Rules.Within(before.ToTree(), wanted.ToTree(), ruling);
        if (kept.Count > 0 && ContentNode.Same(content, before.ToTree())) return kept[0].Refusal;
        if (!PackageContent.From(content).TryGet(out var after, out var refusal)) return refusal;
        // A mixture of then and now has to make sense too; one that was kept whole did.
        if (kept.Count > 0 && after.Problems() is [var problem, ..]) return PackageRefusals.SemanticConflict.At(problem.Path ?? "", problem.Sentence);

        var pointers = FieldPointers.Parse(package.Pointers).BackTo(FieldPointers.Parse(target.Pointers), [.. kept.Select(k => k.Path)]).ToJson();
        var revisions = await db.PackageRevisions.AsNoTracking().Where(r => r.PackageId == package.Id).Select(r => new RevisionStep(r.Number, r.Origin, r.OriginNumber)).ToListAsync(ct);
        return new RevertPlan(before, after, [.. kept.Select(k => new KeptField(k.Path, FieldCatalogue.Describe(k.Path, ruling, before.ToTree(), wanted.ToTree()).Label, k.Refusal))],
            pointers, PackageQueries.IsOwn(after, studio, hq.Decided), new RevisionLineage(revisions));
    }

    /// <summary>The branch's own tax where the template leaves it to the branch.</summary>
    internal static TaxTerms? TaxTermsOf(Branch studio, TemplateContent template) =>
        new(studio.TaxName, studio.TaxRatePercent, template.Tax.PricesIncludeTax);

    private static Task<PackageRevision> RevisionAsync(VaultDb db, BranchPackage package, int number, CancellationToken ct) =>
        db.PackageRevisions.AsNoTracking().SingleAsync(r => r.BranchId == package.BranchId && r.PackageId == package.Id && r.Number == number, ct);

    private static void Announce(WriteContext context, BranchId branch, BranchPackageId package, int revision) =>
        context.Announce(Topics.PackageRevised, branch, new JsonObject { ["packageId"] = package.ToString(), ["revision"] = revision });
}
