using StudioVault.Domain.Agreements;
using StudioVault.Domain.Packages;
using StudioVault.Web.Packages;

namespace StudioVault.Web.Documents.Agreements;

/// <summary>What an amendment does to one thing.</summary>
public enum ChangeFate
{
    Changed,
    Added,
    Removed,

    /// <summary>Set to what it is already on that day.</summary>
    Confirmed,
}

/// <summary>A change that can be said in a line.</summary>
/// <param name="Label">What is changed: "Album: unit price".</param>
/// <param name="Before">In words; null where nothing stood.</param>
/// <param name="After">In words; null where nothing stands any more.</param>
public sealed record ChangeLine(ChangeFate Fate, string Label, string? Before, string? After);

/// <summary>A change of a text.</summary>
/// <param name="OldTitle">Where it was called something else, else null.</param>
/// <param name="Before">Markdown; null where there was none.</param>
/// <param name="After">Markdown; null where there is none any more.</param>
public sealed record ChangeText(ChangeFate Fate, string Title, string? OldTitle, string? Before, string? After);

/// <summary>
/// Everything an amendment does, for people. What is shown is the difference of the agreement before and after; an operation
/// that makes none on that day is signed all the same, so it is shown as confirmed.
/// </summary>
public sealed record AmendmentChanges(IReadOnlyList<ChangeLine> Lines, IReadOnlyList<ChangeText> Texts)
{
    public static AmendmentChanges Between(AgreementContent before, AgreementContent after, IReadOnlyList<AmendmentOperation> operations)
    {
        var (old, now) = (before.ToTree(), after.ToTree());
        var lines = new List<ChangeLine>();
        var texts = new List<ChangeText>();
        var shown = new HashSet<string>(StringComparer.Ordinal);
        var differences = ContentDiff.Between(old, now);
        foreach (var change in differences.Concat(operations.Where(o => !differences.Any(d => o.Touches(d.Path))).Select(o => new ContentChange(o.Path, o.Value, o.Value))))
        {
            var names = TreePath.Names(change.Path)!;
            if (names is ["clauses", var clause, ..])
            {
                if (!shown.Add(TreePath.Of(names[..2]))) continue;
                texts.Add(Text(before.Clauses.FirstOrDefault(c => c.Id == clause), after.Clauses.FirstOrDefault(c => c.Id == clause)));
            }
            else if (names is ["licence"])
            {
                texts.Add(Text(new("licence", "Use of the pictures", before.Licence), new("licence", "Use of the pictures", after.Licence)));
            }
            else if (Line(change, names, before, after) is { } line && shown.Add($"{line.Label}\n{line.Before}\n{line.After}"))
            {
                lines.Add(line);
            }
        }

        if (before.Total != after.Total) lines.Add(new(ChangeFate.Changed, "Total", AgreementWords.Money(before.Total.Amount, before.Currency), AgreementWords.Money(after.Total.Amount, after.Currency)));
        return new(lines, texts);
    }

    private static ChangeText Text(Clause? before, Clause? after) => new(
        before is null ? ChangeFate.Added : after is null ? ChangeFate.Removed : before == after ? ChangeFate.Confirmed : ChangeFate.Changed,
        (after ?? before)!.Title, before is not null && after is not null && before.Title != after.Title ? before.Title : null, before?.Body, after?.Body);

    private static ChangeLine Line(ContentChange change, string[] names, AgreementContent before, AgreementContent after)
    {
        var fate = change.Before is null ? ChangeFate.Added : change.After is null ? ChangeFate.Removed : ContentNode.Same(change.Before, change.After) ? ChangeFate.Confirmed : ChangeFate.Changed;
        return new(fate, Label(names, fate == ChangeFate.Removed ? before : after, before), Words(names, change.Before, before), Words(names, change.After, after));
    }

    private static string Label(string[] names, AgreementContent content, AgreementContent before) => names switch
    {
        ["event", var field] => field switch { "title" => "Occasion", "on" => "Day", "startsAt" => "Start", "hours" => "Hours of coverage", "venue" => "Place", "lead" => "Photographer", _ => field },
        ["items", var id, .. var rest] => Of(content.Items.FirstOrDefault(i => i.Id == id)?.Title ?? before.Items.FirstOrDefault(i => i.Id == id)?.Title ?? id, Item(content, id, rest)),
        ["schedule", var id, .. var rest] => Of($"Payment “{content.Schedule.FirstOrDefault(p => p.Id == id)?.Title ?? id}”", rest switch { [] => null, ["dueDays"] => "days", ["dueOn"] => "day", ["due"] => "due", [var field, ..] => field }),
        ["parties", var id, .. var rest] => Of(before.Parties.FirstOrDefault(p => p.Id == id)?.Name ?? content.Parties.FirstOrDefault(p => p.Id == id)?.Name ?? id,
            rest switch { [] => null, ["email"] => "e-mail", ["isMinor"] => "a minor", ["signsFor"] => "signs for", [var field, ..] => field }),
        ["policies", var id, .. var rest] => Of($"Policy “{content.Policies.FirstOrDefault(p => p.Id == id)?.Title ?? id}”", rest.Length == 0 ? null : rest[^1]),
        ["studio", var field] => field switch { "timeZone" => "Studio: time zone", _ => $"Studio: {field}" },
        ["rules", var field] => field switch { "asOf" => "Governed by the rules of", "template" => "Package", "templateVersion" => "Package: version of HQ", "packageRevision" => "Package: revision", "packageHash" => "Package: SHA-256", _ => field },
        ["tax", var field] => field switch { "name" => "Name of the tax", "ratePercent" => "Tax rate", "pricesIncludeTax" => "Prices include tax", _ => field },
        ["travel", var field] => field switch { "radiusKm" => "Travel included", "pricePerKm" => "Each further kilometre", _ => field },
        ["gallery", var field] => field switch { "onlineDays" => "Gallery online", "originalsDays" => "Originals kept", "deletionNoticeDays" => "Notice before deletion", _ => field },
        ["withdrawal", var field] => field switch { "regime" => "Right of withdrawal", "days" => "Withdrawal within", "reason" => "Withdrawal: ground", _ => field },
        ["turnaroundDays"] => "Delivery after the day",
        ["currency"] => "Currency",
        ["number"] => "Number",
        _ => TreePath.Of(names),
    };

    private static string? Item(AgreementContent content, string id, string[] rest) => rest switch
    {
        [] => null,
        ["unitPrice"] => "unit price",
        ["deliverables", var deliverable, .. var field] =>
            Of(content.Items.FirstOrDefault(i => i.Id == id)?.Deliverables.FirstOrDefault(d => d.Id == deliverable)?.Title ?? deliverable, field.Length == 0 ? null : field[^1]),
        _ => rest[^1],
    };

    private static string Of(string what, string? field) => field is null ? what : $"{what}: {field}";

    private static string? Words(string[] names, ContentNode? node, AgreementContent content) => node is null ? null : names switch
    {
        ["items", var id] => content.Items.FirstOrDefault(i => i.Id == id) is { } item ? AgreementWords.Line(item, content.Currency) : "",
        ["schedule", var id] => content.Schedule.FirstOrDefault(p => p.Id == id) is { } payment ? $"{AgreementWords.Money(payment.Amount, content.Currency)}, {AgreementWords.Due(payment, content.Event.On)}" : "",
        ["parties", var id] => content.Parties.FirstOrDefault(p => p.Id == id) is { } party ? $"{party.Name}, {AgreementWords.Role(party, content.Parties)}, {party.Email}" : "",
        ["policies", var id] => content.Policies.FirstOrDefault(p => p.Id == id) is { } policy ? $"version {policy.Version}" : "",
        ["items", var id, "deliverables", var deliverable] => content.Items.FirstOrDefault(i => i.Id == id)?.Deliverables.FirstOrDefault(d => d.Id == deliverable) is { } promised ? FieldWords.Of(promised) : "",
        _ => node is ContentValue value ? Scalar(names, value, content) : "",
    };

    private static string Scalar(string[] names, ContentValue value, AgreementContent content)
    {
        var text = value.ToString();
        return names switch
        {
            ["event", "on"] => content.Event.On is { } day ? AgreementWords.LongDay(day) : "still to be found",
            ["event", "hours"] => AgreementWords.Hours(content.Event.Hours),
            ["event", "startsAt"] when text.Length == 0 => "open",
            [.., "unitPrice" or "amount" or "pricePerKm"] when Number(text) is { } amount => AgreementWords.Money(amount, content.Currency),
            ["rules", "asOf"] => AgreementWords.Day(content.Rules.AsOf),
            ["schedule", _, "dueOn"] when text.Length == 0 => "by the rule",
            ["schedule", var id, "dueOn"] when content.Schedule.FirstOrDefault(p => p.Id == id)?.DueOn is { } due => AgreementWords.Day(due),
            ["turnaroundDays"] or [.., "onlineDays" or "originalsDays" or "deletionNoticeDays" or "dueDays"] or ["withdrawal", "days"] => $"{text} {(text == "1" ? "day" : "days")}",
            ["travel", "radiusKm"] => $"{text} km",
            ["tax", "ratePercent"] => $"{text} %",
            [.., "kind" or "due" or "role" or "regime"] => FieldWords.Choice(text),
            _ => value.Kind switch { ContentValueKind.True => "yes", ContentValueKind.False => "no", _ => text.Length == 0 ? "(nothing)" : text },
        };
    }

    private static decimal? Number(string text) =>
        decimal.TryParse(text, System.Globalization.NumberStyles.Number, System.Globalization.CultureInfo.InvariantCulture, out var number) ? number : null;
}
