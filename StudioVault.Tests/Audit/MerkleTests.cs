using FsCheck;
using FsCheck.Fluent;
using StudioVault.Domain.Audit;
using Xunit;

namespace StudioVault.Tests.Audit;

public sealed class MerkleTests
{
    private const int Largest = 600;

    private static readonly MerkleTree Tree = new(Leaves(Largest));

    [Fact]
    public void The_frontier_knows_the_root_of_every_size()
    {
        var range = new CompactRange();
        for (var size = 0; size < Largest; size++)
        {
            Assert.Equal(size, range.Size);
            Assert.Equal(Tree.RootAt(size), range.Root());
            Assert.Equal(size, range.Append(Leaf(size)));
        }
    }

    [Fact]
    public void A_frontier_that_was_stored_and_read_back_goes_on_where_it_stood() => Prop.ForAll(Gen.Choose(0, 300).Two().ToArbitrary(), sizes =>
    {
        var range = new CompactRange();
        for (var i = 0; i < sizes.Item1; i++) range.Append(Leaf(i));
        var copy = new CompactRange(range.Size, range.ToArrays());
        for (var i = sizes.Item1; i < sizes.Item1 + sizes.Item2; i++) copy.Append(Leaf(i));
        return copy.Root() == Tree.RootAt(sizes.Item1 + sizes.Item2);
    }).Check(Config.QuickThrowOnFailure);

    [Theory]
    [InlineData(3, 1)]
    [InlineData(4, 2)]
    [InlineData(0, 1)]
    public void A_frontier_with_the_wrong_number_of_hashes_is_refused(long size, int hashes) =>
        Assert.Throws<ArgumentException>(() => new CompactRange(size, Enumerable.Repeat(MerkleHash.Empty, hashes)));

    [Fact]
    public void A_frontier_with_a_short_hash_is_refused() => Assert.Throws<ArgumentException>(() => new CompactRange(1, [new byte[31]]));

    [Fact]
    public void Every_leaf_of_every_size_can_be_proved() => Prop.ForAll(Pairs(0).ToArbitrary(), pair =>
    {
        var (index, size) = pair;
        var proof = Tree.InclusionProof(index, size);
        return MerkleProofs.VerifyInclusion((ulong)index, (ulong)size, Leaf(index), proof, Tree.RootAt(size)) == ProofFault.None;
    }).Check(Config.QuickThrowOnFailure.WithMaxTest(2_000));

    [Fact]
    public void Every_size_can_be_proved_to_continue_every_smaller_one() => Prop.ForAll(Pairs(1).ToArbitrary(), pair =>
    {
        var (size1, size2) = pair;
        var proof = Tree.ConsistencyProof(size1, size2);
        return MerkleProofs.VerifyConsistency((ulong)size1, (ulong)size2, proof, Tree.RootAt(size1), Tree.RootAt(size2)) == ProofFault.None;
    }).Check(Config.QuickThrowOnFailure.WithMaxTest(2_000));

    [Fact]
    public void An_inclusion_proof_with_anything_changed_proves_nothing() => Prop.ForAll(Pairs(0).ToArbitrary(), Gen.Choose(0, 1 << 30).ToArbitrary(), (pair, seed) =>
    {
        var (index, size) = pair;
        var good = Tree.InclusionProof(index, size).Select(h => h.ToArray()).ToList();
        var (leaf, root) = (Leaf(index).ToArray(), Tree.RootAt(size).ToArray());
        var i = good.Count == 0 ? 0 : seed % good.Count;
        var bit = seed % 256;
        ProofFault Try(ulong atIndex, ulong ofSize, byte[] l, IReadOnlyList<byte[]> p, byte[] r) => MerkleProofs.VerifyInclusion(atIndex, ofSize, l, p, r);
        var faults = new List<ProofFault>
        {
            Try((ulong)index, (ulong)size, Flip(leaf, bit), good, root),
            Try((ulong)index, (ulong)size, leaf, good, Flip(root, bit)),
            Try((ulong)index, (ulong)size, leaf, [.. good, leaf], root),
            Try((ulong)index, (ulong)size, leaf, [leaf, .. good], root),
            Try((ulong)index, (ulong)size, leaf, [.. good, []], root),
            Try((ulong)index, (ulong)size, leaf[..31], good, root),
            Try((ulong)index, (ulong)size, [.. leaf, 0], good, root),
            Try((ulong)index, (ulong)size, leaf, good, [.. root.Skip(1)]),
            Try((ulong)size, (ulong)size, leaf, good, root),
            Try(ulong.MaxValue, (ulong)size, leaf, good, root),
            Try((ulong)index, 0, leaf, good, root),
            Try((ulong)index, 2 * (ulong)size, leaf, good, root),
        };
        if (size > 1) faults.Add(Try((ulong)index ^ 1, (ulong)size, leaf, good, root));
        if (good.Count > 0)
        {
            faults.Add(Try((ulong)index, (ulong)size, leaf, Replace(good, i, Flip(good[i], bit)), root));
            faults.Add(Try((ulong)index, (ulong)size, leaf, Replace(good, i, good[i][..20]), root));
            faults.Add(Try((ulong)index, (ulong)size, leaf, good[1..], root));
            faults.Add(Try((ulong)index, (ulong)size, leaf, good[..^1], root));
        }
        return !faults.Contains(ProofFault.None);
    }).Check(Config.QuickThrowOnFailure.WithMaxTest(500));

    [Fact]
    public void A_consistency_proof_with_anything_changed_proves_nothing() => Prop.ForAll(Pairs(1).Where(p => p.Item1 < p.Item2).ToArbitrary(), Gen.Choose(0, 1 << 30).ToArbitrary(), (pair, seed) =>
    {
        var (size1, size2) = ((ulong)pair.Item1, (ulong)pair.Item2);
        var good = Tree.ConsistencyProof(pair.Item1, pair.Item2).Select(h => h.ToArray()).ToList();
        var (root1, root2) = (Tree.RootAt(pair.Item1).ToArray(), Tree.RootAt(pair.Item2).ToArray());
        var i = seed % good.Count;
        var bit = seed % 256;
        ProofFault[] faults =
        [
            MerkleProofs.VerifyConsistency(size1, size2, good, Flip(root1, bit), root2),
            MerkleProofs.VerifyConsistency(size1, size2, good, root1, Flip(root2, bit)),
            MerkleProofs.VerifyConsistency(size1, size2, good, root2, root1),
            MerkleProofs.VerifyConsistency(size1, size2, [.. good, root2], root1, root2),
            MerkleProofs.VerifyConsistency(size1, size2, [root1, .. good], root1, root2),
            MerkleProofs.VerifyConsistency(size1, size2, good[1..], root1, root2),
            MerkleProofs.VerifyConsistency(size1, size2, good[..^1], root1, root2),
            MerkleProofs.VerifyConsistency(size1, size2, [], root1, root2),
            MerkleProofs.VerifyConsistency(size1, size2, Replace(good, i, Flip(good[i], bit)), root1, root2),
            MerkleProofs.VerifyConsistency(size1, size2, Replace(good, i, []), root1, root2),
            MerkleProofs.VerifyConsistency(size1, size2, good, root1.AsSpan(1), root2),
            MerkleProofs.VerifyConsistency(size2, size1, good, root1, root2),
            MerkleProofs.VerifyConsistency(size2, size2, good, root2, root2),
            MerkleProofs.VerifyConsistency(0, size2, good, root1, root2),
        ];
        return !faults.Contains(ProofFault.None);
    }).Check(Config.QuickThrowOnFailure.WithMaxTest(500));

    [Fact]
    public void Nothing_can_be_proved_from_the_empty_tree()
    {
        Assert.Equal(ProofFault.EmptyTree, MerkleProofs.VerifyConsistency(0, 0, [], MerkleHash.Empty, MerkleHash.Empty));
        Assert.Equal(ProofFault.EmptyTree, MerkleProofs.VerifyConsistency(0, 5, [], MerkleHash.Empty, Tree.RootAt(5)));
        Assert.Equal(ProofFault.EmptyTree, MerkleProofs.VerifyInclusion(0, 0, Leaf(0), [], MerkleHash.Empty));
        Assert.Throws<ArgumentOutOfRangeException>(() => Tree.ConsistencyProof(0, 5));
    }

    [Theory]
    [InlineData(5, 5)]
    [InlineData(-1, 5)]
    [InlineData(0, Largest + 1)]
    [InlineData(0, 0)]
    public void A_proof_for_a_leaf_outside_the_tree_cannot_be_asked_for(long index, long size) =>
        Assert.Throws<ArgumentOutOfRangeException>(() => Tree.InclusionProof(index, size));

    [Fact]
    public void A_leaf_cannot_pass_for_a_node()
    {
        var (left, right) = (Leaf(0), Leaf(1));
        Assert.NotEqual(MerkleHash.Node(left, right), MerkleHash.Leaf([.. left.ToArray(), .. right.ToArray()]));
        Assert.NotEqual(MerkleHash.Leaf([]), MerkleHash.Empty);
    }

    [Fact]
    public void Long_leaves_hash_like_short_ones()
    {
        var data = new byte[100_000];
        byte[] prefixed = [0, .. data];
        Assert.Equal(System.Security.Cryptography.SHA256.HashData(prefixed), MerkleHash.Leaf(data).ToArray());
    }

    [Fact]
    public void The_subtrees_of_a_proof_are_made_of_perfect_nodes_that_a_table_can_hold() => Prop.ForAll(Pairs(0).ToArbitrary(), pair =>
    {
        foreach (var range in MerklePaths.Inclusion(pair.Item1, pair.Item2))
        {
            var next = range.Start;
            foreach (var (level, index) in range.PerfectNodes())
            {
                if (index << level != next) return false;
                next += 1L << level;
            }
            if (next != range.End) return false;
        }
        return true;
    }).Check(Config.QuickThrowOnFailure);

    private static Gen<(long, long)> Pairs(int least) =>
        Gen.Choose(1, Largest).SelectMany(size => Gen.Choose(least, least == 0 ? size - 1 : size).Select(low => ((long)low, (long)size)));

    private static IEnumerable<MerkleHash> Leaves(int count) => Enumerable.Range(0, count).Select(i => Leaf(i));

    private static MerkleHash Leaf(long i) => MerkleHash.Leaf(BitConverter.GetBytes(i));

    private static byte[] Flip(byte[] hash, int bit)
    {
        byte[] copy = [.. hash];
        copy[bit / 8] ^= (byte)(1 << (bit % 8));
        return copy;
    }

    private static List<byte[]> Replace(List<byte[]> proof, int at, byte[] hash)
    {
        List<byte[]> copy = [.. proof];
        copy[at] = hash;
        return copy;
    }
}
