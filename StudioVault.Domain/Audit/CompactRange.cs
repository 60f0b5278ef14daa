using System.Numerics;

namespace StudioVault.Domain.Audit;

/// <summary>
/// The frontier of a growing tree: the roots of the perfect subtrees that cover leaves [0, size), largest first, one per set
/// bit of the size. This is all the sequencer has to keep to append a leaf in O(log n) and to know the root.
/// Not safe for several threads.
/// </summary>
public sealed class CompactRange
{
    private readonly List<MerkleHash> _roots;

    /// <summary>The range of a log without leaves.</summary>
    public CompactRange() => _roots = [];

    /// <summary>A range as stored.</summary>
    /// <param name="size">Leaves covered, at least 0.</param>
    /// <param name="hashes">As <see cref="Hashes"/> gave them.</param>
    /// <exception cref="ArgumentException">There are not as many hashes as the size has set bits.</exception>
    public CompactRange(long size, IEnumerable<MerkleHash> hashes)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(size);
        _roots = [.. hashes];
        Size = size;
        if (_roots.Count != BitOperations.PopCount((ulong)size))
            throw new ArgumentException($"A range over {size} leaves has {BitOperations.PopCount((ulong)size)} hashes, not {_roots.Count}.", nameof(hashes));
    }

    /// <summary>A range as stored in a column of 32-byte values.</summary>
    /// <exception cref="ArgumentException">As above, or a hash is not 32 bytes long.</exception>
    public CompactRange(long size, IEnumerable<byte[]> hashes) : this(size, hashes.Select(h => new MerkleHash(h))) { }

    /// <summary>Number of leaves.</summary>
    public long Size { get; private set; }

    /// <summary>The subtree roots, largest first.</summary>
    public IReadOnlyList<MerkleHash> Hashes => _roots;

    /// <summary>Appends one leaf; answers its index.</summary>
    public long Append(in MerkleHash leaf)
    {
        var node = leaf;
        for (var level = Size; (level & 1) == 1; level >>= 1)
        {
            node = MerkleHash.Node(_roots[^1], node);
            _roots.RemoveAt(_roots.Count - 1);
        }
        _roots.Add(node);
        return Size++;
    }

    /// <summary>The root over all leaves.</summary>
    public MerkleHash Root()
    {
        if (_roots.Count == 0) return MerkleHash.Empty;
        var root = _roots[^1];
        for (var i = _roots.Count - 2; i >= 0; i--) root = MerkleHash.Node(_roots[i], root);
        return root;
    }

    /// <summary>The frontier for a column of 32-byte values, largest subtree first.</summary>
    public byte[][] ToArrays() => [.. _roots.Select(h => h.ToArray())];
}
