using Bunit;
using StudioVault.Web.Ui;
using Xunit;

namespace StudioVault.Tests.Ui;

public sealed class SearchBoxTests : UiTest
{
    private readonly List<string> _asked = [];

    [Fact]
    public void Asks_once_after_the_typing_rests()
    {
        var box = Draw();
        box.Find("input").Input("w");
        Clock.Advance(TimeSpan.FromMilliseconds(200));
        box.Find("input").Input("wed");
        Clock.Advance(TimeSpan.FromMilliseconds(200));
        Assert.Empty(_asked);
        Clock.Advance(TimeSpan.FromMilliseconds(100));
        box.WaitForAssertion(() => Assert.Equal(["wed"], _asked));
    }

    [Fact]
    public void Enter_does_not_wait_and_is_not_asked_twice()
    {
        var box = Draw();
        box.Find("input").Input("wed");
        box.Find("form").Submit();
        Clock.Advance(TimeSpan.FromSeconds(1));
        box.WaitForAssertion(() => Assert.Equal(["wed"], _asked));
    }

    [Fact]
    public void The_old_words_again_are_no_question()
    {
        Draw("wed").Find("form").Submit();
        Assert.Empty(_asked);
    }

    private IRenderedComponent<SearchBox> Draw(string value = "") =>
        Render<SearchBox>(p => p.Add(b => b.Label, "Search").Add(b => b.Value, value).Add(b => b.ValueChanged, _asked.Add));
}
