using StudioVault.Domain.Kernel;

namespace StudioVault.Domain.Organization;

/// <summary>Who owns a branch. HQ may not fix or floor an independent owner's prices (features row 1.12).</summary>
public enum Ownership
{
    Company = 0,
    Independent = 1,
}

/// <summary>A studio of the group.</summary>
public sealed class Branch
{
    public const int LongestPauseReason = 200;

    /// <summary>Days.</summary>
    public const int LongestBookingPause = 366;

    private Branch() { }

    public BranchId Id { get; private init; }

    /// <summary>Stable short name for addresses and files, kebab-case, unique.</summary>
    public string Slug { get; private init; } = "";

    public string Name { get; private set; } = "";
    public string City { get; private set; } = "";

    /// <summary>ISO 3166-1 alpha-2.</summary>
    public string Country { get; private set; } = "";

    /// <summary>ISO 4217. All prices of the branch are in it; it never changes once packages exist.</summary>
    public string Currency { get; private set; } = "";

    /// <summary>IANA time zone; times are shown in it and rules take effect at its midnight.</summary>
    public string TimeZone { get; private set; } = "";

    public Ownership Ownership { get; private set; }

    /// <summary>Whose law applies to prices and consumers: "EU", "UK", "CH", "US", "CA" …</summary>
    public string Jurisdiction { get; private set; } = "";

    /// <summary>What the branch's sales tax is called, for example VAT or MOMS.</summary>
    public string TaxName { get; private set; } = "";

    /// <summary>Standard rate in percent, 23 for 23 %.</summary>
    public decimal TaxRatePercent { get; private set; }

    public string ContactEmail { get; private set; } = "";

    /// <summary>Until this date (branch-local, inclusive) no update asks for attention; null when nothing is paused.</summary>
    public DateOnly? UpdatesPausedUntil { get; private set; }

    /// <summary>Through this day (branch-local, inclusive) the studio's website takes no bookings; null when nothing is paused.</summary>
    public DateOnly? OnlineBookingPausedUntil { get; private set; }

    /// <summary>Why, for colleagues; null when nothing is paused.</summary>
    public string? OnlineBookingPauseReason { get; private set; }

    public static Branch Open(BranchId id, string slug, string name, string city, string country, string currency, string timeZone,
        Ownership ownership, string jurisdiction, string taxName, decimal taxRatePercent, string contactEmail) => new()
        {
            Id = id,
            Slug = slug,
            Name = name,
            City = city,
            Country = country,
            Currency = currency,
            TimeZone = timeZone,
            Ownership = ownership,
            Jurisdiction = jurisdiction,
            TaxName = taxName,
            TaxRatePercent = taxRatePercent,
            ContactEmail = contactEmail,
        };

    /// <summary>A new branch. Refused with what <see cref="BranchProfile.Problem"/> answers.</summary>
    public static Result<Branch> Open(BranchId id, BranchProfile facts)
    {
        if (facts.Problem() is { } problem) return problem;
        return Open(id, facts.Slug, facts.Name, facts.City, facts.Country, facts.Currency, facts.TimeZone, facts.Ownership, facts.Jurisdiction, facts.TaxName, facts.TaxRatePercent, facts.ContactEmail);
    }

    /// <summary>What headquarters says about it now.</summary>
    public BranchProfile ToProfile() => new(Slug, Name, City, Country, Currency, TimeZone, Ownership, Jurisdiction, TaxName, TaxRatePercent, ContactEmail);

    /// <summary>
    /// Says something else about it. Name, city and contact hold from now on; what was signed keeps its words. All the rest is what prices,
    /// days and agreements are made of, and can be corrected only while none was made. Refused with what <see cref="BranchProfile.Problem"/>
    /// answers and <c>refuse.organization.branch_fixed</c>.
    /// </summary>
    /// <param name="inUse">Whether anything of the branch was made by what is said now.</param>
    public Result<Done> Describe(BranchProfile wanted, bool inUse)
    {
        if (wanted.Problem() is { } problem) return problem;
        var now = ToProfile();
        if (wanted.Slug != Slug) return BranchRefusals.Fixed.At("slug");
        if (inUse && wanted with { Name = now.Name, City = now.City, ContactEmail = now.ContactEmail } != now) return BranchRefusals.Fixed.At(FirstFixed(now, wanted));
        (Name, City, Country, Currency, TimeZone) = (wanted.Name, wanted.City, wanted.Country, wanted.Currency, wanted.TimeZone);
        (Ownership, Jurisdiction, TaxName, TaxRatePercent, ContactEmail) = (wanted.Ownership, wanted.Jurisdiction, wanted.TaxName, wanted.TaxRatePercent, wanted.ContactEmail);
        return Done.It;
    }

    private static string FirstFixed(BranchProfile now, BranchProfile wanted)
    {
        if (wanted.Country != now.Country) return "country";
        if (wanted.Currency != now.Currency) return "currency";
        if (wanted.TimeZone != now.TimeZone) return "timeZone";
        if (wanted.Ownership != now.Ownership) return "ownership";
        if (wanted.Jurisdiction != now.Jurisdiction) return "jurisdiction";
        return wanted.TaxName != now.TaxName ? "taxName" : "taxRatePercent";
    }

    /// <summary>Stops asking until the date, or asks again at once when null. Nothing is accepted or ignored by it.</summary>
    public void PauseUpdates(DateOnly? until) => UpdatesPausedUntil = until;

    /// <summary>The website takes no bookings through the day.</summary>
    /// <returns><c>refuse.organization.booking_pause_past</c>, <c>booking_pause_long</c>, <c>refuse.kernel.reason_required</c>, <c>refuse.kernel.too_long</c>.</returns>
    public Result<Done> PauseBooking(DateOnly until, string reason, DateOnly today)
    {
        if (until < today) return BranchRefusals.BookingPausePast.At("until");
        if (until.DayNumber - today.DayNumber >= LongestBookingPause) return BranchRefusals.BookingPauseLong.At("until", LongestBookingPause);
        if (string.IsNullOrWhiteSpace(reason)) return KernelRefusals.ReasonRequired.At("reason");
        if (reason.Trim().Length > LongestPauseReason) return KernelRefusals.TooLong.At("reason", LongestPauseReason);
        (OnlineBookingPausedUntil, OnlineBookingPauseReason) = (until, reason.Trim());
        return Done.It;
    }

    /// <summary>The website takes bookings again at once.</summary>
    /// <returns><c>refuse.organization.booking_not_paused</c>, also when the pause is over by itself.</returns>
    public Result<Done> ResumeBooking(DateOnly today)
    {
        if (OnlineBookingPausedUntil is not { } until || until < today) return BranchRefusals.BookingNotPaused;
        (OnlineBookingPausedUntil, OnlineBookingPauseReason) = (null, null);
        return Done.It;
    }
}

/// <summary>A stretch of days in which a branch must not be disturbed, for example its wedding season.</summary>
public sealed class Blackout : ITenantOwned
{
    private Blackout() { }

    public BranchId BranchId { get; private init; }
    public Guid Id { get; private init; }

    /// <summary>First day, branch-local.</summary>
    public DateOnly StartsOn { get; private init; }

    /// <summary>Last day, inclusive.</summary>
    public DateOnly EndsOn { get; private init; }

    public string Label { get; private init; } = "";

    public static Blackout Of(BranchId branch, DateOnly startsOn, DateOnly endsOn, string label) =>
        new() { BranchId = branch, Id = Guid.CreateVersion7(), StartsOn = startsOn, EndsOn = endsOn, Label = label };
}

/// <summary>One role of one person: for the group (no branch) or inside one branch.</summary>
public sealed class Membership
{
    private Membership() { }

    public Guid Id { get; private init; }
    public PersonId PersonId { get; private init; }

    /// <summary>Null exactly for <see cref="Role.HqAdmin"/>.</summary>
    public BranchId? BranchId { get; private init; }

    public Role Role { get; private init; }

    public static Membership Hq(PersonId person) => new() { Id = Guid.CreateVersion7(), PersonId = person, Role = Role.HqAdmin };

    public static Membership In(BranchId branch, PersonId person, Role role) => role == Role.HqAdmin
        ? throw new ArgumentException("HQ administrators belong to no branch.", nameof(role))
        : new() { Id = Guid.CreateVersion7(), PersonId = person, BranchId = branch, Role = role };
}
