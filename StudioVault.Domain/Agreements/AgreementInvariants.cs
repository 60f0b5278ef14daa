using System.Globalization;
using StudioVault.Domain.Kernel;
using StudioVault.Domain.Packages;

namespace StudioVault.Domain.Agreements;

/// <summary>What has to hold for an agreement to be sent, signed or amended.</summary>
internal sealed class AgreementInvariants : InvariantCheck
{
    private AgreementInvariants() : base(AgreementRefusals.Invariant) { }

    public static IReadOnlyList<Refusal> Of(AgreementContent content)
    {
        var check = new AgreementInvariants();
        check.Title("/number", content.Number);
        check.Title("/studio/name", content.Studio.Name);
        check.People(content.Parties);
        check.Occasion(content.Event);
        check.Money(content);
        check.Range("/turnaroundDays", content.TurnaroundDays, 1, 3_650, "days");
        check.Range("/travel/radiusKm", content.Travel.RadiusKm, 0, 40_000, "km");
        check.Price("/travel/pricePerKm", content.Travel.PricePerKm);
        check.Range("/gallery/onlineDays", content.Gallery.OnlineDays, 0, MostDays, "days");
        check.Range("/gallery/originalsDays", content.Gallery.OriginalsDays, 0, MostDays, "days");
        check.Range("/gallery/deletionNoticeDays", content.Gallery.DeletionNoticeDays, 0, 3_650, "days");
        check.Prose("/licence", content.Licence, mayBeEmpty: true);
        check.Withdrawal(content.Withdrawal);
        check.Elements("/clauses", content.Clauses.Count);
        foreach (var clause in content.Clauses)
        {
            var at = TreePath.Of("/clauses", clause.Id);
            check.Id(at, clause.Id);
            check.Title($"{at}/title", clause.Title);
            check.Prose($"{at}/body", clause.Body, mayBeEmpty: false);
        }

        foreach (var policy in content.Policies)
        {
            var at = TreePath.Of("/policies", policy.Id);
            check.Title($"{at}/title", policy.Title);
            check.Title($"{at}/version", policy.Version);
        }

        return check.Problems;
    }

    private void People(IReadOnlyList<AgreementParty> parties)
    {
        Elements("/parties", parties.Count);
        if (!parties.Any(p => p.Role == PartyRole.Client)) Found("/parties", "An agreement needs a client.");
        foreach (var party in parties)
        {
            var at = TreePath.Of("/parties", party.Id);
            Id(at, party.Id);
            Title($"{at}/name", party.Name);
            if (party.Signs && !EmailAddress.LooksRight(party.Email)) Found($"{at}/email", "Whoever signs needs an e-mail address: the link and the code go there.");
            if (party is { IsMinor: true, Role: not PartyRole.Client }) Found($"{at}/isMinor", "Only a client can be a minor.");
            if (party.IsMinor && !parties.Any(p => p.Role == PartyRole.Guardian && p.SignsFor == party.Id)) Found(at, "A minor needs a guardian who signs.");
            if (party.Role == PartyRole.Guardian && !parties.Any(p => p.Id == party.SignsFor && p.IsMinor)) Found($"{at}/signsFor", "A guardian signs for a client who is a minor.");
            if (party.Role != PartyRole.Guardian && party.SignsFor.Length > 0) Found($"{at}/signsFor", "Only a guardian signs for somebody.");
        }
    }

    private void Occasion(AgreementEvent happening)
    {
        Title("/event/title", happening.Title);
        Range("/event/hours", happening.Hours, 0, 240, "hours");
        if (happening.StartsAt.Length > 0 && !TimeOnly.TryParseExact(happening.StartsAt, "HH:mm", CultureInfo.InvariantCulture, DateTimeStyles.None, out _)) Found("/event/startsAt", "This is a time like 14:00.");
        Prose("/event/venue", happening.Venue, mayBeEmpty: true);
        Prose("/event/lead", happening.Lead, mayBeEmpty: true);
    }

    private void Money(AgreementContent content)
    {
        Currency("/currency", content.Currency);
        Elements("/items", content.Items.Count);
        if (content.Items.Count == 0) Found("/items", "An agreement is about something: it needs a line.");
        foreach (var item in content.Items)
        {
            var at = TreePath.Of("/items", item.Id);
            Id(at, item.Id);
            Title($"{at}/title", item.Title);
            Quantity($"{at}/quantity", item.Quantity);
            Price($"{at}/unitPrice", item.UnitPrice);
            Deliverables(at, item.Deliverables);
        }

        Title("/tax/name", content.Tax.Name);
        Range("/tax/ratePercent", content.Tax.RatePercent, 0, 100, "%");
        Elements("/schedule", content.Schedule.Count);
        foreach (var payment in content.Schedule)
        {
            var at = TreePath.Of("/schedule", payment.Id);
            Id(at, payment.Id);
            Title($"{at}/title", payment.Title);
            Price($"{at}/amount", payment.Amount);
            Range($"{at}/dueDays", payment.DueDays, 0, 3_650, "days");
            if (CurrencyUnits.Round(payment.Amount, content.Currency) != payment.Amount) Found($"{at}/amount", $"{content.Currency} has {CurrencyUnits.Digits(content.Currency)} digits after the point.");
        }

        var sum = content.Schedule.Sum(p => p.Amount);
        if (sum != content.Total.Amount)
            Found("/schedule", $"The payments add up to {ContentWords.Money(sum)} {content.Currency}, the agreement comes to {ContentWords.Money(content.Total.Amount)}.");
    }

    private void Withdrawal(WithdrawalTerms terms)
    {
        Title("/withdrawal/reason", terms.Reason, 1_000);
        if (terms.Regime == WithdrawalRegime.Eligible) Range("/withdrawal/days", terms.Days, 14, 365, "days");
        else if (terms.Days != 0) Found("/withdrawal/days", "Where withdrawal is not open there are no days for it.");
    }
}
