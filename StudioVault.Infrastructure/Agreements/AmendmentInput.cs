using StudioVault.Domain.Agreements;

namespace StudioVault.Infrastructure.Agreements;

/// <summary>An amendment as the studio writes it; number, version and base follow from the agreement.</summary>
/// <param name="Operations">As the forms of <see cref="Amendments"/> make them.</param>
/// <param name="Resolutions">By the version of a signed amendment that takes effect later: which of the two holds.</param>
public sealed record AmendmentInput(AmendmentKind Kind, DateOnly EffectiveOn, string Reason, PriceBasis PriceBasis, IReadOnlyList<AmendmentOperation> Operations, IReadOnlyDictionary<int, Precedence> Resolutions);
