namespace StudioVault.Domain.Packages;

/// <summary>The parts a review is sorted into.</summary>
public enum FieldSection
{
    Money,
    Deliverables,
    Legal,
    Copy,
}

/// <summary>How a value is shown and entered.</summary>
public enum FieldFormat
{
    /// <summary>One line of words.</summary>
    Text,

    /// <summary>Markdown; differences are shown by word.</summary>
    Prose,

    /// <summary>Decimal in quotes, in the package's currency.</summary>
    Money,

    /// <summary>Decimal in quotes, 23 is 23 %.</summary>
    Percent,

    /// <summary>JSON number.</summary>
    Count,

    /// <summary>JSON number, whole days.</summary>
    Days,

    /// <summary>JSON number, whole kilometres.</summary>
    Km,

    /// <summary>One of the words in <see cref="FieldInfo.Choices"/>.</summary>
    Choice,

    /// <summary>True or false.</summary>
    YesNo,

    /// <summary>A whole line, deliverable, instalment or clause.</summary>
    Element,
}

/// <summary>Fields that only make sense together: all of them are taken from HQ, or none.</summary>
/// <param name="Id">Stable, for example payment-terms or price:album.</param>
/// <param name="Title">For people.</param>
public sealed record FieldGroup(string Id, string Title);

/// <summary>What is known about the field at a path.</summary>
/// <param name="Label">For people, items named by their titles: "Linen album: price".</param>
/// <param name="Group">Its atomic group, or null when it stands for itself.</param>
/// <param name="Choices">Words allowed where <paramref name="Format"/> is Choice.</param>
public sealed record FieldInfo(string Path, string Label, FieldSection Section, FieldFormat Format, FieldGroup? Group, IReadOnlyList<string> Choices);

/// <summary>Names, sections, formats and groups of the fields of package content.</summary>
public static class FieldCatalogue
{
    private static readonly string[] NoChoices = [];

    /// <summary>Describes a path. Unknown paths get their last name as a label, so that nothing is ever hidden.</summary>
    /// <param name="path">The field.</param>
    /// <param name="namedBy">Trees in which the titles of elements are looked up, the first that has it wins.</param>
    public static FieldInfo Describe(string path, params ReadOnlySpan<ContentObject?> namedBy)
    {
        var names = TreePath.Names(path) ?? [];
        var (label, section, format, group, choices) = names switch
        {
            ["name"] => ("Package name", FieldSection.Copy, FieldFormat.Text, null, NoChoices),
            ["description"] => ("Description", FieldSection.Copy, FieldFormat.Prose, null, NoChoices),
            ["currency"] => ("Currency", FieldSection.Money, FieldFormat.Text, null, NoChoices),
            ["turnaroundDays"] => ("Turnaround", FieldSection.Deliverables, FieldFormat.Days, null, NoChoices),
            ["items"] => ("Line items", FieldSection.Deliverables, FieldFormat.Element, null, NoChoices),
            ["items", ..] => Item(names, namedBy),
            ["depositPlan", ..] => Instalment(names, namedBy),
            ["tax", ..] => Tax(names),
            ["travel", "radiusKm"] => ("Travel radius included", FieldSection.Deliverables, FieldFormat.Km, null, NoChoices),
            ["travel", "pricePerKm"] => ("Price per kilometre beyond the radius", FieldSection.Money, FieldFormat.Money, null, NoChoices),
            ["gallery", "onlineDays"] => ("Gallery: online", FieldSection.Deliverables, FieldFormat.Days, null, NoChoices),
            ["gallery", "originalsDays"] => ("Gallery: originals kept", FieldSection.Deliverables, FieldFormat.Days, null, NoChoices),
            ["gallery", "deletionNoticeDays"] => ("Gallery: notice before deletion", FieldSection.Deliverables, FieldFormat.Days, null, NoChoices),
            ["clauses"] => ("Clauses", FieldSection.Legal, FieldFormat.Element, null, NoChoices),
            ["clauses", ..] => Clause(names, namedBy),
            [] => ("The package", FieldSection.Copy, FieldFormat.Element, null, NoChoices),
            _ => (names[^1], FieldSection.Copy, FieldFormat.Text, null, NoChoices),
        };
        return new(path, label, section, format, group, choices);
    }

    private static (string, FieldSection, FieldFormat, FieldGroup?, string[]) Item(string[] names, ReadOnlySpan<ContentObject?> namedBy)
    {
        var title = Title(names.AsSpan(..2), namedBy);
        var price = new FieldGroup($"price:{names[1]}", $"Price of {title}");
        if (names is [_, _, "deliverables", ..])
        {
            if (names.Length == 3) return ($"{title}: deliverables", FieldSection.Deliverables, FieldFormat.Element, null, NoChoices);
            var deliverable = $"{title}: {Title(names.AsSpan(..4), namedBy)}";
            return names.Length == 4 ? (deliverable, FieldSection.Deliverables, FieldFormat.Element, null, NoChoices) : names[4] switch
            {
                "title" => ($"{deliverable}, name", FieldSection.Copy, FieldFormat.Text, null, NoChoices),
                "quantity" => ($"{deliverable}, quantity", FieldSection.Deliverables, FieldFormat.Count, null, NoChoices),
                "format" => ($"{deliverable}, format", FieldSection.Deliverables, FieldFormat.Text, null, NoChoices),
                var other => ($"{deliverable}, {other}", FieldSection.Deliverables, FieldFormat.Text, null, NoChoices),
            };
        }
        return names.Length == 2 ? (title, FieldSection.Money, FieldFormat.Element, null, NoChoices) : names[2] switch
        {
            "title" => ($"{title}: name", FieldSection.Copy, FieldFormat.Text, null, NoChoices),
            "kind" => ($"{title}: kind", FieldSection.Deliverables, FieldFormat.Choice, null, [.. ContentWords.All<ItemKind>()]),
            "quantity" => ($"{title}: quantity", FieldSection.Money, FieldFormat.Count, price, NoChoices),
            "unitPrice" => ($"{title}: price", FieldSection.Money, FieldFormat.Money, price, NoChoices),
            "inclusion" => ($"{title}: included or add-on", FieldSection.Money, FieldFormat.Choice, price, [.. ContentWords.All<Inclusion>()]),
            var other => ($"{title}: {other}", FieldSection.Copy, FieldFormat.Text, null, NoChoices),
        };
    }

    private static readonly FieldGroup PaymentTerms = new("payment-terms", "Tax and payment plan");

    private static (string, FieldSection, FieldFormat, FieldGroup?, string[]) Instalment(string[] names, ReadOnlySpan<ContentObject?> namedBy)
    {
        if (names.Length == 1) return ("Payment plan", FieldSection.Money, FieldFormat.Element, PaymentTerms, NoChoices);
        var title = $"Payment plan: {Title(names.AsSpan(..2), namedBy)}";
        return names.Length == 2 ? (title, FieldSection.Money, FieldFormat.Element, PaymentTerms, NoChoices) : names[2] switch
        {
            "title" => ($"{title}, name", FieldSection.Money, FieldFormat.Text, PaymentTerms, NoChoices),
            "percent" => ($"{title}, share", FieldSection.Money, FieldFormat.Percent, PaymentTerms, NoChoices),
            "due" => ($"{title}, due", FieldSection.Money, FieldFormat.Choice, PaymentTerms, [.. ContentWords.All<InstalmentDue>()]),
            "dueDays" => ($"{title}, days", FieldSection.Money, FieldFormat.Days, PaymentTerms, NoChoices),
            var other => ($"{title}, {other}", FieldSection.Money, FieldFormat.Text, PaymentTerms, NoChoices),
        };
    }

    private static (string, FieldSection, FieldFormat, FieldGroup?, string[]) Tax(string[] names) => names switch
    {
        [_, "name"] => ("Tax name", FieldSection.Money, FieldFormat.Text, PaymentTerms, NoChoices),
        [_, "ratePercent"] => ("Tax rate", FieldSection.Money, FieldFormat.Percent, PaymentTerms, NoChoices),
        [_, "pricesIncludeTax"] => ("Prices include tax", FieldSection.Money, FieldFormat.YesNo, PaymentTerms, NoChoices),
        _ => ("Tax", FieldSection.Money, FieldFormat.Element, PaymentTerms, NoChoices),
    };

    private static (string, FieldSection, FieldFormat, FieldGroup?, string[]) Clause(string[] names, ReadOnlySpan<ContentObject?> namedBy)
    {
        var title = $"Clause “{Title(names.AsSpan(..2), namedBy)}”";
        return names switch
        {
            [_, _] => (title, FieldSection.Legal, FieldFormat.Element, null, NoChoices),
            [_, _, "title"] => ($"{title}: heading", FieldSection.Legal, FieldFormat.Text, null, NoChoices),
            [_, _, "body"] => (title, FieldSection.Legal, FieldFormat.Prose, null, NoChoices),
            _ => ($"{title}: {names[^1]}", FieldSection.Legal, FieldFormat.Text, null, NoChoices),
        };
    }

    /// <summary>The element's title in the first tree that has it, else its id.</summary>
    private static string Title(ReadOnlySpan<string> names, ReadOnlySpan<ContentObject?> namedBy)
    {
        foreach (var tree in namedBy)
        {
            ContentNode? node = tree;
            foreach (var name in names) node = (node as ContentContainer)?.Find(name);
            if ((node as ContentObject)?.Find("title") is ContentValue { Kind: ContentValueKind.String, Text: { Length: > 0 } title }) return title;
        }
        return names[^1];
    }
}
