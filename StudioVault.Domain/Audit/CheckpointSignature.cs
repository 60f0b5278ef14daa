namespace StudioVault.Domain.Audit;

/// <summary>One signature line of a note.</summary>
public sealed class CheckpointSignature
{
    /// <summary>Bytes of the key hint.</summary>
    public const int HintLength = 4;

    private readonly byte[] _decoded;

    /// <param name="name">Key name as written in the line.</param>
    /// <param name="decoded">Hint and signature, as base64 carries them.</param>
    internal CheckpointSignature(string name, byte[] decoded) => (Name, _decoded) = (name, decoded);

    /// <param name="name">Key name; see <see cref="CheckpointKey.IsName"/>.</param>
    /// <param name="hint">The key's hint, 4 bytes.</param>
    /// <param name="signature">The signature itself; ECDSA in its DER form.</param>
    public CheckpointSignature(string name, ReadOnlySpan<byte> hint, ReadOnlySpan<byte> signature)
    {
        if (!CheckpointKey.IsName(name)) throw new ArgumentException("Not a key name.", nameof(name));
        if (hint.Length != HintLength || signature.IsEmpty) throw new ArgumentException("A hint has 4 bytes and a signature at least one.", nameof(hint));
        (Name, _decoded) = (name, [.. hint, .. signature]);
    }

    public string Name { get; }

    /// <summary>Which key of that name: the first four bytes of its id.</summary>
    public ReadOnlySpan<byte> Hint => _decoded.AsSpan(0, HintLength);

    public ReadOnlySpan<byte> Bytes => _decoded.AsSpan(HintLength);

    internal string Encoded() => Convert.ToBase64String(_decoded);
}
