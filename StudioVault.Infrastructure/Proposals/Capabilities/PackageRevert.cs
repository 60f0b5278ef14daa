using System.Text.Json.Nodes;
using Microsoft.EntityFrameworkCore;
using StudioVault.Domain.Kernel;
using StudioVault.Domain.Packages;
using StudioVault.Domain.Proposals;
using StudioVault.Infrastructure.Door;
using StudioVault.Infrastructure.Packages;
using StudioVault.Infrastructure.Persistence;

namespace StudioVault.Infrastructure.Proposals.Capabilities;

/// <summary>Takes a package back to an earlier revision, as <see cref="PackageCommands.RevertAsync(Sender, BranchId, BranchPackageId, int, int, string, string?, CancellationToken)"/> does; refused likewise and with <c>refuse.proposal.nothing_changes</c>.</summary>
public sealed class PackageRevert : ICapability
{
    public const string Name = "package.revert";

    public CapabilityDefinition Definition { get; } = new(Name, "Packages", "Go back to a revision", "Makes a new revision of a package with the values of an earlier one; sent quotes and bookings keep what they pin.",
        new([new("packageId", InputKind.Id, "Package"), new("toRevision", InputKind.Whole, "Revision", 100_000), new("reason", InputKind.Text, "Reason", 500, IsLong: true)]), Band.Amber, IsAtomic: true,
        new("Package owners", "medium", "The branch sells at old prices or under an old clause again.", "The package goes forward to the revision it was at.", "PackageAcceptSafeTests",
            Band.Amber, TimeSpan.FromDays(3), TimeSpan.FromHours(4), PerAgent: 5, PerOwner: 10, PerBranch: 20, TimeSpan.FromDays(1)))
    {
        UndoneBy = [Name],
        RejectReasons = ["It is right as it is", "Wrong revision", "Edit it instead", "Ask HQ first", "Not now"],
    };

    public async Task<Result<IntendedWrite>> PrepareAsync(VaultDb db, CapabilityCall call, CancellationToken ct)
    {
        var (id, to) = (new BranchPackageId(call.Id("packageId")), call.Whole("toRevision"));
        var package = await db.BranchPackages.AsNoTracking().SingleOrDefaultAsync(p => p.Id == id, ct);
        if (package is null || to > package.CurrentRevision) return KernelRefusals.NotFound;
        var studio = await db.Branches.AsNoTracking().SingleAsync(b => b.Id == call.Branch, ct);
        if (!(await PackageCommands.PlanRevertAsync(db, package, studio, to, call.Now, ct)).TryGet(out var plan, out var refusal)) return refusal;
        var (now, then) = (plan.Before.ToTree(), plan.After.ToTree());
        if (ContentNode.Same(now, then)) return IntentRefusals.NothingChanges;
        var changes = ContentDiff.Between(now, then);
        return new IntendedWrite($"Take {package.Name} back to revision {to}: {CapabilityWords.Count(changes.Count, "change", "changes")}", $"going back to revision {to}",
            new("package", id.ToString(), TargetRef.EtagOf(new JsonObject { ["after"] = plan.After.Hash(), ["package"] = id.ToString(), ["revision"] = package.CurrentRevision }), $"/packages/{id}"),
            PackageWords.Facts(changes.Select(c => (FieldCatalogue.Describe(c.Path, then, now), c.Before, c.After)), studio.Currency))
        { About = Concern.Nobody, Notes = [$"It becomes revision {package.CurrentRevision + 1}; new quotes use it, sent ones keep theirs.", .. plan.Kept.Select(k => $"“{k.Label}” stays as it is now. {k.Refusal.Sentence}")] };
    }

    public async Task<Result<Effect>> ExecuteAsync(WriteContext context, CapabilityCall call, CancellationToken ct)
    {
        var id = new BranchPackageId(call.Id("packageId"));
        if (await context.Db.BranchPackages.SingleOrDefaultAsync(p => p.Id == id, ct) is not { } package) return KernelRefusals.NotFound;
        var before = package.CurrentRevision;
        if (!(await PackageCommands.RevertAsync(context, call.Branch, id, before, call.Whole("toRevision"), call.Text("reason"), null, call.Approver ?? context.Caller.PersonId, ct)).TryGet(out var number, out var refusal)) return refusal;
        return new Effect($"The package is at revision {number}, with the values of revision {call.Whole("toRevision")}.", $"/packages/{id}",
            new(Name, CapabilityWords.Args(("packageId", id.ToString()), ("toRevision", before), ("reason", CapabilityWords.RolledBack))));
    }
}
