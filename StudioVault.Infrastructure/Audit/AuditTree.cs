using Microsoft.EntityFrameworkCore;
using StudioVault.Domain.Audit;
using StudioVault.Infrastructure.Persistence;

namespace StudioVault.Infrastructure.Audit;

/// <summary>
/// The tree over the log's leaves, read on as far as it is asked for: proofs need any of its nodes. In memory are only the nodes
/// from 256 leaves upwards (a quarter of a byte a leaf); what lies below is read from the database when it is needed, at most 256
/// leaves a proof and side, and must add up to what is remembered. Every answer is held against a signed root first.
/// </summary>
public sealed class AuditTree : IDisposable
{
    private const int BlockLevel = 8;
    private const int BlockSize = 1 << BlockLevel;

    /// <summary>Leaves read by one statement: a whole log at once would outlast the patience the app's role has.</summary>
    private const int Stretch = 1 << 18;

    private readonly SemaphoreSlim _one = new(1, 1);

    /// <summary>Its leaf i is the root over the log's leaves [256·i, 256·(i+1)).</summary>
    private MerkleTree _blocks = new();

    private volatile End? _end;

    /// <summary>Inclusion proofs of some entries in the tree of a checkpoint.</summary>
    /// <returns>By entry, the steps from the leaf to the root; null when the leaves do not add up to the checkpoint's root.</returns>
    public async Task<Dictionary<long, IReadOnlyList<(bool IsLeft, MerkleHash Hash)>>?> ProveAsync(VaultDb db, IReadOnlyCollection<long> entries, long size, MerkleHash root, CancellationToken ct)
    {
        var paths = entries.Distinct().ToDictionary(e => e, e => MerklePaths.Inclusion(e, size));
        if (await RootsAsync(db, [.. paths.Values.SelectMany(p => p)], size, root, ct) is not { } hashes) return null;
        var at = 0;
        return paths.ToDictionary(p => p.Key, p => (IReadOnlyList<(bool, MerkleHash)>)[.. p.Value.Select(r => (r.End <= p.Key, hashes[at++]))]);
    }

    /// <summary>The roots over some ranges of leaves, as <see cref="MerklePaths"/> lists them; [i, i+1) is a leaf's own hash, [0, n) the root at n leaves.</summary>
    /// <param name="db">Any scope will do: the hashes of leaves are nobody's secret.</param>
    /// <param name="ranges">Subtrees of the tree of <paramref name="size"/> leaves.</param>
    /// <param name="size">Size of a signed checkpoint.</param>
    /// <param name="root">Its root.</param>
    /// <param name="ct">Cancels.</param>
    /// <returns>In the order asked for; null when the leaves do not add up to the checkpoint's root.</returns>
    public async Task<MerkleHash[]?> RootsAsync(VaultDb db, IReadOnlyList<LeafRange> ranges, long size, MerkleHash root, CancellationToken ct)
    {
        // What is remembered may be of another history: of a database that was put back under the running program.
        return await TryRootsAsync(db, ranges, size, root, ct) ?? (await ForgetAsync(size, ct) ? await TryRootsAsync(db, ranges, size, root, ct) : null);
    }

    /// <summary>Reads the nodes of a log of this size ahead, so that the first proof does not have to.</summary>
    public Task WarmAsync(VaultDb db, long size, CancellationToken ct) => GrowAsync(db, size / BlockSize, ct);

    public void Dispose() => _one.Dispose();

    private async Task<MerkleHash[]?> TryRootsAsync(VaultDb db, IReadOnlyList<LeafRange> ranges, long size, MerkleHash root, CancellationToken ct)
    {
        if (await GrowAsync(db, size / BlockSize, ct) is not { } blocks) return null;
        var low = new Dictionary<long, MerkleTree>();
        // The end of the log is asked for by every proof, and it added up to a signed root.
        if (_end is { } end && end.Size == size && end.Root == root && ReferenceEquals(end.Blocks, blocks)) low[size / BlockSize] = end.Leaves;
        var wanted = ranges.Append(new LeafRange(0, size)).SelectMany(r => r.PerfectNodes()).Where(n => n.Level < BlockLevel).Select(n => (n.Index << n.Level) / BlockSize).Distinct().Where(n => !low.ContainsKey(n)).ToList();
        foreach (var block in wanted)
        {
            if (await BlockAsync(db, block, Math.Min(size, (block + 1) * BlockSize), ct) is not { } leaves) return null;
            // A whole block has to be the one that was there when it was read first.
            if (leaves.Size == BlockSize && leaves.Root != blocks.RootOf(new(block, block + 1))) return null;
            low[block] = leaves;
        }

        if (Root(new LeafRange(0, size)) != root) return null;
        if (low.TryGetValue(size / BlockSize, out var last)) _end = new End(size, root, blocks, last);
        return [.. ranges.Select(Root)];

        MerkleHash Root(LeafRange range)
        {
            var nodes = range.PerfectNodes().Select(Node).ToArray();
            if (nodes.Length == 0) return MerkleHash.Empty;
            var hash = nodes[^1];
            for (var i = nodes.Length - 2; i >= 0; i--) hash = MerkleHash.Node(nodes[i], hash);
            return hash;
        }

        MerkleHash Node((int Level, long Index) node)
        {
            if (node.Level >= BlockLevel) return blocks.RootOf(new(node.Index << (node.Level - BlockLevel), (node.Index + 1) << (node.Level - BlockLevel)));
            var block = (node.Index << node.Level) / BlockSize;
            var first = (node.Index << node.Level) - block * BlockSize;
            return low[block].RootOf(new(first, first + (1L << node.Level)));
        }
    }

    /// <summary>The tree over at least so many whole blocks; null when a leaf is missing or none.</summary>
    private async Task<MerkleTree?> GrowAsync(VaultDb db, long blocks, CancellationToken ct)
    {
        await _one.WaitAsync(ct);
        try
        {
            while (_blocks.Size < blocks)
            {
                var grown = _blocks.Copy();
                var (from, until) = (grown.Size * BlockSize, Math.Min(blocks * BlockSize, grown.Size * BlockSize + Stretch));
                var block = new MerkleTree();
                var next = from;
                await foreach (var leaf in Leaves(db, from, until).AsAsyncEnumerable().WithCancellation(ct))
                {
                    if (leaf.Index != next++ || !MerkleHash.TryRead(leaf.Hash, out var hash)) return null;
                    block.Append(hash);
                    if (block.Size < BlockSize) continue;
                    grown.Append(block.Root);
                    block = new MerkleTree();
                }

                if (next != until) return null;
                // Readers keep the one they have: a tree that is read never grows.
                _blocks = grown;
            }

            return _blocks;
        }
        finally
        {
            _one.Release();
        }
    }

    private static async Task<MerkleTree?> BlockAsync(VaultDb db, long block, long until, CancellationToken ct)
    {
        var leaves = new MerkleTree();
        var next = block * BlockSize;
        foreach (var leaf in await Leaves(db, next, until).ToListAsync(ct))
        {
            if (leaf.Index != next++ || !MerkleHash.TryRead(leaf.Hash, out var hash)) return null;
            leaves.Append(hash);
        }

        return next == until ? leaves : null;
    }

    private static IQueryable<Leaf> Leaves(VaultDb db, long from, long until) =>
        db.AuditLeaves.AsNoTracking().Where(l => l.Index >= from && l.Index < until).OrderBy(l => l.Index).Select(l => new Leaf(l.Index, l.Hash));

    /// <summary>False when nothing was remembered that could be wrong.</summary>
    private async Task<bool> ForgetAsync(long size, CancellationToken ct)
    {
        await _one.WaitAsync(ct);
        try
        {
            if (size < BlockSize || _blocks.Size == 0) return false;
            _end = null;
            _blocks = new MerkleTree();
            return true;
        }
        finally
        {
            _one.Release();
        }
    }

    /// <summary>The leaves after the last whole block of a log that added up to its signed root.</summary>
    private sealed record End(long Size, MerkleHash Root, MerkleTree Blocks, MerkleTree Leaves);

    private sealed record Leaf(long Index, byte[] Hash);
}
