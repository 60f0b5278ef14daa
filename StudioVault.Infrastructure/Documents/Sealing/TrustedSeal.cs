namespace StudioVault.Infrastructure.Documents.Sealing;

/// <summary>A certificate whose seals are the group's.</summary>
/// <param name="Certificate">DER, as <see cref="SealKey.Certificate"/> gave it.</param>
/// <param name="RetiredAt">When its key stopped signing; null while it signs. What it sealed before stays sealed.</param>
public sealed record TrustedSeal(ReadOnlyMemory<byte> Certificate, DateTimeOffset? RetiredAt);
