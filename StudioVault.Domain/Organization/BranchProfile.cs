using System.Text.RegularExpressions;
using StudioVault.Domain.Kernel;

namespace StudioVault.Domain.Organization;

/// <summary>What headquarters says about a branch.</summary>
/// <param name="Slug">Stable short name for addresses and files, kebab-case, unique; fixed from the first day.</param>
/// <param name="Country">ISO 3166-1 alpha-2.</param>
/// <param name="Currency">ISO 4217; every price of the branch is in it.</param>
/// <param name="TimeZone">IANA name; the branch's days begin by it.</param>
/// <param name="Jurisdiction">One of <see cref="Laws"/>.</param>
/// <param name="TaxName">What its sales tax is called.</param>
/// <param name="TaxRatePercent">23 for 23 %.</param>
/// <param name="ContactEmail">What clients read and write to.</param>
public sealed partial record BranchProfile(string Slug, string Name, string City, string Country, string Currency, string TimeZone, Ownership Ownership, string Jurisdiction, string TaxName, decimal TaxRatePercent, string ContactEmail)
{
    public const int LongestSlug = 40;
    public const int LongestName = 80;
    public const int LongestTaxName = 20;

    /// <summary>Whose consumer law an agreement may be written by. <see cref="OtherLaw"/> knows no general right of withdrawal.</summary>
    public static readonly IReadOnlyList<string> Laws = ["EU", "UK", "CH", "US", "CA", OtherLaw];

    /// <summary>A law none of the others is.</summary>
    public const string OtherLaw = "OTHER";

    /// <summary>The same, without blanks around and with its codes in capitals.</summary>
    public BranchProfile Trimmed() => new(Slug.Trim(), Name.Trim(), City.Trim(), Country.Trim().ToUpperInvariant(), Currency.Trim().ToUpperInvariant(), TimeZone.Trim(), Ownership, Jurisdiction.Trim().ToUpperInvariant(), TaxName.Trim(), TaxRatePercent, ContactEmail.Trim());

    /// <summary>What is wrong with it by itself, at its field; null when nothing is.</summary>
    public Refusal? Problem()
    {
        if (Name.Length == 0) return BranchRefusals.NameMissing.At("name");
        if (Name.Length > LongestName) return KernelRefusals.TooLong.At("name", LongestName);
        // An address of the pages has that word already.
        if (Slug.Length > LongestSlug || Slug == "new" || !SlugShape().IsMatch(Slug)) return BranchRefusals.SlugMalformed.At("slug", LongestSlug);
        if (City.Length == 0) return BranchRefusals.CityMissing.At("city");
        if (City.Length > LongestName) return KernelRefusals.TooLong.At("city", LongestName);
        if (!TwoLetters().IsMatch(Country)) return BranchRefusals.CountryUnknown.At("country");
        if (!ThreeLetters().IsMatch(Currency)) return BranchRefusals.CurrencyUnknown.At("currency");
        // Names of another system's would be understood here and by no browser.
        if (!TimeZoneInfo.TryFindSystemTimeZoneById(TimeZone, out var zone) || !zone.HasIanaId) return BranchRefusals.TimeZoneUnknown.At("timeZone");
        if (!Laws.Contains(Jurisdiction)) return BranchRefusals.LawUnknown.At("jurisdiction");
        if (TaxName.Length is 0 or > LongestTaxName) return BranchRefusals.TaxNameMissing.At("taxName", LongestTaxName);
        if (TaxRatePercent is < 0 or >= 100 || decimal.Round(TaxRatePercent, 3) != TaxRatePercent) return BranchRefusals.TaxRateOutside.At("taxRatePercent");
        return EmailAddress.LooksRight(ContactEmail) ? null : PeopleRefusals.MailMalformed.At("contactEmail");
    }

    [GeneratedRegex("^[a-z0-9]+(-[a-z0-9]+)*$")]
    private static partial Regex SlugShape();

    [GeneratedRegex("^[A-Z]{2}$")]
    private static partial Regex TwoLetters();

    [GeneratedRegex("^[A-Z]{3}$")]
    private static partial Regex ThreeLetters();
}
