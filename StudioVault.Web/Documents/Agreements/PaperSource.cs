using StudioVault.Domain.Agreements;

namespace StudioVault.Web.Documents.Agreements;

/// <summary>An executed paper that an agreement as amended is made from.</summary>
/// <param name="Version">1 is the agreement itself.</param>
/// <param name="Kind">What the amendment is about; null for version 1.</param>
/// <param name="EffectiveOn">Branch-local day; null for version 1, which holds from its signing.</param>
/// <param name="SignedAt">The last signature, by the clock of the database.</param>
/// <param name="SignedBy">Everybody who signed it, in the order of the paper.</param>
public sealed record PaperSource(int Version, AmendmentKind? Kind, DateOnly? EffectiveOn, DateTimeOffset SignedAt, IReadOnlyList<string> SignedBy, string ContentHash);
