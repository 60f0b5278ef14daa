using System.Globalization;
using StudioVault.Domain.Kernel;
using StudioVault.Domain.Organization;
using StudioVault.Domain.Packages;
using StudioVault.Infrastructure.Organization;

namespace StudioVault.Web.Packages;

/// <summary>Whatever stands in the way of a publish, found before anybody presses a button.</summary>
public static class PublishPlan
{
    /// <summary>Everything that blocks publishing this content to these branches, in the order of the form.</summary>
    /// <param name="today">Rules past their last day do not count.</param>
    public static IReadOnlyList<Refusal> Blocking(TemplateContent content, IReadOnlyList<BranchView> branches, DateOnly today)
    {
        var found = new List<Refusal>(content.Problems());
        var currencies = branches.Select(b => b.Currency).Distinct().Order(StringComparer.Ordinal).ToList();
        foreach (var item in content.Items) Missing(TreePath.Of("/items", item.Id) + "/unitPrice", item.Title, item.UnitPrice);
        Missing("/travel/pricePerKm", "Price per kilometre", content.Travel.PricePerKm);

        if (branches.Any(b => b.Ownership == Ownership.Independent)) found.AddRange(new FieldRules(content.Rules, today).PriceFixing(Ownership.Independent, content.ToTree()));
        return found;

        void Missing(string path, string title, IReadOnlyDictionary<string, decimal> prices)
        {
            // Without any price the content itself is at fault, and says so already.
            var missing = prices.Count == 0 ? [] : currencies.FindAll(c => !prices.ContainsKey(c));
            if (missing.Count > 0) found.Add(PackageRefusals.PriceMissing.At(path, title, string.Join(", ", missing)));
        }
    }

    /// <summary>Branches that could be offered the content as it is: they have every price, and no rule fixes an independent owner's.</summary>
    public static IReadOnlyList<BranchView> Reachable(TemplateContent content, IReadOnlyList<BranchView> branches, DateOnly today)
    {
        var fixes = new FieldRules(content.Rules, today).PriceFixing(Ownership.Independent, content.ToTree()).Count > 0;
        return [.. branches.Where(b => content.Currencies.Contains(b.Currency) && !(fixes && b.Ownership == Ownership.Independent))];
    }

    /// <summary>The chosen branches as the address spells them: short names with commas.</summary>
    public static string Spell(IEnumerable<BranchView> branches) => string.Join(',', branches.Select(b => b.Slug));

    /// <summary>The branches an address names; unknown names are left out.</summary>
    public static IReadOnlyList<BranchView> Read(string? spelled, IReadOnlyList<BranchView> branches)
    {
        var slugs = (spelled ?? "").Split(',', StringSplitOptions.RemoveEmptyEntries).ToHashSet(StringComparer.Ordinal);
        return [.. branches.Where(b => slugs.Contains(b.Slug))];
    }

    /// <summary>The field that mends a refusal, for the link to the editor.</summary>
    public static string? FieldOf(Refusal refusal, TemplateContent content) => TreePath.Names(refusal.Path ?? "") switch
    {
        ["rules", var id, ..] => content.Rules.FirstOrDefault(r => r.Id == id)?.Path ?? refusal.Path,
        _ => refusal.Path is { Length: > 0 } path && path[0] == '/' ? path : null,
    };

    /// <summary>The number as typed: "5" and "v5" both mean 5.</summary>
    public static int TypedVersion(string typed) =>
        int.TryParse(typed.Trim().TrimStart('v', 'V'), NumberStyles.None, CultureInfo.InvariantCulture, out var number) ? number : 0;
}
