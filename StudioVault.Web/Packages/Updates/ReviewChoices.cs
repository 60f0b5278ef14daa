using System.Text.Json;
using StudioVault.Domain.Kernel;
using StudioVault.Domain.Packages;

namespace StudioVault.Web.Packages.Updates;

/// <summary>What a person can choose for a change.</summary>
public enum ReviewSide
{
    Yours,
    Hq,

    /// <summary>A value that is typed in.</summary>
    Other,
}

/// <summary>One card of the review: a change for itself, an atomic group, or a list in another order.</summary>
/// <param name="Key">Stable over reloads.</param>
/// <param name="Rows">More than one in a group; none where it is about an order.</param>
/// <param name="Order">Set where HQ reordered a list.</param>
public sealed record ReviewUnit(string Key, string Title, FieldSection Section, IReadOnlyList<ReviewRow> Rows, ReviewOrder? Order)
{
    public bool IsGroup => Rows.Count > 1;

    /// <summary>The branch has to say something: both changed it, or there is no safe default.</summary>
    public bool NeedsChoice => Rows.Any(r => r.NeedsChoice) || Order is { NeedsChoice: true };

    public bool IsLocked => Rows.Any(r => r.IsLocked);

    public bool IsMandatory => Rows.Any(r => r.IsMandatory);

    /// <summary>As it is preset, HQ's value takes the place of one of the branch's own: a lock.</summary>
    public bool Overrides => Rows.Any(r => r.Overrides);
}

/// <summary>
/// The choices on the review page of one person: what was said, what follows from it, what is still open. Nothing here writes;
/// the preview is the same computation the acceptance runs.
/// </summary>
public sealed class ReviewChoices
{
    private readonly UpdateReview _review;
    private readonly Dictionary<string, Said> _said = new(StringComparer.Ordinal);
    private readonly Dictionary<string, MergeChoice> _orders = new(StringComparer.Ordinal);
    private ReviewPreview? _preview;

    public ReviewChoices(UpdateReview review, string currency)
    {
        (_review, Currency) = (review, currency);
        Units = [.. UnitsOf(review)];
    }

    /// <summary>ISO 4217 of the package.</summary>
    public string Currency { get; }

    /// <summary>The cards: what needs a choice first, then where a lock takes a value of the branch's own, then what has a deadline, then by section as HQ wrote it.</summary>
    public IReadOnlyList<ReviewUnit> Units { get; }

    /// <summary>Cards that still wait for a choice or for a value that can be read.</summary>
    public int Left => Units.Count(u => !IsSettled(u));

    /// <summary>Cards where somebody chose already.</summary>
    public int Made => Units.Count(u => u.NeedsChoice && IsSettled(u));

    /// <summary>Cards in which a value of the branch's own gives way to a lock, as it is chosen now.</summary>
    public IReadOnlyList<ReviewUnit> Overridden => [.. Units.Where(u => u.Rows.Any(IsOverridden))];

    /// <summary>How many values of the branch's own give way to a lock, as it is chosen now.</summary>
    public int OverriddenValues => Units.Sum(u => u.Rows.Count(IsOverridden));

    /// <summary>The package as these choices would leave it, and what stands against it.</summary>
    public ReviewPreview Preview => _preview ??= _review.Preview(Decisions);

    /// <summary>What stands against accepting besides open choices; null when nothing does.</summary>
    public Refusal? Problem => Left > 0 ? null : Preview.Problems.FirstOrDefault(p => p.Kind != PackageRefusals.DecisionMissing);

    /// <summary>To be sent with the acceptance: only what differs from the defaults or was chosen.</summary>
    public MergeDecisions Decisions
    {
        get
        {
            var fields = new Dictionary<string, MergeDecision>(StringComparer.Ordinal);
            foreach (var row in _review.Rows)
            {
                if (!_said.TryGetValue(row.Path, out var said)) continue;
                if (said.Side != ReviewSide.Other) fields[row.Path] = MergeDecision.Of(said.Side == ReviewSide.Hq ? MergeChoice.Hq : MergeChoice.Branch);
                else if (FieldWords.Read(row.Field, said.Typed).Value is { } value) fields[row.Path] = MergeDecision.Enter(value);
            }

            return new MergeDecisions(fields, _orders);
        }
    }

    /// <summary>Whether a value of one's own can be typed for it.</summary>
    public static bool CanType(ReviewRow row) => row.Field.Format != FieldFormat.Element && row.Inside.Count == 0 && !row.IsLocked && row.Hq is ContentValue { Kind: not ContentValueKind.Scalars };

    /// <summary>What counts for a row now: the choice, else its default; null while it needs a choice.</summary>
    public ReviewSide? SideOf(ReviewRow row) => _said.TryGetValue(row.Path, out var said) ? said.Side
        : row.NeedsChoice ? null
        : row.Default == MergeChoice.Branch ? ReviewSide.Yours : ReviewSide.Hq;

    /// <summary>The side of a card, where all its rows agree; typed values go with both.</summary>
    public ReviewSide? SideOf(ReviewUnit unit)
    {
        if (unit.Order is { } order) return _orders.TryGetValue(order.Path, out var choice) ? Of(choice) : order.NeedsChoice ? null : Of(order.Default);
        if (!unit.IsGroup) return SideOf(unit.Rows[0]);
        var sides = unit.Rows.Select(SideOf).Where(s => s != ReviewSide.Other).Distinct().ToList();
        return sides is [var one] ? one : sides.Count == 0 ? ReviewSide.Hq : null;
    }

    /// <summary>Somebody chose it; false where the default stands.</summary>
    public bool IsChosen(ReviewUnit unit) => unit.Order is { } order ? _orders.ContainsKey(order.Path) : unit.Rows.Any(r => _said.ContainsKey(r.Path));

    /// <summary>Nothing is missing in it.</summary>
    public bool IsSettled(ReviewUnit unit) => SideOf(unit) is not null && unit.Rows.All(r => ProblemOf(r) is null);

    /// <summary>What was typed for a row; null when nothing is typed for it.</summary>
    public string? TypedFor(ReviewRow row) => _said.TryGetValue(row.Path, out var said) && said.Side == ReviewSide.Other ? said.Typed : null;

    /// <summary>What is wrong with the typed value, in a sentence; null when nothing is.</summary>
    public string? ProblemOf(ReviewRow row)
    {
        if (TypedFor(row) is not { } typed) return null;
        var (value, problem) = FieldWords.Read(row.Field, typed);
        if (value is null) return problem;
        if (row.Bounds is not var (lowest, highest) || !decimal.TryParse(value is ContentValue v ? v.Text : "", System.Globalization.CultureInfo.InvariantCulture, out var number)) return null;
        return number < lowest || number > highest ? $"HQ allows {FieldWords.Bounds(row.Field, row.Bounds, Currency)}." : null;
    }

    /// <summary>Chooses a side for a whole card; typed values of a group's rows stay.</summary>
    public void Choose(ReviewUnit unit, ReviewSide side)
    {
        _preview = null;
        if (unit.Order is { } order)
        {
            _orders[order.Path] = side == ReviewSide.Hq ? MergeChoice.Hq : MergeChoice.Branch;
            return;
        }

        foreach (var row in unit.Rows)
        {
            if (unit.IsGroup && TypedFor(row) is not null) continue;
            _said[row.Path] = side == ReviewSide.Other ? new Said(side, FieldWords.Typed(row.Yours ?? row.Hq)) : new Said(side, "");
        }
    }

    /// <summary>Types a value for a row.</summary>
    public void Type(ReviewRow row, string text)
    {
        _preview = null;
        _said[row.Path] = new Said(ReviewSide.Other, text);
    }

    /// <summary>Takes a typed value of a group's row back: the row goes with its group again.</summary>
    public void Untype(ReviewUnit unit, ReviewRow row)
    {
        _preview = null;
        _said.Remove(row.Path);
        if (SideOf(unit) is { } side && unit.Rows.Any(r => r != row && _said.TryGetValue(r.Path, out var said) && said.Side != ReviewSide.Other)) _said[row.Path] = new Said(side, "");
    }

    /// <summary>Answers everything that still waits, the same way.</summary>
    public void ChooseRest(ReviewSide side)
    {
        foreach (var unit in Units.Where(u => u.NeedsChoice && SideOf(u) is null)) Choose(unit, side);
    }

    /// <summary>The choices as text, to be kept over a reload. Each carries what it was about.</summary>
    public string ToJson() => JsonSerializer.Serialize(new Kept(
        _review.Rows.Where(r => _said.ContainsKey(r.Path)).ToDictionary(r => r.Path, r => new KeptChoice(_said[r.Path].Side, _said[r.Path].Typed, Fingerprint(r))),
        _review.Orders.Where(o => _orders.ContainsKey(o.Path)).ToDictionary(o => o.Path, o => new KeptOrder(_orders[o.Path], Fingerprint(o)))));

    /// <summary>Takes kept choices back where they still fit: where HQ's value and the branch's are what they were.</summary>
    /// <returns>How many did not fit any more.</returns>
    public int Restore(string json)
    {
        Kept? kept;
        try
        {
            kept = JsonSerializer.Deserialize<Kept>(json);
        }
        catch (JsonException)
        {
            return 0;
        }

        if (kept is null) return 0;
        _preview = null;
        var rows = _review.Rows.ToDictionary(r => r.Path, StringComparer.Ordinal);
        var lost = 0;
        foreach (var (path, choice) in kept.Fields ?? [])
        {
            if (rows.TryGetValue(path, out var row) && Fingerprint(row) == choice.About && (choice.Side != ReviewSide.Other || CanType(row))) _said[path] = new Said(choice.Side, choice.Typed);
            else lost++;
        }

        foreach (var (path, choice) in kept.Orders ?? [])
        {
            if (_review.Orders.FirstOrDefault(o => o.Path == path) is { } order && Fingerprint(order) == choice.About) _orders[path] = choice.Choice;
            else lost++;
        }

        return lost;
    }

    private bool IsOverridden(ReviewRow row) => row.Overrides && SideOf(row) == ReviewSide.Hq;

    private static ReviewSide Of(MergeChoice choice) => choice == MergeChoice.Hq ? ReviewSide.Hq : ReviewSide.Yours;

    private static string Fingerprint(ReviewRow row) => CanonicalJson.Sha256(new System.Text.Json.Nodes.JsonObject { ["yours"] = ContentTree.ToJsonNode(row.Yours), ["hq"] = ContentTree.ToJsonNode(row.Hq) })[..16];

    private static string Fingerprint(ReviewOrder order) => CanonicalJson.Sha256(new System.Text.Json.Nodes.JsonObject
    {
        ["yours"] = new System.Text.Json.Nodes.JsonArray([.. order.Yours.Select(t => (System.Text.Json.Nodes.JsonNode)t)]),
        ["hq"] = new System.Text.Json.Nodes.JsonArray([.. order.Hq.Select(t => (System.Text.Json.Nodes.JsonNode)t)]),
    })[..16];

    private static IEnumerable<ReviewUnit> UnitsOf(UpdateReview review)
    {
        var open = review.Rows.Where(r => !r.IsAlreadyEqual).ToList();
        var units = open.GroupBy(r => r.Field.Group?.Id ?? r.Path, StringComparer.Ordinal)
            .Select(g => g.ToList())
            .Select(rows => new ReviewUnit(rows.Count > 1 ? "group:" + rows[0].Field.Group!.Id : rows[0].Path, rows.Count > 1 ? rows[0].Field.Group!.Title : rows[0].Field.Label, rows[0].Field.Section, rows, null))
            .Concat(review.Orders.Where(o => o.Case != MergeCase.Convergent).Select(o => new ReviewUnit("order:" + o.Path, $"{o.Label}: order", FieldSection.Copy, [], o)));
        return units.OrderBy(u => !u.NeedsChoice).ThenBy(u => !u.Overrides).ThenBy(u => !u.IsMandatory).ThenBy(u => u.Section);
    }

    private sealed record Said(ReviewSide Side, string Typed);

    private sealed record KeptChoice(ReviewSide Side, string Typed, string About);

    private sealed record KeptOrder(MergeChoice Choice, string About);

    private sealed record Kept(Dictionary<string, KeptChoice>? Fields, Dictionary<string, KeptOrder>? Orders);
}
