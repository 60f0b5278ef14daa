using StudioVault.Domain.Kernel;

namespace StudioVault.Domain.Packages;

/// <summary>What HQ publishes: schema package_content with price lists per currency, and the rules on its fields.</summary>
public sealed record TemplateContent(string Name, string Description, IReadOnlyList<TemplateItem> Items, IReadOnlyList<Instalment> DepositPlan,
    TaxTerms Tax, TemplateTravel Travel, int TurnaroundDays, GalleryTerms Gallery, IReadOnlyList<Clause> Clauses, IReadOnlyList<FieldRule> Rules)
{
    private static readonly string[] TopLevel =
        ["schema_version", "name", "description", "items", "depositPlan", "tax", "travel", "turnaroundDays", "gallery", "clauses", "rules"];

    /// <inheritdoc cref="PackageContent.Parse"/>
    public static Result<TemplateContent> Parse(string json) => ContentTree.Parse(json).TryGet(out var tree, out var refusal) ? From(tree) : refusal;

    /// <inheritdoc cref="PackageContent.Parse"/>
    public static Result<TemplateContent> From(ContentObject tree)
    {
        var refusals = new List<Refusal>();
        var content = Read(tree, refusals);
        return refusals.Count == 0 ? content! : refusals[0];
    }

    /// <inheritdoc cref="PackageContent.Read"/>
    public static TemplateContent? Read(ContentObject tree, List<Refusal> refusals)
    {
        var before = refusals.Count;
        var reader = new ContentReader(refusals);
        if (!ContentShapes.TopLevel(reader, tree, PackageContent.Schema, TopLevel, "a template")) return null;
        var content = new TemplateContent(
            reader.Text(tree, "", "name"),
            reader.Text(tree, "", "description"),
            reader.List(tree, "", "items", (o, path) =>
            {
                reader.Closed(o, path, ContentShapes.ItemFields);
                return new TemplateItem(reader.Text(o, path, "id"), reader.Text(o, path, "title"), reader.Word<ItemKind>(o, path, "kind"), reader.Number(o, path, "quantity"),
                    Prices(o, path, "unitPrice"), reader.Word<Inclusion>(o, path, "inclusion"), ContentShapes.Deliverables(reader, o, path));
            }),
            ContentShapes.DepositPlan(reader, tree),
            ContentShapes.Tax(reader, tree),
            Travel(),
            reader.Whole(tree, "", "turnaroundDays"),
            ContentShapes.Gallery(reader, tree),
            ContentShapes.Clauses(reader, tree),
            reader.List(tree, "", "rules", (o, path) =>
            {
                reader.Closed(o, path, "id", "path", "mode", "basis", "expires", "mandatoryBy", "min", "max", "minPercent", "maxPercent");
                return new FieldRule(reader.Text(o, path, "id"), reader.Text(o, path, "path"), reader.Word<FieldMode>(o, path, "mode"), reader.Text(o, path, "basis"),
                    reader.OptionalDate(o, path, "expires"), reader.OptionalDate(o, path, "mandatoryBy"), reader.OptionalDecimal(o, path, "min"), reader.OptionalDecimal(o, path, "max"),
                    reader.OptionalDecimal(o, path, "minPercent"), reader.OptionalDecimal(o, path, "maxPercent"));
            }));
        return refusals.Count == before ? content : null;

        TemplateTravel Travel()
        {
            var o = reader.Object(tree, "", "travel");
            reader.Closed(o, "/travel", "radiusKm", "pricePerKm");
            return new(reader.Whole(o, "/travel", "radiusKm"), Prices(o, "/travel", "pricePerKm"));
        }

        Dictionary<string, decimal> Prices(ContentObject o, string path, string key)
        {
            var prices = new Dictionary<string, decimal>(StringComparer.Ordinal);
            var here = TreePath.Of(path, key);
            foreach (var (currency, price) in reader.Object(o, path, key).Members) prices[currency] = reader.DecimalOf(price, TreePath.Of(here, currency));
            return prices;
        }
    }

    /// <summary>
    /// What a branch of that currency would sell if it took everything: its price of each list, no rules.
    /// </summary>
    /// <param name="currency">ISO 4217.</param>
    /// <param name="localTax">The branch's own tax, put where the rules call the tax local; null keeps HQ's.</param>
    /// <returns>The content, or <c>refuse.package.price_missing</c> naming the item and the currency.</returns>
    public Result<PackageContent> ProjectTo(string currency, TaxTerms? localTax = null)
    {
        var items = new PackageItem[Items.Count];
        for (var i = 0; i < items.Length; i++)
        {
            var item = Items[i];
            if (!item.UnitPrice.TryGetValue(currency, out var price)) return PackageRefusals.PriceMissing.At($"{TreePath.Of("/items", item.Id)}/unitPrice", item.Title, currency);
            items[i] = new(item.Id, item.Title, item.Kind, item.Quantity, price, item.Inclusion, item.Deliverables);
        }
        if (!Travel.PricePerKm.TryGetValue(currency, out var perKm)) return PackageRefusals.PriceMissing.At("/travel/pricePerKm", "Price per kilometre", currency);
        return new PackageContent(currency, Name, Description, items, DepositPlan, localTax is null ? Tax : Localised(localTax), new(Travel.RadiusKm, perKm),
            TurnaroundDays, Gallery, Clauses);
    }

    /// <summary>Currencies in which everything has a price.</summary>
    public IReadOnlyList<string> Currencies => [.. Travel.PricePerKm.Keys.Where(c => Items.All(i => i.UnitPrice.ContainsKey(c))).Order(StringComparer.Ordinal)];

    public ContentObject ToTree() => ContentObject.Of(
        ("schema_version", ContentValue.String(PackageContent.Schema.Current)),
        ("name", ContentValue.String(Name)),
        ("description", ContentValue.String(Description)),
        ("items", ContentList.Of([.. Items.Select(i => ContentShapes.Item(i.Id, i.Title, i.Kind, i.Quantity, Prices(i.UnitPrice), i.Inclusion, i.Deliverables))])),
        ("depositPlan", ContentShapes.DepositPlan(DepositPlan)),
        ("tax", ContentShapes.Tax(Tax)),
        ("travel", ContentObject.Of(("radiusKm", ContentValue.Number((long)Travel.RadiusKm)), ("pricePerKm", Prices(Travel.PricePerKm)))),
        ("turnaroundDays", ContentValue.Number((long)TurnaroundDays)),
        ("gallery", ContentShapes.Gallery(Gallery)),
        ("clauses", ContentShapes.Clauses(Clauses)),
        ("rules", ContentList.Of([.. Rules.Select(Rule)])));

    public string ToJson() => ContentTree.ToJson(ToTree());

    /// <inheritdoc cref="PackageContent.Hash"/>
    public string Hash() => CanonicalJson.Sha256(CanonicalJson.Canonicalize(ContentTree.ToUtf8(ToTree())));

    /// <inheritdoc cref="PackageContent.Problems"/>
    public IReadOnlyList<Refusal> Problems() => ContentInvariants.Of(this);

    private TaxTerms Localised(TaxTerms local) => new(
        IsLocal("/tax/name") ? local.Name : Tax.Name,
        IsLocal("/tax/ratePercent") ? local.RatePercent : Tax.RatePercent,
        IsLocal("/tax/pricesIncludeTax") ? local.PricesIncludeTax : Tax.PricesIncludeTax);

    private bool IsLocal(string path) => Rules.Any(r => r.Mode == FieldMode.Local && TreePath.Covers(r.Path, path));

    private static ContentObject Prices(IReadOnlyDictionary<string, decimal> prices) =>
        ContentObject.Of([.. prices.Select(p => (p.Key, (ContentNode)ContentValue.String(ContentWords.Money(p.Value))))]);

    private static ContentObject Rule(FieldRule rule)
    {
        var members = new List<(string, ContentNode)>
        {
            ("id", ContentValue.String(rule.Id)), ("path", ContentValue.String(rule.Path)), ("mode", ContentValue.String(ContentWords.Of(rule.Mode))),
        };
        Add("min", rule.Min);
        Add("max", rule.Max);
        Add("minPercent", rule.MinPercent);
        Add("maxPercent", rule.MaxPercent);
        members.Add(("basis", ContentValue.String(rule.Basis)));
        if (rule.Expires is { } expires) members.Add(("expires", ContentValue.String($"{expires:yyyy-MM-dd}")));
        if (rule.MandatoryBy is { } by) members.Add(("mandatoryBy", ContentValue.String($"{by:yyyy-MM-dd}")));
        return ContentObject.Of(members);

        void Add(string key, decimal? bound)
        {
            if (bound is { } value) members.Add((key, ContentValue.String(ContentWords.Plain(value))));
        }
    }
}
