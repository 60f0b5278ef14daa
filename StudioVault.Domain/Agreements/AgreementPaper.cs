using StudioVault.Domain.Kernel;

namespace StudioVault.Domain.Agreements;

/// <summary>
/// A paper on its way to being executed: version 1 is the agreement, every later one an amendment. Sending freezes what it says
/// (its issue); taking it back and sending it again is another issue, and signatures never move from one to the other.
/// </summary>
public sealed class AgreementPaper : ITenantOwned
{
    private AgreementPaper() { }

    public BranchId BranchId { get; private init; }
    public PaperId Id { get; private init; }
    public AgreementId AgreementId { get; private init; }

    /// <summary>1 for the agreement, 2 for "Contract_v2" and so on.</summary>
    public int Version { get; private init; }

    /// <summary>What kind of amendment; null for the agreement itself.</summary>
    public AmendmentKind? Kind { get; private init; }

    /// <summary>Hash of the paper it is written on; null for version 1.</summary>
    public string? BaseHash { get; private init; }

    public PaperState State { get; private set; }

    /// <summary>How often it was sent.</summary>
    public int Issue { get; private set; }

    /// <summary>What it says as canonical JSON, encrypted with the paper's key.</summary>
    public byte[] Content { get; private set; } = [];

    /// <summary>Counts the changes of a draft, so that two writers notice each other.</summary>
    public int DraftRevision { get; private set; }

    /// <summary>Branch-local day from which it holds.</summary>
    public DateOnly EffectiveOn { get; private set; }

    /// <summary>SHA-256 of the canonical JSON of the issue that is out; null in a draft.</summary>
    public string? ContentHash { get; private set; }

    /// <summary>SHA-256 of the document the signatories are shown; null in a draft.</summary>
    public string? ShownSha256 { get; private set; }

    public DateTimeOffset CreatedAt { get; private init; }
    public PersonId? CreatedBy { get; private init; }
    public DateTimeOffset? SentAt { get; private set; }

    /// <summary>Why it is still being sealed, in words for people; null when nothing is in the way.</summary>
    public string? WaitingReason { get; private set; }

    /// <summary>Its own id once it is executed: points at the sealed row, without which PostgreSQL lets it not be executed.</summary>
    public PaperId? SealedId { get; private set; }

    public static AgreementPaper Draft(BranchId branch, PaperId id, AgreementId agreement, int version, AmendmentKind? kind, string? baseHash, DateOnly effectiveOn, byte[] content,
        DateTimeOffset at, PersonId? by) => new()
        {
            BranchId = branch,
            Id = id,
            AgreementId = agreement,
            Version = version,
            Kind = kind,
            BaseHash = baseHash,
            EffectiveOn = effectiveOn,
            Content = content,
            DraftRevision = 1,
            CreatedAt = at,
            CreatedBy = by,
        };

    /// <summary>Other words in a draft.</summary>
    /// <returns><c>refuse.kernel.stale_write</c> when somebody else wrote since, or why it is no draft.</returns>
    public Result<Done> Write(int revision, byte[] content, DateOnly effectiveOn)
    {
        if (State != PaperState.Draft) return PaperMachine.Next(State, PaperVerb.Send).Refusal ?? AgreementRefusals.AlreadySent;
        if (revision != DraftRevision) return KernelRefusals.StaleWrite;
        (Content, EffectiveOn, DraftRevision) = (content, effectiveOn, revision + 1);
        return Done.It;
    }

    /// <summary>Freezes it.</summary>
    /// <param name="content">What is sent: what is signed is stored as one piece, canonical.</param>
    public Result<Done> Send(byte[] content, string contentHash, string shownSha256, DateTimeOffset at) => Go(PaperVerb.Send, () =>
        (Content, ContentHash, ShownSha256, SentAt, Issue) = (content, contentHash, shownSha256, at, Issue + 1));

    /// <summary>Back to a draft; the links that are out lead to a page that says so.</summary>
    public Result<Done> Recall() => Go(PaperVerb.Recall, () => (ContentHash, ShownSha256, SentAt) = (null, null, null));

    public Result<Done> Viewed() => Go(PaperVerb.View);

    /// <summary>Somebody signed.</summary>
    /// <param name="left">How many have still to sign.</param>
    public Result<Done> Signed(int left) => Go(left == 0 ? PaperVerb.SignLast : PaperVerb.Sign);

    /// <summary>Its documents wait, for this reason.</summary>
    public void Waits(string reason) => WaitingReason = reason;

    /// <summary>Its documents are made and sealed.</summary>
    /// <returns><c>refuse.agreement.evidence_incomplete</c> when the sealed row is not this paper's.</returns>
    public Result<Done> Executed(SealedPaper seal) => seal.PaperId == Id && seal.ContentHash == ContentHash
        ? Go(PaperVerb.Execute, () => (SealedId, WaitingReason) = (Id, null)) : AgreementRefusals.EvidenceIncomplete;

    /// <summary>Given up.</summary>
    public Result<Done> GiveUp() => Go(PaperVerb.Void);

    private Result<Done> Go(PaperVerb verb, Action? then = null)
    {
        if (!PaperMachine.Next(State, verb).TryGet(out var next, out var refusal)) return refusal;
        State = next;
        then?.Invoke();
        return Done.It;
    }
}
