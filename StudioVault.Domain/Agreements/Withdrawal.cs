using StudioVault.Domain.Kernel;

namespace StudioVault.Domain.Agreements;

/// <summary>
/// How long a client may withdraw: so many days after the day of conclusion, to the end of the last one where the studio is. A last
/// day on a Saturday or Sunday moves to the Monday (Regulation 1182/71, Article 3(4)); public holidays are not known here, so the
/// studio may have to take a withdrawal that comes one working day later.
/// </summary>
public static class WithdrawalPeriod
{
    /// <param name="concludedOn">Branch-local day of the last signature.</param>
    public static DateOnly LastDay(DateOnly concludedOn, int days)
    {
        var last = concludedOn.AddDays(days);
        return last.DayOfWeek switch { DayOfWeek.Saturday => last.AddDays(2), DayOfWeek.Sunday => last.AddDays(1), _ => last };
    }

    /// <summary>Why an agreement cannot be withdrawn from; null when it can.</summary>
    /// <returns><c>refuse.withdrawal.exempt</c> with the reason, <c>refuse.withdrawal.too_late</c>, <c>refuse.withdrawal.already</c>, <c>refuse.agreement.not_in_force</c>.</returns>
    public static Refusal? Refuses(AgreementState state, WithdrawalTerms terms, DateOnly concludedOn, DateOnly today)
    {
        if (state == AgreementState.Withdrawn) return WithdrawalRefusals.Already;
        if (state != AgreementState.InForce) return AgreementRefusals.NotInForce;
        if (terms.Regime == WithdrawalRegime.Exempt) return WithdrawalRefusals.Exempt.With(terms.Reason);
        return today > LastDay(concludedOn, terms.Days) ? WithdrawalRefusals.TooLate.With(LastDay(concludedOn, terms.Days).ToString("d MMMM yyyy", System.Globalization.CultureInfo.InvariantCulture)) : null;
    }
}

/// <summary>
/// A client withdrew (Directive 2023/2673, Article 11a): insert-only. The declaration word for word stands in
/// <see cref="Evidence"/>, encrypted for this person alone. What is paid back is the studio's to decide and noted elsewhere.
/// </summary>
public sealed class Withdrawal : ITenantOwned
{
    private Withdrawal() { }

    public BranchId BranchId { get; private init; }
    public AgreementId AgreementId { get; private init; }

    /// <summary>The agreement itself, whose documents the receipt is kept with.</summary>
    public PaperId PaperId { get; private init; }

    public ClientId ClientId { get; private init; }
    public string PartyId { get; private init; } = "";

    /// <summary>Version of the newest executed paper at that time.</summary>
    public int Version { get; private init; }

    /// <summary>Its hash.</summary>
    public string ContentHash { get; private init; } = "";

    /// <summary>Canonical JSON, encrypted under the client's key.</summary>
    public byte[] Evidence { get; private init; } = [];

    /// <summary>SHA-256 of the evidence before encryption.</summary>
    public string EvidenceSha256 { get; private init; } = "";

    /// <summary>When the agreement was concluded: the last signature of version 1.</summary>
    public DateTimeOffset ConcludedAt { get; private init; }

    /// <summary>Last branch-local day on which it was open.</summary>
    public DateOnly OpenUntil { get; private init; }

    /// <summary>The database's clock.</summary>
    public DateTimeOffset ReceivedAt { get; private init; }

    public static Withdrawal Of(Agreement agreement, PaperId first, Signing by, byte[] evidence, string evidenceSha256, DateTimeOffset concludedAt, DateOnly openUntil, DateTimeOffset at) => new()
    {
        BranchId = agreement.BranchId,
        AgreementId = agreement.Id,
        PaperId = first,
        ClientId = by.ClientId,
        PartyId = by.PartyId,
        Version = agreement.Head,
        ContentHash = agreement.HeadHash ?? "",
        Evidence = evidence,
        EvidenceSha256 = evidenceSha256,
        ConcludedAt = concludedAt,
        OpenUntil = openUntil,
        ReceivedAt = at,
    };
}

/// <summary>Refusals of withdrawing.</summary>
public static class WithdrawalRefusals
{
    public static readonly RefusalKind Exempt = new("refuse.withdrawal.exempt",
        "This agreement cannot be withdrawn from: {0}",
        "Write to the studio; what the agreement says about cancelling holds.");

    public static readonly RefusalKind TooLate = new("refuse.withdrawal.too_late",
        "The time to withdraw ended on {0}.",
        "Write to the studio; what the agreement says about cancelling holds.", 410);

    public static readonly RefusalKind Already = new("refuse.withdrawal.already",
        "This agreement was withdrawn from already.",
        "There is nothing more to do; the receipt comes by mail.");

    public static readonly RefusalKind NotAClient = new("refuse.withdrawal.not_a_client",
        "Only a client of the agreement, or who signed for one, can withdraw from it.",
        "Ask the client to do it behind their own link.", 403);
}
