using System.Text.Json.Nodes;
using Microsoft.EntityFrameworkCore;
using StudioVault.Domain.Agreements;
using StudioVault.Domain.Kernel;
using StudioVault.Domain.Proposals;
using StudioVault.Infrastructure.Agreements;
using StudioVault.Infrastructure.Door;
using StudioVault.Infrastructure.Organization;
using StudioVault.Infrastructure.Persistence;

namespace StudioVault.Infrastructure.Proposals.Capabilities;

/// <summary>Keeps a delivery online longer. Refused as <see cref="Delivery.Extend"/>, and with <c>refuse.kernel.not_found</c>, <c>refuse.delivery.over_already</c>.</summary>
public sealed class DeliveryExtend : ICapability
{
    public const string Name = "delivery.extend";

    public CapabilityDefinition Definition { get; } = new(Name, "Deliveries", "Keep a delivery online", "Keeps the files of a delivery online longer than the agreement says; the link stays the same.",
        new([new("deliveryId", InputKind.Id, "Delivery"), new("until", InputKind.Day, "Online until"), new("reason", InputKind.Text, "Reason", Delivery.LongestReason, IsLong: true)]),
        Band.Green, IsAtomic: true,
        new("Studio operations", "low", "The studio stores files longer than it has to.", "The extension is taken back within 24 hours; never before what was promised.", "DeliveryExtendTests",
            Band.Green, TimeSpan.FromDays(3), TimeSpan.FromHours(12), PerAgent: 20, PerOwner: 40, PerBranch: 60, TimeSpan.FromDays(1)))
    {
        UndoneBy = [DeliveryTakeBackExtension.Name],
        RejectReasons = ["They had time enough", "They should buy an extension", "Too long", "Wrong delivery", "Not needed"],
    };

    public async Task<Result<IntendedWrite>> PrepareAsync(VaultDb db, CapabilityCall call, CancellationToken ct)
    {
        if (!(await DeliveryCase.FindAsync(db, call, tracked: false, ct)).TryGet(out var found, out var refusal)) return refusal;
        var (delivery, project) = found;
        var (etag, before, because) = (found.Etag(), delivery.OnlineUntil, delivery.ExtendedReason);
        if (Extend(delivery, call, call.Now).Refusal is { } no) return no;
        var until = delivery.OnlineUntil!.Value;
        return new IntendedWrite($"Keep “{delivery.Title}” for {project.ClientName} online until {until.Words()}", $"keeping it online until {until.Words()}",
            new("delivery", delivery.Id.ToString(), etag, $"/projects/{project.Id}/delivery"),
            [new("Online until", before?.Words(), until.Words()), new("Reason", because, call.Text("reason"))])
        { About = await Concern.OfProjectAsync(db, project.Id, ct), Notes = [$"Promised until {delivery.PromisedUntil!.Value.Words()}; this is {CapabilityWords.Count(until.DayNumber - delivery.PromisedUntil.Value.DayNumber, "day", "days")} longer."] };
    }

    public async Task<Result<Effect>> ExecuteAsync(WriteContext context, CapabilityCall call, CancellationToken ct)
    {
        if (!(await DeliveryCase.FindAsync(context.Db, call, tracked: true, ct)).TryGet(out var found, out var refusal)) return refusal;
        var (delivery, project) = found;
        if (Extend(delivery, call, context.Now).Refusal is { } no) return no;
        ProjectCommands.Announce(context, project);
        return new Effect($"The delivery is online until {delivery.OnlineUntil!.Value.Words()}.", $"/projects/{project.Id}/delivery",
            new(DeliveryTakeBackExtension.Name, CapabilityWords.Args(("deliveryId", delivery.Id.ToString()), ("until", delivery.OnlineUntil.Value.Spelled()))));
    }

    private static Result<Done> Extend(Delivery delivery, CapabilityCall call, DateTimeOffset now)
    {
        if (call.Day("until") < BranchClock.DayOf(now, delivery.TimeZone)) return DeliveryRefusals.OverAlready.At("/args/until");
        return delivery.Extend(call.Day("until"), call.Text("reason"), now);
    }
}

/// <summary>A delivery and whose it is.</summary>
internal sealed record DeliveryCase(Delivery Delivery, Project Project)
{
    /// <param name="tracked">False to look only: what is tried on it then is not saved.</param>
    public static async Task<Result<DeliveryCase>> FindAsync(VaultDb db, CapabilityCall call, bool tracked, CancellationToken ct)
    {
        var id = new DeliveryId(call.Id("deliveryId"));
        var query = tracked ? db.Deliveries : db.Deliveries.AsNoTracking();
        if (await query.SingleOrDefaultAsync(d => d.Id == id, ct) is not { } delivery) return KernelRefusals.NotFound.At("/args/deliveryId");
        return new DeliveryCase(delivery, await db.Projects.AsNoTracking().SingleAsync(p => p.Id == delivery.ProjectId, ct));
    }

    /// <summary>How long it is online and since which extension.</summary>
    public string Etag() => TargetRef.EtagOf(new JsonObject
    {
        ["delivery"] = Delivery.Id.ToString(),
        ["extendedAt"] = Delivery.ExtendedAt?.ToUniversalTime().ToString("O"),
        ["onlineUntil"] = Delivery.OnlineUntil?.Spelled(),
        ["revoked"] = Delivery.RevokedAt is not null,
    });
}
