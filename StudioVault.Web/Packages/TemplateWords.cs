using StudioVault.Domain.Kernel;
using StudioVault.Domain.Packages;
using StudioVault.Web.Packages.Editing;
using StudioVault.Web.Ui;

namespace StudioVault.Web.Packages;

/// <summary>What HQ's pages call things.</summary>
internal static class TemplateWords
{
    public static string Of(ItemKind kind) => kind switch
    {
        ItemKind.Coverage => "Coverage",
        ItemKind.Session => "Session",
        ItemKind.Crew => "Crew",
        ItemKind.Editing => "Editing",
        ItemKind.Product => "Product",
        ItemKind.Licence => "Licence",
        _ => "Travel",
    };

    public static string Of(InstalmentDue due) => due switch
    {
        InstalmentDue.Booking => "On booking",
        InstalmentDue.DaysBeforeEvent => "Before the event",
        _ => "After delivery",
    };

    public static string Of(FieldMode mode) => mode switch
    {
        FieldMode.Inherit => "Branches decide",
        FieldMode.Locked => "Locked",
        FieldMode.Local => "Local",
        _ => "Bounded",
    };

    public static string Of(ChangeClass changeClass) => changeClass.ToString().ToUpperInvariant();

    public static Tone ToneOf(ChangeClass changeClass) => changeClass switch
    {
        ChangeClass.Major => Tone.Conflict,
        ChangeClass.Minor => Tone.Hq,
        _ => Tone.Neutral,
    };

    /// <summary>What the class means, for whoever has forgotten.</summary>
    public static string Meaning(ChangeClass changeClass) => changeClass switch
    {
        ChangeClass.Major => "a client gets less, pays more or is promised less",
        ChangeClass.Minor => "a client gets more or pays less",
        _ => "wording only",
    };

    /// <summary>The state of a branch's newest offer.</summary>
    public static (string Words, Tone Tone) Of(OfferState? state) => state switch
    {
        null => ("Never offered", Tone.Neutral),
        OfferState.Offered => ("Waiting", Tone.Hq),
        OfferState.Viewed => ("Opened, not decided", Tone.Hq),
        OfferState.Snoozed => ("Snoozed", Tone.Conflict),
        OfferState.Accepted => ("Accepted", Tone.Added),
        OfferState.PartlyAccepted => ("Accepted in part", Tone.Added),
        OfferState.Ignored => ("Ignored", Tone.Neutral),
        OfferState.Superseded => ("Replaced by a newer offer", Tone.Neutral),
        _ => ("Called back", Tone.Removed),
    };

    /// <summary>"1 branch", "12 branches".</summary>
    public static string Count(int number, string one, string many) => string.Create(System.Globalization.CultureInfo.CurrentCulture, $"{number:N0} {(number == 1 ? one : many)}");

    /// <summary>A path as the form names it: "Album, price in EUR".</summary>
    public static string Field(string path, PackageForm form)
    {
        var names = TreePath.Names(path) ?? [];
        return names switch
        {
            [] => "The whole template",
            ["name"] => "Name",
            ["description"] => "Description",
            ["turnaroundDays"] => "Turnaround",
            ["tax", .. var rest] => rest switch { ["name"] => "Name of the tax", ["ratePercent"] => "Tax rate", ["pricesIncludeTax"] => "Prices include tax", _ => "Tax" },
            ["travel", "radiusKm"] => "Travel radius",
            ["travel", "pricePerKm", var currency] => $"Price per kilometre in {currency}",
            ["travel", "pricePerKm"] => "Price per kilometre",
            ["travel"] => "Travel",
            ["gallery", .. var rest] => rest switch { ["onlineDays"] => "Gallery online", ["originalsDays"] => "Originals kept", ["deletionNoticeDays"] => "Notice before deletion", _ => "Gallery" },
            ["items", var id, .. var rest] => Item(form.Items.Find(i => i.Id == id)?.Title ?? id, form.Items.Find(i => i.Id == id), rest),
            ["items"] => "Line items",
            ["depositPlan", var id, .. var rest] => $"{form.Plan.Find(i => i.Id == id)?.Title ?? id}{Tail(rest)}",
            ["depositPlan"] => "Payment plan",
            ["clauses", var id, .. var rest] => $"Clause “{form.Clauses.Find(c => c.Id == id)?.Title ?? id}”{(rest is ["body"] ? "" : Tail(rest))}",
            ["clauses"] => "Clauses",
            ["rules", var id, .. var rest] => $"Rule on {(form.Rules.Find(r => r.Id == id) is { } rule && !TreePath.Covers("/rules", rule.Path) ? Field(rule.Path, form) : id)}{Tail(rest)}",
            _ => path,
        };
    }

    private static string Item(string title, FormItem? item, string[] rest) => rest switch
    {
        [] => title,
        ["unitPrice", var currency] => $"{title}, price in {currency}",
        ["unitPrice"] => $"{title}, price",
        ["deliverables", var id, .. var tail] => $"{title}, {item?.Deliverables.Find(d => d.Id == id)?.Title ?? id}{Tail(tail)}",
        _ => $"{title}{Tail(rest)}",
    };

    private static string Tail(string[] rest) => rest switch
    {
        [] => "",
        ["dueDays"] => ", days",
        ["minPercent"] or ["min"] => ", lowest",
        ["maxPercent"] or ["max"] => ", highest",
        ["mandatoryBy"] => ", mandatory by",
        _ => ", " + rest[^1],
    };

    /// <summary>What is wrong, for somebody who looks at a form and not at JSON.</summary>
    public static string Sentence(Refusal refusal) => refusal.Kind != PackageRefusals.FieldShape ? refusal.Sentence
        : refusal.Sentence.Contains("decimal", StringComparison.Ordinal) ? "Write a number, for example 12.50."
        : refusal.Sentence.Contains("whole", StringComparison.Ordinal) ? "Write a whole number."
        : refusal.Sentence.Contains("number", StringComparison.Ordinal) ? "Write a number." : refusal.Sentence;

    /// <summary>The id of a field's element on the page.</summary>
    public static string ElementId(string path) => "f" + path.Replace('/', '-');

    /// <summary>Where the editor opens with that field in focus.</summary>
    public static string EditHref(string slug, string? path) => $"/hq/templates/{slug}/edit{(path is null ? "" : "?field=" + Uri.EscapeDataString(path))}";
}
