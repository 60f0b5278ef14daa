namespace StudioVault.Domain.Packages;

/// <summary>What a line item is.</summary>
public enum ItemKind
{
    Coverage,
    Session,
    Crew,
    Editing,
    Product,
    Licence,
    Travel,
}

/// <summary>Part of the price, or bought on top.</summary>
public enum Inclusion
{
    Included,
    AddOn,
}

/// <summary>When an instalment is due.</summary>
public enum InstalmentDue
{
    Booking,
    DaysBeforeEvent,
    Delivery,
}

/// <summary>Something the client receives for a line item.</summary>
/// <param name="Quantity">How many, 1 or more.</param>
public sealed record Deliverable(string Id, string Title, int Quantity, string Format);

/// <summary>Part of the price that is due at one moment.</summary>
/// <param name="Percent">Share of the whole, 30 for 30 %.</param>
/// <param name="DueDays">Days before the event, or after booking or delivery.</param>
public sealed record Instalment(string Id, string Title, decimal Percent, InstalmentDue Due, int DueDays);

/// <summary>The sales tax.</summary>
/// <param name="RatePercent">23 for 23 %.</param>
public sealed record TaxTerms(string Name, decimal RatePercent, bool PricesIncludeTax);

/// <summary>How long pictures are kept, all in days.</summary>
/// <param name="OnlineDays">The gallery can be seen.</param>
/// <param name="OriginalsDays">Originals can be downloaded.</param>
/// <param name="DeletionNoticeDays">Notice before something is deleted.</param>
public sealed record GalleryTerms(int OnlineDays, int OriginalsDays, int DeletionNoticeDays);

/// <summary>A clause of the terms.</summary>
/// <param name="Body">Markdown.</param>
public sealed record Clause(string Id, string Title, string Body);

/// <summary>A line of a branch package.</summary>
/// <param name="Quantity">1 or more; half hours are 0.5.</param>
/// <param name="UnitPrice">In the package's currency.</param>
public sealed record PackageItem(string Id, string Title, ItemKind Kind, decimal Quantity, decimal UnitPrice, Inclusion Inclusion, IReadOnlyList<Deliverable> Deliverables);

/// <summary>Travel of a branch package.</summary>
/// <param name="RadiusKm">Kilometres from the studio that are included.</param>
/// <param name="PricePerKm">Beyond it, in the package's currency.</param>
public sealed record PackageTravel(int RadiusKm, decimal PricePerKm);

/// <summary>A line of a template. Prices are lists set by hand, one per ISO 4217 currency; nothing is ever converted.</summary>
public sealed record TemplateItem(string Id, string Title, ItemKind Kind, decimal Quantity, IReadOnlyDictionary<string, decimal> UnitPrice, Inclusion Inclusion, IReadOnlyList<Deliverable> Deliverables);

/// <summary>Travel of a template.</summary>
public sealed record TemplateTravel(int RadiusKm, IReadOnlyDictionary<string, decimal> PricePerKm);

/// <summary>What a branch may do with a field. A field without a rule is inherited: HQ offers, the branch decides.</summary>
public enum FieldMode
{
    Inherit,

    /// <summary>The branch may not edit it.</summary>
    Locked,

    /// <summary>The branch's own affair: HQ's value is only where it starts, and is never offered.</summary>
    Local,

    /// <summary>The branch may edit it inside limits.</summary>
    Bounded,
}

/// <summary>A rule of HQ's about one field and everything below it.</summary>
/// <param name="Path">Path in the content.</param>
/// <param name="Basis">Why, in words: law, brand promise.</param>
/// <param name="Expires">Last day a lock or limit holds; null = until HQ changes it.</param>
/// <param name="MandatoryBy">Locked only: the day by which a branch has to have taken HQ's value to go on sending new quotes.</param>
/// <param name="Min">Lowest value; likewise <paramref name="Max"/>.</param>
/// <param name="MinPercent">Lowest deviation from HQ's price in the branch's currency, -10 for 10 % less; likewise <paramref name="MaxPercent"/>.</param>
public sealed record FieldRule(string Id, string Path, FieldMode Mode, string Basis, DateOnly? Expires = null, DateOnly? MandatoryBy = null,
    decimal? Min = null, decimal? Max = null, decimal? MinPercent = null, decimal? MaxPercent = null);
