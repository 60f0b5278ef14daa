using Microsoft.EntityFrameworkCore;
using StudioVault.Domain.Audit;
using StudioVault.Infrastructure.Persistence;

namespace StudioVault.Infrastructure.Audit;

/// <summary>The tree over the log's leaves in memory, read on as far as it is asked for: proofs need any of its nodes. About 64 bytes a leaf.</summary>
public sealed class AuditTree : IDisposable
{
    private readonly SemaphoreSlim _one = new(1, 1);
    private MerkleTree _tree = new();

    /// <summary>Inclusion proofs of some entries in the tree of a checkpoint.</summary>
    /// <returns>By entry, the steps from the leaf to the root; null when the leaves do not add up to the checkpoint's root.</returns>
    public async Task<Dictionary<long, IReadOnlyList<(bool IsLeft, MerkleHash Hash)>>?> ProveAsync(VaultDb db, IReadOnlyCollection<long> entries, long size, MerkleHash root, CancellationToken ct)
    {
        await _one.WaitAsync(ct);
        try
        {
            if (_tree.Size < size)
            {
                var from = _tree.Size;
                await foreach (var leaf in db.AuditLeaves.AsNoTracking().Where(l => l.Index >= from && l.Index < size).OrderBy(l => l.Index).Select(l => new { l.Index, l.Hash }).AsAsyncEnumerable().WithCancellation(ct))
                {
                    if (leaf.Index != _tree.Size || !MerkleHash.TryRead(leaf.Hash, out var hash)) return null;
                    _tree.Append(hash);
                }
            }

            if (_tree.Size >= size && _tree.RootAt(size) == root)
                return entries.Distinct().ToDictionary(e => e, e => (IReadOnlyList<(bool, MerkleHash)>)[.. MerklePaths.Inclusion(e, size).Select(r => (r.End <= e, _tree.RootOf(r)))]);
            // Another database was put back under the running program, or the log was tampered with: what was kept is worth nothing.
            _tree = new MerkleTree();
            return null;
        }
        finally
        {
            _one.Release();
        }
    }

    public void Dispose() => _one.Dispose();
}
