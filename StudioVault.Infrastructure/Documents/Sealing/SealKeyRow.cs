namespace StudioVault.Infrastructure.Documents.Sealing;

/// <summary>A key of the group for sealing documents. The certificate is kept for ever; the private key goes when it is retired.</summary>
public sealed class SealKeyRow
{
    private SealKeyRow() { }

    /// <summary>SHA-256 of the certificate.</summary>
    public string Fingerprint { get; private init; } = "";

    /// <summary>DER.</summary>
    public byte[] Certificate { get; private init; } = [];

    /// <summary>PKCS #8, encrypted with the group's master key; null once retired.</summary>
    public byte[]? PrivateKey { get; private set; }

    public DateTimeOffset MadeAt { get; private init; }
    public DateTimeOffset? RetiredAt { get; private set; }

    public static SealKeyRow Of(SealKey key, byte[] closed, DateTimeOffset at) => new() { Fingerprint = key.Fingerprint, Certificate = key.Certificate.ToArray(), PrivateKey = closed, MadeAt = at };

    /// <summary>Seals nothing any more; what it sealed stays sealed.</summary>
    public void Retire(DateTimeOffset at) => (PrivateKey, RetiredAt) = (null, at);
}

/// <summary>What is known of a file of ours by everybody who holds it (see <see cref="Domain.Documents.DocumentFingerprint"/>): insert-only, nothing personal.</summary>
public sealed class FingerprintRow
{
    private FingerprintRow() { }

    public string Sha256 { get; private init; } = "";
    public long Length { get; private init; }
    public string Kind { get; private init; } = "";
    public string? PdfId { get; private init; }
    public string? Number { get; private init; }
    public int? Version { get; private init; }
    public string? ContentHash { get; private init; }
    public DateTimeOffset SealedAt { get; private init; }

    public static FingerprintRow Of(Domain.Documents.DocumentFingerprint fingerprint) => new()
    {
        Sha256 = fingerprint.Sha256,
        Length = fingerprint.Length,
        Kind = fingerprint.Kind,
        PdfId = fingerprint.PdfId,
        Number = fingerprint.Number,
        Version = fingerprint.Version,
        ContentHash = fingerprint.ContentHash,
        SealedAt = fingerprint.SealedAt,
    };
}
