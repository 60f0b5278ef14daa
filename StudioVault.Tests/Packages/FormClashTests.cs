using System.Text.Json.Nodes;
using StudioVault.Domain.Packages;
using StudioVault.Web.Packages.Editing;
using Xunit;

namespace StudioVault.Tests.Packages;

/// <summary>Two people write the same draft.</summary>
public sealed class FormClashTests
{
    [Fact]
    public void Edits_of_different_fields_are_both_kept_without_a_question()
    {
        var clash = Clash(mine: f => f.TurnaroundDays = "30", theirs: c => c["description"] = "Longer.");
        Assert.True(clash.IsClean);
        var merged = clash.Merge().Value;
        Assert.Equal(("30", "Longer."), (merged.TurnaroundDays, merged.Description));
    }

    [Theory]
    [InlineData(MergeChoice.Branch, "30")]
    [InlineData(MergeChoice.Hq, "21")]
    public void The_same_field_waits_for_a_choice(MergeChoice choice, string kept)
    {
        var clash = Clash(mine: f => f.TurnaroundDays = "30", theirs: c => c["turnaroundDays"] = 21);
        Assert.Equal((false, 1), (clash.IsClean, clash.Left));
        var field = Assert.Single(clash.Fields);
        Assert.Equal("/turnaroundDays", field.Path);
        clash.Choose(field, choice);
        Assert.Equal(0, clash.Left);
        Assert.Equal(kept, clash.Merge().Value.TurnaroundDays);
    }

    [Fact]
    public void Another_spelling_of_the_same_number_is_no_clash()
    {
        var clash = Clash(mine: f => f.Items[1].Prices["EUR"] = "520", theirs: c => c["items"]![1]!["unitPrice"]!["EUR"] = "520.00");
        Assert.True(clash.IsClean);
    }

    [Fact]
    public void What_I_typed_while_the_question_stood_is_kept_even_when_it_cannot_be_read_yet()
    {
        var mine = PackageFormTests.Wedding();
        mine.TurnaroundDays = "30";
        var clash = Clash(mine, theirs: c => c["turnaroundDays"] = 21);
        mine.Items[1].Prices["EUR"] = "5oo";
        clash.Choose(clash.Fields[0], MergeChoice.Hq);
        var merged = clash.Merge().Value;
        Assert.Equal(("21", "5oo"), (merged.TurnaroundDays, merged.Items[1].Prices["EUR"]));
    }

    [Fact]
    public void Lines_added_by_both_are_both_there()
    {
        var clash = Clash(mine: f => f.Items.Add(new FormItem("frame") { Title = "Frame", Prices = new() { ["EUR"] = "90" } }),
            theirs: c => c["items"]!.AsArray().Add(JsonNode.Parse("""{"id":"drone","title":"Drone","kind":"coverage","quantity":1,"unitPrice":{"EUR":"190.00"},"inclusion":"add_on","deliverables":[]}""")));
        Assert.True(clash.IsClean);
        Assert.Equal(["coverage", "album", "drone", "frame"], clash.Merge().Value.Items.Select(i => i.Id).Order(StringComparer.Ordinal).OrderBy(i => i is "drone" or "frame").ThenBy(i => i == "album"));
    }

    [Fact]
    public void The_summary_is_merged_like_a_field()
    {
        var mine = PackageFormTests.Wedding();
        mine.Summary = "Mine.";
        var clash = Clash(mine, theirs: _ => { }, theirSummary: "Theirs.");
        Assert.Equal(1, clash.Left);
        clash.ChooseSummary(MergeChoice.Hq);
        Assert.Equal("Theirs.", clash.Merge().Value.Summary);
        Assert.Equal("Theirs.", Clash(PackageFormTests.Wedding(), theirs: _ => { }, theirSummary: "Theirs.").Merge().Value.Summary);
    }

    private static FormClash Clash(Action<PackageForm> mine, Action<JsonObject> theirs)
    {
        var form = PackageFormTests.Wedding();
        mine(form);
        return Clash(form, theirs);
    }

    private static FormClash Clash(PackageForm mine, Action<JsonObject> theirs, string theirSummary = "") => new(PackageFormTests.Tree(), "", mine,
        new TheirEdit(PackageFormTests.Tree(theirs), theirSummary, "Jonas"));
}
