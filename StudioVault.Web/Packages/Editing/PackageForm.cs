using System.Globalization;
using System.Text;
using StudioVault.Domain.Kernel;
using StudioVault.Domain.Packages;

namespace StudioVault.Web.Packages.Editing;

/// <summary>
/// A template of HQ's or a branch's package while somebody writes it: every field is the text as typed, so that nothing typed is
/// lost when it cannot be read yet. <see cref="ToTree"/> puts what is unreadable into the tree as it stands; the domain then says
/// what is wrong and where.
/// </summary>
public sealed class PackageForm
{
    private const int LongestId = 60;

    /// <summary>ISO 4217 of a branch's package, whose prices are one text each; null for a template, which has price lists and rules.</summary>
    public string? Currency { get; private init; }

    public string Name { get; set; } = "";
    public string Description { get; set; } = "";
    public List<FormItem> Items { get; private init; } = [];
    public List<FormInstalment> Plan { get; private init; } = [];
    public string TaxName { get; set; } = "";
    public string TaxRate { get; set; } = "";
    public bool PricesIncludeTax { get; set; }
    public string RadiusKm { get; set; } = "";

    /// <summary>By currency; an empty text is no price.</summary>
    public Dictionary<string, string> PricePerKm { get; private init; } = new(StringComparer.Ordinal);

    public string TurnaroundDays { get; set; } = "";
    public string OnlineDays { get; set; } = "";
    public string OriginalsDays { get; set; } = "";
    public string DeletionNoticeDays { get; set; } = "";
    public List<FormClause> Clauses { get; private init; } = [];
    public List<FormRule> Rules { get; private init; } = [];

    /// <summary>The one line that branches read. It is not part of the content.</summary>
    public string Summary { get; set; } = "";

    /// <summary>Ids of the newest published version by list path: they are never given to something new.</summary>
    public ILookup<string, string> PublishedIds { get; set; } = Array.Empty<string>().ToLookup(s => s);

    /// <summary>What the instalments add up to, as far as they can be read.</summary>
    public decimal PlanSum => Plan.Sum(i => NumberOf(i.Percent) ?? 0);

    public static PackageForm From(ContentObject tree, string summary)
    {
        var tax = Inner(tree, "tax");
        var travel = Inner(tree, "travel");
        var gallery = Inner(tree, "gallery");
        var currency = tree.Find("currency") is ContentValue { Kind: ContentValueKind.String } own ? own.Text : null;
        return new PackageForm
        {
            Currency = currency,
            Name = Text(tree, "name"),
            Description = Text(tree, "description"),
            Items = [.. Elements(tree, "items").Select(o => new FormItem(o.Id!)
            {
                Title = Text(o, "title"),
                Kind = Word<ItemKind>(o, "kind"),
                Quantity = Text(o, "quantity"),
                IsAddOn = Word<Inclusion>(o, "inclusion") == Inclusion.AddOn,
                Prices = Prices(o, "unitPrice", currency),
                Deliverables = [.. Elements(o, "deliverables").Select(d => new FormDeliverable(d.Id!) { Title = Text(d, "title"), Quantity = Text(d, "quantity"), Format = Text(d, "format") })],
            })],
            Plan = [.. Elements(tree, "depositPlan").Select(o => new FormInstalment(o.Id!)
            {
                Title = Text(o, "title"),
                Percent = Text(o, "percent"),
                Due = Word<InstalmentDue>(o, "due"),
                DueDays = Text(o, "dueDays"),
            })],
            TaxName = Text(tax, "name"),
            TaxRate = Text(tax, "ratePercent"),
            PricesIncludeTax = tax.Find("pricesIncludeTax") is ContentValue { Kind: ContentValueKind.True },
            RadiusKm = Text(travel, "radiusKm"),
            PricePerKm = Prices(travel, "pricePerKm", currency),
            TurnaroundDays = Text(tree, "turnaroundDays"),
            OnlineDays = Text(gallery, "onlineDays"),
            OriginalsDays = Text(gallery, "originalsDays"),
            DeletionNoticeDays = Text(gallery, "deletionNoticeDays"),
            Clauses = [.. Elements(tree, "clauses").Select(o => new FormClause(o.Id!) { Title = Text(o, "title"), Body = Text(o, "body") })],
            Rules = [.. Elements(tree, "rules").Select(o => new FormRule(o.Id!)
            {
                Path = Text(o, "path"),
                Mode = Word<FieldMode>(o, "mode"),
                Basis = Text(o, "basis"),
                Expires = Text(o, "expires"),
                MandatoryBy = Text(o, "mandatoryBy"),
                Min = Text(o, "min"),
                Max = Text(o, "max"),
                MinPercent = Text(o, "minPercent"),
                MaxPercent = Text(o, "maxPercent"),
            })],
            Summary = summary,
        };
    }

    /// <summary>The content as a tree: readable values in their canonical spelling, the rest as typed.</summary>
    public ContentObject ToTree() => ContentObject.Of([
        ("schema_version", ContentValue.String(PackageContent.Schema.Current)),
        .. OwnCurrency,
        ("name", ContentValue.String(Name)),
        ("description", ContentValue.String(Description)),
        ("items", ContentList.Of([.. Items.Select(i => ContentObject.Of(
            ("id", ContentValue.String(i.Id)),
            ("title", ContentValue.String(i.Title)),
            ("kind", ContentValue.String(ContentWords.Of(i.Kind))),
            ("quantity", Number(i.Quantity)),
            ("unitPrice", Price(i.Prices)),
            ("inclusion", ContentValue.String(ContentWords.Of(i.IsAddOn ? Inclusion.AddOn : Inclusion.Included))),
            ("deliverables", ContentList.Of([.. i.Deliverables.Select(d => ContentObject.Of(
                ("id", ContentValue.String(d.Id)), ("title", ContentValue.String(d.Title)), ("quantity", Number(d.Quantity)), ("format", ContentValue.String(d.Format))))]))))])),
        ("depositPlan", ContentList.Of([.. Plan.Select(i => ContentObject.Of(
            ("id", ContentValue.String(i.Id)),
            ("title", ContentValue.String(i.Title)),
            ("percent", Plain(i.Percent)),
            ("due", ContentValue.String(ContentWords.Of(i.Due))),
            ("dueDays", Number(i.DueDays))))])),
        ("tax", ContentObject.Of(("name", ContentValue.String(TaxName)), ("ratePercent", Plain(TaxRate)), ("pricesIncludeTax", ContentValue.Bool(PricesIncludeTax)))),
        ("travel", ContentObject.Of(("radiusKm", Number(RadiusKm)), ("pricePerKm", Price(PricePerKm)))),
        ("turnaroundDays", Number(TurnaroundDays)),
        ("gallery", ContentObject.Of(("onlineDays", Number(OnlineDays)), ("originalsDays", Number(OriginalsDays)), ("deletionNoticeDays", Number(DeletionNoticeDays)))),
        ("clauses", ContentList.Of([.. Clauses.Select(c => ContentObject.Of(
            ("id", ContentValue.String(c.Id)), ("title", ContentValue.String(c.Title)), ("body", ContentValue.String(c.Body))))])),
        .. HqRules,
    ]);

    /// <summary>The typed template, or null with everything that cannot be read, each with its path.</summary>
    public TemplateContent? Read(List<Refusal> unreadable) => TemplateContent.Read(ToTree(), unreadable);

    /// <summary>The typed package of a branch; likewise.</summary>
    public PackageContent? ReadPackage(List<Refusal> unreadable) => PackageContent.Read(ToTree(), unreadable);

    /// <summary>
    /// An id for something new: its title in lower-case words with hyphens, with a number where the list, or the published one,
    /// has it already. It never changes again, whatever becomes of the title.
    /// </summary>
    public string NewId(string list, string title, IEnumerable<string> taken)
    {
        var used = taken.Concat(PublishedIds[list]).ToHashSet(StringComparer.Ordinal);
        var stem = Kebab(title) is { Length: > 0 } words ? words : "entry";
        var id = stem;
        for (var i = 2; used.Contains(id); i++) id = string.Create(CultureInfo.InvariantCulture, $"{stem}-{i}");
        return id;
    }

    /// <summary>The rule on exactly this field, or null: then branches inherit and decide.</summary>
    public FormRule? RuleOn(string path) => Rules.Find(r => r.Path == path);

    /// <summary>Sets a field's mode. Inherit takes the rule away, because that is what a field without one does.</summary>
    public void SetMode(string path, FieldMode mode)
    {
        var rule = RuleOn(path);
        if (mode == FieldMode.Inherit)
        {
            if (rule is not null) Rules.Remove(rule);
            return;
        }

        if (rule is null) Rules.Add(rule = new FormRule(NewId("/rules", path.Replace('/', ' '), Rules.Select(r => r.Id))) { Path = path });
        rule.Mode = mode;
        if (mode != FieldMode.Locked) rule.MandatoryBy = "";
        if (mode != FieldMode.Bounded) (rule.Min, rule.Max, rule.MinPercent, rule.MaxPercent) = ("", "", "", "");
    }

    /// <summary>Takes the rules on a path and everything below it away; they would speak of nothing.</summary>
    public List<FormRule> TakeRulesUnder(string path)
    {
        var gone = Rules.FindAll(r => TreePath.Covers(path, r.Path));
        Rules.RemoveAll(gone.Contains);
        return gone;
    }

    /// <summary>"Zweite Fotografin, ½ Tag" becomes "zweite-fotografin-tag".</summary>
    public static string Kebab(string text)
    {
        var words = new StringBuilder(text.Length);
        foreach (var c in text.Replace("ß", "ss", StringComparison.Ordinal).Normalize(NormalizationForm.FormD))
        {
            if (CharUnicodeInfo.GetUnicodeCategory(c) == UnicodeCategory.NonSpacingMark) continue;
            if (char.IsAsciiLetterOrDigit(c)) words.Append(char.ToLowerInvariant(c));
            else if (words.Length > 0 && words[^1] != '-') words.Append('-');
        }

        if (words.Length > LongestId) words.Length = LongestId;
        return words.ToString().Trim('-');
    }

    /// <summary>A number as people type it: a comma counts as the point, spaces are ignored.</summary>
    public static decimal? NumberOf(string text)
    {
        var plain = text.Replace(" ", "", StringComparison.Ordinal).Replace("\u00A0", "", StringComparison.Ordinal);
        if (plain.Count(c => c == ',') == 1 && !plain.Contains('.', StringComparison.Ordinal)) plain = plain.Replace(',', '.');
        return decimal.TryParse(plain, NumberStyles.AllowLeadingSign | NumberStyles.AllowDecimalPoint, CultureInfo.InvariantCulture, out var number) ? number : null;
    }

    private IEnumerable<(string, ContentNode)> OwnCurrency => Currency is null ? [] : [("currency", ContentValue.String(Currency))];

    private IEnumerable<(string, ContentNode)> HqRules => Currency is null ? [("rules", ContentList.Of([.. Rules.Select(RuleTree)]))] : [];

    private static ContentObject RuleTree(FormRule rule)
    {
        var members = new List<(string, ContentNode)>
        {
            ("id", ContentValue.String(rule.Id)), ("path", ContentValue.String(rule.Path)), ("mode", ContentValue.String(ContentWords.Of(rule.Mode))),
        };
        Add("min", rule.Min, Plain);
        Add("max", rule.Max, Plain);
        Add("minPercent", rule.MinPercent, Plain);
        Add("maxPercent", rule.MaxPercent, Plain);
        members.Add(("basis", ContentValue.String(rule.Basis)));
        Add("expires", rule.Expires, ContentValue.String);
        Add("mandatoryBy", rule.MandatoryBy, ContentValue.String);
        return ContentObject.Of(members);

        void Add(string key, string text, Func<string, ContentValue> spell)
        {
            if (!string.IsNullOrWhiteSpace(text)) members.Add((key, spell(text)));
        }
    }

    private static ContentValue Number(string text) =>
        NumberOf(text) is { } number ? ContentValue.Number(decimal.Parse(ContentWords.Plain(number), CultureInfo.InvariantCulture)) : ContentValue.String(text);

    private static ContentValue Plain(string text) => ContentValue.String(NumberOf(text) is { } number && Fits(number, 6) ? ContentWords.Plain(number) : text);

    private ContentNode Price(Dictionary<string, string> prices) => Currency is null ? PriceList(prices) : Money(prices.GetValueOrDefault(Currency, ""));

    private static ContentObject PriceList(Dictionary<string, string> prices) =>
        ContentObject.Of([.. prices.Where(p => !string.IsNullOrWhiteSpace(p.Value)).OrderBy(p => p.Key, StringComparer.Ordinal).Select(p => (p.Key, (ContentNode)Money(p.Value)))]);

    private static ContentValue Money(string text) => ContentValue.String(NumberOf(text) is { } number && Fits(number, 6) ? ContentWords.Money(number) : text);

    private static bool Fits(decimal number, int digits) => decimal.Round(number, digits) == number;

    private static string Text(ContentObject o, string key) => o.Find(key) is ContentValue { Kind: ContentValueKind.String or ContentValueKind.Number } value ? value.Text : "";

    private static ContentObject Inner(ContentObject o, string key) => o.Find(key) as ContentObject ?? ContentObject.Empty;

    private static IEnumerable<ContentObject> Elements(ContentObject o, string key) => o.Find(key) is ContentList list ? list.Elements : [];

    private static T Word<T>(ContentObject o, string key) where T : struct, Enum => ContentWords.TryRead<T>(Text(o, key), out var word) ? word : default;

    private static Dictionary<string, string> Prices(ContentObject o, string key, string? currency) => currency is null
        ? Inner(o, key).Members.ToDictionary(m => m.Key, m => m.Value.ToString() ?? "", StringComparer.Ordinal)
        : new(StringComparer.Ordinal) { [currency] = Text(o, key) };
}

/// <summary>A line item while it is written.</summary>
public sealed class FormItem(string id)
{
    public string Id { get; } = id;
    public string Title { get; set; } = "";
    public ItemKind Kind { get; set; }
    public string Quantity { get; set; } = "1";
    public bool IsAddOn { get; set; }
    public Dictionary<string, string> Prices { get; init; } = new(StringComparer.Ordinal);
    public List<FormDeliverable> Deliverables { get; init; } = [];
    public string Path => TreePath.Of("/items", Id);
}

/// <summary>A deliverable while it is written.</summary>
public sealed class FormDeliverable(string id)
{
    public string Id { get; } = id;
    public string Title { get; set; } = "";
    public string Quantity { get; set; } = "1";
    public string Format { get; set; } = "";
}

/// <summary>An instalment while it is written.</summary>
public sealed class FormInstalment(string id)
{
    public string Id { get; } = id;
    public string Title { get; set; } = "";
    public string Percent { get; set; } = "";
    public InstalmentDue Due { get; set; }
    public string DueDays { get; set; } = "0";
    public string Path => TreePath.Of("/depositPlan", Id);
}

/// <summary>A clause while it is written.</summary>
public sealed class FormClause(string id)
{
    public string Id { get; } = id;
    public string Title { get; set; } = "";
    public string Body { get; set; } = "";
    public string Path => TreePath.Of("/clauses", Id);
}

/// <summary>A rule while it is written; days as yyyy-MM-dd.</summary>
public sealed class FormRule(string id)
{
    public string Id { get; } = id;
    public string Path { get; set; } = "";
    public FieldMode Mode { get; set; }
    public string Basis { get; set; } = "";
    public string Expires { get; set; } = "";
    public string MandatoryBy { get; set; } = "";
    public string Min { get; set; } = "";
    public string Max { get; set; } = "";
    public string MinPercent { get; set; } = "";
    public string MaxPercent { get; set; } = "";
}
