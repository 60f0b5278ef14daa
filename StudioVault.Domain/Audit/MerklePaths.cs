using System.Numerics;

namespace StudioVault.Domain.Audit;

/// <summary>
/// Which subtrees' roots make up a proof, lowest first (RFC 9162 §2.1.3 and §2.1.4; for subtrees, the draft of Merkle tree
/// certificates). Pure arithmetic over sizes, so that a proof can be read from memory or from a table alike.
/// </summary>
public static class MerklePaths
{
    /// <summary>The inclusion proof of leaf <paramref name="index"/> in the tree of <paramref name="size"/> leaves.</summary>
    /// <exception cref="ArgumentOutOfRangeException">The leaf is not in that tree.</exception>
    public static List<LeafRange> Inclusion(long index, long size) => Inclusion(index, 0, size);

    /// <summary>The consistency proof from <paramref name="size1"/> to <paramref name="size2"/> leaves; empty when equal.</summary>
    /// <exception cref="ArgumentOutOfRangeException">Unless 0 &lt; size1 &lt;= size2: from the empty tree there is nothing to prove.</exception>
    public static List<LeafRange> Consistency(long size1, long size2)
    {
        ArgumentOutOfRangeException.ThrowIfNegativeOrZero(size1);
        return Consistency(0, size1, size2);
    }

    /// <summary>The inclusion proof of a leaf in the subtree over [start, end).</summary>
    /// <exception cref="ArgumentOutOfRangeException">Not a subtree, or the leaf is outside it.</exception>
    public static List<LeafRange> Inclusion(long index, long start, long end)
    {
        if (!IsSubtree(start, end)) throw new ArgumentOutOfRangeException(nameof(start), $"[{start}, {end}) is not a subtree.");
        ArgumentOutOfRangeException.ThrowIfLessThan(index, start);
        ArgumentOutOfRangeException.ThrowIfGreaterThanOrEqual(index, end);
        var path = new List<LeafRange>();
        while (end - start > 1)
        {
            var middle = Split(start, end);
            if (index < middle)
            {
                path.Add(new(middle, end));
                end = middle;
            }
            else
            {
                path.Add(new(start, middle));
                start = middle;
            }
        }
        path.Reverse();
        return path;
    }

    /// <summary>The proof that the subtree over [start, end) belongs to the tree of <paramref name="size"/> leaves.</summary>
    /// <exception cref="ArgumentOutOfRangeException">Not a subtree of that tree.</exception>
    public static List<LeafRange> Consistency(long start, long end, long size)
    {
        if (!IsSubtree(start, end)) throw new ArgumentOutOfRangeException(nameof(start), $"[{start}, {end}) is not a subtree.");
        ArgumentOutOfRangeException.ThrowIfGreaterThan(end, size);
        var path = new List<LeafRange>();
        if (start == end) return path;
        var (low, high) = (0L, size);
        var known = true;
        while (start != low || end != high)
        {
            var middle = Split(low, high);
            if (end <= middle)
            {
                path.Add(new(middle, high));
                high = middle;
            }
            else
            {
                path.Add(new(low, middle));
                low = middle;
                if (start >= middle) continue;
                // Only the right part is left to show, and its root is not one the verifier holds.
                start = middle;
                known = false;
            }
        }
        if (!known) path.Add(new(low, high));
        path.Reverse();
        return path;
    }

    /// <summary>Whether some tree has a node over exactly these leaves, or would have with the leaves to come cut off.</summary>
    public static bool IsSubtree(long start, long end) =>
        start >= 0 && start <= end && (start == 0 || start == end || (start & (long)(BitOperations.RoundUpToPowerOf2((ulong)(end - start)) - 1)) == 0);

    /// <summary>Where RFC 9162 cuts a tree in two: the left part is the largest power of two smaller than the whole.</summary>
    internal static long Split(long start, long end) => start + (1L << BitOperations.Log2((ulong)(end - start - 1)));
}
