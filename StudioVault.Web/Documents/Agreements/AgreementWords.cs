using System.Globalization;
using StudioVault.Domain.Agreements;
using StudioVault.Domain.Kernel;
using StudioVault.Domain.Packages;
using StudioVault.Web.Packages;
using StudioVault.Web.Ui;

namespace StudioVault.Web.Documents.Agreements;

/// <summary>What agreements and their parts are called on paper. Words and numbers are those of the current culture.</summary>
public static class AgreementWords
{
    /// <summary>"12 June 2027".</summary>
    public static string Day(DateOnly day) => day.ToString("d MMMM yyyy", CultureInfo.CurrentCulture);

    /// <summary>"Saturday, 12 June 2027".</summary>
    public static string LongDay(DateOnly day) => day.ToString("dddd, d MMMM yyyy", CultureInfo.CurrentCulture);

    /// <summary>"21 Nov 2026, 14:02:11, Lisbon time (14:02:11 UTC)".</summary>
    public static string Moment(DateTimeOffset at, string zone)
    {
        var utc = at.UtcDateTime;
        var seconds = utc.ToString(":ss", CultureInfo.InvariantCulture);
        return $"{TimeFormat.Format(at, zone, TimeShape.DateTime, CultureInfo.CurrentCulture)}{seconds}, {TimeFormat.ZoneWords(zone)} ({utc.ToString("yyyy-MM-dd HH:mm:ss", CultureInfo.InvariantCulture)} UTC)";
    }

    public static string Money(decimal amount, string currency) => MoneyFormat.Format(new Money(amount, currency), CultureInfo.CurrentCulture);

    /// <summary>"Agreement PRT-2026-0042, version 1".</summary>
    public static string Name(string number, int version) => $"{(version == 1 ? "Agreement" : "Amendment to agreement")} {number}, version {version}";

    public static string Of(PartyRole role) => role switch
    {
        PartyRole.Client => "Client",
        PartyRole.Guardian => "Guardian",
        _ => "Payer",
    };

    /// <summary>"Guardian, signs for Tomás Reis".</summary>
    public static string Role(AgreementParty party, IReadOnlyList<AgreementParty> parties) => party switch
    {
        { SignsFor.Length: > 0 } => $"{Of(party.Role)}, signs for {parties.FirstOrDefault(p => p.Id == party.SignsFor)?.Name ?? party.SignsFor}",
        { IsMinor: true } => $"{Of(party.Role)}, a minor",
        _ => Of(party.Role),
    };

    public static string Of(AmendmentKind kind) => kind switch
    {
        AmendmentKind.Reschedule => "New date",
        AmendmentKind.Hours => "Hours",
        AmendmentKind.SubstituteLead => "Another photographer",
        AmendmentKind.PackageChange => "Services and terms",
        AmendmentKind.PaymentPlan => "Payments",
        AmendmentKind.PartyChange => "Parties",
        AmendmentKind.UsageLicence => "Use of the pictures",
        _ => "Cancellation",
    };

    public static string Of(PriceBasis basis) => basis switch
    {
        PriceBasis.Original => "The prices agreed go on.",
        PriceBasis.Current => "The studio’s prices on the day of this amendment hold.",
        _ => "Prices stay as they are unless this amendment names them.",
    };

    /// <summary>Whether and how long the client may withdraw.</summary>
    public static string Of(WithdrawalTerms terms) => terms.Regime == WithdrawalRegime.Eligible
        ? $"You may withdraw from this agreement within {TemplateWords.Count(terms.Days, "day", "days")} of signing, without giving a reason."
        : "There is no right of withdrawal.";

    /// <summary>"13 May 2027, 30 days before the day", "on booking".</summary>
    /// <param name="eventOn">Null while the day is open.</param>
    public static string Due(ScheduledPayment payment, DateOnly? eventOn)
    {
        var rule = FieldWords.Due(new Instalment(payment.Id, payment.Title, 0, payment.Due, payment.DueDays));
        return payment switch
        {
            { DueOn: { } fixedDay } => Day(fixedDay),
            { Due: InstalmentDue.DaysBeforeEvent } when eventOn is { } day => $"{Day(day.AddDays(-payment.DueDays))}, {rule}",
            _ => char.ToUpper(rule[0], CultureInfo.InvariantCulture) + rule[1..],
        };
    }

    /// <summary>"2 × €25.00 = €50.00", with what it delivers.</summary>
    public static string Line(AgreementItem item, string currency)
    {
        var sum = item.Quantity == 1 ? Money(item.Total, currency) : $"{ContentWords.Plain(item.Quantity)} × {Money(item.UnitPrice, currency)} = {Money(item.Total, currency)}";
        return item.Deliverables.Count == 0 ? sum : $"{sum}; {string.Join("; ", item.Deliverables.Select(FieldWords.Of))}";
    }

    /// <summary>"14:00, 8 hours of coverage"; null when neither is said.</summary>
    public static string? Hours(AgreementEvent happening) => happening switch
    {
        { StartsAt.Length: > 0, Hours: > 0 } => $"From {happening.StartsAt}, {Hours(happening.Hours)}",
        { StartsAt.Length: > 0 } => $"From {happening.StartsAt}",
        { Hours: > 0 } => Hours(happening.Hours),
        _ => null,
    };

    public static string Hours(decimal hours) => $"{ContentWords.Plain(hours)} {(hours == 1 ? "hour" : "hours")}";

    /// <summary>A short clause stays on one page.</summary>
    internal static string ClauseClass(string text) => text.Length < 500 ? "clause short" : "clause";

    /// <summary>The tax inside or on top of the lines, to the currency's smallest unit.</summary>
    public static decimal Tax(AgreementContent content)
    {
        var net = content.Tax.PricesIncludeTax ? content.Total.Amount / (1 + (content.Tax.RatePercent / 100)) : content.Lines.Amount;
        return CurrencyUnits.Round(content.Total.Amount - net, content.Currency);
    }
}
