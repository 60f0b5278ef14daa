using StudioVault.Domain.Kernel;

namespace StudioVault.Infrastructure.Audit;

/// <summary>
/// One audit entry as staged by the command it belongs to. Insert-only. <see cref="At"/> and the transaction id are set by
/// PostgreSQL; the app role may not even name those columns in an INSERT.
/// </summary>
public sealed class AuditEntry
{
    private AuditEntry() { }

    /// <summary>
    /// An entry with a time of its own: only the owner's role may write one, which is how the demo group gets its history.
    /// Everybody else's entries come from the door.
    /// </summary>
    internal static AuditEntry Past(DateTimeOffset? at, string actorKind, string actorId, BranchId? branch, string action, string objectType, string objectId, string? payload) => new()
    {
        Id = Guid.CreateVersion7(),
        At = at ?? default,
        ActorKind = actorKind,
        ActorId = actorId,
        RootId = actorId,
        BranchId = branch,
        Action = action,
        ObjectType = objectType,
        ObjectId = objectId,
        Outcome = "done",
        Payload = payload,
        PayloadSha256 = payload is null ? null : CanonicalJson.Sha256(System.Text.Encoding.UTF8.GetBytes(payload)),
    };

    public Guid Id { get; private init; }

    /// <summary>Database clock at the insert, microseconds.</summary>
    public DateTimeOffset At { get; private init; }

    /// <summary>human, staff, agent or system.</summary>
    public string ActorKind { get; private init; } = "";

    public string ActorId { get; private init; } = "";

    /// <summary>The root of the delegation chain; equals <see cref="ActorId"/> when nobody delegated.</summary>
    public string RootId { get; private init; } = "";

    /// <summary>Ids of the chain from whom the actor acted for to the root, nearest first; empty when nobody delegated.</summary>
    public string[] OnBehalfOf { get; private init; } = [];

    /// <summary>The branch it happened in; null for the group.</summary>
    public BranchId? BranchId { get; private init; }

    /// <summary>Verb, <c>area.verb</c>: the same word as the button and the toast.</summary>
    public string Action { get; private init; } = "";

    public string ObjectType { get; private init; } = "";
    public string ObjectId { get; private init; } = "";

    /// <summary>done or refused.</summary>
    public string Outcome { get; private init; } = "";

    /// <summary>Refusal code when refused.</summary>
    public string? ReasonCode { get; private init; }

    public string? Capability { get; private init; }
    public string? ProposalId { get; private init; }
    public string? ApprovalState { get; private init; }
    public string? PolicyVersion { get; private init; }

    /// <summary>What changed, as canonical JSON: references and values of the group's own things, never personal data (AUD-8).</summary>
    public string? Payload { get; private init; }

    /// <summary>SHA-256 of <see cref="Payload"/>, 64 lower-case hex digits; this, not the payload, is in the leaf.</summary>
    public string? PayloadSha256 { get; private init; }
}

/// <summary>The number the sequencer gave an entry, and its leaf hash in the RFC 6962 tree. Insert-only.</summary>
public sealed class AuditLeaf
{
    private AuditLeaf() { }

    /// <summary>0, 1, 2 … without a gap.</summary>
    public long Index { get; private init; }

    public Guid EntryId { get; private init; }

    /// <summary>SHA-256(0x00 || canonical body), 32 bytes.</summary>
    public byte[] Hash { get; private init; } = [];
}

/// <summary>A signed tree head. Insert-only.</summary>
public sealed class AuditCheckpoint
{
    private AuditCheckpoint() { }

    /// <summary>Number of leaves it covers.</summary>
    public long Size { get; private init; }

    public byte[] Root { get; private init; } = [];

    /// <summary>The signed note, C2SP format, as it leaves the house.</summary>
    public string Note { get; private init; } = "";

    public DateTimeOffset At { get; private init; }
}

/// <summary>Where the sequencer stands: one row, written by the sequencer's role alone.</summary>
public sealed class SequencerState
{
    private SequencerState() { }

    public int Id { get; private init; }

    /// <summary>Leaves numbered so far.</summary>
    public long Size { get; private init; }

    /// <summary>Hashes of the compact range [0, size), largest subtree first.</summary>
    public byte[][] Frontier { get; private init; } = [];

    /// <summary>Events numbered so far.</summary>
    public long Position { get; private init; }

    /// <summary>Every transaction id below this one has been looked at.</summary>
    public ulong Horizon { get; private init; }
}
