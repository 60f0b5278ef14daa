using StudioVault.Domain.Agreements;
using StudioVault.Domain.Kernel;
using StudioVault.Domain.Proposals;
using StudioVault.Infrastructure.Agreements;
using StudioVault.Infrastructure.Door;
using StudioVault.Infrastructure.Persistence;

namespace StudioVault.Infrastructure.Proposals.Capabilities;

/// <summary>Takes the last extension of a delivery back within a day. Refused as <see cref="Delivery.TakeBack"/>, and with <c>refuse.kernel.not_found</c>.</summary>
public sealed class DeliveryTakeBackExtension : ICapability
{
    public const string Name = "delivery.take_back_extension";

    public CapabilityDefinition Definition { get; } = new(Name, "Deliveries", "Take an extension back", "Takes back within 24 hours that a delivery stays online longer; what was promised holds.",
        new([new("deliveryId", InputKind.Id, "Delivery"), new("until", InputKind.Day, "Extended until")]), Band.Green, IsAtomic: true,
        new("Studio operations", "medium", "A client who was told of the later day finds nothing any more.", "The delivery is extended again.", "DeliveryExtendTests",
            Band.Green, TimeSpan.FromHours(12), TimeSpan.FromHours(4), PerAgent: 20, PerOwner: 40, PerBranch: 60, TimeSpan.FromDays(1)))
    {
        UndoneBy = [DeliveryExtend.Name],
        RejectReasons = ["The client was told of it", "The extension is right", "Wrong delivery", "Talk to the client first", "Not needed"],
    };

    public async Task<Result<IntendedWrite>> PrepareAsync(VaultDb db, CapabilityCall call, CancellationToken ct)
    {
        if (!(await DeliveryCase.FindAsync(db, call, tracked: false, ct)).TryGet(out var found, out var refusal)) return refusal;
        var (delivery, project) = found;
        var (etag, before) = (found.Etag(), delivery.OnlineUntil);
        if (delivery.TakeBack(call.Day("until"), call.Now).Refusal is { } no) return no;
        var until = delivery.OnlineUntil!.Value;
        return new IntendedWrite($"Take back that “{delivery.Title}” for {project.ClientName} is online until {before!.Value.Words()}", $"taking it back to {until.Words()}",
            new("delivery", delivery.Id.ToString(), etag, $"/projects/{project.Id}/delivery"), [new("Online until", before.Value.Words(), until.Words())])
        { About = await Concern.OfProjectAsync(db, project.Id, ct), Notes = [$"Promised until {delivery.PromisedUntil!.Value.Words()}."] };
    }

    public async Task<Result<Effect>> ExecuteAsync(WriteContext context, CapabilityCall call, CancellationToken ct)
    {
        if (!(await DeliveryCase.FindAsync(context.Db, call, tracked: true, ct)).TryGet(out var found, out var refusal)) return refusal;
        var (delivery, project) = found;
        var because = delivery.ExtendedReason ?? CapabilityWords.RolledBack;
        if (delivery.TakeBack(call.Day("until"), context.Now).Refusal is { } no) return no;
        ProjectCommands.Announce(context, project);
        return new Effect($"The delivery is online until {delivery.OnlineUntil!.Value.Words()} again.", $"/projects/{project.Id}/delivery",
            new(DeliveryExtend.Name, CapabilityWords.Args(("deliveryId", delivery.Id.ToString()), ("until", call.Day("until").Spelled()), ("reason", because))));
    }
}
