using StudioVault.Domain.Audit;
using StudioVault.Domain.Kernel;
using StudioVault.Domain.Organization;
using StudioVault.Domain.Proposals;
using StudioVault.Infrastructure.Door;
using StudioVault.Infrastructure.Persistence;

namespace StudioVault.Infrastructure.Audit;

/// <summary>Who reads the log: HQ reads everything, a branch manager what happened in the branch.</summary>
/// <param name="Branch">The branch a manager reads; null for HQ.</param>
public sealed record AuditReader(Sender From, BranchId? Branch)
{
    internal TenantScope Scope => Branch is { } branch ? TenantScope.Of(branch) : TenantScope.Hq;
    internal Access Access => Branch is { } branch ? Access.ManagerOf(branch) : Access.Hq;
}

/// <summary>What part of the log is asked for; everything when nothing is set. All conditions hold at once.</summary>
public sealed record AuditFilter
{
    /// <summary>At most this many words of <see cref="Text"/> count.</summary>
    public const int MostWords = 5;

    /// <summary>
    /// Words; each must be found in the verb or its sentence, the name of whoever acted, the thing it is about, the branch or the
    /// refusal code. A number with or without # is an entry's place in the log; an id finds what carries it.
    /// </summary>
    public string? Text { get; init; }

    public string? Action { get; init; }

    /// <summary>Id of a person or name of a job.</summary>
    public string? ActorId { get; init; }

    /// <summary>human, staff, agent or system.</summary>
    public string? ActorKind { get; init; }

    /// <summary>Only HQ may choose; a manager's own branch always holds.</summary>
    public BranchId? Branch { get; init; }

    /// <summary>Only what belongs to no branch.</summary>
    public bool GroupOnly { get; init; }

    /// <summary>done or refused.</summary>
    public string? Outcome { get; init; }

    /// <summary>Name of a capability.</summary>
    public string? Capability { get; init; }

    /// <summary>Id of a proposal: everything that was done about it.</summary>
    public string? ProposalId { get; init; }

    /// <summary>Band of the proposal it belongs to; what belongs to none is left out.</summary>
    public Band? Band { get; init; }

    /// <summary>Also who read the log; else such entries are found only by their verb.</summary>
    public bool WithReads { get; init; }

    public string? ObjectType { get; init; }
    public string? ObjectId { get; init; }
    public DateTimeOffset? From { get; init; }

    /// <summary>First moment that is not asked for any more.</summary>
    public DateTimeOffset? Until { get; init; }

    public bool IsEmpty => this == new AuditFilter();
}

/// <summary>Where a page of the log begins: at the newest, below an entry, or above one.</summary>
public readonly record struct AuditCursor(Guid? Before, Guid? After)
{
    public static AuditCursor Newest => default;
}

/// <summary>Whoever acted.</summary>
/// <param name="Kind">human, staff, agent or system.</param>
/// <param name="Name">A person's name now; null for others and for people who are not known any more.</param>
public sealed record AuditWho(string Kind, string Id, string? Name);

/// <summary>What an entry is about.</summary>
/// <param name="Label">Its name now, or null when it cannot be named (any more, or to this reader).</param>
/// <param name="Slug">Short name in addresses, for branches.</param>
public sealed record AuditThing(string Type, string Id, string? Label, string? Slug);

/// <summary>Branch of an entry.</summary>
public sealed record AuditPlace(BranchId Id, string Slug, string Name, string TimeZone);

/// <summary>One entry as a line of the list.</summary>
/// <param name="Index">Its place in the log, or null until the sequencer has numbered it.</param>
/// <param name="Payload">Canonical JSON; null when there is none or when it is too long for a list.</param>
public sealed record AuditLine(Guid Id, long? Index, DateTimeOffset At, AuditWho Who, AuditPlace? Place, string Action, AuditThing Thing,
    bool Refused, string? ReasonCode, string? Payload);

/// <summary>A page of the log, newest first.</summary>
/// <param name="Who">Name of the person the filter asks for, or null.</param>
/// <param name="Thing">The thing the filter asks for, or null.</param>
/// <param name="IsPartial">The words of the search fit more things than were looked at.</param>
public sealed record AuditSlice(IReadOnlyList<AuditLine> Lines, bool HasNewer, bool HasOlder, string? Who, AuditThing? Thing, bool IsPartial);

/// <summary>How far the log is numbered and signed.</summary>
/// <param name="Numbered">Entries with a number: 0 to this minus one.</param>
public sealed record AuditHead(long Numbered, AuditSeal? Newest);

/// <summary>A signed tree head.</summary>
/// <param name="Root">Root hash, 64 lower-case hex digits.</param>
/// <param name="Note">The signed note as it leaves the house.</param>
public sealed record AuditSeal(long Size, string Root, DateTimeOffset At, string Note);

/// <summary>Everything about one entry.</summary>
/// <param name="Body">What the leaf says, composed anew from the stored row.</param>
/// <param name="Payload">Canonical JSON, whole, or null.</param>
/// <param name="LeafHash">Hash in the tree, hex; null until numbered.</param>
/// <param name="Seal">The newest checkpoint that covers it; null until signed.</param>
/// <param name="SealedAt">When the first checkpoint that covers it was signed.</param>
public sealed record AuditDetail(AuditLine Line, AuditBody Body, string? Payload, string? LeafHash, AuditSeal? Seal, DateTimeOffset? SealedAt)
{
    /// <summary>Hash of the leaf before it; null for the first and for one without a number.</summary>
    public string? PreviousLeafHash { get; init; }

    /// <summary>The leaf computed from the row as it is stored now; another one than <see cref="LeafHash"/> means the row was changed.</summary>
    public string ComputedLeafHash { get; } = Convert.ToHexStringLower(Body.LeafHash().ToArray());

    /// <summary>Hash of the payload as it is stored now; null without one.</summary>
    public string? ComputedPayloadHash { get; } = Payload is null ? null : CanonicalJson.Sha256(System.Text.Encoding.UTF8.GetBytes(Payload));

    /// <summary>The row or its payload is not what was recorded.</summary>
    public bool IsAltered => (LeafHash is not null && LeafHash != ComputedLeafHash) || (Payload is not null && ComputedPayloadHash != Body.PayloadSha256);
}

/// <summary>Somebody to filter by.</summary>
public sealed record AuditPerson(PersonId Id, string Name);

/// <summary>Something agents and people propose.</summary>
/// <param name="Title">In plain words; its name where this version of the program does not know it any more.</param>
public sealed record AuditCapability(string Name, string Title);

/// <summary>What the filters offer.</summary>
public sealed record AuditChoices(IReadOnlyList<AuditPerson> People, IReadOnlyList<AuditPlace> Places)
{
    public IReadOnlyList<(string Id, string Name)> Agents { get; init; } = [];

    public IReadOnlyList<AuditCapability> Capabilities { get; init; } = [];
}
