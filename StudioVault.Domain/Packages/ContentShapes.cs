using StudioVault.Domain.Kernel;

namespace StudioVault.Domain.Packages;

/// <summary>The parts that template and branch content spell alike, both ways.</summary>
internal static class ContentShapes
{
    public static ReadOnlySpan<string> ItemFields => new[] { "id", "title", "kind", "quantity", "unitPrice", "inclusion", "deliverables" };

    /// <summary>Version and names at the top; false when reading further makes no sense.</summary>
    public static bool TopLevel(ContentReader reader, ContentObject tree, PayloadSchema schema, ReadOnlySpan<string> known, string what)
    {
        var version = tree.Find("schema_version") is { } node ? (node as ContentValue)?.ToString() ?? "?" : null;
        if (schema.Check(version) is { } refusal)
        {
            reader.Refuse(refusal);
            return false;
        }
        foreach (var key in tree.Keys)
        {
            if (!known.Contains(key)) reader.Refuse(CompatxRefusals.UnknownTopLevelField.At(TreePath.Of("", key), key, what));
        }
        return true;
    }

    public static Deliverable[] Deliverables(ContentReader reader, ContentObject item, string path) => reader.List(item, path, "deliverables", (o, at) =>
    {
        reader.Closed(o, at, "id", "title", "quantity", "format");
        return new Deliverable(reader.Text(o, at, "id"), reader.Text(o, at, "title"), reader.Whole(o, at, "quantity"), reader.Text(o, at, "format"));
    });

    public static Instalment[] DepositPlan(ContentReader reader, ContentObject tree) => reader.List(tree, "", "depositPlan", (o, at) =>
    {
        reader.Closed(o, at, "id", "title", "percent", "due", "dueDays");
        return new Instalment(reader.Text(o, at, "id"), reader.Text(o, at, "title"), reader.Decimal(o, at, "percent"), reader.Word<InstalmentDue>(o, at, "due"), reader.Whole(o, at, "dueDays"));
    });

    public static TaxTerms Tax(ContentReader reader, ContentObject tree)
    {
        var o = reader.Object(tree, "", "tax");
        reader.Closed(o, "/tax", "name", "ratePercent", "pricesIncludeTax");
        return new(reader.Text(o, "/tax", "name"), reader.Decimal(o, "/tax", "ratePercent"), reader.Bool(o, "/tax", "pricesIncludeTax"));
    }

    public static PackageTravel Travel(ContentReader reader, ContentObject tree)
    {
        var o = reader.Object(tree, "", "travel");
        reader.Closed(o, "/travel", "radiusKm", "pricePerKm");
        return new(reader.Whole(o, "/travel", "radiusKm"), reader.Decimal(o, "/travel", "pricePerKm"));
    }

    public static GalleryTerms Gallery(ContentReader reader, ContentObject tree)
    {
        var o = reader.Object(tree, "", "gallery");
        reader.Closed(o, "/gallery", "onlineDays", "originalsDays", "deletionNoticeDays");
        return new(reader.Whole(o, "/gallery", "onlineDays"), reader.Whole(o, "/gallery", "originalsDays"), reader.Whole(o, "/gallery", "deletionNoticeDays"));
    }

    public static Clause[] Clauses(ContentReader reader, ContentObject tree) => reader.List(tree, "", "clauses", (o, at) =>
    {
        reader.Closed(o, at, "id", "title", "body");
        return new Clause(reader.Text(o, at, "id"), reader.Text(o, at, "title"), reader.Text(o, at, "body"));
    });

    public static ContentObject Item(string id, string title, ItemKind kind, decimal quantity, ContentNode unitPrice, Inclusion inclusion, IReadOnlyList<Deliverable> deliverables) => new(
        ["id", "title", "kind", "quantity", "unitPrice", "inclusion", "deliverables"],
        [
            ContentValue.String(id), ContentValue.String(title), ContentValue.String(ContentWords.Of(kind)), Number(quantity), unitPrice, ContentValue.String(ContentWords.Of(inclusion)),
            Deliverables(deliverables),
        ]);

    public static ContentList Deliverables(IReadOnlyList<Deliverable> deliverables) => ContentList.Of([.. deliverables.Select(d => new ContentObject(["id", "title", "quantity", "format"],
        [ContentValue.String(d.Id), ContentValue.String(d.Title), ContentValue.Number((long)d.Quantity), ContentValue.String(d.Format)]))]);

    public static ContentObject Travel(PackageTravel travel) =>
        ContentObject.Of(("radiusKm", ContentValue.Number((long)travel.RadiusKm)), ("pricePerKm", ContentValue.String(ContentWords.Money(travel.PricePerKm))));

    public static ContentList DepositPlan(IReadOnlyList<Instalment> plan) => ContentList.Of([.. plan.Select(i => new ContentObject(["id", "title", "percent", "due", "dueDays"],
        [ContentValue.String(i.Id), ContentValue.String(i.Title), ContentValue.String(ContentWords.Plain(i.Percent)), ContentValue.String(ContentWords.Of(i.Due)), ContentValue.Number((long)i.DueDays)]))]);

    public static ContentObject Tax(TaxTerms tax) => new(["name", "ratePercent", "pricesIncludeTax"],
        [ContentValue.String(tax.Name), ContentValue.String(ContentWords.Plain(tax.RatePercent)), ContentValue.Bool(tax.PricesIncludeTax)]);

    public static ContentObject Gallery(GalleryTerms gallery) => new(["onlineDays", "originalsDays", "deletionNoticeDays"],
        [ContentValue.Number((long)gallery.OnlineDays), ContentValue.Number((long)gallery.OriginalsDays), ContentValue.Number((long)gallery.DeletionNoticeDays)]);

    public static ContentList Clauses(IReadOnlyList<Clause> clauses) => ContentList.Of([.. clauses.Select(c => new ContentObject(["id", "title", "body"],
        [ContentValue.String(c.Id), ContentValue.String(c.Title), ContentValue.String(c.Body)]))]);

    public static ContentValue Number(decimal number) => ContentValue.NumberText(ContentWords.Plain(number));
}
