using System.Security.Cryptography;
using StudioVault.Domain.Audit;
using StudioVault.Infrastructure.Persistence;

namespace StudioVault.Infrastructure.Audit;

/// <summary>
/// The group's signing key, ECDSA P-256, from a PEM file outside the database: it signs checkpoints and branches' consents.
/// .NET has no Ed25519, which is why it is not one.
/// </summary>
public sealed class GroupKey : IDisposable
{
    /// <summary>Origin line of this log and name of the keys that sign for it; never changes.</summary>
    public const string LogName = "studiovault/audit";

    private readonly ECDsa _key;

    private GroupKey(string name, ECDsa key)
    {
        _key = key;
        Signer = new CheckpointSigner(name, key);
    }

    /// <summary>Signs checkpoints; its name is the origin of this log.</summary>
    public CheckpointSigner Signer { get; }

    /// <summary>Short name of the key for people: the first eight digits of the public key's SHA-256.</summary>
    public string Fingerprint => Convert.ToHexStringLower(SHA256.HashData(Signer.Key.Spki.Span))[..8];

    /// <summary>Reads the file, or makes it where it is missing and may be made.</summary>
    /// <param name="path">PKCS #8 private key, PEM.</param>
    /// <param name="name">Name of the log, without spaces, for example <c>northlight.example/audit</c>.</param>
    /// <param name="mayCreate">False where the log has checkpoints already: another key would break its chain of signatures.</param>
    /// <exception cref="StartRefusedException">Missing and may not be made, or not such a key.</exception>
    public static GroupKey Load(string path, string name, bool mayCreate)
    {
        if (!File.Exists(path))
        {
            if (!mayCreate)
            {
                throw new StartRefusedException([$"The signing key file is missing ({Path.GetFileName(path)}), but the audit log holds checkpoints signed with it. Put the file back from a copy; " +
                    "a further node gets the first one's (keys/audit-signing.pem in its data folder) and names it in Audit:SigningKeyFile."]);
            }

            using var made = ECDsa.Create(ECCurve.NamedCurves.nistP256);
            SecretFiles.Write(path, made.ExportPkcs8PrivateKeyPem());
        }

        return Parse(File.ReadAllText(path), name) ?? throw new StartRefusedException([$"The signing key file ({Path.GetFileName(path)}) does not hold an ECDSA P-256 private key in PEM form."]);
    }

    /// <summary>The key in the text of its file; null when it holds none of this kind.</summary>
    /// <param name="pem">PKCS #8 private key.</param>
    /// <param name="name">Name of the log.</param>
    public static GroupKey? Parse(string pem, string name)
    {
        var key = ECDsa.Create();
        try
        {
            key.ImportFromPem(pem);
            // The public half is a PEM too, and signs nothing.
            key.SignHash(new byte[32]);
            return new GroupKey(name, key);
        }
        catch (Exception e) when (e is ArgumentException or CryptographicException)
        {
            key.Dispose();
            return null;
        }
    }

    /// <summary>Base64 of the DER signature over the bytes, ECDSA with SHA-256.</summary>
    public string Sign(ReadOnlySpan<byte> bytes) =>
        Convert.ToBase64String(_key.SignData(bytes, HashAlgorithmName.SHA256, DSASignatureFormat.Rfc3279DerSequence));

    /// <summary>True when the signature over the bytes is this key's.</summary>
    public bool Verify(ReadOnlySpan<byte> bytes, string signature)
    {
        var der = new byte[signature.Length];
        return Convert.TryFromBase64String(signature, der, out var length)
            && _key.VerifyData(bytes, der.AsSpan(0, length), HashAlgorithmName.SHA256, DSASignatureFormat.Rfc3279DerSequence);
    }

    public void Dispose() => Signer.Dispose();
}
