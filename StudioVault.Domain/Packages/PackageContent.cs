using StudioVault.Domain.Kernel;

namespace StudioVault.Domain.Packages;

/// <summary>What a branch sells under one name: schema package_content with a currency, every price one decimal of it.</summary>
public sealed record PackageContent(string Currency, string Name, string Description, IReadOnlyList<PackageItem> Items, IReadOnlyList<Instalment> DepositPlan,
    TaxTerms Tax, PackageTravel Travel, int TurnaroundDays, GalleryTerms Gallery, IReadOnlyList<Clause> Clauses)
{
    public static readonly PayloadSchema Schema = new("package_content", "1.0.0", ["1.0.0"]);

    private static readonly string[] TopLevel =
        ["schema_version", "currency", "name", "description", "items", "depositPlan", "tax", "travel", "turnaroundDays", "gallery", "clauses"];

    /// <summary>Reads stored or posted content: its shape only, see <see cref="Problems"/> for its sense.</summary>
    /// <returns>
    /// The content, or the first of: <c>refuse.compatx.*</c>, <c>unknown_top_level_field</c>, <c>refuse.package.field_missing</c>,
    /// <c>refuse.package.field_unknown</c>, <c>refuse.package.field_shape</c>, or a refusal of <see cref="ContentTree.Parse(string)"/>.
    /// </returns>
    public static Result<PackageContent> Parse(string json) => ContentTree.Parse(json).TryGet(out var tree, out var refusal) ? From(tree) : refusal;

    /// <inheritdoc cref="Parse"/>
    public static Result<PackageContent> From(ContentObject tree)
    {
        var refusals = new List<Refusal>();
        var content = Read(tree, refusals);
        return refusals.Count == 0 ? content! : refusals[0];
    }

    /// <summary>Like <see cref="From"/>, and names every refusal. The content is null when there is one.</summary>
    public static PackageContent? Read(ContentObject tree, List<Refusal> refusals)
    {
        var before = refusals.Count;
        var reader = new ContentReader(refusals);
        if (!ContentShapes.TopLevel(reader, tree, Schema, TopLevel, "a branch package")) return null;
        var content = new PackageContent(
            reader.Text(tree, "", "currency"),
            reader.Text(tree, "", "name"),
            reader.Text(tree, "", "description"),
            reader.List(tree, "", "items", (o, path) =>
            {
                reader.Closed(o, path, ContentShapes.ItemFields);
                return new PackageItem(reader.Text(o, path, "id"), reader.Text(o, path, "title"), reader.Word<ItemKind>(o, path, "kind"), reader.Number(o, path, "quantity"),
                    reader.Decimal(o, path, "unitPrice"), reader.Word<Inclusion>(o, path, "inclusion"), ContentShapes.Deliverables(reader, o, path));
            }),
            ContentShapes.DepositPlan(reader, tree),
            ContentShapes.Tax(reader, tree),
            ContentShapes.Travel(reader, tree),
            reader.Whole(tree, "", "turnaroundDays"),
            ContentShapes.Gallery(reader, tree),
            ContentShapes.Clauses(reader, tree));
        return refusals.Count == before ? content : null;
    }

    /// <summary>The content as a tree, spelled in one way: two equal contents give the same tree.</summary>
    public ContentObject ToTree() => ContentObject.Of(
        ("schema_version", ContentValue.String(Schema.Current)),
        ("currency", ContentValue.String(Currency)),
        ("name", ContentValue.String(Name)),
        ("description", ContentValue.String(Description)),
        ("items", ContentList.Of([.. Items.Select(i => ContentShapes.Item(i.Id, i.Title, i.Kind, i.Quantity, ContentValue.String(ContentWords.Money(i.UnitPrice)), i.Inclusion, i.Deliverables))])),
        ("depositPlan", ContentShapes.DepositPlan(DepositPlan)),
        ("tax", ContentShapes.Tax(Tax)),
        ("travel", ContentShapes.Travel(Travel)),
        ("turnaroundDays", ContentValue.Number((long)TurnaroundDays)),
        ("gallery", ContentShapes.Gallery(Gallery)),
        ("clauses", ContentShapes.Clauses(Clauses)));

    public string ToJson() => ContentTree.ToJson(ToTree());

    /// <summary>SHA-256 of the canonical JSON, 64 lower-case hex digits.</summary>
    public string Hash() => CanonicalJson.Sha256(CanonicalJson.Canonicalize(ContentTree.ToUtf8(ToTree())));

    /// <summary>Every invariant the content breaks, <c>refuse.package.invariant</c> with its path. Empty when it can be sold.</summary>
    public IReadOnlyList<Refusal> Problems() => ContentInvariants.Of(this);

    /// <summary>What the client pays without add-ons: exact, never rounded.</summary>
    public Money IncludedTotal => Total(Inclusion.Included);

    /// <summary>All add-ons together.</summary>
    public Money AddOnsTotal => Total(Inclusion.AddOn);

    private Money Total(Inclusion inclusion)
    {
        var sum = 0m;
        foreach (var item in Items)
        {
            if (item.Inclusion == inclusion) sum += item.Quantity * item.UnitPrice;
        }
        return new(sum, Currency);
    }
}
