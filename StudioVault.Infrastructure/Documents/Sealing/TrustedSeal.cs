namespace StudioVault.Infrastructure.Documents.Sealing;

/// <summary>A certificate whose seals are the group's.</summary>
/// <param name="Certificate">DER, as <see cref="SealKey.Certificate"/> gave it.</param>
/// <param name="RetiredAt">When its key stopped signing; null while it signs. What it sealed before stays sealed.</param>
public sealed record TrustedSeal(ReadOnlyMemory<byte> Certificate, DateTimeOffset? RetiredAt)
{
    /// <summary>SHA-256 of the certificate, lower-case hexadecimal.</summary>
    public string Fingerprint => Convert.ToHexStringLower(System.Security.Cryptography.SHA256.HashData(Certificate.Span));
}
