using Bunit;
using StudioVault.Web.Ui;
using Xunit;

namespace StudioVault.Tests.Ui;

public sealed class ReasonFieldTests : UiTest
{
    [Fact]
    public void A_ready_made_reason_fills_the_text_and_a_second_press_empties_it()
    {
        var value = "";
        var field = Draw(value, v => value = v);
        field.Find(".chip").Click();
        Assert.Equal("Local law", value);
        field.Render(p => p.Add(f => f.Value, value));
        Assert.Equal("Local law", field.Find("textarea").GetAttribute("value"));
        field.Find(".chip[aria-pressed=true]").Click();
        Assert.Equal("", value);
    }

    [Fact]
    public void Ties_the_error_to_the_text_for_people_who_hear_the_page()
    {
        var field = Draw("", _ => { }, "Write a short reason.");
        var area = field.Find("textarea");
        Assert.Equal("true", area.GetAttribute("aria-invalid"));
        Assert.Equal("Write a short reason.", field.Find("#" + area.GetAttribute("aria-describedby")).TextContent);
    }

    private IRenderedComponent<ReasonField> Draw(string value, Action<string> changed, string? error = null) =>
        Render<ReasonField>(p => p.Add(f => f.Value, value).Add(f => f.ValueChanged, changed).Add(f => f.Suggestions, ["Local law"]).Add(f => f.Error, error));
}
