using StudioVault.Domain.Organization;
using StudioVault.Domain.Packages;
using Xunit;

namespace StudioVault.Tests.Packages;

/// <summary>Locks, limits, local fields and price policy (features rows 1.11, 1.11b, 1.12).</summary>
public sealed class FieldRulesTests
{
    private static readonly DateOnly Day = new(2026, 11, 21);
    private static readonly ContentObject Hq = TemplateContent.Parse(PackageStory.Classic).Value.ProjectTo("EUR").Value.ToTree();

    [Fact]
    public void The_rule_on_the_nearest_ancestor_holds()
    {
        var rules = Rules(new("a", "/clauses", FieldMode.Locked, "Law"), new("b", "/clauses/cancellation", FieldMode.Inherit, ""), new("c", "/tax", FieldMode.Local, ""));
        Assert.Equal(FieldMode.Locked, rules.ModeOf("/clauses/rescheduling/body"));
        Assert.Equal(FieldMode.Inherit, rules.ModeOf("/clauses/cancellation/body"));
        Assert.Equal(FieldMode.Local, rules.ModeOf("/tax/ratePercent"));
        Assert.Equal(FieldMode.Inherit, rules.ModeOf("/taxes"));
        Assert.Equal(FieldMode.Inherit, rules.ModeOf("/travel/radiusKm"));
    }

    [Theory]
    [InlineData("2026-11-21", FieldMode.Locked)]
    [InlineData("2026-11-22", FieldMode.Inherit)]
    public void A_rule_holds_through_its_last_day(string today, FieldMode expected) =>
        Assert.Equal(expected, new FieldRules([new("a", "/name", FieldMode.Locked, "Brand", Expires: Day)], DateOnly.Parse(today, System.Globalization.CultureInfo.InvariantCulture)).ModeOf("/name"));

    [Fact]
    public void An_edit_of_a_locked_field_is_refused_with_its_basis()
    {
        var refusal = Assert.Single(Edit(("/clauses/cancellation/body", "\"Never.\""), new("a", "/clauses/cancellation/body", FieldMode.Locked, "Consumer law")));
        Assert.Equal("refuse.package.field_locked at /clauses/cancellation/body: HQ keeps \"Clause “Cancellation”\" the same everywhere: Consumer law", refusal.ToString());
    }

    [Fact]
    public void Taking_out_what_contains_a_locked_field_is_refused_too() =>
        Assert.Equal("/clauses/cancellation", Assert.Single(Edit(("/clauses/cancellation", null), new("a", "/clauses/cancellation/body", FieldMode.Locked, "Law"))).Path);

    [Fact]
    public void Other_fields_beside_a_lock_may_be_edited() => Assert.Empty(Edit(("/clauses/cancellation/title", "\"Cancelling\""), new("a", "/clauses/cancellation/body", FieldMode.Locked, "Law")));

    [Fact]
    public void What_stays_as_it_was_is_not_judged()
    {
        var before = ContentTree.With(Hq, "/clauses/cancellation/body", ContentValue.String("Ours since 2019."))!;
        Assert.Empty(Rules(new FieldRule("a", "/clauses/cancellation/body", FieldMode.Locked, "Law")).CheckEdit(before, ContentTree.With(before, "/name", ContentValue.String("Classic"))!, Hq));
        Assert.Empty(Rules(new FieldRule("a", "/clauses/cancellation/body", FieldMode.Locked, "Law")).CheckEdit(before, Hq, Hq));
    }

    [Theory]
    [InlineData("20", false)]
    [InlineData("19", true)]
    [InlineData("150", false)]
    [InlineData("151", true)]
    public void Absolute_limits_include_their_ends(string radius, bool refused) =>
        Assert.Equal(refused, Edit(("/travel/radiusKm", radius), new("r", "/travel/radiusKm", FieldMode.Bounded, "Brand", Min: 20, Max: 150)).Any(r => r.Code == "refuse.package.out_of_bounds"));

    [Theory]
    [InlineData("\"432.00\"", false)]
    [InlineData("\"431.99\"", true)]
    [InlineData("\"576.00\"", false)]
    [InlineData("\"576.01\"", true)]
    public void Limits_in_percent_are_relative_to_HQs_price_in_that_currency(string price, bool refused) =>
        Assert.Equal(refused, Edit(("/items/album/unitPrice", price), new("r", "/items/album/unitPrice", FieldMode.Bounded, "Brand", MinPercent: -10, MaxPercent: 20)).Any());

    [Theory]
    [InlineData(Ownership.Independent, "locked", null, null, "fix")]
    [InlineData(Ownership.Independent, "bounded", "-10", "20", "lowest")]
    [InlineData(Ownership.Independent, "bounded", null, "20", null)]
    [InlineData(Ownership.Company, "locked", null, null, null)]
    [InlineData(Ownership.Company, "bounded", "-10", null, null)]
    public void For_an_independent_branch_a_price_may_be_capped_and_never_fixed_or_floored(Ownership ownership, string mode, string? min, string? max, string? why)
    {
        decimal? Number(string? text) => text is null ? null : decimal.Parse(text, System.Globalization.CultureInfo.InvariantCulture);
        ContentWords.TryRead<FieldMode>(mode, out var fieldMode);
        var refusals = Rules(new FieldRule("p", "/items/album/unitPrice", fieldMode, "Brand", MinPercent: Number(min), MaxPercent: Number(max))).PriceFixing(ownership, Hq);
        if (why is null) Assert.Empty(refusals);
        else
        {
            var refusal = Assert.Single(refusals);
            Assert.Equal(("refuse.pricing.rpm", "/rules/p"), (refusal.Code, refusal.Path));
            Assert.Contains(why, refusal.Sentence, StringComparison.Ordinal);
        }
    }

    [Theory]
    [InlineData("/items")]
    [InlineData("/items/album")]
    [InlineData("/travel")]
    [InlineData("/travel/pricePerKm")]
    public void A_lock_on_what_contains_a_price_fixes_the_price(string path) =>
        Assert.Equal("refuse.pricing.rpm", Assert.Single(Rules(new FieldRule("p", path, FieldMode.Locked, "Brand")).PriceFixing(Ownership.Independent, TemplateContent.Parse(PackageStory.Classic).Value.ToTree())).Code);

    private static FieldRules Rules(params FieldRule[] rules) => new(rules, Day);

    private static IReadOnlyList<Domain.Kernel.Refusal> Edit((string Path, string? Json) change, FieldRule rule) =>
        Rules(rule).CheckEdit(Hq, ContentTree.With(Hq, change.Path, change.Json is null ? null : PackageStory.Node(change.Json))!, Hq);
}
