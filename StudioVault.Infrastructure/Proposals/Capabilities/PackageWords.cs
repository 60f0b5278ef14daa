using System.Globalization;
using StudioVault.Domain.Packages;

namespace StudioVault.Infrastructure.Proposals.Capabilities;

/// <summary>Fields of packages before and after, in words.</summary>
internal static class PackageWords
{
    private const int MostFacts = 40;
    private const int LongestValue = 400;

    public static IReadOnlyList<FactChange> Facts(IEnumerable<(FieldInfo Field, ContentNode? Before, ContentNode? After)> changes, string currency)
    {
        var all = changes.ToList();
        var facts = all.Take(MostFacts).Select(c => new FactChange(c.Field.Label, Of(c.Field, c.Before, currency), Of(c.Field, c.After, currency))).ToList();
        if (all.Count > MostFacts) facts.Add(new("More", null, CapabilityWords.Count(all.Count - MostFacts, "further field", "further fields")));
        return facts;
    }

    private static string? Of(FieldInfo field, ContentNode? node, string currency)
    {
        var text = node switch
        {
            null => null,
            ContentObject o when o.Find("title") is ContentValue { Text.Length: > 0 } title => title.Text,
            ContentContainer container => CapabilityWords.Count(container.Count, "entry", "entries"),
            ContentValue { Kind: ContentValueKind.True } => "yes",
            ContentValue { Kind: ContentValueKind.False } => "no",
            ContentValue value when Number(value) is { } number => field.Format switch
            {
                FieldFormat.Money => CapabilityWords.Sum(number, currency),
                FieldFormat.Percent => $"{ContentWords.Plain(number)} %",
                FieldFormat.Days => $"{ContentWords.Plain(number)} {(number == 1 ? "day" : "days")}",
                FieldFormat.Km => $"{ContentWords.Plain(number)} km",
                _ => value.Text,
            },
            ContentValue value when field.Format == FieldFormat.Choice => value.Text.Replace('_', ' '),
            ContentValue value => value.Text,
            _ => "",
        };
        return text is { Length: > LongestValue } ? text[..LongestValue] + "…" : text;
    }

    private static decimal? Number(ContentValue value) =>
        decimal.TryParse(value.Text, NumberStyles.AllowLeadingSign | NumberStyles.AllowDecimalPoint, CultureInfo.InvariantCulture, out var number) ? number : null;
}
