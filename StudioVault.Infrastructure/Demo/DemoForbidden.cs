using System.Text.Json.Nodes;
using Microsoft.EntityFrameworkCore;
using StudioVault.Domain.Agreements;
using StudioVault.Domain.Kernel;
using StudioVault.Domain.Proposals;
using StudioVault.Infrastructure.Door;
using StudioVault.Infrastructure.Persistence;
using StudioVault.Infrastructure.Proposals;

namespace StudioVault.Infrastructure.Demo;

/// <summary>
/// What nobody can approve, to show in the demo group what BLACK looks like: a keen agent would free space by destroying originals.
/// There is nothing behind it; carrying it out is refused.
/// </summary>
internal sealed class DemoForbidden : ICapability
{
    public const string Name = "originals.destroy";

    public CapabilityDefinition Definition { get; } = new(Name, "Deliveries", "Destroy originals", "Would delete the original files of a delivery for good. Only people do that, by hand, after a review.",
        new([new("deliveryId", InputKind.Id, "Delivery")]), Band.Black, IsAtomic: true,
        new("Branch managers", "critical", "Pictures of a day that does not come again are gone.", "None: what is destroyed stays destroyed.", "ProposalLifeTests",
            Band.Black, TimeSpan.FromHours(4), TimeSpan.FromMinutes(5), PerAgent: 3, PerOwner: 6, PerBranch: 9, TimeSpan.FromDays(1)))
    {
        RejectReasons = ["We never delete originals", "Disks are cheaper than memories", "The client may still order", "Looked into: not needed", "The agent misread its task"],
    };

    public async Task<Result<IntendedWrite>> PrepareAsync(VaultDb db, CapabilityCall call, CancellationToken ct)
    {
        var id = new DeliveryId(Guid.ParseExact(call.Args["deliveryId"]!.GetValue<string>(), "D"));
        if (await db.Deliveries.AsNoTracking().SingleOrDefaultAsync(d => d.Id == id, ct) is not { } delivery) return KernelRefusals.NotFound.At("/args/deliveryId");
        var client = await db.Projects.AsNoTracking().Where(p => p.Id == delivery.ProjectId).Select(p => p.ClientName).SingleAsync(ct);
        var files = await db.DeliveryFiles.AsNoTracking().CountAsync(f => f.DeliveryId == id, ct);
        return new IntendedWrite($"Destroy the originals of “{delivery.Title}” for {client}", "destroying the originals",
            new("delivery", id.ToString(), TargetRef.EtagOf(new JsonObject { ["delivery"] = id.ToString(), ["files"] = files }), $"/projects/{delivery.ProjectId}/delivery"),
            [new("Originals", $"{files} files", "none, for good")])
        { About = await Concern.OfProjectAsync(db, delivery.ProjectId, ct) };
    }

    public Task<Result<Effect>> ExecuteAsync(WriteContext context, CapabilityCall call, CancellationToken ct) => Task.FromResult<Result<Effect>>(ApprovalRefusals.HumanReviewOnly);
}
