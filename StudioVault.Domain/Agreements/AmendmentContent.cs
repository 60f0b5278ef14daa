using StudioVault.Domain.Kernel;
using StudioVault.Domain.Packages;

namespace StudioVault.Domain.Agreements;

/// <summary>The eight kinds of amendment a studio needs (features row 2.9).</summary>
public enum AmendmentKind
{
    /// <summary>Another day, or a day still to be found.</summary>
    Reschedule,

    /// <summary>More or fewer hours.</summary>
    Hours,

    /// <summary>Somebody else photographs.</summary>
    SubstituteLead,

    /// <summary>Another package revision, or other lines.</summary>
    PackageChange,

    /// <summary>Other payments or other due dates.</summary>
    PaymentPlan,

    /// <summary>Somebody joins, leaves or is named anew.</summary>
    PartyChange,

    /// <summary>What the pictures may be used for.</summary>
    UsageLicence,

    /// <summary>The event does not take place; what is kept and what is given back.</summary>
    Cancellation,
}

/// <summary>Which price holds after a new date.</summary>
public enum PriceBasis
{
    /// <summary>The amendment leaves prices alone.</summary>
    None,

    /// <summary>The prices agreed go on.</summary>
    Original,

    /// <summary>The prices of the branch's package on the day of the amendment.</summary>
    Current,
}

/// <summary>
/// What an amendment says: schema agreement_amendment. It names the document it is written on by its hash, so that it can be
/// executed on nothing else. Its own SHA-256 is its identity, as for an agreement.
/// </summary>
/// <param name="Number">The agreement's number.</param>
/// <param name="Version">Its place in the chain: 2 for the first.</param>
/// <param name="BaseHash">Hash of version <paramref name="Version"/> minus 1: the head when it was written.</param>
/// <param name="EffectiveOn">Branch-local day from which it holds.</param>
/// <param name="Reason">In the studio's words; every party reads it.</param>
/// <param name="Resolutions">By the version of a signed amendment that takes effect later: what the parties chose.</param>
public sealed record AmendmentContent(string Number, int Version, string BaseHash, AmendmentKind Kind, DateOnly EffectiveOn, string Reason, PriceBasis PriceBasis,
    IReadOnlyList<AmendmentOperation> Operations, IReadOnlyDictionary<int, Precedence> Resolutions)
{
    public static readonly PayloadSchema Schema = new("agreement_amendment", "1.0.0", ["1.0.0"]);

    private static readonly string[] TopLevel = ["schema_version", "number", "version", "baseHash", "kind", "effectiveOn", "reason", "priceBasis", "operations", "resolutions"];

    /// <inheritdoc cref="AgreementContent.Parse"/>
    public static Result<AmendmentContent> Parse(string json)
    {
        if (!ContentTree.Parse(json).TryGet(out var tree, out var refusal)) return refusal;
        var refusals = new List<Refusal>();
        var reader = new ContentReader(refusals);
        if (!ContentShapes.TopLevel(reader, tree, Schema, TopLevel, "an amendment")) return refusals[0];
        var content = new AmendmentContent(
            reader.Text(tree, "", "number"),
            reader.Whole(tree, "", "version"),
            reader.Text(tree, "", "baseHash"),
            reader.Word<AmendmentKind>(tree, "", "kind"),
            reader.OptionalDate(tree, "", "effectiveOn") ?? default,
            reader.Text(tree, "", "reason"),
            reader.Word<PriceBasis>(tree, "", "priceBasis"),
            reader.List(tree, "", "operations", (o, at) =>
            {
                reader.Closed(o, at, "id", "op", "path", "value", "after");
                return new AmendmentOperation(reader.Word<OperationKind>(o, at, "op"), reader.Text(o, at, "path"), o.Find("value"), reader.OptionalText(o, at, "after"));
            }),
            reader.List(tree, "", "resolutions", (o, at) =>
            {
                reader.Closed(o, at, "id", "version", "precedence");
                return KeyValuePair.Create(reader.Whole(o, at, "version"), reader.Word<Precedence>(o, at, "precedence"));
            }).DistinctBy(r => r.Key).ToDictionary());
        if (tree.Find("effectiveOn") is null) return PackageRefusals.FieldMissing.At("/effectiveOn");
        return refusals.Count == 0 ? content : refusals[0];
    }

    /// <summary>The content as a tree, spelled in one way.</summary>
    public ContentObject ToTree() => ContentObject.Of(
        ("schema_version", ContentValue.String(Schema.Current)),
        ("number", ContentValue.String(Number)),
        ("version", ContentValue.Number((long)Version)),
        ("baseHash", ContentValue.String(BaseHash)),
        ("kind", ContentValue.String(ContentWords.Of(Kind))),
        ("effectiveOn", ContentValue.String(AgreementContent.Day(EffectiveOn))),
        ("reason", ContentValue.String(Reason)),
        ("priceBasis", ContentValue.String(ContentWords.Of(PriceBasis))),
        ("operations", ContentList.Of([.. Operations.Select(Node)])),
        ("resolutions", ContentList.Of([.. Resolutions.OrderBy(r => r.Key).Select(r => ContentObject.Of(
            ("id", ContentValue.String($"v{r.Key}")), ("version", ContentValue.Number((long)r.Key)), ("precedence", ContentValue.String(ContentWords.Of(r.Value)))))])));

    public string ToJson() => ContentTree.ToJson(ToTree());

    /// <summary>SHA-256 of the canonical JSON, 64 lower-case hex digits.</summary>
    public string Hash() => AgreementContent.HashOf(ToTree());

    /// <summary>As the fold sees it once it is executed.</summary>
    public ExecutedAmendment ToExecuted() => new(Version, EffectiveOn, Operations, Resolutions);

    private static ContentObject Node(AmendmentOperation operation, int place)
    {
        List<(string, ContentNode)> members = [("id", ContentValue.String($"op-{place + 1}")), ("op", ContentValue.String(ContentWords.Of(operation.Kind))), ("path", ContentValue.String(operation.Path))];
        if (operation.Value is { } value) members.Add(("value", value));
        if (operation.After is { } after) members.Add(("after", ContentValue.String(after)));
        return ContentObject.Of(members);
    }
}
