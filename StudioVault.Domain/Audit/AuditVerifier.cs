using System.Globalization;
using StudioVault.Domain.Kernel;

namespace StudioVault.Domain.Audit;

/// <summary>
/// Recomputes a whole log from its entries alone and compares: every leaf hash, the tree, its root at the size of every
/// checkpoint, every signature. Entries stream through; only the frontier and the checkpoints are held. Checkpoints come from
/// two sides: those stored beside the log, and <em>anchors</em> kept where whoever runs the database cannot write (a file
/// elsewhere, evidence bundles, clients). Without an anchor a log that was cut off or rolled back whole looks intact.
/// </summary>
public sealed class AuditVerifier
{
    /// <summary>Findings reported at most; a log with more is no better for a longer list.</summary>
    public const int MaxFindings = 100;

    private readonly List<AuditFinding> _findings = [];
    private readonly List<Head> _heads = [];
    private readonly AuditTail _tail;
    private readonly CompactRange _tree = new();
    private readonly CanonicalWriter _writer = new(1024);
    private long _next;
    private long _covered;
    private int _head;
    private long? _firstBadEntry;
    private bool _outOfOrder;
    private int _badEntries;

    /// <param name="origin">Origin line of this log.</param>
    /// <param name="keys">All keys that ever signed for it, retired ones too.</param>
    /// <param name="stored">Notes beside the log, in the order they were stored.</param>
    /// <param name="anchors">Notes from elsewhere, in any order.</param>
    /// <param name="tail">Whether entries after the last checkpoint are a finding.</param>
    public AuditVerifier(string origin, IReadOnlyCollection<CheckpointKey> keys, IEnumerable<string> stored, IEnumerable<string> anchors, AuditTail tail)
    {
        _tail = tail;
        var bad = new List<(AuditFault Fault, ulong Size, string Reason)>();
        ulong largest = 0;
        foreach (var note in stored)
        {
            if (Read(note, "stored", origin, keys, bad) is not { } head) continue;
            if (head.Size < largest) bad.Add((AuditFault.SizeShrank, head.Size, $"The stored checkpoint of size {head.Size} comes after one of size {largest}."));
            largest = Math.Max(largest, head.Size);
        }
        foreach (var note in anchors) Read(note, "anchored", origin, keys, bad);

        _heads.Sort((a, b) => a.Size.CompareTo(b.Size));
        for (var i = 1; i < _heads.Count; i++)
        {
            if (_heads[i].Size == _heads[i - 1].Size && _heads[i].Root != _heads[i - 1].Root)
                bad.Add((AuditFault.Fork, _heads[i].Size, $"Two signed checkpoints of size {_heads[i].Size} have different roots."));
        }

        // A bad checkpoint leaves in doubt what came after the last good one below it.
        foreach (var (fault, size, reason) in bad)
        {
            Find(fault, GoodBelow(size), Clamp(size) - 1, reason);
        }
    }

    /// <summary>Verifies a whole log.</summary>
    public static AuditReport Verify(string origin, IReadOnlyCollection<CheckpointKey> keys, IEnumerable<LoggedEntry> entries,
        IEnumerable<string> stored, IEnumerable<string> anchors, AuditTail tail)
    {
        var verifier = new AuditVerifier(origin, keys, stored, anchors, tail);
        foreach (var entry in entries) verifier.Add(entry);
        return verifier.Finish();
    }

    /// <inheritdoc cref="Verify"/>
    public static async Task<AuditReport> VerifyAsync(string origin, IReadOnlyCollection<CheckpointKey> keys, IAsyncEnumerable<LoggedEntry> entries,
        IEnumerable<string> stored, IEnumerable<string> anchors, AuditTail tail, CancellationToken ct)
    {
        var verifier = new AuditVerifier(origin, keys, stored, anchors, tail);
        await foreach (var entry in entries.WithCancellation(ct)) verifier.Add(entry);
        return verifier.Finish();
    }

    /// <summary>Takes the next entry.</summary>
    public void Add(in LoggedEntry entry)
    {
        if (entry.Index != _next && !_outOfOrder)
        {
            _outOfOrder = true;
            if (entry.Index < _next) FindEntry(AuditFault.Duplicate, entry.Index, entry.Index, $"Index {entry.Index} comes again or too late; {_next} was due.");
            else FindEntry(AuditFault.Gap, _next, entry.Index - 1, $"Index {_next} is missing; {entry.Index} follows.");
        }
        if (!_outOfOrder) CompareRoots();

        MerkleHash leaf;
        if (entry.Body is { } body)
        {
            _writer.Clear();
            body.WriteTo(_writer);
            leaf = MerkleHash.Leaf(_writer.Written);
        }
        else
        {
            leaf = MerkleHash.Leaf(entry.Canonical.Span);
        }
        if (!leaf.Equals(entry.StoredHash.Span))
            FindEntry(AuditFault.LeafMismatch, entry.Index, entry.Index, $"Entry {entry.Index} does not have the hash that is stored for it.");

        if (!_outOfOrder) _tree.Append(leaf);
        _next++;
    }

    /// <summary>The report, once all entries were added.</summary>
    public AuditReport Finish()
    {
        if (!_outOfOrder) CompareRoots();
        if (!_outOfOrder && _head < _heads.Count)
        {
            var largest = _heads[^1].Size;
            Find(AuditFault.Truncated, _next, Clamp(largest) - 1,
                string.Create(CultureInfo.InvariantCulture, $"A checkpoint covers {largest} entries, but there are {_next}; only the first {_covered} can be vouched for."));
        }
        else if (_tail == AuditTail.Signed && !_outOfOrder && _firstBadEntry is null && _findings.Count == 0 && _covered < _next)
        {
            Find(AuditFault.Unsigned, _covered, _next - 1, $"No checkpoint covers the entries from {_covered} on.");
        }
        _findings.Sort((a, b) => a.FirstBadIndex != b.FirstBadIndex ? a.FirstBadIndex.CompareTo(b.FirstBadIndex) : a.Fault.CompareTo(b.Fault));
        return new(_next, _covered, _outOfOrder ? MerkleHash.Empty : _tree.Root(), [.. _findings.Take(MaxFindings)]);
    }

    private void CompareRoots()
    {
        var before = _covered;
        for (; _head < _heads.Count && _heads[_head].Size == (ulong)_next; _head++)
        {
            // After a bad entry every root differs; that says nothing new.
            if (_firstBadEntry is not null) continue;
            if (_tree.Root() == _heads[_head].Root)
            {
                _covered = _next;
                continue;
            }
            _covered = before;
            FindEntry(AuditFault.RootMismatch, before, _next - 1,
                $"The first {_next} entries do not have the root of the {_heads[_head].Side} checkpoint of that size.");
        }
    }

    private Head? Read(string note, string side, string origin, IReadOnlyCollection<CheckpointKey> keys, List<(AuditFault, ulong, string)> bad)
    {
        if (!Checkpoint.Parse(note).TryGet(out var checkpoint, out var refusal))
        {
            // What it would have covered is unknown, so nothing after the last good one is safe: it counts as the very next.
            bad.Add((AuditFault.CheckpointMalformed, _heads.Count == 0 ? 0 : _heads[^1].Size + 1, $"A {side} checkpoint cannot be read. {refusal.Sentence}"));
            return null;
        }
        var size = checkpoint.Size;
        if (checkpoint.Origin != origin)
        {
            bad.Add((AuditFault.ForeignOrigin, size, $"The {side} checkpoint of size {size} belongs to another log."));
            return null;
        }
        var signed = false;
        foreach (var key in keys)
        {
            switch (checkpoint.Verify(key))
            {
                case CheckpointVerdict.BadSignature:
                    bad.Add((AuditFault.BadSignature, size, $"The signature of the {side} checkpoint of size {size} does not verify."));
                    return null;
                case CheckpointVerdict.Signed:
                    signed = true;
                    break;
            }
        }
        if (!signed)
        {
            bad.Add((AuditFault.UnknownKey, size, $"No known key signed the {side} checkpoint of size {size}."));
            return null;
        }
        var head = new Head(size, checkpoint.Root, side);
        _heads.Add(head);
        return head;
    }

    private long GoodBelow(ulong size)
    {
        ulong below = 0;
        foreach (var head in _heads)
        {
            if (head.Size >= size) break;
            below = head.Size;
        }
        return Clamp(below);
    }

    private static long Clamp(ulong size) => (long)Math.Min(size, long.MaxValue);

    private void FindEntry(AuditFault fault, long first, long last, string reason)
    {
        _firstBadEntry = Math.Min(_firstBadEntry ?? first, first);
        if (++_badEntries <= MaxFindings) Find(fault, first, last, reason);
    }

    private void Find(AuditFault fault, long first, long last, string reason) =>
        _findings.Add(new(fault, first, Math.Max(first, last), reason));

    private sealed record Head(ulong Size, MerkleHash Root, string Side);
}
