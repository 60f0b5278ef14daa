using System.Globalization;
using StudioVault.Domain.Agreements;
using StudioVault.Domain.Kernel;
using StudioVault.Domain.Packages;
using StudioVault.Web.Packages.Editing;

namespace StudioVault.Web.Agreements;

/// <summary>
/// An agreement while somebody writes it: every field is the text as typed (see <see cref="PackageForm"/>). What the writer may not
/// write, such as number, rules and tax, stays as it is in the content it began from.
/// </summary>
public sealed class AgreementForm
{
    private ContentObject _from = ContentObject.Empty;

    private AgreementForm() { }

    public string Currency { get; private init; } = "";
    public string Title { get; set; } = "";

    /// <summary>2027-06-12; empty when it is still to be found.</summary>
    public string On { get; set; } = "";

    /// <summary>14:00; empty when open.</summary>
    public string StartsAt { get; set; } = "";

    public string Hours { get; set; } = "";
    public string Venue { get; set; } = "";
    public string Lead { get; set; } = "";
    public List<FormItem> Items { get; init; } = [];
    public List<FormPayment> Payments { get; init; } = [];
    public string RadiusKm { get; set; } = "";
    public string PricePerKm { get; set; } = "";
    public string TurnaroundDays { get; set; } = "";
    public string OnlineDays { get; set; } = "";
    public string OriginalsDays { get; set; } = "";
    public string DeletionNoticeDays { get; set; } = "";
    public string Licence { get; set; } = "";
    public bool MayWithdraw { get; set; }
    public string WithdrawalDays { get; set; } = "";
    public string WithdrawalReason { get; set; } = "";
    public List<FormClause> Clauses { get; init; } = [];
    public List<FormParty> Parties { get; init; } = [];

    public static AgreementForm From(ContentObject tree)
    {
        var (happening, travel, gallery, withdrawal) = (Inner(tree, "event"), Inner(tree, "travel"), Inner(tree, "gallery"), Inner(tree, "withdrawal"));
        var currency = Text(tree, "currency");
        return new()
        {
            _from = tree,
            Currency = currency,
            Title = Text(happening, "title"),
            On = Text(happening, "on"),
            StartsAt = Text(happening, "startsAt"),
            Hours = Text(happening, "hours"),
            Venue = Text(happening, "venue"),
            Lead = Text(happening, "lead"),
            Items = [.. Elements(tree, "items").Select(o => Item(o, currency))],
            Payments = [.. Elements(tree, "schedule").Select(o => new FormPayment(o.Id!) { Title = Text(o, "title"), Amount = Text(o, "amount"), Due = Word<InstalmentDue>(o, "due"), DueDays = Text(o, "dueDays"), DueOn = Text(o, "dueOn") })],
            RadiusKm = Text(travel, "radiusKm"),
            PricePerKm = Text(travel, "pricePerKm"),
            TurnaroundDays = Text(tree, "turnaroundDays"),
            OnlineDays = Text(gallery, "onlineDays"),
            OriginalsDays = Text(gallery, "originalsDays"),
            DeletionNoticeDays = Text(gallery, "deletionNoticeDays"),
            Licence = Text(tree, "licence"),
            MayWithdraw = Word<WithdrawalRegime>(withdrawal, "regime") == WithdrawalRegime.Eligible,
            WithdrawalDays = Text(withdrawal, "days"),
            WithdrawalReason = Text(withdrawal, "reason"),
            Clauses = [.. Elements(tree, "clauses").Select(o => new FormClause(o.Id!) { Title = Text(o, "title"), Body = Text(o, "body") })],
            Parties = [.. Elements(tree, "parties").Select(o => new FormParty(o.Id!)
            {
                Name = Text(o, "name"), Email = Text(o, "email"), Role = Word<PartyRole>(o, "role"), SignsFor = Text(o, "signsFor"),
                IsMinor = o.Find("isMinor") is ContentValue { Kind: ContentValueKind.True },
            })],
        };
    }

    /// <summary>A line as it stands in an agreement or, without its inclusion, in a package.</summary>
    public static FormItem Line(AgreementItem item, string currency) => Item(AgreementContent.Node(item), currency);

    /// <summary>The content as a tree: readable values in their canonical spelling, the rest as typed.</summary>
    public ContentObject ToTree() => ContentObject.Of([.. _from.Members.Select(m => (m.Key, m.Key switch
    {
        "event" => ContentObject.Of(("title", ContentValue.String(Title.Trim())), ("on", ContentValue.String(On)), ("startsAt", ContentValue.String(StartsAt)), ("hours", Number(Hours.Trim().Length == 0 ? "0" : Hours)),
            ("venue", ContentValue.String(Venue.Trim())), ("lead", ContentValue.String(Lead.Trim()))),
        "items" => ContentList.Of([.. Items.Select(i => ContentObject.Of(("id", ContentValue.String(i.Id)), ("title", ContentValue.String(i.Title)), ("kind", ContentValue.String(ContentWords.Of(i.Kind))),
            ("quantity", Number(i.Quantity)), ("unitPrice", Money(i.Prices.GetValueOrDefault(Currency, ""))),
            ("deliverables", ContentList.Of([.. i.Deliverables.Select(d => ContentObject.Of(("id", ContentValue.String(d.Id)), ("title", ContentValue.String(d.Title)), ("quantity", Number(d.Quantity)), ("format", ContentValue.String(d.Format))))]))))]),
        "schedule" => ContentList.Of([.. Payments.Select(p => ContentObject.Of(("id", ContentValue.String(p.Id)), ("title", ContentValue.String(p.Title)), ("amount", Money(p.Amount)), ("due", ContentValue.String(ContentWords.Of(p.Due))),
            ("dueDays", Number(p.DueDays.Trim().Length == 0 ? "0" : p.DueDays)), ("dueOn", ContentValue.String(p.DueOn))))]),
        "travel" => ContentObject.Of(("radiusKm", Number(RadiusKm)), ("pricePerKm", Money(PricePerKm))),
        "turnaroundDays" => Number(TurnaroundDays),
        "gallery" => ContentObject.Of(("onlineDays", Number(OnlineDays)), ("originalsDays", Number(OriginalsDays)), ("deletionNoticeDays", Number(DeletionNoticeDays))),
        "licence" => ContentValue.String(Licence),
        "withdrawal" => ContentObject.Of(("regime", ContentValue.String(ContentWords.Of(MayWithdraw ? WithdrawalRegime.Eligible : WithdrawalRegime.Exempt))), ("days", Number(MayWithdraw ? WithdrawalDays : "0")),
            ("reason", ContentValue.String(WithdrawalReason))),
        "clauses" => ContentList.Of([.. Clauses.Select(c => ContentObject.Of(("id", ContentValue.String(c.Id)), ("title", ContentValue.String(c.Title)), ("body", ContentValue.String(c.Body))))]),
        "parties" => ContentList.Of([.. Parties.Select(p => AgreementContent.Node(new AgreementParty(p.Id, p.Role, p.Name.Trim(), p.Email.Trim(), p.IsMinor, p.Role == PartyRole.Guardian ? p.SignsFor : "")))]),
        _ => m.Value,
    }))]);

    /// <summary>The content, and everything wrong with it; null while something in it cannot be read.</summary>
    public (AgreementContent? Content, IReadOnlyList<Refusal> Problems) Read() =>
        AgreementContent.From(ToTree()).TryGet(out var content, out var refusal) ? (content, content.Problems()) : (null, [refusal]);

    /// <summary>What the lines come to with tax, as far as they can be read.</summary>
    public decimal? Total
    {
        get
        {
            var tax = Inner(_from, "tax");
            if (Items.Exists(i => PackageForm.NumberOf(i.Quantity) is null || PackageForm.NumberOf(Price(i)) is null) || PackageForm.NumberOf(Text(tax, "ratePercent")) is not { } rate) return null;
            var lines = Items.Sum(i => PackageForm.NumberOf(i.Quantity)!.Value * PackageForm.NumberOf(Price(i))!.Value);
            return CurrencyUnits.Round(tax.Find("pricesIncludeTax") is ContentValue { Kind: ContentValueKind.True } ? lines : lines * (1 + (rate / 100)), Currency);
        }
    }

    /// <summary>What the payments add up to, as far as they can be read.</summary>
    public decimal Paid => Payments.Sum(p => PackageForm.NumberOf(p.Amount) ?? 0);

    /// <summary>A time as browsers give it, without its seconds.</summary>
    public static string Time(string typed) => typed.Length > 5 && TimeOnly.TryParse(typed, CultureInfo.InvariantCulture, out var time) ? time.ToString("HH:mm", CultureInfo.InvariantCulture) : typed;

    public string Price(FormItem item) => item.Prices.GetValueOrDefault(Currency, "");

    /// <summary>Puts what is missing, or too much, on the last payment. False when that cannot be done.</summary>
    public bool Settle()
    {
        if (Total is not { } total || Payments is not [.., var last] || PackageForm.NumberOf(last.Amount) is not { } amount || amount + total - Paid < 0) return false;
        last.Amount = ContentWords.Money(amount + total - Paid);
        return true;
    }

    private static FormItem Item(ContentObject o, string currency) => new(o.Id!)
    {
        Title = Text(o, "title"),
        Kind = Word<ItemKind>(o, "kind"),
        Quantity = Text(o, "quantity"),
        Prices = new(StringComparer.Ordinal) { [currency] = Text(o, "unitPrice") },
        Deliverables = [.. Elements(o, "deliverables").Select(d => new FormDeliverable(d.Id!) { Title = Text(d, "title"), Quantity = Text(d, "quantity"), Format = Text(d, "format") })],
    };

    private static ContentValue Number(string text) =>
        PackageForm.NumberOf(text) is { } number ? ContentValue.Number(decimal.Parse(ContentWords.Plain(number), CultureInfo.InvariantCulture)) : ContentValue.String(text);

    private static ContentValue Money(string text) => ContentValue.String(PackageForm.NumberOf(text) is { } number && decimal.Round(number, 6) == number ? ContentWords.Money(number) : text);

    private static string Text(ContentObject o, string key) => o.Find(key) is ContentValue { Kind: ContentValueKind.String or ContentValueKind.Number } value ? value.Text : "";

    private static T Word<T>(ContentObject o, string key) where T : struct, Enum => ContentWords.TryRead<T>(Text(o, key), out var value) ? value : default;

    private static ContentObject Inner(ContentObject o, string key) => o.Find(key) as ContentObject ?? ContentObject.Empty;

    private static IEnumerable<ContentObject> Elements(ContentObject o, string key) => (o.Find(key) as ContentList)?.Elements ?? [];
}

/// <summary>A payment while it is written.</summary>
public sealed class FormPayment(string id)
{
    public string Id { get; } = id;
    public string Title { get; set; } = "";
    public string Amount { get; set; } = "";
    public InstalmentDue Due { get; set; }
    public string DueDays { get; set; } = "0";

    /// <summary>2027-06-12; empty where the rule says the day.</summary>
    public string DueOn { get; set; } = "";

    public string Path => TreePath.Of("/schedule", Id);
}

/// <summary>A party while it is written.</summary>
public sealed class FormParty(string id)
{
    public string Id { get; } = id;
    public string Name { get; set; } = "";
    public string Email { get; set; } = "";
    public PartyRole Role { get; set; }
    public bool IsMinor { get; set; }
    public string SignsFor { get; set; } = "";
    public string Path => TreePath.Of("/parties", Id);
}
