using System.Numerics;

namespace StudioVault.Domain.Audit;

/// <summary>What is wrong with a proof.</summary>
public enum ProofFault
{
    /// <summary>Nothing: it proves what it claims.</summary>
    None = 0,

    /// <summary>A tree without leaves contains nothing and is the beginning of everything: there is nothing to prove.</summary>
    EmptyTree,

    /// <summary>The leaf's index is not below the size.</summary>
    IndexBeyondSize,

    /// <summary>The second tree is smaller than the first.</summary>
    SizeShrank,

    /// <summary>A hash (leaf, node or root) is not 32 bytes long.</summary>
    HashLength,

    /// <summary>More or fewer nodes than a proof between these sizes has.</summary>
    ProofLength,

    /// <summary>The nodes do not lead to the root (for consistency: to one of the two roots).</summary>
    RootMismatch,
}

/// <summary>
/// Checks proofs (RFC 9162 §2.1.3.2 and §2.1.4.2). Strict: everything that is not exactly a proof is refused, with the reason.
/// Sizes are the full unsigned 64 bits, because checkpoints of other logs may come in.
/// </summary>
public static class MerkleProofs
{
    /// <summary>Whether the leaf with this hash is at <paramref name="index"/> in the tree of <paramref name="size"/> leaves with this root.</summary>
    public static ProofFault VerifyInclusion(ulong index, ulong size, ReadOnlySpan<byte> leafHash, IReadOnlyList<byte[]> proof, ReadOnlySpan<byte> root)
    {
        if (!MerkleHash.TryRead(leafHash, out var leaf) || !MerkleHash.TryRead(root, out var end) || !TryRead(proof, out var nodes)) return ProofFault.HashLength;
        return VerifyInclusion(index, size, leaf, nodes, end);
    }

    /// <inheritdoc cref="VerifyInclusion(ulong, ulong, ReadOnlySpan{byte}, IReadOnlyList{byte[]}, ReadOnlySpan{byte})"/>
    public static ProofFault VerifyInclusion(ulong index, ulong size, MerkleHash leafHash, ReadOnlySpan<MerkleHash> proof, MerkleHash root)
    {
        if (size == 0) return ProofFault.EmptyTree;
        if (index >= size) return ProofFault.IndexBeyondSize;
        var (node, last) = (index, size - 1);
        var hash = leafHash;
        foreach (var sibling in proof)
        {
            if (last == 0) return ProofFault.ProofLength;
            if ((node & 1) == 1 || node == last)
            {
                hash = MerkleHash.Node(sibling, hash);
                // On the right edge a node without a right sibling rises until it is one itself.
                SkipLeft(ref node, ref last);
            }
            else
            {
                hash = MerkleHash.Node(hash, sibling);
            }
            node >>= 1;
            last >>= 1;
        }
        if (last != 0) return ProofFault.ProofLength;
        return hash == root ? ProofFault.None : ProofFault.RootMismatch;
    }

    /// <summary>
    /// Whether the tree of <paramref name="size1"/> leaves with the first root is the beginning of the other. Between equal
    /// sizes nothing is hashed: the proof is empty and the roots are the same bytes.
    /// </summary>
    public static ProofFault VerifyConsistency(ulong size1, ulong size2, IReadOnlyList<byte[]> proof, ReadOnlySpan<byte> root1, ReadOnlySpan<byte> root2)
    {
        if (size1 == size2 && size1 != 0)
        {
            if (proof.Count != 0) return ProofFault.ProofLength;
            return root1.SequenceEqual(root2) ? ProofFault.None : ProofFault.RootMismatch;
        }
        if (!MerkleHash.TryRead(root1, out var first) || !MerkleHash.TryRead(root2, out var second) || !TryRead(proof, out var nodes)) return ProofFault.HashLength;
        return VerifyConsistency(size1, size2, nodes, first, second);
    }

    /// <inheritdoc cref="VerifyConsistency(ulong, ulong, IReadOnlyList{byte[]}, ReadOnlySpan{byte}, ReadOnlySpan{byte})"/>
    public static ProofFault VerifyConsistency(ulong size1, ulong size2, ReadOnlySpan<MerkleHash> proof, MerkleHash root1, MerkleHash root2)
    {
        if (size1 == 0) return ProofFault.EmptyTree;
        if (size1 > size2) return ProofFault.SizeShrank;
        if (size1 == size2)
        {
            if (proof.Length != 0) return ProofFault.ProofLength;
            return root1 == root2 ? ProofFault.None : ProofFault.RootMismatch;
        }

        var (node, last) = (size1 - 1, size2 - 1);
        var level = BitOperations.TrailingZeroCount(size1);
        node >>= level;
        last >>= level;
        // A perfect first tree is a node of the second one, and the verifier holds its root already.
        var perfect = BitOperations.IsPow2(size1);
        if (!perfect && proof.Length == 0) return ProofFault.ProofLength;
        var first = perfect ? root1 : proof[0];
        var second = first;
        foreach (var sibling in perfect ? proof : proof[1..])
        {
            if (last == 0) return ProofFault.ProofLength;
            if ((node & 1) == 1 || node == last)
            {
                first = MerkleHash.Node(sibling, first);
                second = MerkleHash.Node(sibling, second);
                SkipLeft(ref node, ref last);
            }
            else
            {
                second = MerkleHash.Node(second, sibling);
            }
            node >>= 1;
            last >>= 1;
        }
        if (last != 0) return ProofFault.ProofLength;
        return first == root1 && second == root2 ? ProofFault.None : ProofFault.RootMismatch;
    }

    private static void SkipLeft(ref ulong node, ref ulong last)
    {
        while ((node & 1) == 0 && node != 0)
        {
            node >>= 1;
            last >>= 1;
        }
    }

    private static bool TryRead(IReadOnlyList<byte[]> proof, out MerkleHash[] nodes)
    {
        nodes = new MerkleHash[proof.Count];
        for (var i = 0; i < nodes.Length; i++)
            if (!MerkleHash.TryRead(proof[i], out nodes[i])) return false;
        return true;
    }
}
