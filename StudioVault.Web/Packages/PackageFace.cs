using StudioVault.Domain.Kernel;
using StudioVault.Domain.Packages;

namespace StudioVault.Web.Packages;

/// <summary>What a client sees of a package in one currency, HQ's or a branch's alike.</summary>
/// <param name="RadiusKm">Kilometres from the studio that are included.</param>
/// <param name="PricePerKm">Beyond it; null where HQ has no price in the currency.</param>
public sealed record PackageFace(string Name, string Description, string Currency, IReadOnlyList<FaceItem> Items, IReadOnlyList<Instalment> DepositPlan, TaxTerms Tax,
    int RadiusKm, Money? PricePerKm, int TurnaroundDays, GalleryTerms Gallery, IReadOnlyList<Clause> Clauses)
{
    /// <summary>What is included, exact; null when a line has no price in the currency.</summary>
    public Money? Total
    {
        get
        {
            var sum = new Money(0, Currency);
            foreach (var item in Items.Where(i => i.Inclusion == Inclusion.Included))
            {
                if (item.Price is not { } price) return null;
                sum += price * item.Quantity;
            }

            return sum;
        }
    }

    public static PackageFace Of(PackageContent content) => new(content.Name, content.Description, content.Currency,
        [.. content.Items.Select(i => new FaceItem(i.Id, i.Title, i.Quantity, new Money(i.UnitPrice, content.Currency), i.Inclusion, i.Deliverables))],
        content.DepositPlan, content.Tax, content.Travel.RadiusKm, new Money(content.Travel.PricePerKm, content.Currency), content.TurnaroundDays, content.Gallery, content.Clauses);

    /// <param name="content">HQ's template.</param>
    /// <param name="currency">ISO 4217.</param>
    public static PackageFace Of(TemplateContent content, string currency) => new(content.Name, content.Description, currency,
        [.. content.Items.Select(i => new FaceItem(i.Id, i.Title, i.Quantity, Price(i.UnitPrice, currency), i.Inclusion, i.Deliverables))],
        content.DepositPlan, content.Tax, content.Travel.RadiusKm, Price(content.Travel.PricePerKm, currency), content.TurnaroundDays, content.Gallery, content.Clauses);

    private static Money? Price(IReadOnlyDictionary<string, decimal> prices, string currency) => prices.TryGetValue(currency, out var price) ? new Money(price, currency) : null;
}

/// <summary>A line as a client sees it.</summary>
/// <param name="Price">Of one; null where there is none in the currency.</param>
public sealed record FaceItem(string Id, string Title, decimal Quantity, Money? Price, Inclusion Inclusion, IReadOnlyList<Deliverable> Deliverables);
