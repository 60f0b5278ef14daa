using StudioVault.Domain.Kernel;

namespace StudioVault.Domain.Packages;

/// <summary>What has to hold for content to be published or sold. All of it is checked, each finding carries its path.</summary>
internal sealed class ContentInvariants : InvariantCheck
{
    private ContentInvariants() : base(PackageRefusals.Invariant) { }

    public static IReadOnlyList<Refusal> Of(PackageContent content)
    {
        var check = new ContentInvariants();
        check.Currency("/currency", content.Currency);
        check.Common(content.Name, content.Description, content.DepositPlan, content.Tax, content.Travel.RadiusKm, content.TurnaroundDays, content.Gallery, content.Clauses);
        check.Elements("/items", content.Items.Count);
        foreach (var item in content.Items)
        {
            var at = TreePath.Of("/items", item.Id);
            check.Item(at, item.Id, item.Title, item.Quantity, item.Deliverables);
            check.Price($"{at}/unitPrice", item.UnitPrice);
        }
        check.Price("/travel/pricePerKm", content.Travel.PricePerKm);
        return check.Problems;
    }

    public static IReadOnlyList<Refusal> Of(TemplateContent content)
    {
        var check = new ContentInvariants();
        check.Common(content.Name, content.Description, content.DepositPlan, content.Tax, content.Travel.RadiusKm, content.TurnaroundDays, content.Gallery, content.Clauses);
        check.Elements("/items", content.Items.Count);
        foreach (var item in content.Items)
        {
            var at = TreePath.Of("/items", item.Id);
            check.Item(at, item.Id, item.Title, item.Quantity, item.Deliverables);
            check.Prices($"{at}/unitPrice", item.UnitPrice);
        }
        check.Prices("/travel/pricePerKm", content.Travel.PricePerKm);
        check.Rules(content);
        return check.Problems;
    }

    private void Common(string name, string description, IReadOnlyList<Instalment> plan, TaxTerms tax, int radiusKm, int turnaroundDays, GalleryTerms gallery, IReadOnlyList<Clause> clauses)
    {
        Title("/name", name);
        Prose("/description", description, mayBeEmpty: true);
        Plan(plan);
        Title("/tax/name", tax.Name);
        Range("/tax/ratePercent", tax.RatePercent, 0, 100, "%");
        Range("/travel/radiusKm", radiusKm, 0, 40_000, "km");
        Range("/turnaroundDays", turnaroundDays, 1, 3_650, "days");
        Range("/gallery/onlineDays", gallery.OnlineDays, 0, MostDays, "days");
        Range("/gallery/originalsDays", gallery.OriginalsDays, 0, MostDays, "days");
        Range("/gallery/deletionNoticeDays", gallery.DeletionNoticeDays, 0, 3_650, "days");
        Elements("/clauses", clauses.Count);
        foreach (var clause in clauses)
        {
            var at = TreePath.Of("/clauses", clause.Id);
            Id(at, clause.Id);
            Title($"{at}/title", clause.Title);
            Prose($"{at}/body", clause.Body, mayBeEmpty: false);
        }
    }

    private void Plan(IReadOnlyList<Instalment> plan)
    {
        Elements("/depositPlan", plan.Count);
        var sum = 0m;
        foreach (var instalment in plan)
        {
            var at = TreePath.Of("/depositPlan", instalment.Id);
            Id(at, instalment.Id);
            Title($"{at}/title", instalment.Title);
            if (instalment.Percent is <= 0 or > 100) Found($"{at}/percent", "An instalment is more than 0 % and at most 100 %.");
            Range($"{at}/dueDays", instalment.DueDays, 0, 3_650, "days");
            sum += instalment.Percent;
        }
        if (sum != 100) Found("/depositPlan", $"The instalments add up to {ContentWords.Plain(sum)} %, they have to make 100 %.");
    }

    private void Item(string at, string id, string title, decimal quantity, IReadOnlyList<Deliverable> deliverables)
    {
        Id(at, id);
        Title($"{at}/title", title);
        Quantity($"{at}/quantity", quantity);
        Deliverables(at, deliverables);
    }

    private void Rules(TemplateContent content)
    {
        Elements("/rules", content.Rules.Count);
        var tree = content.ToTree();
        foreach (var rule in content.Rules)
        {
            var at = TreePath.Of("/rules", rule.Id);
            Id(at, rule.Id);
            Title($"{at}/basis", rule.Basis, 1_000);
            if (rule.Path.Length == 0 || TreePath.Covers("/rules", rule.Path) || TreePath.Covers("/schema_version", rule.Path) || ContentTree.Find(tree, rule.Path) is not { } field)
            {
                Found($"{at}/path", $"There is no field \"{rule.Path}\" in this template.");
                continue;
            }
            if (content.Rules.Any(r => !ReferenceEquals(r, rule) && r.Path == rule.Path)) Found($"{at}/path", $"Another rule is about \"{rule.Path}\" too.");
            if (rule.MandatoryBy is not null && rule.Mode != FieldMode.Locked) Found($"{at}/mandatoryBy", "Only a locked field can be mandatory by a day.");
            if (rule is { MandatoryBy: { } by, Expires: { } expires } && by > expires) Found($"{at}/mandatoryBy", "A lock cannot end before the day it is mandatory by.");
            Bounds(at, rule, field);
        }
    }

    private void Bounds(string at, FieldRule rule, ContentNode field)
    {
        var absolute = rule.Min is not null || rule.Max is not null;
        var relative = rule.MinPercent is not null || rule.MaxPercent is not null;
        if (rule.Mode != FieldMode.Bounded)
        {
            if (absolute || relative) Found(at, "Only a bounded field has limits.");
            return;
        }
        if (!absolute && !relative) Found(at, "A bounded field needs a limit.");
        if (absolute && relative) Found(at, "Limits are either absolute or relative to HQ's price, not both.");
        if (rule.Min > rule.Max) Found($"{at}/min", "The lowest value is above the highest one.");
        if (rule.MinPercent > rule.MaxPercent) Found($"{at}/minPercent", "The lowest value is above the highest one.");
        if (rule.MinPercent < -100) Found($"{at}/minPercent", "A price cannot fall by more than 100 %.");
        if (relative && field is not ContentObject) Found($"{at}/path", "Limits in percent are for prices only.");
        if (absolute && field is ContentObject) Found(at, "Prices stand in several currencies: limit them in percent.");
        if (absolute && field is not ContentObject && FieldRules.NumberOf(field) is null) Found($"{at}/path", "Limits are for numbers only.");
    }

    private void Prices(string at, IReadOnlyDictionary<string, decimal> prices)
    {
        if (prices.Count == 0) Found(at, "There is no price in any currency.");
        foreach (var (currency, price) in prices)
        {
            Currency(TreePath.Of(at, currency), currency);
            Price(TreePath.Of(at, currency), price);
        }
    }
}
