using System.Text.Json;

namespace StudioVault.Domain.Audit;

/// <summary>What can be wrong with a log.</summary>
public enum AuditFault
{
    /// <summary>An index is missing.</summary>
    Gap,

    /// <summary>An index comes twice, or after a higher one.</summary>
    Duplicate,

    /// <summary>The stored leaf hash is not that of the entry.</summary>
    LeafMismatch,

    /// <summary>A number is given, but the entry it was given to is not there.</summary>
    EntryMissing,

    /// <summary>The bytes of a leaf are not those of an entry.</summary>
    BodyMalformed,

    /// <summary>The payload is not the one whose SHA-256 the entry holds, or is not there, or is there where the entry knows of none.</summary>
    PayloadMismatch,

    /// <summary>The entries do not add up to the root of a checkpoint.</summary>
    RootMismatch,

    /// <summary>Two signed checkpoints of one size have different roots: two histories were told.</summary>
    Fork,

    /// <summary>A checkpoint covers more entries than there are: the end was cut off, or an older state was put back.</summary>
    Truncated,

    /// <summary>Entries after the last checkpoint, where the log was said to be closed by one (<see cref="AuditTail.Signed"/>).</summary>
    Unsigned,

    /// <summary>A stored checkpoint covers fewer entries than the one before it.</summary>
    SizeShrank,

    /// <summary>A checkpoint is not readable as one.</summary>
    CheckpointMalformed,

    /// <summary>A checkpoint of another log.</summary>
    ForeignOrigin,

    /// <summary>A checkpoint that no known key signed.</summary>
    UnknownKey,

    /// <summary>A checkpoint whose signature by a known key does not verify.</summary>
    BadSignature,

    /// <summary>What the sequencer goes on from (size, frontier), or what is shown beside a checkpoint, is not what the log says.</summary>
    StateMismatch,

    /// <summary>An entry without a number that the sequencer has passed already: it was put in by somebody else, or its number taken away.</summary>
    Unnumbered,

    /// <summary>A line of an export is not one, or does not belong where it stands.</summary>
    ExportMalformed,
}

/// <summary>Faults as programs read them.</summary>
public static class AuditFaults
{
    /// <summary>The name in small letters, for example <c>leaf_mismatch</c>; stable for ever.</summary>
    public static string Code(this AuditFault fault) => JsonNamingPolicy.SnakeCaseLower.ConvertName(fault.ToString());
}

/// <summary>What a verifier expects of the end of a log.</summary>
public enum AuditTail
{
    /// <summary>A checkpoint covers every entry: an export, or a log at rest.</summary>
    Signed,

    /// <summary>
    /// The newest entries may wait for their checkpoint: a living log. Nothing vouches for them yet;
    /// <see cref="AuditReport.Covered"/> says where they begin.
    /// </summary>
    Open,
}

/// <summary>One thing that is wrong.</summary>
/// <param name="Fault">What.</param>
/// <param name="FirstBadIndex">
/// The first entry concerned. Where only a root tells, the first entry after the last good checkpoint; where entries are
/// missing at the end, the first missing one (those from <see cref="AuditReport.Covered"/> up to it cannot be vouched for).
/// </param>
/// <param name="LastBadIndex">The last entry the fault may lie in; equals the first where it is exactly known.</param>
/// <param name="Reason">A sentence for people.</param>
public sealed record AuditFinding(AuditFault Fault, long FirstBadIndex, long LastBadIndex, string Reason);

/// <summary>The outcome of a verification.</summary>
/// <param name="Entries">Entries read.</param>
/// <param name="Covered">Entries that a good checkpoint covers.</param>
/// <param name="Checkpoints">Checkpoints read that are signed by a known key, anchors included.</param>
/// <param name="Root">Root over all entries as recomputed; the empty root when the order was broken.</param>
/// <param name="Findings">What is wrong, lowest entry first, at most <see cref="AuditVerifier.MaxFindings"/>.</param>
public sealed record AuditReport(long Entries, long Covered, int Checkpoints, MerkleHash Root, IReadOnlyList<AuditFinding> Findings)
{
    public bool IsClean => Findings.Count == 0;

    /// <summary>The finding with the lowest index, or null when the log is clean.</summary>
    public AuditFinding? First => Findings.Count == 0 ? null : Findings[0];
}
