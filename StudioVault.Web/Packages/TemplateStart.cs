using StudioVault.Domain.Packages;

namespace StudioVault.Web.Packages;

/// <summary>What a new template starts from: sensible terms to change, nothing to sell yet.</summary>
internal static class TemplateStart
{
    /// <param name="currencies">Of the branches; travel gets an empty price in each, because every branch needs one.</param>
    public static TemplateContent Content(string name, IEnumerable<string> currencies) => new(
        name,
        "",
        [],
        [new("booking", "On booking", 30, InstalmentDue.Booking, 0), new("balance", "Before the day", 70, InstalmentDue.DaysBeforeEvent, 30)],
        new TaxTerms("VAT", 0, PricesIncludeTax: true),
        new TemplateTravel(40, currencies.ToDictionary(c => c, _ => 0m, StringComparer.Ordinal)),
        TurnaroundDays: 42,
        new GalleryTerms(365, 365, 30),
        [],
        [new("tax-local", "/tax", FieldMode.Local, "Each country has its own tax.")]);
}
