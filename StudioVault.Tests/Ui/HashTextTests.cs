using Bunit;
using StudioVault.Web.Ui;
using Xunit;

namespace StudioVault.Tests.Ui;

public sealed class HashTextTests : UiTest
{
    private const string Hash = "9f3c41d27ab0c6e58d1f04b92e6677aa3190cd5be8842fe1a7c04d5519b3e1a7";

    [Fact]
    public void Is_short_on_sight_and_whole_on_demand()
    {
        var text = Draw(Hash);
        Assert.Equal("9f3c41d2…e1a7", text.Find("code").TextContent);
        text.Find("[aria-expanded=false]").Click();
        Assert.Equal(Hash, text.Find("code").TextContent);
        text.Find("[aria-expanded=true]").Click();
        Assert.Equal("9f3c41d2…e1a7", text.Find("code").TextContent);
    }

    [Fact]
    public void Copies_the_whole_even_while_it_is_short() => Assert.Equal(Hash, Draw(Hash).Find("button.copy").GetAttribute("data-copy"));

    [Fact]
    public void A_short_value_needs_no_expanding() => Assert.Empty(Draw("a1b2c3").FindAll("[aria-expanded]"));

    private IRenderedComponent<HashText> Draw(string value) => Render<HashText>(p => p.Add(h => h.Value, value));
}
