using Bunit;
using StudioVault.Tests.Ui;
using StudioVault.Web.Packages.Updates;
using Xunit;
using static StudioVault.Tests.Support.PackagesTest;

namespace StudioVault.Tests.Packages;

public sealed class ReviewCardTests : UiTest
{
    [Fact]
    public void A_conflict_shows_three_values_and_three_ways_and_none_is_chosen_beforehand()
    {
        var card = Draw(c => In(c, "items", "album")["unitPrice"] = "500.00", c => In(c, "items", "album")["unitPrice"]!["EUR"] = "520.00", out var choices);
        Assert.Equal(["€480.00", "€500.00", "€520.00"], card.FindAll(".change-value .num-soft").Select(v => v.TextContent.Replace("new: ", "").Trim()));
        Assert.Equal(["Keep yours", "Take HQ’s", "Enter another"], card.FindAll("input[type=radio]").Select(i => i.GetAttribute("value")));
        Assert.DoesNotContain(card.FindAll("input[type=radio]"), i => i.HasAttribute("checked"));

        card.Find("input[value='Enter another']").Change("Enter another");
        card.Find("input.num").Input("900");
        Assert.Contains("HQ allows at most €624.00.", card.Markup);
        Assert.Equal(1, choices.Left);
    }

    [Fact]
    public void A_renamed_line_is_a_rename_and_not_a_line_removed_and_another_added()
    {
        var card = Draw(_ => { }, c => In(c, "items", "album")["title"] = "Linen album", out var choices);
        var unit = Assert.Single(choices.Units);
        Assert.Equal("/items/album/title", unit.Rows[0].Path);
        Assert.Equal(["Album", "Linen album"], card.FindAll(".change-value .num-soft").Select(v => v.TextContent.Replace("new: ", "").Replace("old: ", "").Trim()));
    }

    [Fact]
    public void A_locked_field_says_why_and_offers_no_value_of_ones_own()
    {
        var card = Draw(_ => { }, c => In(c, "clauses", "cancellation")["body"] = "You may cancel in writing within 14 days.", out _);
        Assert.Contains("Consumer law.", card.Markup);
        card.Find(".change-quiet button").Click();
        Assert.Equal(["Not yet", "Take HQ’s"], card.FindAll("input[type=radio]").Select(i => i.GetAttribute("value")));
    }

    [Theory]
    [InlineData("changed", "HQ’s replaces yours", "HQ’s replaces yours when you accept.")]
    [InlineData("removed", "HQ brings back what you removed", "It comes back when you accept.")]
    [InlineData("added", "HQ removes yours", "Yours is removed when you accept.")]
    public void A_lock_on_what_the_branch_changed_says_what_the_branch_loses(string own, string word, string quiet)
    {
        var card = Draw(c =>
        {
            if (own == "changed") In(c, "clauses", "archive")["body"] = "Ours.";
            else if (own == "removed") c["clauses"]!.AsArray().RemoveAt(0);
            else c["clauses"]!.AsArray().Add(new System.Text.Json.Nodes.JsonObject { ["id"] = "ours", ["title"] = "Ours", ["body"] = "Ours." });
        }, c => c["rules"]!.AsArray().Add(System.Text.Json.Nodes.JsonNode.Parse("""{"id":"all","path":"/clauses","mode":"locked","basis":"Law"}""")), out var choices);
        Assert.True(Assert.Single(choices.Units).Overrides);
        Assert.Equal(word, card.FindAll(".tag")[1].TextContent.Trim());
        Assert.Contains(quiet, card.Find(".change-quiet").TextContent);
        Assert.Contains("You changed this.", card.Markup);
    }

    [Fact]
    public void Markup_in_a_text_stays_text()
    {
        var card = Draw(_ => { }, c => In(c, "items", "album")["title"] = "<img src=x onerror=alert(1)>", out _);
        Assert.Empty(card.FindAll("img"));
        Assert.Contains("&lt;img", card.Markup);
    }

    private IRenderedComponent<ReviewCard> Draw(Action<System.Text.Json.Nodes.JsonObject> branch, Action<System.Text.Json.Nodes.JsonObject> hq, out ReviewChoices choices)
    {
        var all = choices = new ReviewChoices(ReviewScenario.Of(branch, hq), "EUR");
        return Render<ReviewCard>(p => p.Add(c => c.Unit, all.Units[0]).Add(c => c.Choices, all));
    }
}
