using System.Globalization;
using StudioVault.Domain.Kernel;
using StudioVault.Domain.Organization;

namespace StudioVault.Domain.Packages;

/// <summary>A locked field whose value of HQ's the branch has not taken yet.</summary>
/// <param name="By">The last day new quotes may be sent without it.</param>
/// <param name="IsOverdue">That day has passed.</param>
public sealed record MandatoryField(string Path, string Label, string Basis, DateOnly By, bool IsOverdue);

/// <summary>
/// HQ's rules on fields as they hold on one day: the rule on a path, else the one on its nearest ancestor. A rule past its last
/// day is as if it were not there. A rule on a list holds what is in it; the order of the list is always the branch's own.
/// </summary>
public sealed class FieldRules
{
    private readonly FieldRule[] _rules;

    /// <param name="rules">Of the newest version in force.</param>
    /// <param name="today">Branch-local.</param>
    public FieldRules(IEnumerable<FieldRule> rules, DateOnly today)
    {
        Today = today;
        _rules = [.. rules.Where(r => r.Expires is not { } last || today <= last).OrderByDescending(r => r.Path.Length).ThenBy(r => r.Id, StringComparer.Ordinal)];
    }

    public DateOnly Today { get; }

    /// <summary>Rules in force today.</summary>
    public IEnumerable<FieldRule> InForce => _rules;

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

    /// <summary>A lock on the path or, where a node is taken or left whole, on something inside it.</summary>
    public FieldRule? LockAt(string path) => For(path) is { Mode: FieldMode.Locked } direct ? direct
        : _rules.Where(r => r.Mode == FieldMode.Locked && TreePath.Covers(path, r.Path) && For(r.Path) == r).MinBy(r => r.MandatoryBy ?? DateOnly.MaxValue);

    /// <summary>What a branch may not have changed: compares its content before and after an edit of its own.</summary>
    /// <param name="before">The current revision.</param>
    /// <param name="after">What the branch wants.</param>
    /// <param name="hq">HQ's newest version in the branch's currency; limits in percent are relative to it.</param>
    /// <returns>
    /// Every refusal, with its path: <c>refuse.package.field_locked</c>, <c>refuse.package.out_of_bounds</c>. What stays as it
    /// was is never refused, even if a later rule would not allow it.
    /// </returns>
    public IReadOnlyList<Refusal> CheckEdit(ContentObject before, ContentObject after, ContentObject hq) =>
        [.. ContentDiff.Between(before, after).SelectMany(c => CheckChange(c, before, after, hq))];

    /// <summary>
    /// As much of a change as the rules allow: what the branch may not change stays as it is now, and is named. For going back to a
    /// revision that is older than a rule.
    /// </summary>
    /// <returns>The content, and each path that stayed with its refusal.</returns>
    /// <inheritdoc cref="CheckEdit"/>
    public (ContentObject Content, IReadOnlyList<(string Path, Refusal Refusal)> Kept) Within(ContentObject before, ContentObject after, ContentObject hq)
    {
        var (content, kept) = (after, new List<(string, Refusal)>());
        foreach (var change in ContentDiff.Between(before, after))
        {
            if (CheckChange(change, before, after, hq) is not [var refusal, ..]) continue;
            content = (ContentObject)ContentTree.Overlay(content, before, TreePath.Names(change.Path)!);
            kept.Add((change.Path, refusal));
        }
        return (content, kept);
    }

    private List<Refusal> CheckChange(ContentChange change, ContentObject before, ContentObject after, ContentObject hq)
    {
        var refusals = new List<Refusal>();
        // Going to HQ's own value is always right.
        if (ContentDiff.SameButOrder(change.After, ContentTree.Find(hq, change.Path))) return refusals;
        var label = FieldCatalogue.Describe(change.Path, hq, before, after).Label;
        if (LockAt(change.Path) is { } locked)
        {
            // An element without a lock inside of its own may go even if HQ would lock a field that is not there.
            if (ContentTree.Find(before, locked.Path) is not null || ContentTree.Find(after, locked.Path) is not null)
                refusals.Add(PackageRefusals.FieldLocked.At(change.Path, label, locked.Basis));
        }
        else if (change.After is not null)
        {
            CheckBounds(change.Path, change.After, hq, label, refusals);
        }
        return refusals;
    }

    /// <summary>Whether one value may be entered at a path.</summary>
    /// <inheritdoc cref="CheckEdit"/>
    public Refusal? CheckValue(string path, ContentNode value, ContentObject hq, string label)
    {
        if (ContentDiff.SameButOrder(value, ContentTree.Find(hq, path))) return null;
        if (LockAt(path) is { } locked) return PackageRefusals.FieldLocked.At(path, label, locked.Basis);
        var refusals = new List<Refusal>();
        CheckBounds(path, value, hq, label, refusals);
        return refusals.FirstOrDefault();
    }

    /// <summary>
    /// The lowest and highest value a bounded field may have, null where it is open; percent bounds are worked out exactly from
    /// HQ's price. Null for a field without bounds.
    /// </summary>
    public (decimal? Lowest, decimal? Highest)? BoundsOf(string path, ContentObject hq)
    {
        if (For(path) is not { Mode: FieldMode.Bounded } rule) return null;
        if (rule.MinPercent is null && rule.MaxPercent is null) return (rule.Min, rule.Max);
        if (NumberOf(ContentTree.Find(hq, path)) is not { } price) return null;
        return (price * (100 + rule.MinPercent) / 100, price * (100 + rule.MaxPercent) / 100);
    }

    /// <summary>Locked fields with a deadline where the branch's value is not HQ's yet; the most urgent first.</summary>
    /// <param name="branch">The current revision.</param>
    /// <param name="hq">The version that declares the rules, in the branch's currency.</param>
    public IReadOnlyList<MandatoryField> MandatoryPending(ContentObject branch, ContentObject hq) =>
        [.. _rules.Where(r => r is { Mode: FieldMode.Locked, MandatoryBy: not null } && For(r.Path) == r && !ContentDiff.SameButOrder(ContentTree.Find(branch, r.Path), ContentTree.Find(hq, r.Path)))
            .Select(r => new MandatoryField(r.Path, FieldCatalogue.Describe(r.Path, hq, branch).Label, r.Basis, r.MandatoryBy!.Value, Today > r.MandatoryBy.Value))
            .OrderBy(f => f.By).ThenBy(f => f.Path, StringComparer.Ordinal)];

    /// <summary>
    /// Null when the branch may send new quotes; else <c>refuse.package.mandatory_pending</c> for the field that is overdue
    /// longest. Quotes already sent are never touched by it.
    /// </summary>
    /// <inheritdoc cref="MandatoryPending"/>
    public Refusal? NewQuotesBlocked(ContentObject branch, ContentObject hq) =>
        MandatoryPending(branch, hq).FirstOrDefault(f => f.IsOverdue) is { } overdue
            ? PackageRefusals.MandatoryPending.At(overdue.Path, overdue.Label, overdue.By.ToString("d MMMM yyyy", CultureInfo.InvariantCulture)) : null;

    /// <summary>
    /// Row 1.12: rules that would fix or floor a price may not reach a branch with an owner of its own. Price caps may.
    /// </summary>
    /// <returns>Every <c>refuse.pricing.rpm</c>, with the path of the rule; empty for branches the group owns.</returns>
    public IReadOnlyList<Refusal> PriceFixing(Ownership ownership, ContentObject content)
    {
        if (ownership != Ownership.Independent) return [];
        var refusals = new List<Refusal>();
        foreach (var rule in _rules)
        {
            var fixes = rule.Mode == FieldMode.Locked;
            var floors = rule is { Mode: FieldMode.Bounded } && (rule.Min is not null || rule.MinPercent is not null);
            if (!fixes && !floors) continue;
            if (ContentTree.Find(content, rule.Path) is not { } node || FirstPrice(rule.Path, node) is not { } price) continue;
            refusals.Add(PricingRefusals.Rpm.At(TreePath.Of("/rules", rule.Id), rule.Id, fixes ? "fix" : "set a lowest value for",
                FieldCatalogue.Describe(price, content).Label));
        }
        return refusals;
    }

    /// <summary>The value as an exact number: a JSON number, or a decimal in quotes. Null when it is neither.</summary>
    internal static decimal? NumberOf(ContentNode? node) => node is ContentValue { Kind: ContentValueKind.Number or ContentValueKind.String } value
        && decimal.TryParse(value.Text, NumberStyles.AllowLeadingSign | NumberStyles.AllowDecimalPoint, CultureInfo.InvariantCulture, out var number) ? number : null;

    private void CheckBounds(string path, ContentNode value, ContentObject hq, string label, List<Refusal> refusals)
    {
        if (value is ContentContainer container)
        {
            for (var i = 0; i < container.Count; i++) CheckBounds(TreePath.Of(path, container.Keys[i]), container.Nodes[i], hq, label, refusals);
            return;
        }
        if (BoundsOf(path, hq) is not var (lowest, highest)) return;
        if (NumberOf(value) is { } number && !(number < lowest) && !(number > highest)) return;
        refusals.Add(PackageRefusals.OutOfBounds.At(path, label, (lowest, highest) switch
        {
            ({ } low, { } high) => $"from {Show(low)} to {Show(high)}",
            ({ } low, null) => $"at least {Show(low)}",
            (null, { } high) => $"at most {Show(high)}",
            _ => "a number",
        }));

        static string Show(decimal bound) => bound.ToString("0.##########", CultureInfo.InvariantCulture);
    }

    /// <summary>The first price at or below a path.</summary>
    private static string? FirstPrice(string path, ContentNode node)
    {
        var names = TreePath.Names(path)!;
        if (names is [.., "unitPrice" or "pricePerKm"] or [.., "unitPrice" or "pricePerKm", _]) return path;
        if (node is not ContentContainer container) return null;
        for (var i = 0; i < container.Count; i++)
        {
            if (FirstPrice(TreePath.Of(path, container.Keys[i]), container.Nodes[i]) is { } found) return found;
        }
        return null;
    }
}
