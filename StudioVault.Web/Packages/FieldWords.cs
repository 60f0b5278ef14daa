using System.Globalization;
using StudioVault.Domain.Kernel;
using StudioVault.Domain.Packages;
using StudioVault.Web.Packages.Editing;
using StudioVault.Web.Ui;

namespace StudioVault.Web.Packages;

/// <summary>Values of package fields in words, and words read back as values.</summary>
public static class FieldWords
{
    /// <summary>A value as people read it: "€520.00", "60 km", "On booking". Missing is "(not there)".</summary>
    /// <param name="field">How it is shown.</param>
    /// <param name="node">The value.</param>
    /// <param name="currency">ISO 4217, for money.</param>
    public static string Of(FieldInfo field, ContentNode? node, string currency) => node switch
    {
        null => "(not there)",
        ContentContainer container => Title(container),
        ContentValue value => field.Format switch
        {
            FieldFormat.Money when Number(value) is { } amount => MoneyFormat.Format(new Money(amount, currency), CultureInfo.CurrentCulture),
            FieldFormat.Percent when Number(value) is { } percent => $"{ContentWords.Plain(percent)}\u00A0%",
            FieldFormat.Days when Number(value) is { } days => $"{ContentWords.Plain(days)}\u00A0{(days == 1 ? "day" : "days")}",
            FieldFormat.Km when Number(value) is { } km => $"{ContentWords.Plain(km)}\u00A0km",
            FieldFormat.Count when Number(value) is { } count => ContentWords.Plain(count),
            FieldFormat.Choice => Choice(value.Text),
            FieldFormat.YesNo => value.Kind == ContentValueKind.True ? "yes" : "no",
            _ => value.ToString() is { Length: > 0 } text ? text : "(empty)",
        },
        _ => "",
    };

    /// <summary>A word of an enumeration for people: <c>add_on</c> is "Add-on".</summary>
    public static string Choice(string word) => word switch
    {
        "add_on" => "Add-on",
        "booking" => "On booking",
        "days_before_event" => "Before the event",
        "delivery" => "On delivery",
        { Length: > 0 } => char.ToUpperInvariant(word[0]) + word[1..].Replace('_', ' '),
        _ => word,
    };

    /// <summary>"450 Edited photographs, JPEG".</summary>
    public static string Of(Deliverable d) =>
        $"{(d.Quantity == 1 ? "" : d.Quantity.ToString("N0", CultureInfo.CurrentCulture) + " ")}{d.Title}{(d.Format.Length > 0 ? $", {d.Format}" : "")}";

    /// <summary>"30 days before the day".</summary>
    public static string Due(Instalment i) => i.Due switch
    {
        InstalmentDue.DaysBeforeEvent => i.DueDays == 0 ? "on the day" : $"{TemplateWords.Count(i.DueDays, "day", "days")} before the day",
        InstalmentDue.Booking => i.DueDays == 0 ? "on booking" : $"{TemplateWords.Count(i.DueDays, "day", "days")} after booking",
        _ => i.DueDays == 0 ? "on delivery" : $"{TemplateWords.Count(i.DueDays, "day", "days")} after delivery",
    };

    /// <summary>A value as it stands in the field one types it into.</summary>
    public static string Typed(ContentNode? node) => node is ContentValue value ? value.Text : "";

    /// <summary>Reads what somebody typed for a field.</summary>
    /// <param name="field">What is expected.</param>
    /// <param name="typed">As typed; a comma counts as the point.</param>
    /// <returns>The value, or what is wrong with it in a sentence.</returns>
    public static (ContentNode? Value, string? Problem) Read(FieldInfo field, string typed)
    {
        switch (field.Format)
        {
            case FieldFormat.Money:
                return PackageForm.NumberOf(typed) is not { } amount ? (null, "Enter an amount, for example 495.00.")
                    : amount < 0 ? (null, "A price cannot be negative.") : (ContentValue.String(ContentWords.Money(amount)), null);
            case FieldFormat.Percent:
                return PackageForm.NumberOf(typed) is { } percent and >= 0 and <= 100 ? (ContentValue.String(ContentWords.Plain(percent)), null) : (null, "Enter a percentage from 0 to 100.");
            case FieldFormat.Count:
                return PackageForm.NumberOf(typed) is { } count and > 0 ? (ContentValue.Number(count), null) : (null, "Enter a number above 0.");
            case FieldFormat.Days or FieldFormat.Km:
                return PackageForm.NumberOf(typed) is { } whole and >= 0 and <= 100_000 && decimal.IsInteger(whole) ? (ContentValue.Number((long)whole), null) : (null, "Enter a whole number, 0 or more.");
            case FieldFormat.Choice:
                return field.Choices.Contains(typed) ? (ContentValue.String(typed), null) : (null, "Choose one of the words.");
            case FieldFormat.YesNo:
                return typed switch { "true" => (ContentValue.True, null), "false" => (ContentValue.False, null), _ => (null, "Choose yes or no.") };
            case FieldFormat.Text or FieldFormat.Prose:
                return string.IsNullOrWhiteSpace(typed) && field.Format == FieldFormat.Text ? (null, "Write something.") : (ContentValue.String(typed.Trim()), null);
            default:
                return (null, "This cannot be typed; edit the package instead.");
        }
    }

    /// <summary>The limits of a bounded field in words: "from €432.00 to €576.00".</summary>
    public static string? Bounds(FieldInfo field, (decimal? Lowest, decimal? Highest)? bounds, string currency)
    {
        return bounds switch
        {
            ({ } low, { } high) => $"from {Show(low)} to {Show(high)}",
            ({ } low, null) => $"at least {Show(low)}",
            (null, { } high) => $"at most {Show(high)}",
            _ => null,
        };

        string Show(decimal number) => Of(field, ContentValue.Number(number), currency);
    }

    /// <summary>A line, deliverable, instalment or clause by its title.</summary>
    private static string Title(ContentContainer container) => container switch
    {
        ContentObject o when o.Find("title") is ContentValue { Text.Length: > 0 } title => title.Text,
        ContentList list => TemplateWords.Count(list.Count, "entry", "entries"),
        _ => TemplateWords.Count(container.Count, "field", "fields"),
    };

    private static decimal? Number(ContentValue value) =>
        decimal.TryParse(value.Text, NumberStyles.AllowLeadingSign | NumberStyles.AllowDecimalPoint, CultureInfo.InvariantCulture, out var number) ? number : null;
}
