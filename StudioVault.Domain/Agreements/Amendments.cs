using StudioVault.Domain.Packages;

namespace StudioVault.Domain.Agreements;

/// <summary>
/// The eight kinds of amendment, each turned into the operations that do it on the agreement as it is (features row 2.9). What a
/// kind does not name stays untouched, and what would not change is left out.
/// </summary>
public static class Amendments
{
    /// <summary>Another day. The payments that hang on the event move with it by their own rule.</summary>
    /// <param name="on">Null when the new day is still to be found.</param>
    /// <param name="current">The lines at current prices, where the parties chose those; else null.</param>
    public static IReadOnlyList<AmendmentOperation> Reschedule(AgreementContent head, DateOnly? on, string startsAt, string venue, IReadOnlyList<AgreementItem>? current) =>
    [
        .. Change("/event/on", AgreementContent.Day(head.Event.On), AgreementContent.Day(on)),
        .. Change("/event/startsAt", head.Event.StartsAt, startsAt),
        .. Change("/event/venue", head.Event.Venue, venue),
        .. current is null ? [] : Lines(head, current),
    ];

    /// <summary>Other hours; the line of coverage follows in number, title or price as the studio writes it.</summary>
    public static IReadOnlyList<AmendmentOperation> Hours(AgreementContent head, decimal hours, IReadOnlyList<AgreementItem> lines) =>
    [
        .. hours == head.Event.Hours ? [] : (AmendmentOperation[])[AmendmentOperation.Set("/event/hours", ContentShapes.Number(hours))],
        .. Lines(head, lines),
    ];

    /// <summary>Somebody else photographs.</summary>
    public static IReadOnlyList<AmendmentOperation> SubstituteLead(AgreementContent head, string lead) => Change("/event/lead", head.Event.Lead, lead);

    /// <summary>Other lines, and the package revision they come from.</summary>
    /// <param name="rules">The revision sold now; null when only lines change.</param>
    public static IReadOnlyList<AmendmentOperation> PackageChange(AgreementContent head, IReadOnlyList<AgreementItem> lines, AgreementRules? rules) =>
    [
        .. Lines(head, lines),
        .. rules is null || rules == head.Rules ? [] : (AmendmentOperation[])[AmendmentOperation.Set("/rules", (head with { Rules = rules }).ToTree().Find("rules")!)],
    ];

    /// <summary>Other payments.</summary>
    public static IReadOnlyList<AmendmentOperation> PaymentPlan(AgreementContent head, IReadOnlyList<ScheduledPayment> schedule) =>
        Elements("/schedule", head.Schedule, schedule, p => p.Id, AgreementContent.Node);

    /// <summary>Other parties.</summary>
    public static IReadOnlyList<AmendmentOperation> PartyChange(AgreementContent head, IReadOnlyList<AgreementParty> parties) =>
        Elements("/parties", head.Parties, parties, p => p.Id, AgreementContent.Node);

    /// <summary>What the pictures may be used for.</summary>
    /// <param name="licence">Markdown.</param>
    public static IReadOnlyList<AmendmentOperation> UsageLicence(AgreementContent head, string licence) => Change("/licence", head.Licence, licence);

    /// <summary>The event does not take place: lines and payments become what is kept, and a clause says what was agreed.</summary>
    /// <param name="kept">What the studio keeps and why, as a line.</param>
    /// <param name="terms">The clause; Markdown.</param>
    public static IReadOnlyList<AmendmentOperation> Cancellation(AgreementContent head, AgreementItem kept, ScheduledPayment payment, Clause terms) =>
    [
        .. Change("/event/on", AgreementContent.Day(head.Event.On), ""),
        .. head.Event.Hours == 0 ? [] : (AmendmentOperation[])[AmendmentOperation.Set("/event/hours", ContentShapes.Number(0))],
        .. Lines(head, [kept]),
        .. PaymentPlan(head, [payment]),
        .. Clauses(head, [.. head.Clauses.Where(c => c.Id != terms.Id), terms]),
    ];

    /// <summary>Other clauses, for an amendment of any kind.</summary>
    public static IReadOnlyList<AmendmentOperation> Clauses(AgreementContent head, IReadOnlyList<Clause> clauses)
    {
        var (before, after) = (ContentShapes.Clauses(head.Clauses), ContentShapes.Clauses(clauses));
        return Elements("/clauses", [.. before.Elements], [.. after.Elements], c => c.Id!, c => c);
    }

    /// <summary>The lines of the agreement made into these.</summary>
    public static IReadOnlyList<AmendmentOperation> Lines(AgreementContent head, IReadOnlyList<AgreementItem> lines) =>
        Elements("/items", head.Items, lines, i => i.Id, AgreementContent.Node);

    private static AmendmentOperation[] Change(string path, string before, string after) => before == after ? [] : [AmendmentOperation.Set(path, after)];

    // Taken away first, so that an id can come back as something else; then what is changed, then what is new, each after the one it follows.
    private static List<AmendmentOperation> Elements<T>(string list, IReadOnlyList<T> before, IReadOnlyList<T> after, Func<T, string> id, Func<T, ContentObject> node)
    {
        var operations = new List<AmendmentOperation>();
        var old = before.ToDictionary(id, node);
        var kept = after.Select(id).ToHashSet();
        foreach (var gone in before.Select(id).Where(i => !kept.Contains(i))) operations.Add(AmendmentOperation.Remove(TreePath.Of(list, gone)));
        string? last = null;
        foreach (var element in after)
        {
            var (name, now) = (id(element), node(element));
            if (!old.TryGetValue(name, out var was)) operations.Add(AmendmentOperation.Add(list, now, last));
            else if (!ContentNode.Same(was, now)) operations.AddRange(Inside(TreePath.Of(list, name), was, now));
            last = name;
        }

        return operations;
    }

    // Field by field where the element keeps its shape, so that two amendments of one line meet only where they really do.
    private static IEnumerable<AmendmentOperation> Inside(string path, ContentObject was, ContentObject now) =>
        ContentDiff.Between(was, now) is var changes && changes.All(c => c is { Before: ContentValue, After: ContentValue })
            ? changes.Select(c => AmendmentOperation.Set(path + c.Path, c.After!))
            : [AmendmentOperation.Set(path, now)];
}
