using StudioVault.Domain.Agreements;
using StudioVault.Domain.Kernel;

namespace StudioVault.Infrastructure.Agreements.Deliveries;

/// <summary>A delivery as its pages show it.</summary>
/// <param name="Number">Number of the agreement it follows from.</param>
/// <param name="EndsAt">The moment it goes offline, null without an end.</param>
/// <param name="Files">By name.</param>
/// <param name="Now">The database's clock when it was read: what is over is over for every node alike.</param>
public sealed record DeliveryView(Delivery Delivery, string Studio, string City, string ContactEmail, string Number, DateTimeOffset? EndsAt, DateOnly OpenedOn, IReadOnlyList<DeliveryFile> Files, DateTimeOffset Now)
{
    /// <summary>Why nothing can be fetched; null while it is online.</summary>
    public Refusal? Closed
    {
        get
        {
            if (Delivery.RevokedAt is not null) return DeliveryRefusals.Revoked.With(Delivery.RevokedReason);
            if (EndsAt is { } end && Now >= end) return DeliveryRefusals.Expired.With(Delivery.OnlineUntil!.Value.ToString("d MMMM yyyy", System.Globalization.CultureInfo.InvariantCulture));
            return null;
        }
    }
}
