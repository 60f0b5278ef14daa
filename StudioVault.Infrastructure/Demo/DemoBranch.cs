using StudioVault.Domain.Organization;

namespace StudioVault.Infrastructure.Demo;

/// <summary>The office of the group; it sells nothing itself.</summary>
public sealed record DemoHeadquarters(string Name, string City, string Country, string TimeZone, string Email);

/// <summary>A studio of the demo group; the fields mean what they mean on <see cref="Branch"/>.</summary>
/// <param name="Id">Slug, stable: <c>porto</c>, <c>new-york</c>.</param>
/// <param name="LegalName">Who signs agreements with the clients.</param>
/// <param name="OpenedOn">When the studio joined the group; packages are never older than the vault's first year.</param>
public sealed record DemoBranch(
    string Id, string Name, string City, string Country, string Currency, string TimeZone, Ownership Ownership, string Jurisdiction,
    string LegalName, DemoTax Tax, string Email, DateOnly OpenedOn, IReadOnlyList<DemoSeason> Blackouts);

/// <summary>The tax a branch adds or shows.</summary>
/// <param name="RatePercent">Decimal as text: "8.1".</param>
/// <param name="PricesIncludeTax">True where consumers see prices with tax.</param>
public sealed record DemoTax(string Name, string RatePercent, bool PricesIncludeTax);

/// <summary>A stretch of every year in which the branch must not be disturbed.</summary>
/// <param name="From">First day, month and day: "05-15".</param>
/// <param name="To">Last day, inclusive, in the same year.</param>
public sealed record DemoSeason(string Name, string From, string To)
{
    /// <summary>The season in one year.</summary>
    public (DateOnly StartsOn, DateOnly EndsOn) In(int year) => (Day(year, From), Day(year, To));

    private static DateOnly Day(int year, string monthAndDay) =>
        DateOnly.ParseExact($"{year:0000}-{monthAndDay}", "yyyy-MM-dd", System.Globalization.CultureInfo.InvariantCulture);
}
