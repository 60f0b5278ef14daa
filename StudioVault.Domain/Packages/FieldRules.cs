using System.Globalization;

namespace StudioVault.Domain.Packages;

/// <summary>
/// HQ's rules on fields as they hold on one day: the rule on a path, else the one on its nearest ancestor. A rule past its last
/// day is as if it were not there.
/// </summary>
public sealed class FieldRules
{
    private readonly FieldRule[] _rules;

    /// <param name="rules">Of the newest version in force.</param>
    /// <param name="today">Branch-local.</param>
    public FieldRules(IEnumerable<FieldRule> rules, DateOnly today)
    {
        Today = today;
        _rules = [.. rules.Where(r => r.Expires is not { } last || today <= last).OrderByDescending(r => r.Path.Length)];
    }

    public DateOnly Today { get; }

    /// <summary>The rule that holds for a path, or null when the field is simply inherited.</summary>
    public FieldRule? For(string path)
    {
        foreach (var rule in _rules)
        {
            if (TreePath.Covers(rule.Path, path)) return rule;
        }
        return null;
    }

    public FieldMode ModeOf(string path) => For(path)?.Mode ?? FieldMode.Inherit;

    /// <summary>The value as an exact number: a JSON number, or a decimal in quotes. Null when it is neither.</summary>
    internal static decimal? NumberOf(ContentNode? node) => node is ContentValue { Kind: ContentValueKind.Number or ContentValueKind.String } value
        && decimal.TryParse(value.Text, NumberStyles.AllowLeadingSign | NumberStyles.AllowDecimalPoint, CultureInfo.InvariantCulture, out var number) ? number : null;
}
