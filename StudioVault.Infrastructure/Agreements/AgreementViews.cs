using StudioVault.Domain.Agreements;
using StudioVault.Domain.Kernel;
using StudioVault.Domain.Packages;
using StudioVault.Infrastructure.Mail;

namespace StudioVault.Infrastructure.Agreements;

/// <summary>Where an agreement stands for whoever looks after it: its newest paper and its own state (features table A3) in one word.</summary>
public enum AgreementStage
{
    /// <summary>The studio writes version 1 or an amendment.</summary>
    Writing,

    /// <summary>A paper is out and signatures are missing.</summary>
    WithClients,

    /// <summary>Everybody signed; the documents are being made.</summary>
    Sealing,

    /// <summary>Signed, and nothing is open.</summary>
    InForce,

    /// <summary>Completed, cancelled or withdrawn.</summary>
    Ended,

    /// <summary>Given up before it was signed.</summary>
    GivenUp,
}

/// <summary>Why somebody has to look at an agreement.</summary>
public enum AgreementTrouble
{
    /// <summary>A link that still waits for a signature takes none any more.</summary>
    LinkExpired,

    /// <summary>Likewise within three days.</summary>
    LinkExpiring,

    /// <summary>A mail with a link did not arrive.</summary>
    MailFailed,

    /// <summary>The documents cannot be made at present.</summary>
    SealingWaits,
}

/// <summary>An agreement in the list.</summary>
/// <param name="EventOn">The day agreed last; null when it is still to be found.</param>
/// <param name="Version">Of the newest paper that was not given up.</param>
/// <param name="Kind">What the newest paper changes; null for version 1.</param>
/// <param name="Signed">How many have signed the newest paper, of <paramref name="Signatories"/>.</param>
/// <param name="WaitingFor">Names of those who have not, in the order of the paper.</param>
/// <param name="ExpiresOn">The last day the first of their links takes a signature; null when none is out.</param>
/// <param name="At">When the newest paper was begun, sent, signed last or sealed, whichever came last.</param>
public sealed record AgreementRow(AgreementId Id, string Number, ProjectId ProjectId, string ClientName, DateOnly? EventOn, AgreementStage Stage, AgreementState State, int Head, int Version, AmendmentKind? Kind,
    PaperState PaperState, int Signed, int Signatories, IReadOnlyList<string> WaitingFor, DateOnly? ExpiresOn, IReadOnlyList<AgreementTrouble> Troubles, DateTimeOffset At);

/// <summary>A page of agreements.</summary>
/// <param name="Counts">By stage, of what the search leaves.</param>
/// <param name="InTrouble">How many of them somebody has to look at.</param>
/// <param name="HasMore">There is a next page.</param>
/// <param name="Bookable">Projects under way without an agreement.</param>
public sealed record AgreementPage(IReadOnlyList<AgreementRow> Rows, IReadOnlyDictionary<AgreementStage, int> Counts, int InTrouble, bool HasMore, IReadOnlyList<BookedProject> Bookable);

/// <summary>A project under way that has no agreement yet.</summary>
public sealed record BookedProject(ProjectId Id, string ClientName, DateOnly EventOn);

/// <summary>An agreement with all its papers.</summary>
/// <param name="ClientName">As the project calls them.</param>
/// <param name="Papers">By version; one that was given up stands before the one that took its place.</param>
/// <param name="Chain">Everything executed; null before the first, and when it can be read no more.</param>
/// <param name="Unreadable">Why nothing can be read; null when it can.</param>
/// <param name="MayManage">The reader may recall and give up; <paramref name="MayWrite"/>: write and send.</param>
public sealed record AgreementView(AgreementId Id, BranchId BranchId, string BranchName, string TimeZone, DateOnly Today, string Number, ProjectId ProjectId, string ClientName, AgreementState State,
    AgreementStage Stage, int Head, DateTimeOffset CreatedAt, IReadOnlyList<PaperView> Papers, AgreementChain? Chain, Refusal? Unreadable, bool MayWrite, bool MayManage)
{
    /// <summary>The paper that counts: the newest that was not given up, or the last one where all were.</summary>
    public PaperView Newest => Papers.LastOrDefault(p => p.State != PaperState.Void) ?? Papers[^1];

    /// <summary>The newest executed paper; null before the first.</summary>
    public PaperView? Signed => Papers.LastOrDefault(p => p.Seal is not null);

    /// <summary>What holds now, with everything agreed; before the first signature what the draft says. Null when it cannot be read.</summary>
    public AgreementContent? Content => Chain is not null ? AgreementContent.From(Chain.Whole().Content).Value : Newest.Text?.First ?? Papers.Select(p => p.Text?.First).FirstOrDefault(t => t is not null);
}

/// <summary>One paper of an agreement.</summary>
/// <param name="ContentHash">Of what is out or sealed; of a draft, of what would be sent now. Null when it cannot be read.</param>
/// <param name="Text">What it says; null when it can be read no more.</param>
/// <param name="Problem">What keeps a draft from being sent; null when nothing does.</param>
/// <param name="Signatories">Of the issue that is out, or who would be asked.</param>
public sealed record PaperView(PaperId Id, int Version, AmendmentKind? Kind, PaperState State, int Issue, int DraftRevision, DateOnly EffectiveOn, string? BaseHash, string? ContentHash, string? ShownSha256,
    DateTimeOffset CreatedAt, string? CreatedBy, DateTimeOffset? SentAt, string? WaitingReason, PaperSeal? Seal, PaperText? Text, Refusal? Problem, IReadOnlyList<SignatoryView> Signatories)
{
    /// <summary>When it was sealed, else sent, else begun.</summary>
    public DateTimeOffset At => Seal?.SealedAt ?? SentAt ?? CreatedAt;
}

/// <summary>What an executed paper was sealed with.</summary>
/// <param name="SealKey">Fingerprint of the certificate.</param>
public sealed record PaperSeal(string DocumentSha256, string CertificateSha256, string SealKey, DateTimeOffset SealedAt);

/// <summary>Somebody who signs a paper.</summary>
/// <param name="Email">Where the link goes now; empty when erased.</param>
/// <param name="State">Null while nobody was asked.</param>
/// <param name="Link">Their page; null for readers of other branches, and before anybody is asked.</param>
/// <param name="Mail">The newest mail about this paper to them.</param>
public sealed record SignatoryView(string PartyId, ClientId? ClientId, string Name, string Email, PartyRole Role, string SignsFor, SigningState? State, DateTimeOffset? AskedAt, DateTimeOffset? ViewedAt, DateTimeOffset? SignedAt,
    DateOnly? ExpiresOn, bool IsExpired, Uri? Link, SentMail? Mail);

/// <summary>What became of a mail.</summary>
/// <param name="Problem">What the mail server said last.</param>
public sealed record SentMail(MailState State, DateTimeOffset QueuedAt, DateTimeOffset? EndedAt, string? Problem)
{
    public bool IsTrouble => State is MailState.Bounced or MailState.Failed;
}

/// <summary>What an agreement can be begun from.</summary>
/// <param name="Revision">The package revision the project pins, and what it says.</param>
/// <param name="Parties">The clients of the project; empty when nobody is named yet.</param>
/// <param name="Agreement">The one it has already; null when there is none.</param>
/// <param name="Problem">Why none can be begun; null when it can.</param>
public sealed record AgreementStart(ProjectId ProjectId, string ClientName, DateOnly EventOn, string Package, int Revision, PackageContent Content, IReadOnlyList<AgreementParty> Parties, AgreementId? Agreement, Refusal? Problem);

/// <summary>What the branch sells today under the package of an agreement.</summary>
/// <param name="Rules">As an agreement cites it.</param>
public sealed record PackageToday(string Name, PackageContent Content, AgreementRules Rules);
