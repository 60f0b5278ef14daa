using StudioVault.Domain.Packages;

namespace StudioVault.Domain.Agreements;

/// <summary>What somebody is in an agreement.</summary>
public enum PartyRole
{
    /// <summary>Books, owes and receives.</summary>
    Client,

    /// <summary>Signs for a client who is a minor.</summary>
    Guardian,

    /// <summary>Pays without being a client; signs the money.</summary>
    Payer,
}

/// <summary>Whether a consumer may withdraw (Directive 2023/2673, Article 11a; features row 2.13).</summary>
public enum WithdrawalRegime
{
    /// <summary>A consumer contract made at a distance: withdrawal is open for the days named.</summary>
    Eligible,

    /// <summary>Not open, for the reason named.</summary>
    Exempt,
}

/// <summary>The branch as a party.</summary>
/// <param name="Address">In one line.</param>
/// <param name="Country">ISO 3166-1, two letters.</param>
/// <param name="TimeZone">IANA name; every day in the agreement is a day there.</param>
public sealed record AgreementStudio(string Name, string Address, string Email, string Country, string TimeZone);

/// <summary>Somebody who signs.</summary>
/// <param name="SignsFor">A guardian's ward: the id of the client; else empty.</param>
public sealed record AgreementParty(string Id, PartyRole Role, string Name, string Email, bool IsMinor, string SignsFor)
{
    /// <summary>A minor is a party and does not sign.</summary>
    public bool Signs => !IsMinor;
}

/// <summary>What is photographed or filmed, when and where.</summary>
/// <param name="On">Branch-local day; null when it is not known yet after a rescheduling.</param>
/// <param name="StartsAt">Local time such as 14:00; empty when open.</param>
/// <param name="Hours">Hours of coverage; 0 where the agreement has none.</param>
/// <param name="Lead">The photographer or film maker promised by name; empty when nobody is.</param>
public sealed record AgreementEvent(string Title, DateOnly? On, string StartsAt, decimal Hours, string Venue, string Lead);

/// <summary>The rules the agreement is governed by, pinned at its making and kept for ever.</summary>
/// <param name="AsOf">"Governed by the rules of" this day.</param>
/// <param name="Template">Slug; <paramref name="TemplateVersion"/> is the version of HQ the branch's revision stood on.</param>
/// <param name="PackageHash">SHA-256 of the revision's canonical JSON.</param>
public sealed record AgreementRules(DateOnly AsOf, string Template, int TemplateVersion, int PackageRevision, string PackageHash);

/// <summary>A line of what is bought.</summary>
/// <param name="UnitPrice">In the agreement's currency.</param>
public sealed record AgreementItem(string Id, string Title, ItemKind Kind, decimal Quantity, decimal UnitPrice, IReadOnlyList<Deliverable> Deliverables)
{
    public decimal Total => Quantity * UnitPrice;
}

/// <summary>A sum that is due.</summary>
/// <param name="DueDays">Days before the event, or after signing or delivery.</param>
/// <param name="DueOn">The day itself where it is fixed; wins over the rule.</param>
public sealed record ScheduledPayment(string Id, string Title, decimal Amount, InstalmentDue Due, int DueDays, DateOnly? DueOn);

/// <summary>Whether and until when the client may withdraw.</summary>
/// <param name="Days">Days after signing; 0 when exempt.</param>
/// <param name="Reason">The legal ground in words.</param>
public sealed record WithdrawalTerms(WithdrawalRegime Regime, int Days, string Reason);

/// <summary>A policy the agreement cites.</summary>
/// <param name="Version">The version in force for this client.</param>
public sealed record CitedPolicy(string Id, string Title, string Version);
