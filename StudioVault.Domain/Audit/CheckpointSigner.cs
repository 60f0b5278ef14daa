using System.Security.Cryptography;
using System.Text;

namespace StudioVault.Domain.Audit;

/// <summary>Signs checkpoints with one ECDSA P-256 key under one name; the log's origin line is that name. Owns the key.</summary>
public sealed class CheckpointSigner : IDisposable
{
    private readonly ECDsa _key;

    /// <param name="name">Origin of the log and name of the key; see <see cref="CheckpointKey.IsName"/>.</param>
    /// <param name="key">Private key on P-256; disposed with the signer.</param>
    /// <exception cref="ArgumentException">Not a key name, or not a P-256 key.</exception>
    public CheckpointSigner(string name, ECDsa key)
    {
        if (!CheckpointKey.IsName(name)) throw new ArgumentException("A key name is not empty and holds neither spaces nor plus signs.", nameof(name));
        if (!CheckpointKey.FromSpki(name, key.ExportSubjectPublicKeyInfo()).TryGet(out var publicKey, out _))
            throw new ArgumentException("Checkpoints are signed with ECDSA on the curve P-256.", nameof(key));
        (Name, _key, Key) = (name, key, publicKey);
    }

    public string Name { get; }

    /// <summary>The public half.</summary>
    public CheckpointKey Key { get; }

    /// <summary>A signed checkpoint of this log.</summary>
    /// <param name="size">Number of leaves, at least 0.</param>
    /// <param name="root">Root over them.</param>
    public Checkpoint Sign(long size, MerkleHash root) => Cosign(Checkpoint.Of(Name, size, root));

    /// <summary>Adds this key's signature line, for example beside that of a retiring key.</summary>
    public Checkpoint Cosign(Checkpoint checkpoint) => checkpoint.With(new(Name, Key.Hint,
        _key.SignData(Encoding.UTF8.GetBytes(checkpoint.Text), HashAlgorithmName.SHA256, DSASignatureFormat.Rfc3279DerSequence)));

    public void Dispose()
    {
        Key.Dispose();
        _key.Dispose();
    }
}
