using System.Security.Cryptography;
using StudioVault.Domain.Kernel;

namespace StudioVault.Domain.Audit;

/// <summary>
/// The public half of a checkpoint key: ECDSA P-256 with SHA-256, signatures in DER, as Rekor v1 and the C2SP note format
/// (signature type 0x02) have it. .NET 10 has no Ed25519, so other logs' Ed25519 keys are refused, not skipped.
/// </summary>
public sealed class CheckpointKey : IDisposable
{
    private readonly ECDsa _key;
    private readonly byte[] _hint;

    private CheckpointKey(string? name, ECDsa key, byte[] spki)
    {
        (Name, _key, Spki) = (name, key, spki);
        _hint = SHA256.HashData(spki)[..CheckpointSignature.HintLength];
    }

    /// <summary>The name signature lines must carry, or null when only the hint is known.</summary>
    public string? Name { get; }

    /// <summary>The public key as SubjectPublicKeyInfo, DER.</summary>
    public ReadOnlyMemory<byte> Spki { get; }

    /// <summary>First four bytes of SHA-256 of the SubjectPublicKeyInfo.</summary>
    public ReadOnlySpan<byte> Hint => _hint;

    /// <summary>A key from its SubjectPublicKeyInfo in DER.</summary>
    /// <param name="name">Name that signature lines must carry; null: any.</param>
    /// <param name="spki">The bytes; nothing may follow them.</param>
    /// <returns>The key, or <c>refuse.audit.key_unsupported</c>.</returns>
    public static Result<CheckpointKey> FromSpki(string? name, ReadOnlySpan<byte> spki)
    {
        var key = ECDsa.Create();
        try
        {
            key.ImportSubjectPublicKeyInfo(spki, out var read);
            if (read == spki.Length && key.KeySize == 256 && IsP256(key.ExportParameters(false).Curve)) return new CheckpointKey(name, key, spki.ToArray());
        }
        catch (CryptographicException)
        {
            // Not a key, or not one for ECDSA: the answer is the same.
        }
        key.Dispose();
        return AuditRefusals.KeyUnsupported;
    }

    /// <summary>A key from the PEM block "PUBLIC KEY".</summary>
    /// <returns>The key, or <c>refuse.audit.key_unsupported</c>.</returns>
    public static Result<CheckpointKey> FromPem(string? name, string pem)
    {
        if (!PemEncoding.TryFind(pem, out var fields) || pem[fields.Label] != "PUBLIC KEY") return AuditRefusals.KeyUnsupported;
        return FromSpki(name, Convert.FromBase64String(pem[fields.Base64Data]));
    }

    /// <summary>Not empty, no Unicode space, no plus sign.</summary>
    public static bool IsName(string name) => name.Length > 0 && !name.Any(c => char.IsWhiteSpace(c) || c == '+' || c < ' ');

    /// <summary>The public key as a PEM block.</summary>
    public string ToPem() => PemEncoding.WriteString("PUBLIC KEY", Spki.Span);

    public void Dispose() => _key.Dispose();

    internal static bool IsP256(ECCurve curve) => curve.IsNamed && curve.Oid.Value is "1.2.840.10045.3.1.7";

    internal bool Claims(CheckpointSignature signature) =>
        signature.Hint.SequenceEqual(_hint) && (Name is null || signature.Name == Name);

    internal bool Verify(ReadOnlySpan<byte> text, ReadOnlySpan<byte> signature)
    {
        try
        {
            return DerSignature.IsStrict(signature) && _key.VerifyData(text, signature, HashAlgorithmName.SHA256, DSASignatureFormat.Rfc3279DerSequence);
        }
        catch (CryptographicException)
        {
            return false;
        }
    }
}
