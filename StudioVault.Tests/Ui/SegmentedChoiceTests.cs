using Bunit;
using StudioVault.Web.Ui;
using Xunit;

namespace StudioVault.Tests.Ui;

public sealed class SegmentedChoiceTests : UiTest
{
    private static readonly SegmentedChoice<string>.Option[] Options = [new("yours", "Keep yours,", "€520.00"), new("hq", "Take HQ,", "€495.00"), new("other", "Enter another", Disabled: true)];

    [Fact]
    public void Is_one_group_of_radio_buttons_so_that_arrow_keys_walk_it()
    {
        var first = Draw(null);
        var second = Draw(null);
        var inputs = first.FindAll("input");
        Assert.All(inputs, i => Assert.Equal("radio", i.GetAttribute("type")));
        Assert.Single(inputs.Select(i => i.GetAttribute("name")).Distinct());
        Assert.NotEqual(inputs[0].GetAttribute("name"), second.Find("input").GetAttribute("name"));
        Assert.Equal("Album price", first.Find("fieldset > legend").TextContent);
    }

    [Fact]
    public void Chooses_nothing_beforehand() => Assert.Empty(Draw(null).FindAll("input[checked]"));

    [Fact]
    public void Hands_up_the_value_behind_the_chosen_words()
    {
        string? chosen = null;
        Draw(null, value => chosen = value).FindAll("input")[1].Change("Take HQ,");
        Assert.Equal("hq", chosen);
    }

    [Fact]
    public void Shows_what_was_chosen_and_what_a_rule_forbids()
    {
        var choice = Draw("yours");
        Assert.Equal([true, false, false], choice.FindAll("input").Select(i => i.HasAttribute("checked")));
        Assert.Equal([false, false, true], choice.FindAll("input").Select(i => i.HasAttribute("disabled")));
    }

    private IRenderedComponent<SegmentedChoice<string>> Draw(string? value, Action<string>? chosen = null) =>
        Render<SegmentedChoice<string>>(p => p.Add(c => c.Label, "Album price").Add(c => c.Options, Options).Add(c => c.Value, value).Add(c => c.ValueChanged, chosen ?? (_ => { })));
}
