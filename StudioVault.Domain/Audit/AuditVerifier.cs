using System.Globalization;
using System.Security.Cryptography;
using StudioVault.Domain.Kernel;

namespace StudioVault.Domain.Audit;

/// <summary>
/// Recomputes a whole log from its entries alone and compares: every leaf hash, the tree, its root at the size of every
/// checkpoint, every signature, every payload. Entries stream through; held are the frontier and 48 bytes a checkpoint. Checkpoints come from
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
    private ulong _newest;
    private long? _firstBadEntry;
    private bool _outOfOrder;
    private int _badEntries;
    private int _badPayloads;

    /// <param name="origin">Origin line of this log.</param>
    /// <param name="keys">All keys that ever signed for it, retired ones too.</param>
    /// <param name="stored">Notes beside the log, in the order they were stored.</param>
    /// <param name="anchors">Notes from elsewhere, in any order.</param>
    /// <param name="tail">Whether entries after the last checkpoint are a finding.</param>
    public AuditVerifier(string origin, IReadOnlyCollection<CheckpointKey> keys, IEnumerable<string> stored, IEnumerable<string> anchors, AuditTail tail)
    {
        _tail = tail;
        var bad = new BadCheckpoints();
        ulong largest = 0;
        foreach (var note in stored)
        {
            if (Read(note, "stored", origin, keys, bad) is not { } head) continue;
            if (head.Size < largest) bad.Add(AuditFault.SizeShrank, head.Size, $"The stored checkpoint of size {head.Size} comes after one of size {largest}.");
            largest = Math.Max(largest, head.Size);
        }
        bad.NextSide();
        foreach (var note in anchors) Read(note, "anchored", origin, keys, bad);

        _heads.Sort((a, b) => a.Size.CompareTo(b.Size));
        bad.NextSide();
        for (var i = 1; i < _heads.Count; i++)
        {
            if (_heads[i].Size == _heads[i - 1].Size && _heads[i].Root != _heads[i - 1].Root)
                bad.Add(AuditFault.Fork, _heads[i].Size, $"Two signed checkpoints of size {_heads[i].Size} have different roots.");
        }

        // A bad checkpoint leaves in doubt what came after the last good one below it.
        foreach (var (fault, size, reason) in bad.All)
        {
            Find(fault, GoodBelow(size), Clamp(size) - 1, reason);
        }
    }

    /// <summary>The newest checkpoint that is signed by a known key; null when there is none. What an auditor keeps for the next visit.</summary>
    public string? Newest { get; private set; }

    /// <summary>Entries added so far.</summary>
    public long Added => _next;

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

        var body = entry.Body;
        MerkleHash leaf;
        if (body is not null)
        {
            _writer.Clear();
            body.WriteTo(_writer);
            leaf = MerkleHash.Leaf(_writer.Written);
        }
        else
        {
            leaf = MerkleHash.Leaf(entry.Canonical.Span);
        }
        if (body is null && entry.Canonical.IsEmpty)
            FindEntry(AuditFault.EntryMissing, entry.Index, entry.Index, $"The entry numbered {entry.Index} is not there.");
        else if (!leaf.Equals(entry.StoredHash.Span))
            FindEntry(AuditFault.LeafMismatch, entry.Index, entry.Index, $"Entry {entry.Index} does not have the hash that is stored for it.");
        else if (body is null && !AuditBody.FromCanonical(entry.Canonical.Span).TryGet(out body, out var refusal))
            FindEntry(AuditFault.BodyMalformed, entry.Index, entry.Index, $"Entry {entry.Index} cannot be read. {refusal.Sentence}");
        // A leaf holds only the hash of the payload, so a bad payload leaves the tree as good as it was.
        if (body is not null && PayloadTrouble(body, entry.Payload) is { } trouble && ++_badPayloads <= MaxFindings)
            Find(AuditFault.PayloadMismatch, entry.Index, entry.Index, $"The payload of entry {entry.Index} {trouble}.");

        if (!_outOfOrder) _tree.Append(leaf);
        _next++;
    }

    /// <summary>Takes something in place of the next entry that cannot be read as one.</summary>
    public void AddMalformed(string reason)
    {
        FindEntry(AuditFault.ExportMalformed, _next, _next, reason);
        // Which index comes next is anybody's guess; one finding is enough.
        _outOfOrder = true;
        _next++;
    }

    /// <summary>Compares what the sequencer will go on from, once all entries were added. Says nothing new about a log found bad already.</summary>
    /// <param name="size">Leaves it believes in.</param>
    /// <param name="frontier">Its <see cref="CompactRange.ToArrays"/>.</param>
    public void CheckState(long size, IReadOnlyList<byte[]> frontier)
    {
        if (_outOfOrder || _firstBadEntry is not null) return;
        if (size != _next) Find(AuditFault.StateMismatch, Math.Min(size, _next), Math.Max(size, _next) - 1, $"The sequencer goes on from {size} entries, but there are {_next}.");
        else if (!frontier.Select(h => Convert.ToHexString(h)).SequenceEqual(_tree.ToArrays().Select(h => Convert.ToHexString(h))))
            Find(AuditFault.StateMismatch, _next, _next, "The sequencer goes on from hashes that are not those of the log.");
    }

    /// <summary>Adds what somebody found who looked at more than entries and checkpoints.</summary>
    public void Add(AuditFinding finding) => _findings.Add(finding);

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
        return new(_next, _covered, _heads.Count, _outOfOrder ? MerkleHash.Empty : _tree.Root(), [.. _findings.Take(MaxFindings)]);
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

    private Head? Read(string note, string side, string origin, IReadOnlyCollection<CheckpointKey> keys, BadCheckpoints bad)
    {
        if (!Checkpoint.Parse(note).TryGet(out var checkpoint, out var refusal))
        {
            // What it would have covered is unknown, so nothing after the last good one is safe: it counts as the very next.
            bad.Add(AuditFault.CheckpointMalformed, _heads.Count == 0 ? 0 : _heads[^1].Size + 1, $"A {side} checkpoint cannot be read. {refusal.Sentence}");
            return null;
        }
        var size = checkpoint.Size;
        if (checkpoint.Origin != origin)
        {
            bad.Add(AuditFault.ForeignOrigin, size, $"The {side} checkpoint of size {size} belongs to another log.");
            return null;
        }
        var signed = false;
        foreach (var key in keys)
        {
            switch (checkpoint.Verify(key))
            {
                case CheckpointVerdict.BadSignature:
                    bad.Add(AuditFault.BadSignature, size, $"The signature of the {side} checkpoint of size {size} does not verify.");
                    return null;
                case CheckpointVerdict.Signed:
                    signed = true;
                    break;
            }
        }
        if (!signed)
        {
            bad.Add(AuditFault.UnknownKey, size, $"No known key signed the {side} checkpoint of size {size}.");
            return null;
        }
        var head = new Head(size, checkpoint.Root, side);
        _heads.Add(head);
        if (size >= _newest) (_newest, Newest) = (size, note);
        return head;
    }

    private static string? PayloadTrouble(AuditBody body, byte[]? payload)
    {
        if (payload is null) return body.PayloadSha256 is null ? null : "is not there";
        if (body.PayloadSha256 is null) return "is one the entry knows nothing of";
        Span<byte> digest = stackalloc byte[SHA256.HashSizeInBytes];
        SHA256.HashData(payload, digest);
        Span<char> hex = stackalloc char[2 * SHA256.HashSizeInBytes];
        Convert.TryToHexStringLower(digest, hex, out _);
        return hex.SequenceEqual(body.PayloadSha256) ? null : "is not the one the entry speaks of";
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

    private readonly record struct Head(ulong Size, MerkleHash Root, string Side);

    /// <summary>The first bad checkpoints of each side: a side with ten thousand is no better known by all of them.</summary>
    private sealed class BadCheckpoints
    {
        private readonly List<(AuditFault Fault, ulong Size, string Reason)> _all = [];
        private int _ofSide;

        public IReadOnlyList<(AuditFault Fault, ulong Size, string Reason)> All => _all;

        public void NextSide() => _ofSide = 0;

        public void Add(AuditFault fault, ulong size, string reason)
        {
            if (++_ofSide <= MaxFindings) _all.Add((fault, size, reason));
        }
    }
}
