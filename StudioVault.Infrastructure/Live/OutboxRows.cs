using StudioVault.Domain.Kernel;

namespace StudioVault.Infrastructure.Live;

/// <summary>
/// An event as written by its command, in the frozen envelope of seed 002 §3 (column names are the envelope's keys).
/// Insert-only. Not signed yet: signatures come with the machine contracts.
/// </summary>
public sealed class OutboxEvent
{
    private OutboxEvent() { }

    public Guid Id { get; private init; }

    /// <summary>Database clock.</summary>
    public DateTimeOffset Ts { get; private init; }

    /// <summary><c>NAME@major.minor</c>, for example <c>TEMPLATE_OFFERED@1.0</c>.</summary>
    public string Topic { get; private init; } = "";

    /// <summary>kind:id of the acting actor.</summary>
    public string Actor { get; private init; } = "";

    /// <summary>The node that wrote it.</summary>
    public string Device { get; private init; } = "";

    /// <summary>The branch, or null for the group.</summary>
    public BranchId? SpaceId { get; private init; }

    /// <summary>Data sensitivity: GREEN, AMBER, RED or BLACK.</summary>
    public string Band { get; private init; } = "";

    /// <summary>Key group; required from AMBER on.</summary>
    public string? MlsGroup { get; private init; }

    public string PolicyVersion { get; private init; } = "";

    /// <summary>Delivery promise; 1 = at least once.</summary>
    public short Qos { get; private init; }

    public string? IdempotencyKey { get; private init; }
    public string PayloadSha256 { get; private init; } = "";

    /// <summary>Small: ids and numbers, so that a reader fetches the truth.</summary>
    public string Payload { get; private init; } = "";

    public string? Signature { get; private init; }
}

/// <summary>The order of an event, given by the sequencer after commit: the cursor every reader follows.</summary>
public sealed class OutboxPosition
{
    private OutboxPosition() { }

    public long Position { get; private init; }
    public Guid EventId { get; private init; }
}

/// <summary>Who is looking at what right now. Not governed: it is gone 25 seconds after the last heartbeat.</summary>
public sealed class Presence
{
    private Presence() { }

    /// <summary>What they look at, for example <c>offer:0190…</c>.</summary>
    public string Place { get; private init; } = "";

    public PersonId PersonId { get; private init; }
    public string Name { get; private init; } = "";

    /// <summary>The branch whose people may know; null for HQ's places.</summary>
    public BranchId? BranchId { get; private init; }

    public DateTimeOffset SeenAt { get; private init; }
}
