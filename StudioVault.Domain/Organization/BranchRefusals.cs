using StudioVault.Domain.Kernel;

namespace StudioVault.Domain.Organization;

/// <summary>Refusals about branches: what headquarters says about one, and a branch's own settings.</summary>
public static class BranchRefusals
{
    public static readonly RefusalKind NameMissing = new("refuse.organization.branch_name_missing",
        "A branch needs the name clients read.",
        "Write the name, for example “Northlight Porto”.", 400);

    public static readonly RefusalKind SlugMalformed = new("refuse.organization.branch_slug_malformed",
        "A short name is made of small letters, digits and hyphens, at most {0} of them, and is not “new”.",
        "Choose another one, for example “porto”.", 400);

    public static readonly RefusalKind SlugTaken = new("refuse.organization.branch_slug_taken",
        "There is a branch “{0}” already.",
        "Choose another short name.");

    public static readonly RefusalKind CityMissing = new("refuse.organization.branch_city_missing",
        "A branch stands in a city.",
        "Write the city.", 400);

    public static readonly RefusalKind CountryUnknown = new("refuse.organization.country_unknown",
        "This is no code of a country.",
        "Write its two letters, for example PT for Portugal.", 400);

    public static readonly RefusalKind CurrencyUnknown = new("refuse.organization.currency_unknown",
        "This is no code of a currency.",
        "Write its three letters, for example EUR.", 400);

    public static readonly RefusalKind TimeZoneUnknown = new("refuse.organization.time_zone_unknown",
        "There is no such time zone.",
        "Choose one by its place, for example Europe/Lisbon.", 400);

    public static readonly RefusalKind LawUnknown = new("refuse.organization.law_unknown",
        "No agreement is written by such a law here.",
        "Choose one of the list.", 400);

    public static readonly RefusalKind TaxNameMissing = new("refuse.organization.tax_name_missing",
        "The sales tax needs a name of at most {0} characters, as invoices say it.",
        "Write it, for example IVA or VAT.", 400);

    public static readonly RefusalKind TaxRateOutside = new("refuse.organization.tax_rate_outside",
        "A rate of tax is 0 % or more and less than 100 %, with at most three decimals.",
        "Correct the rate.", 400);

    public static readonly RefusalKind Fixed = new("refuse.organization.branch_fixed",
        "Prices, days or agreements of this branch rest on this, so it stays as it is.",
        "Change name, city or contact alone. What else has to be another is another branch.");

    public static readonly RefusalKind BlackoutNameMissing = new("refuse.organization.blackout_name_missing",
        "A blackout needs a name, so that colleagues know why nobody disturbs them.",
        "Write a short name, for example “Wedding season”.", 400);

    public static readonly RefusalKind BlackoutEndsFirst = new("refuse.organization.blackout_ends_first",
        "The last day lies before the first day.",
        "Swap the two days, or choose another one.", 400);

    public static readonly RefusalKind BlackoutPast = new("refuse.organization.blackout_past",
        "This blackout would be over already.",
        "Choose a last day from today on.", 400);

    public static readonly RefusalKind BlackoutTooLong = new("refuse.organization.blackout_too_long",
        "A blackout may last at most {0} days.",
        "Choose a shorter stretch, or add another one later.", 400);

    public static readonly RefusalKind BlackoutOverlaps = new("refuse.organization.blackout_overlaps",
        "Another blackout holds some of these days: “{0}”, {1} to {2}.",
        "Choose other days, or remove that blackout first.");

    public static readonly RefusalKind BookingPausePast = new("refuse.organization.booking_pause_past",
        "This pause would be over already.",
        "Choose a last day from today on.", 400);

    public static readonly RefusalKind BookingPauseLong = new("refuse.organization.booking_pause_long",
        "Online booking can be paused for at most {0} days.",
        "Choose an earlier day; it can be paused again.", 400);

    public static readonly RefusalKind BookingNotPaused = new("refuse.organization.booking_not_paused",
        "Online booking is not paused.",
        "Nothing has to be done.");
}
