using System.Text.Json.Nodes;
using StudioVault.Domain.Packages;
using StudioVault.Web.Packages.Updates;
using Xunit;
using static StudioVault.Tests.Support.PackagesTest;

namespace StudioVault.Tests.Packages;

/// <summary>What a person can choose on the review page and what follows from it.</summary>
public sealed class ReviewChoicesTests
{
    private const string Album = "/items/album/unitPrice";
    private const string Radius = "/travel/radiusKm";

    [Fact]
    public void What_both_changed_waits_for_a_choice_and_what_only_HQ_changed_does_not()
    {
        var choices = Choices(Album500, Album520AndRadius60);
        var album = Unit(choices, Album);
        Assert.Null(choices.SideOf(album));
        Assert.Equal(ReviewSide.Hq, choices.SideOf(Unit(choices, Radius)));
        Assert.Equal(1, choices.Left);
        Assert.Same(album, choices.Units[0]);

        choices.Choose(album, ReviewSide.Yours);
        Assert.Equal((0, 1), (choices.Left, choices.Made));
        Assert.Equal(500m, choices.Preview.Merged!.Items[1].UnitPrice);
        Assert.Equal(60, choices.Preview.Merged.Travel.RadiusKm);
    }

    [Fact]
    public void A_default_can_be_chosen_otherwise()
    {
        var choices = Choices(_ => { }, Album520AndRadius60);
        choices.Choose(Unit(choices, Radius), ReviewSide.Yours);
        Assert.Equal(40, choices.Preview.Merged!.Travel.RadiusKm);
        Assert.Equal(520m, choices.Preview.Merged.Items[1].UnitPrice);
    }

    [Theory]
    [InlineData("510", true)]
    [InlineData("510,50", true)]
    [InlineData("700", false)]
    [InlineData("-1", false)]
    [InlineData("dear", false)]
    [InlineData("", false)]
    public void A_typed_price_counts_once_it_can_be_read_and_lies_in_HQs_limits(string typed, bool good)
    {
        var choices = Choices(Album500, Album520AndRadius60);
        var album = Unit(choices, Album);
        choices.Choose(album, ReviewSide.Other);
        choices.Type(album.Rows[0], typed);
        Assert.Equal(good, choices.ProblemOf(album.Rows[0]) is null);
        Assert.Equal(good ? 0 : 1, choices.Left);
        if (good) Assert.Equal(decimal.Parse(typed.Replace(',', '.'), System.Globalization.CultureInfo.InvariantCulture), choices.Preview.Merged!.Items[1].UnitPrice);
    }

    [Fact]
    public void Entering_another_value_starts_from_ones_own()
    {
        var choices = Choices(Album500, Album520AndRadius60);
        var album = Unit(choices, Album);
        choices.Choose(album, ReviewSide.Other);
        Assert.Equal("500.00", choices.TypedFor(album.Rows[0]));
    }

    [Fact]
    public void An_atomic_group_is_one_card_and_moves_as_one()
    {
        var choices = Choices(_ => { }, Shares("40", "60"));
        var plan = Assert.Single(choices.Units);
        Assert.True(plan.IsGroup);
        choices.Choose(plan, ReviewSide.Yours);
        Assert.All(plan.Rows, row => Assert.Equal(ReviewSide.Yours, choices.SideOf(row)));
        Assert.Equal([30m, 70m], choices.Preview.Merged!.DepositPlan.Select(i => i.Percent));
    }

    [Fact]
    public void A_typed_value_that_breaks_the_package_is_named_before_anything_is_sent()
    {
        var choices = Choices(_ => { }, Shares("40", "60"));
        var plan = choices.Units[0];
        choices.Type(plan.Rows[0], "45");
        Assert.Equal(0, choices.Left);
        Assert.Equal(PackageRefusals.SemanticConflict.Code, choices.Problem?.Code);

        choices.Untype(plan, plan.Rows[0]);
        Assert.Null(choices.Problem);
    }

    [Fact]
    public void Answering_the_rest_leaves_what_was_answered_alone()
    {
        var choices = Choices(c => { Album500(c); c["turnaroundDays"] = 30; }, c => { Album520AndRadius60(c); c["turnaroundDays"] = 50; });
        choices.Choose(Unit(choices, Album), ReviewSide.Hq);
        choices.ChooseRest(ReviewSide.Yours);
        Assert.Equal((520m, 30), (choices.Preview.Merged!.Items[1].UnitPrice, choices.Preview.Merged.TurnaroundDays));
        Assert.False(choices.IsChosen(Unit(choices, Radius)));
    }

    [Fact]
    public void Choices_come_back_after_a_reload_where_they_are_about_the_same_values()
    {
        var before = Choices(c => { Album500(c); c["turnaroundDays"] = 30; }, c => { Album520AndRadius60(c); c["turnaroundDays"] = 50; });
        before.Choose(Unit(before, Album), ReviewSide.Yours);
        before.Choose(Unit(before, "/turnaroundDays"), ReviewSide.Other);
        before.Type(Unit(before, "/turnaroundDays").Rows[0], "35");

        var same = Choices(c => { Album500(c); c["turnaroundDays"] = 30; }, c => { Album520AndRadius60(c); c["turnaroundDays"] = 50; });
        Assert.Equal(0, same.Restore(before.ToJson()));
        Assert.Equal(0, same.Left);
        Assert.Equal(35, same.Preview.Merged!.TurnaroundDays);

        // HQ's price moved meanwhile: that choice was about something else.
        var moved = Choices(c => { Album500(c); c["turnaroundDays"] = 30; }, c => { c["travel"]!["radiusKm"] = 60; In(c, "items", "album")["unitPrice"]!["EUR"] = "530.00"; c["turnaroundDays"] = 50; });
        Assert.Equal(1, moved.Restore(before.ToJson()));
        Assert.Null(moved.SideOf(Unit(moved, Album)));
        Assert.Equal("35", moved.TypedFor(Unit(moved, "/turnaroundDays").Rows[0]));
    }

    [Theory]
    [InlineData("")]
    [InlineData("null")]
    [InlineData("{\"Fields\":1}")]
    [InlineData("{}")]
    public void Kept_text_that_cannot_be_read_is_as_if_nothing_was_kept(string kept)
    {
        var choices = Choices(Album500, Album520AndRadius60);
        Assert.Equal(0, choices.Restore(kept));
        Assert.Equal(1, choices.Left);
    }

    [Fact]
    public void A_locked_field_is_taken_by_default_and_takes_no_value_of_ones_own()
    {
        var choices = Choices(_ => { }, c => In(c, "clauses", "cancellation")["body"] = "You may cancel in writing within 14 days.");
        var clause = Assert.Single(choices.Units);
        Assert.True(clause.IsLocked);
        Assert.Equal(ReviewSide.Hq, choices.SideOf(clause));
        Assert.False(ReviewChoices.CanType(clause.Rows[0]));
    }

    [Fact]
    public void A_lock_on_what_the_branch_changed_stands_before_what_only_HQ_changed_and_is_counted_until_it_is_declined()
    {
        var choices = Choices(c => { Album500(c); c["turnaroundDays"] = 30; }, c =>
        {
            Album520AndRadius60(c);
            c["turnaroundDays"] = 40;
            c["rules"]!.AsArray().Add(JsonNode.Parse("""{"id":"days","path":"/turnaroundDays","mode":"locked","basis":"Brand"}"""));
            In(c, "clauses", "cancellation")["body"] = "You may cancel in writing within 14 days.";
            In(c, "rules", "cancel")["mandatoryBy"] = "2027-01-01";
        });
        Assert.Equal([Album, "/turnaroundDays", "/clauses/cancellation/body", Radius], choices.Units.Select(u => u.Rows[0].Path));
        var held = Unit(choices, "/turnaroundDays");
        Assert.Equal((true, false), (held.Overrides, Unit(choices, "/clauses/cancellation/body").Overrides));
        Assert.Equal((1, held), (choices.OverriddenValues, Assert.Single(choices.Overridden)));
        choices.Choose(held, ReviewSide.Yours);
        Assert.Equal((0, 0), (choices.OverriddenValues, choices.Overridden.Count));
    }

    private static ReviewChoices Choices(Action<JsonObject> branch, Action<JsonObject> hq) => new(ReviewScenario.Of(branch, hq), "EUR");

    private static ReviewUnit Unit(ReviewChoices choices, string path) => choices.Units.Single(u => u.Rows.Any(r => r.Path == path));

    private static void Album500(JsonObject content) => In(content, "items", "album")["unitPrice"] = "500.00";

    private static void Album520AndRadius60(JsonObject content)
    {
        In(content, "items", "album")["unitPrice"]!["EUR"] = "520.00";
        content["travel"]!["radiusKm"] = 60;
    }

    private static Action<JsonObject> Shares(string booking, string balance) => content =>
    {
        In(content, "depositPlan", "booking")["percent"] = booking;
        In(content, "depositPlan", "balance")["percent"] = balance;
    };
}
