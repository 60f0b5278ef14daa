using System.Globalization;
using StudioVault.Domain.Kernel;
using StudioVault.Domain.Packages;

namespace StudioVault.Domain.Agreements;

/// <summary>
/// What an agreement says: schema agreement. Its canonical JSON (RFC 8785) is the agreement; the SHA-256 of that is its identity
/// (DOC-1). Documents are pictures of it.
/// </summary>
public sealed record AgreementContent(string Number, AgreementStudio Studio, IReadOnlyList<AgreementParty> Parties, AgreementEvent Event, AgreementRules Rules, string Currency,
    IReadOnlyList<AgreementItem> Items, TaxTerms Tax, IReadOnlyList<ScheduledPayment> Schedule, PackageTravel Travel, int TurnaroundDays, GalleryTerms Gallery, string Licence,
    WithdrawalTerms Withdrawal, IReadOnlyList<Clause> Clauses, IReadOnlyList<CitedPolicy> Policies)
{
    public static readonly PayloadSchema Schema = new("agreement", "1.0.0", ["1.0.0"]);

    private static readonly string[] TopLevel =
    [
        "schema_version", "number", "studio", "parties", "event", "rules", "currency", "items", "tax", "schedule", "travel", "turnaroundDays", "gallery", "licence", "withdrawal", "clauses", "policies",
    ];

    /// <summary>Reads a stored agreement: its shape only, see <see cref="Problems"/> for its sense.</summary>
    /// <returns>The content, or the first refusal, as for <see cref="PackageContent.Parse"/>.</returns>
    public static Result<AgreementContent> Parse(string json) => ContentTree.Parse(json).TryGet(out var tree, out var refusal) ? From(tree) : refusal;

    /// <inheritdoc cref="Parse"/>
    public static Result<AgreementContent> From(ContentObject tree)
    {
        var refusals = new List<Refusal>();
        var reader = new ContentReader(refusals);
        if (!ContentShapes.TopLevel(reader, tree, Schema, TopLevel, "an agreement")) return refusals[0];
        var content = new AgreementContent(
            reader.Text(tree, "", "number"),
            ReadStudio(reader, tree),
            ReadParties(reader, tree),
            ReadEvent(reader, tree),
            ReadRules(reader, tree),
            reader.Text(tree, "", "currency"),
            ReadItems(reader, tree),
            ContentShapes.Tax(reader, tree),
            ReadSchedule(reader, tree),
            ContentShapes.Travel(reader, tree),
            reader.Whole(tree, "", "turnaroundDays"),
            ContentShapes.Gallery(reader, tree),
            reader.Text(tree, "", "licence"),
            ReadWithdrawal(reader, tree),
            ContentShapes.Clauses(reader, tree),
            ReadPolicies(reader, tree));
        return refusals.Count == 0 ? content : refusals[0];
    }

    /// <summary>The content as a tree, spelled in one way: two equal contents give the same tree.</summary>
    public ContentObject ToTree() => ContentObject.Of(
        ("schema_version", ContentValue.String(Schema.Current)),
        ("number", ContentValue.String(Number)),
        ("studio", ContentObject.Of(("name", ContentValue.String(Studio.Name)), ("address", ContentValue.String(Studio.Address)), ("email", ContentValue.String(Studio.Email)),
            ("country", ContentValue.String(Studio.Country)), ("timeZone", ContentValue.String(Studio.TimeZone)))),
        ("parties", ContentList.Of([.. Parties.Select(Node)])),
        ("event", ContentObject.Of(("title", ContentValue.String(Event.Title)), ("on", ContentValue.String(Day(Event.On))), ("startsAt", ContentValue.String(Event.StartsAt)),
            ("hours", ContentShapes.Number(Event.Hours)), ("venue", ContentValue.String(Event.Venue)), ("lead", ContentValue.String(Event.Lead)))),
        ("rules", ContentObject.Of(("asOf", ContentValue.String(Day(Rules.AsOf))), ("template", ContentValue.String(Rules.Template)), ("templateVersion", ContentValue.Number((long)Rules.TemplateVersion)),
            ("packageRevision", ContentValue.Number((long)Rules.PackageRevision)), ("packageHash", ContentValue.String(Rules.PackageHash)))),
        ("currency", ContentValue.String(Currency)),
        ("items", ContentList.Of([.. Items.Select(Node)])),
        ("tax", ContentShapes.Tax(Tax)),
        ("schedule", ContentList.Of([.. Schedule.Select(Node)])),
        ("travel", ContentShapes.Travel(Travel)),
        ("turnaroundDays", ContentValue.Number((long)TurnaroundDays)),
        ("gallery", ContentShapes.Gallery(Gallery)),
        ("licence", ContentValue.String(Licence)),
        ("withdrawal", ContentObject.Of(("regime", ContentValue.String(ContentWords.Of(Withdrawal.Regime))), ("days", ContentValue.Number((long)Withdrawal.Days)), ("reason", ContentValue.String(Withdrawal.Reason)))),
        ("clauses", ContentShapes.Clauses(Clauses)),
        ("policies", ContentList.Of([.. Policies.Select(p => ContentObject.Of(("id", ContentValue.String(p.Id)), ("title", ContentValue.String(p.Title)), ("version", ContentValue.String(p.Version))))])));

    public string ToJson() => ContentTree.ToJson(ToTree());

    /// <summary>SHA-256 of the canonical JSON, 64 lower-case hex digits: the agreement's identity.</summary>
    public string Hash() => HashOf(ToTree());

    /// <summary>The identity of a tree.</summary>
    public static string HashOf(ContentObject tree) => CanonicalJson.Sha256(CanonicalJson.Canonicalize(ContentTree.ToUtf8(tree)));

    /// <summary>The lines together, exact.</summary>
    public Money Lines => new(Items.Sum(i => i.Total), Currency);

    /// <summary>What the client pays in all: the lines, with the tax on top where prices do not hold it, to the currency's smallest unit.</summary>
    public Money Total => new(CurrencyUnits.Round(Tax.PricesIncludeTax ? Lines.Amount : Lines.Amount * (1 + Tax.RatePercent / 100), Currency), Currency);

    /// <summary>Everything that keeps it from being sent, <c>refuse.agreement.invariant</c> with its path. Empty when it holds together.</summary>
    public IReadOnlyList<Refusal> Problems() => AgreementInvariants.Of(this);

    public static ContentObject Node(AgreementParty party) => ContentObject.Of(("id", ContentValue.String(party.Id)), ("role", ContentValue.String(ContentWords.Of(party.Role))), ("name", ContentValue.String(party.Name)),
        ("email", ContentValue.String(party.Email)), ("isMinor", ContentValue.Bool(party.IsMinor)), ("signsFor", ContentValue.String(party.SignsFor)));

    public static ContentObject Node(AgreementItem item) => ContentObject.Of(("id", ContentValue.String(item.Id)), ("title", ContentValue.String(item.Title)), ("kind", ContentValue.String(ContentWords.Of(item.Kind))),
        ("quantity", ContentShapes.Number(item.Quantity)), ("unitPrice", ContentValue.String(ContentWords.Money(item.UnitPrice))), ("deliverables", ContentShapes.Deliverables(item.Deliverables)));

    public static ContentObject Node(ScheduledPayment payment) => ContentObject.Of(("id", ContentValue.String(payment.Id)), ("title", ContentValue.String(payment.Title)), ("amount", ContentValue.String(ContentWords.Money(payment.Amount))),
        ("due", ContentValue.String(ContentWords.Of(payment.Due))), ("dueDays", ContentValue.Number((long)payment.DueDays)), ("dueOn", ContentValue.String(Day(payment.DueOn))));

    /// <summary>A day as the content spells it; empty when there is none.</summary>
    public static string Day(DateOnly? day) => day?.ToString("yyyy-MM-dd", CultureInfo.InvariantCulture) ?? "";

    private static AgreementStudio ReadStudio(ContentReader reader, ContentObject tree)
    {
        var o = reader.Object(tree, "", "studio");
        reader.Closed(o, "/studio", "name", "address", "email", "country", "timeZone");
        return new(reader.Text(o, "/studio", "name"), reader.Text(o, "/studio", "address"), reader.Text(o, "/studio", "email"), reader.Text(o, "/studio", "country"), reader.Text(o, "/studio", "timeZone"));
    }

    private static AgreementParty[] ReadParties(ContentReader reader, ContentObject tree) => reader.List(tree, "", "parties", (o, at) =>
    {
        reader.Closed(o, at, "id", "role", "name", "email", "isMinor", "signsFor");
        return new AgreementParty(reader.Text(o, at, "id"), reader.Word<PartyRole>(o, at, "role"), reader.Text(o, at, "name"), reader.Text(o, at, "email"), reader.Bool(o, at, "isMinor"), reader.Text(o, at, "signsFor"));
    });

    private static AgreementEvent ReadEvent(ContentReader reader, ContentObject tree)
    {
        var o = reader.Object(tree, "", "event");
        reader.Closed(o, "/event", "title", "on", "startsAt", "hours", "venue", "lead");
        return new(reader.Text(o, "/event", "title"), ReadDay(reader, o, "/event", "on"), reader.Text(o, "/event", "startsAt"), reader.Number(o, "/event", "hours"), reader.Text(o, "/event", "venue"), reader.Text(o, "/event", "lead"));
    }

    private static AgreementRules ReadRules(ContentReader reader, ContentObject tree)
    {
        var o = reader.Object(tree, "", "rules");
        reader.Closed(o, "/rules", "asOf", "template", "templateVersion", "packageRevision", "packageHash");
        return new(ReadDay(reader, o, "/rules", "asOf") ?? default, reader.Text(o, "/rules", "template"), reader.Whole(o, "/rules", "templateVersion"), reader.Whole(o, "/rules", "packageRevision"),
            reader.Text(o, "/rules", "packageHash"));
    }

    private static AgreementItem[] ReadItems(ContentReader reader, ContentObject tree) => reader.List(tree, "", "items", (o, at) =>
    {
        reader.Closed(o, at, "id", "title", "kind", "quantity", "unitPrice", "deliverables");
        return new AgreementItem(reader.Text(o, at, "id"), reader.Text(o, at, "title"), reader.Word<ItemKind>(o, at, "kind"), reader.Number(o, at, "quantity"), reader.Decimal(o, at, "unitPrice"),
            ContentShapes.Deliverables(reader, o, at));
    });

    private static ScheduledPayment[] ReadSchedule(ContentReader reader, ContentObject tree) => reader.List(tree, "", "schedule", (o, at) =>
    {
        reader.Closed(o, at, "id", "title", "amount", "due", "dueDays", "dueOn");
        return new ScheduledPayment(reader.Text(o, at, "id"), reader.Text(o, at, "title"), reader.Decimal(o, at, "amount"), reader.Word<InstalmentDue>(o, at, "due"), reader.Whole(o, at, "dueDays"),
            ReadDay(reader, o, at, "dueOn"));
    });

    private static WithdrawalTerms ReadWithdrawal(ContentReader reader, ContentObject tree)
    {
        var o = reader.Object(tree, "", "withdrawal");
        reader.Closed(o, "/withdrawal", "regime", "days", "reason");
        return new(reader.Word<WithdrawalRegime>(o, "/withdrawal", "regime"), reader.Whole(o, "/withdrawal", "days"), reader.Text(o, "/withdrawal", "reason"));
    }

    private static CitedPolicy[] ReadPolicies(ContentReader reader, ContentObject tree) => reader.List(tree, "", "policies", (o, at) =>
    {
        reader.Closed(o, at, "id", "title", "version");
        return new CitedPolicy(reader.Text(o, at, "id"), reader.Text(o, at, "title"), reader.Text(o, at, "version"));
    });

    // A field that is always there keeps an amendment simple: it is set, never added. Empty says that there is no day.
    private static DateOnly? ReadDay(ContentReader reader, ContentObject o, string path, string key) =>
        reader.Text(o, path, key).Length == 0 ? null : reader.OptionalDate(o, path, key);
}
