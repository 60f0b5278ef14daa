namespace StudioVault.Domain.Audit;

/// <summary>
/// A whole tree in memory: the root, and any proof, for any size up to now. About 64 bytes per leaf. For the sequencer, which
/// needs only the newest root, see <see cref="CompactRange"/>.
/// </summary>
public sealed class MerkleTree
{
    private readonly List<List<MerkleHash>> _levels = [[]];

    public MerkleTree() { }

    public MerkleTree(IEnumerable<MerkleHash> leaves)
    {
        foreach (var leaf in leaves) Append(leaf);
    }

    /// <summary>A tree of its own with the same leaves.</summary>
    public MerkleTree Copy()
    {
        var copy = new MerkleTree();
        copy._levels.Clear();
        foreach (var level in _levels) copy._levels.Add([.. level]);
        return copy;
    }

    /// <summary>Number of leaves.</summary>
    public long Size => _levels[0].Count;

    /// <summary>The root over all leaves.</summary>
    public MerkleHash Root => RootAt(Size);

    /// <summary>Appends one leaf; answers its index.</summary>
    public long Append(in MerkleHash leaf)
    {
        var node = leaf;
        for (var level = 0; ; level++)
        {
            if (level == _levels.Count) _levels.Add([]);
            var nodes = _levels[level];
            nodes.Add(node);
            if ((nodes.Count & 1) == 1) return Size - 1;
            node = MerkleHash.Node(nodes[^2], node);
        }
    }

    /// <summary>The root the tree had at <paramref name="size"/> leaves.</summary>
    /// <exception cref="ArgumentOutOfRangeException">The tree never had that size.</exception>
    public MerkleHash RootAt(long size) => RootOf(new(0, size));

    /// <summary>The root of the subtree over a range of leaves.</summary>
    /// <exception cref="ArgumentOutOfRangeException">Not a subtree of this tree.</exception>
    public MerkleHash RootOf(LeafRange range)
    {
        if (range.End > Size || !MerklePaths.IsSubtree(range.Start, range.End))
            throw new ArgumentOutOfRangeException(nameof(range), $"[{range.Start}, {range.End}) is not a subtree of {Size} leaves.");
        if (range.Start == range.End) return MerkleHash.Empty;
        var nodes = range.PerfectNodes().ToArray();
        var root = At(nodes[^1]);
        for (var i = nodes.Length - 2; i >= 0; i--) root = MerkleHash.Node(At(nodes[i]), root);
        return root;
    }

    /// <summary>The proof that leaf <paramref name="index"/> is in the tree of <paramref name="size"/> leaves, lowest node first.</summary>
    /// <exception cref="ArgumentOutOfRangeException">Unless index &lt; size &lt;= <see cref="Size"/>.</exception>
    public MerkleHash[] InclusionProof(long index, long size) => Roots(MerklePaths.Inclusion(index, size));

    /// <summary>The proof that the tree of <paramref name="size1"/> leaves is the beginning of that of <paramref name="size2"/>.</summary>
    /// <exception cref="ArgumentOutOfRangeException">Unless 0 &lt; size1 &lt;= size2 &lt;= <see cref="Size"/>.</exception>
    public MerkleHash[] ConsistencyProof(long size1, long size2) => Roots(MerklePaths.Consistency(size1, size2));

    /// <summary>The roots of some subtrees, as <see cref="MerklePaths"/> lists them.</summary>
    public MerkleHash[] Roots(IEnumerable<LeafRange> ranges) => [.. ranges.Select(RootOf)];

    private MerkleHash At((int Level, long Index) node) => _levels[node.Level][checked((int)node.Index)];
}
