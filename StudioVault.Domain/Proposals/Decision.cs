using StudioVault.Domain.Kernel;

namespace StudioVault.Domain.Proposals;

/// <summary>What a human said.</summary>
public enum Verdict
{
    Approve,
    Reject,
    Undo,

    /// <summary>Sent to human review: the only thing to do with a BLACK one.</summary>
    SendToReview,

    /// <summary>A human found out that it happened.</summary>
    FoundDone,

    /// <summary>A human found out that it did not happen.</summary>
    FoundNotDone,

    TakeOver,

    /// <summary>A manager looked afterwards at what its own proposer had approved (features row 5.4). It decides nothing.</summary>
    LookedAt,
}

/// <summary>A human's word on a proposal, bound to its digest. Insert-only.</summary>
public sealed class Decision : ITenantOwned
{
    private Decision() { }

    public BranchId BranchId { get; private init; }
    public Guid Id { get; private init; }
    public ProposalId ProposalId { get; private init; }
    public int Round { get; private init; }
    public Verdict Verdict { get; private init; }
    public PersonId PersonId { get; private init; }
    public string PersonName { get; private init; } = "";

    /// <summary>For whom they stood in, or null.</summary>
    public PersonId? OnBehalfOf { get; private init; }

    /// <summary>Humans whose hands are in it.</summary>
    public Guid[] Humans { get; private init; } = [];

    /// <summary>What the person counted as: their role, or that of whom they stood in for, with every lower one.</summary>
    public string[] Seats { get; private init; } = [];

    /// <summary>The digest they saw.</summary>
    public string Digest { get; private init; } = "";

    /// <summary>What the person said, closed by the proposal's key.</summary>
    public byte[]? SealedReason { get; private init; }

    /// <summary>Milliseconds from opening it to deciding, as the page says; null when not said.</summary>
    public int? TookMs { get; private init; }

    /// <summary>Faster than anybody reads: marked, never blocked (ux.md §3.1).</summary>
    public bool IsFast { get; private init; }

    /// <summary>Decisions taken with one tap on a group share it.</summary>
    public Guid? GroupId { get; private init; }

    public DateTimeOffset At { get; private init; }

    public static Decision Of(Proposal p, Verdict verdict, PersonId person, string name, IReadOnlyList<Guid> humans, IReadOnlyList<string> seats, DateTimeOffset at,
        byte[]? reason = null, int? tookMs = null, PersonId? onBehalfOf = null, Guid? group = null) => new()
        {
            BranchId = p.BranchId,
            Id = Guid.CreateVersion7(),
            ProposalId = p.Id,
            Round = p.Round,
            Verdict = verdict,
            PersonId = person,
            PersonName = name,
            OnBehalfOf = onBehalfOf,
            Humans = [.. humans],
            Seats = [.. seats],
            Digest = p.Digest,
            SealedReason = reason,
            TookMs = tookMs is >= 0 ? tookMs : null,
            IsFast = verdict == Verdict.Approve && p.Band >= Band.Amber && tookMs is >= 0 and < 2_000,
            GroupId = group,
            At = at,
        };

    public Vote ToVote() => new(string.Join(',', Humans.Order()), Seats, Verdict == Verdict.Approve);
}

/// <summary>The attempt to carry a proposal out: at most one, ever.</summary>
public sealed class Execution : ITenantOwned
{
    private Execution() { }

    public BranchId BranchId { get; private init; }
    public ProposalId ProposalId { get; private init; }

    /// <summary>When the intent was written.</summary>
    public DateTimeOffset IntentAt { get; private set; }

    /// <summary>How often it was begun: more than once only for atomic capabilities after a crash.</summary>
    public int Attempts { get; private set; }

    /// <summary>The node that runs it, and the fencing token of its lease.</summary>
    public string Node { get; private set; } = "";

    public long Fence { get; private set; }
    public DateTimeOffset? EndedAt { get; private set; }

    /// <summary>One sentence about what was done, or why it was not; closed by the proposal's key.</summary>
    public byte[]? SealedSummary { get; private set; }

    public string? Href { get; private set; }

    /// <summary>Refusal code of a failure.</summary>
    public string? Code { get; private set; }

    /// <summary>What takes it back.</summary>
    public string? UndoCapability { get; private set; }

    /// <summary>Its canonical arguments, closed by the proposal's key.</summary>
    public byte[]? SealedUndoArgs { get; private set; }

    public static Execution Begin(Proposal p, string node, long fence, DateTimeOffset at) =>
        new() { BranchId = p.BranchId, ProposalId = p.Id, IntentAt = at, Attempts = 1, Node = node, Fence = fence };

    public void BeginAgain(string node, long fence, DateTimeOffset at) => (Node, Fence, IntentAt, Attempts) = (node, fence, at, Attempts + 1);

    public void Succeed(DateTimeOffset at, byte[]? summary, string? href, string? undoCapability, byte[]? undoArgs) =>
        (EndedAt, SealedSummary, Href, UndoCapability, SealedUndoArgs) = (at, summary, href, undoCapability, undoArgs);

    public void End(DateTimeOffset at, string? code, byte[]? summary) => (EndedAt, Code, SealedSummary) = (at, code, summary ?? SealedSummary);
}
