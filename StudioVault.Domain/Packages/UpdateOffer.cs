using StudioVault.Domain.Kernel;

namespace StudioVault.Domain.Packages;

/// <summary>
/// One template version offered to one branch: the only way a change of HQ reaches a branch. At most one offer per branch and
/// template is open (Offered, Viewed, Snoozed); PostgreSQL holds that by a partial unique index.
/// </summary>
public sealed class UpdateOffer : ITenantOwned
{
    private UpdateOffer() { }

    public BranchId BranchId { get; private init; }
    public OfferId Id { get; private init; }
    public TemplateId TemplateId { get; private init; }
    public int Version { get; private init; }

    /// <summary>True when the branch has no package of this template yet: accepting adopts it.</summary>
    public bool IsAdoption { get; private init; }

    public OfferState State { get; private set; }
    public DateTimeOffset OfferedAt { get; private init; }

    /// <summary>When somebody of the branch first opened it.</summary>
    public DateTimeOffset? ViewedAt { get; private set; }

    /// <summary>When it left the open states, and who did it (null: HQ or a job).</summary>
    public DateTimeOffset? ClosedAt { get; private set; }

    public PersonId? ClosedBy { get; private set; }

    /// <summary>Branch-local day it comes back; null with <see cref="SnoozedToNextVersion"/> when only a newer version brings it back.</summary>
    public DateOnly? SnoozedUntil { get; private set; }

    public bool SnoozedToNextVersion { get; private set; }

    /// <summary>Why it was ignored or snoozed, in the branch's words.</summary>
    public string? Reason { get; private set; }

    /// <summary>HQ called this version back after the branch had accepted it and asks the branch to look; null otherwise.</summary>
    public DateTimeOffset? ReviewRevertAskedAt { get; private set; }

    /// <summary>When the branch looked: it went back, or decided to keep what it has.</summary>
    public DateTimeOffset? RevertReviewedAt { get; private set; }

    public static UpdateOffer Of(BranchId branch, OfferId id, TemplateId template, int version, bool isAdoption, DateTimeOffset at) => new()
    {
        BranchId = branch,
        Id = id,
        TemplateId = template,
        Version = version,
        IsAdoption = isAdoption,
        State = OfferState.Offered,
        OfferedAt = at,
    };

    /// <summary>Still waiting for the branch.</summary>
    public bool IsOpen => State is OfferState.Offered or OfferState.Viewed or OfferState.Snoozed;

    /// <summary>Somebody of the branch opened it. Looking at a closed or snoozed offer changes nothing.</summary>
    public bool View(DateTimeOffset at)
    {
        if (State != OfferState.Offered) return false;
        (State, ViewedAt) = (OfferState.Viewed, at);
        return true;
    }

    /// <summary>Closes the offer with the branch's or HQ's verdict; the caller has asked the state machine first.</summary>
    public void Close(OfferState verdict, string? reason, DateTimeOffset at, PersonId? by)
    {
        if (!IsOpen) throw new InvalidOperationException($"An offer that is {State} cannot become {verdict}.");
        (State, Reason, ClosedAt, ClosedBy, SnoozedUntil, SnoozedToNextVersion) = (verdict, reason, at, by, null, false);
    }

    /// <summary>The branch took its decision back and is asked again; the caller has asked the state machine and looked what was built on it.</summary>
    public void Reopen()
    {
        if (State is not (OfferState.Accepted or OfferState.PartlyAccepted or OfferState.Ignored)) throw new InvalidOperationException($"An offer that is {State} cannot be reopened.");
        // What HQ asked of those who took it is asked of this branch no more: it has it no more.
        (State, Reason, ClosedAt, ClosedBy, ReviewRevertAskedAt, RevertReviewedAt) = (OfferState.Viewed, null, null, null, null, null);
    }

    /// <summary>Not now: until a day, or until a newer version.</summary>
    public void Snooze(DateOnly? until, string? reason)
    {
        if (!IsOpen) throw new InvalidOperationException($"An offer that is {State} cannot be snoozed.");
        (State, SnoozedUntil, SnoozedToNextVersion, Reason) = (OfferState.Snoozed, until, until is null, reason);
    }

    /// <summary>HQ called the version back; nothing of the branch changes by it.</summary>
    public void AskToReviewRevert(DateTimeOffset at) => ReviewRevertAskedAt ??= at;

    /// <summary>The branch answered the request.</summary>
    public void RevertReviewed(DateTimeOffset at) => RevertReviewedAt ??= at;

    /// <summary>What had answered the request was taken back: it is asked again.</summary>
    public void ReviewRevertAgain() => RevertReviewedAt = null;

    /// <summary>The day has come, or the branch wants to see it now.</summary>
    public void Wake()
    {
        if (State != OfferState.Snoozed) throw new InvalidOperationException($"An offer that is {State} cannot wake.");
        (State, SnoozedUntil, SnoozedToNextVersion) = (OfferState.Offered, null, false);
    }
}

/// <summary>
/// What a branch decided about an offer, as it can be shown to anybody later (features row 1.15): who, which offer, digest of
/// exactly what was on the screen, each choice. Signed, and chained by the audit log. Insert-only.
/// </summary>
public sealed class OfferDecision : ITenantOwned
{
    private OfferDecision() { }

    public BranchId BranchId { get; private init; }
    public Guid Id { get; private init; }
    public OfferId OfferId { get; private init; }

    /// <summary>accepted, partly_accepted, ignored, or undone for a decision taken back.</summary>
    public string Verdict { get; private init; } = "";

    /// <summary>The consent as canonical JSON: the bytes the signature covers.</summary>
    public string Consent { get; private init; } = "";

    /// <summary>ECDSA P-256/SHA-256 over <see cref="Consent"/>, base64 of the DER form, by the group's audit key.</summary>
    public string Signature { get; private init; } = "";

    /// <summary>Digest of the preview the person saw; null where nothing was accepted.</summary>
    public string? PreviewDigest { get; private init; }

    /// <summary>The revision it made; null where the branch's values did not change.</summary>
    public int? Revision { get; private init; }

    public string? Reason { get; private init; }
    public DateTimeOffset DecidedAt { get; private init; }
    public PersonId? DecidedBy { get; private init; }

    public static OfferDecision Of(BranchId branch, Guid id, OfferId offer, string verdict, string consent, string signature, string? previewDigest,
        int? revision, string? reason, DateTimeOffset at, PersonId? by) => new()
        {
            BranchId = branch,
            Id = id,
            OfferId = offer,
            Verdict = verdict,
            Consent = consent,
            Signature = signature,
            PreviewDigest = previewDigest,
            Revision = revision,
            Reason = reason,
            DecidedAt = at,
            DecidedBy = by,
        };
}
