using System.Globalization;
using Microsoft.EntityFrameworkCore;
using StudioVault.Domain.Audit;
using StudioVault.Domain.Kernel;
using StudioVault.Infrastructure.Persistence;

namespace StudioVault.Infrastructure.Audit;

/// <summary>That an entry stands in the log at a size.</summary>
/// <param name="Root">Root of the tree of <paramref name="Size"/> leaves.</param>
/// <param name="Proof">Nodes, lowest first (RFC 9162 §2.1.3).</param>
/// <param name="Checkpoint">Signed note of that size; null where no checkpoint has just this size.</param>
public sealed record AuditInclusion(long Index, long Size, MerkleHash LeafHash, MerkleHash Root, IReadOnlyList<MerkleHash> Proof, string? Checkpoint);

/// <summary>That the log of one size is the beginning of the log of another.</summary>
/// <param name="Proof">Nodes, lowest first (RFC 9162 §2.1.4); empty between equal sizes.</param>
/// <param name="Checkpoint">Signed note of size <paramref name="To"/>; null where no checkpoint has just this size.</param>
public sealed record AuditConsistency(long From, long To, MerkleHash FromRoot, MerkleHash ToRoot, IReadOnlyList<MerkleHash> Proof, string? Checkpoint);

/// <summary>
/// Proofs for everybody: hashes say nothing about what happened, so no rights are asked for. Every answer was held against the
/// newest signed checkpoint first; a log that does not add up to it proves nothing any more.
/// </summary>
public sealed class AuditProofs(VaultDbs dbs, AuditTree tree, GroupKey key, AuditAlarms alarms)
{
    /// <summary>The signed note of a size, or the newest.</summary>
    public Task<Result<string>> CheckpointAsync(long? size, CancellationToken ct) => LookAsync<string>(async (db, head) =>
        size is null || size == head.Size ? head.Note : await NoteAsync(db, size.Value, ct) is { } note ? note : AuditRefusals.NoCheckpoint, ct);

    /// <summary>The proof of an entry in the tree of a size; without one, of the newest checkpoint.</summary>
    public Task<Result<AuditInclusion>> InclusionAsync(long index, long? size, CancellationToken ct) => LookAsync<AuditInclusion>(async (db, head) =>
    {
        if (index >= head.Size && size is null && index >= 0) return AuditRefusals.NoCheckpoint;
        var of = size ?? head.Size;
        if (index < 0 || of > head.Size || index >= of) return Sizes(head);
        if (await RootsAsync(db, [new(index, index + 1), new(0, of), .. MerklePaths.Inclusion(index, of)], head, ct) is not { } roots) return AuditRefusals.LogBroken;
        return new AuditInclusion(index, of, roots[0], roots[1], roots[2..], of == head.Size ? head.Note : await NoteAsync(db, of, ct));
    }, ct);

    /// <summary>The proof that the log of one size is the beginning of that of another; without the second, of the newest checkpoint.</summary>
    public Task<Result<AuditConsistency>> ConsistencyAsync(long from, long? to, CancellationToken ct) => LookAsync<AuditConsistency>((db, head) => ConsistencyAsync(db, head, from, to ?? head.Size, ct), ct);

    /// <summary>
    /// The proof that today's log goes on from a checkpoint somebody kept. A checkpoint of ours that does not fit is the proof of
    /// a rollback or a fork, and raises the alarm.
    /// </summary>
    /// <param name="note">The signed note, byte for byte.</param>
    /// <returns>The proof up to the newest checkpoint, or <c>refuse.audit.history_differs</c>.</returns>
    public async Task<Result<AuditConsistency>> WitnessAsync(string note, CancellationToken ct)
    {
        if (!Ours(note).TryGet(out var kept, out var refusal)) return refusal;
        return await LookAsync<AuditConsistency>(async (db, head) =>
        {
            var result = kept.Size > (ulong)head.Size ? default : await ConsistencyAsync(db, head, (long)kept.Size, head.Size, ct);
            if (kept.Size <= (ulong)head.Size && (result.IsRefused || result.Value.FromRoot == kept.Root)) return result;
            var alarm = AuditAlarm.Between(kept, head.Size, head.Root, AuditAlarm.Device);
            await alarms.RaiseAsync(alarm, ct);
            return AuditRefusals.HistoryDiffers.With(alarm.What);
        }, ct);
    }

    /// <summary>
    /// Somebody's device found that our answer proves nothing. Everybody can get a checkpoint of ours, so it is looked at again here:
    /// the alarm is raised when what the device kept does not fit. What was only falsified on its way stays with the device.
    /// </summary>
    public async Task<Result<Done>> ReportAsync(string note, CancellationToken ct)
    {
        if (!Ours(note).TryGet(out var kept, out var refusal)) return refusal;
        return await GuardAsync<Done>(async () =>
        {
            if ((await CompareAsync(kept, AuditAlarm.Device, ct)).Alarm is { } alarm) await alarms.RaiseAsync(alarm, ct);
            return Done.It;
        });
    }

    /// <summary>The newest checkpoint as stored, and whether the log below it is the beginning this checkpoint says it is.</summary>
    /// <returns>The newest note; an alarm when the two do not fit; nothing at all while there is no checkpoint.</returns>
    internal async Task<(string? Newest, long Size, AuditAlarm? Alarm)> CompareAsync(Checkpoint? kept, string source, CancellationToken ct)
    {
        await using var db = dbs.Open(TenantScope.Hq);
        if (await HeadAsync(db, ct) is not { } head) return (null, 0, kept is null || kept.Size == 0 ? null : AuditAlarm.Between(kept, 0, MerkleHash.Empty, source));
        if (kept is null || kept.Size == 0) return (head.Note, head.Size, null);
        if (kept.Size > (ulong)head.Size) return (head.Note, head.Size, AuditAlarm.Between(kept, head.Size, head.Root, source));
        if (kept.Size == (ulong)head.Size) return (head.Note, head.Size, kept.Root == head.Root ? null : AuditAlarm.Between(kept, head.Size, head.Root, source));
        var roots = await RootsAsync(db, [new(0, (long)kept.Size)], head, ct);
        return (head.Note, head.Size, roots is null ? AuditAlarm.Broken(kept, head.Size, head.Root, source) : roots[0] == kept.Root ? null : AuditAlarm.Between(kept, head.Size, head.Root, source));
    }

    /// <summary>Reads what proofs need before somebody asks for one.</summary>
    internal async Task WarmAsync(CancellationToken ct)
    {
        await using var db = dbs.Open(TenantScope.Hq);
        if (await HeadAsync(db, ct) is { } head) await tree.WarmAsync(db, head.Size, ct);
    }

    private async Task<Result<AuditConsistency>> ConsistencyAsync(VaultDb db, Head head, long from, long to, CancellationToken ct)
    {
        if (from < 1 || from > to || to > head.Size) return Sizes(head);
        if (await RootsAsync(db, [new(0, from), new(0, to), .. MerklePaths.Consistency(from, to)], head, ct) is not { } roots) return AuditRefusals.LogBroken;
        return new AuditConsistency(from, to, roots[0], roots[1], roots[2..], to == head.Size ? head.Note : await NoteAsync(db, to, ct));
    }

    private Task<MerkleHash[]?> RootsAsync(VaultDb db, LeafRange[] ranges, Head head, CancellationToken ct) => tree.RootsAsync(db, ranges, head.Size, head.Root, ct);

    private Result<Checkpoint> Ours(string note)
    {
        if (!Checkpoint.Parse(note).TryGet(out var kept, out var refusal)) return refusal;
        if (kept.Origin != GroupKey.LogName || kept.Verify(key.Signer.Key) != CheckpointVerdict.Signed) return AuditRefusals.ForeignCheckpoint;
        return kept;
    }

    private Task<Result<T>> LookAsync<T>(Func<VaultDb, Head, Task<Result<T>>> look, CancellationToken ct) => GuardAsync<T>(async () =>
    {
        await using var db = dbs.Open(TenantScope.Hq);
        if (await HeadAsync(db, ct) is not { } head) return AuditRefusals.NoCheckpoint;
        return await look(db, head);
    });

    private static async Task<Result<T>> GuardAsync<T>(Func<Task<Result<T>>> look)
    {
        try
        {
            return await look();
        }
        catch (Exception e) when (VaultErrors.AsRefusal(e) is not null)
        {
            return VaultErrors.AsRefusal(e)!;
        }
    }

    private static async Task<Head?> HeadAsync(VaultDb db, CancellationToken ct) =>
        await db.AuditCheckpoints.AsNoTracking().OrderByDescending(c => c.Size).Select(c => new { c.Size, c.Root, c.Note }).FirstOrDefaultAsync(ct) is { } newest && MerkleHash.TryRead(newest.Root, out var root)
            ? new Head(newest.Size, root, newest.Note) : null;

    private static async Task<string?> NoteAsync(VaultDb db, long size, CancellationToken ct) =>
        await db.AuditCheckpoints.AsNoTracking().Where(c => c.Size == size).Select(c => c.Note).SingleOrDefaultAsync(ct);

    private static Refusal Sizes(Head head) => AuditRefusals.SizesUnknown.With(head.Size.ToString(CultureInfo.InvariantCulture));

    private sealed record Head(long Size, MerkleHash Root, string Note);
}
