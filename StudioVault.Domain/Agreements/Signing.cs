using StudioVault.Domain.Kernel;

namespace StudioVault.Domain.Agreements;

public enum SigningState
{
    /// <summary>Asked, not opened.</summary>
    Asked,

    /// <summary>Opened.</summary>
    Viewed,

    Signed,
}

/// <summary>One signatory's way through one issue of a paper: link, code, signature.</summary>
public sealed class Signing : ITenantOwned
{
    /// <summary>A code can be tried this often; then a new one is needed.</summary>
    public const int CodeTries = 5;

    /// <summary>So many codes are sent for one signing in an hour.</summary>
    public const int CodesAnHour = 5;

    public static readonly TimeSpan CodeLife = TimeSpan.FromMinutes(15);

    private Signing() { }

    public BranchId BranchId { get; private init; }
    public SigningId Id { get; private init; }
    public PaperId PaperId { get; private init; }
    public int Issue { get; private init; }

    /// <summary>Who in the content: the party's id.</summary>
    public string PartyId { get; private init; } = "";

    public ClientId ClientId { get; private init; }
    public SigningState State { get; private set; }
    public DateTimeOffset AskedAt { get; private init; }

    /// <summary>The last day the link takes a signature, branch-local; afterwards it only shows.</summary>
    public DateOnly ExpiresOn { get; private set; }

    public DateTimeOffset? ViewedAt { get; private set; }
    public DateTimeOffset? SignedAt { get; private set; }

    /// <summary>Salted hash of the code that was mailed last; null when none counts.</summary>
    public byte[]? CodeHash { get; private set; }

    public DateTimeOffset? CodeSentAt { get; private set; }
    public int CodeTriesLeft { get; private set; }

    /// <summary>Codes sent in the hour that began at <see cref="CodeHourAt"/>.</summary>
    public int CodesSent { get; private set; }

    public DateTimeOffset? CodeHourAt { get; private set; }

    public static Signing Ask(BranchId branch, PaperId paper, int issue, string party, ClientId client, DateOnly expiresOn, DateTimeOffset at) =>
        new() { BranchId = branch, Id = SigningId.New(), PaperId = paper, Issue = issue, PartyId = party, ClientId = client, ExpiresOn = expiresOn, AskedAt = at };

    public void Viewed(DateTimeOffset at)
    {
        if (State != SigningState.Asked) return;
        (State, ViewedAt) = (SigningState.Viewed, at);
    }

    /// <summary>A new code goes out; older ones count no more.</summary>
    /// <returns><c>refuse.signing.already_signed</c>, <c>link_expired</c>, or <c>too_many_codes</c>.</returns>
    public Result<Done> SendCode(byte[] hash, DateTimeOffset at, DateOnly today)
    {
        if (Open(today) is { } refusal) return refusal;
        if (CodeHourAt is not { } hour || at - hour >= TimeSpan.FromHours(1)) (CodeHourAt, CodesSent) = (at, 0);
        if (CodesSent >= CodesAnHour) return SigningRefusals.TooManyCodes;
        (CodeHash, CodeSentAt, CodeTriesLeft, CodesSent) = (hash, at, CodeTries, CodesSent + 1);
        return Done.It;
    }

    /// <summary>The studio asks once more: the link takes a signature until a later day.</summary>
    /// <returns><c>refuse.signing.party_signed</c>.</returns>
    public Result<Done> AskAgain(DateOnly until)
    {
        if (State == SigningState.Signed) return SigningRefusals.PartySigned;
        if (until > ExpiresOn) ExpiresOn = until;
        return Done.It;
    }

    /// <summary>The code that is out counts no more: it may have gone to an address that was wrong.</summary>
    public void ForgetCode() => CodeHash = null;

    /// <summary>Counts a try of a code. A wrong one uses up a try, so the try has to be saved even when it is refused.</summary>
    /// <param name="isRight">Whether its hash is the one sent.</param>
    /// <returns><c>refuse.signing.code_missing</c>, <c>code_expired</c>, <c>code_wrong</c>, or as <see cref="SendCode"/>.</returns>
    public Result<Done> TryCode(Func<byte[], bool> isRight, DateTimeOffset at, DateOnly today)
    {
        if (Open(today) is { } refusal) return refusal;
        if (CodeHash is null) return SigningRefusals.CodeMissing;
        if (CodeTriesLeft == 0 || at - CodeSentAt >= CodeLife) return SigningRefusals.CodeExpired;
        CodeTriesLeft--;
        return isRight(CodeHash) ? Done.It : SigningRefusals.CodeWrong.With(CodeTriesLeft);
    }

    public void Signed(DateTimeOffset at) => (State, SignedAt, CodeHash) = (SigningState.Signed, at, null);

    private Refusal? Open(DateOnly today)
    {
        if (State == SigningState.Signed) return SigningRefusals.AlreadySigned;
        if (today > ExpiresOn) return SigningRefusals.LinkExpired;
        return null;
    }
}

/// <summary>
/// A signature: insert-only. What was shown, what was said and when, for as long as the agreement is worth something (features
/// rows 2.11, 2.12). Typed name, sentence and device stand in <see cref="Evidence"/>, encrypted for this person alone.
/// </summary>
public sealed class PartySignature : ITenantOwned
{
    private PartySignature() { }

    public BranchId BranchId { get; private init; }
    public SigningId SigningId { get; private init; }
    public PaperId PaperId { get; private init; }
    public int Issue { get; private init; }
    public string PartyId { get; private init; } = "";

    /// <summary>SHA-256 of the canonical JSON signed.</summary>
    public string ContentHash { get; private init; } = "";

    /// <summary>SHA-256 of the document that was shown.</summary>
    public string ShownSha256 { get; private init; } = "";

    /// <summary>Which disclosure the signatory agreed to.</summary>
    public string Disclosure { get; private init; } = "";

    /// <summary>Canonical JSON, encrypted under the signatory's key.</summary>
    public byte[] Evidence { get; private init; } = [];

    /// <summary>SHA-256 of the evidence before encryption.</summary>
    public string EvidenceSha256 { get; private init; } = "";

    /// <summary>The database's clock.</summary>
    public DateTimeOffset SignedAt { get; private init; }

    public static PartySignature Of(Signing signing, string contentHash, string shownSha256, string disclosure, byte[] evidence, string evidenceSha256, DateTimeOffset at) => new()
    {
        BranchId = signing.BranchId,
        SigningId = signing.Id,
        PaperId = signing.PaperId,
        Issue = signing.Issue,
        PartyId = signing.PartyId,
        ContentHash = contentHash,
        ShownSha256 = shownSha256,
        Disclosure = disclosure,
        Evidence = evidence,
        EvidenceSha256 = evidenceSha256,
        SignedAt = at,
    };
}

/// <summary>
/// An executed paper: insert-only, every column filled. Without this row PostgreSQL lets no paper be executed, and this row needs
/// the document and the certificate (features rows 2.2, 2.3).
/// </summary>
public sealed class SealedPaper : ITenantOwned
{
    private SealedPaper() { }

    public BranchId BranchId { get; private init; }
    public PaperId PaperId { get; private init; }
    public AgreementId AgreementId { get; private init; }
    public int Version { get; private init; }
    public DateOnly EffectiveOn { get; private init; }

    /// <summary>The paper's identity: SHA-256 of its canonical JSON.</summary>
    public string ContentHash { get; private init; } = "";

    /// <summary>Canonical JSON, encrypted with the paper's key.</summary>
    public byte[] Content { get; private init; } = [];

    public string DocumentSha256 { get; private init; } = "";
    public string CertificateSha256 { get; private init; } = "";

    /// <summary>Fingerprint of the certificate both are sealed with.</summary>
    public string SealKey { get; private init; } = "";

    public DateTimeOffset SealedAt { get; private init; }

    public static SealedPaper Of(AgreementPaper paper, string documentSha256, string certificateSha256, string sealKey, DateTimeOffset at) => new()
    {
        BranchId = paper.BranchId,
        PaperId = paper.Id,
        AgreementId = paper.AgreementId,
        Version = paper.Version,
        EffectiveOn = paper.EffectiveOn,
        ContentHash = paper.ContentHash ?? "",
        Content = paper.Content,
        DocumentSha256 = documentSha256,
        CertificateSha256 = certificateSha256,
        SealKey = sealKey,
        SealedAt = at,
    };
}

/// <summary>A paper's key, wrapped by the key of one of its parties: insert-only. It opens nothing once that key is destroyed.</summary>
public sealed class PaperKey : ITenantOwned
{
    private PaperKey() { }

    public BranchId BranchId { get; private init; }
    public PaperId PaperId { get; private init; }
    public ClientId ClientId { get; private init; }
    public byte[] Wrapped { get; private init; } = [];

    public static PaperKey Of(BranchId branch, PaperId paper, ClientId client, byte[] wrapped) => new() { BranchId = branch, PaperId = paper, ClientId = client, Wrapped = wrapped };
}

/// <summary>Refusals of signing.</summary>
public static class SigningRefusals
{
    public static readonly RefusalKind AlreadySigned = new("refuse.signing.already_signed",
        "You have signed this already.",
        "There is nothing more to do; the signed document comes by mail.");

    public static readonly RefusalKind PartySigned = new("refuse.signing.party_signed",
        "This person has signed already.",
        "Remind the others.");

    public static readonly RefusalKind RemindedJustNow = new("refuse.signing.reminded_just_now",
        "The link went to this person a moment ago.",
        "Wait {0} minutes, or copy the link and send it another way.", 429);

    public static readonly RefusalKind LinkExpired = new("refuse.signing.link_expired",
        "The time to sign this is over.",
        "Ask the studio to send it again.", 410);

    public static readonly RefusalKind TooManyCodes = new("refuse.signing.too_many_codes",
        "Several codes were sent within the last hour.",
        "Use the newest one in your mailbox, or wait an hour.", 429);

    public static readonly RefusalKind CodeMissing = new("refuse.signing.code_missing",
        "No code was sent yet.",
        "Ask for a code first.", 400);

    public static readonly RefusalKind CodeExpired = new("refuse.signing.code_expired",
        "This code does not count any more.",
        "Ask for a new code.");

    public static readonly RefusalKind CodeWrong = new("refuse.signing.code_wrong",
        "This is not the code that was sent; {0} tries are left.",
        "Look at the newest mail and type the six digits again.", 400);

    public static readonly RefusalKind NameMissing = new("refuse.signing.name_missing",
        "Your name is missing.",
        "Type your full name as your signature.", 400);

    public static readonly RefusalKind ConsentMissing = new("refuse.signing.consent_missing",
        "You have not said yet that you agree to sign electronically.",
        "Tick the sentence, or ask the studio for a copy on paper.", 400);
}
