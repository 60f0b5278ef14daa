using Bunit;
using StudioVault.Domain.Packages;
using StudioVault.Web.Ui;
using Xunit;

namespace StudioVault.Tests.Ui;

public sealed class ProseDiffViewTests : UiTest
{
    [Fact]
    public void Says_aloud_what_colour_shows_and_adds_no_space_of_its_own()
    {
        var view = Render<ProseDiffView>(p => p.Add(v => v.Segments,
        (IReadOnlyList<ProsePart>)
        [
            new(ProseFate.Same, "kept for "), new(ProseFate.Deleted, "365"), new(ProseFate.Inserted, "180"), new(ProseFate.Same, " days\nafter <delivery>."),
        ]));
        Assert.Equal("deleted: 365 end of deletion. ", view.Find("del").TextContent);
        Assert.Equal("inserted: 180 end of insertion. ", view.Find("ins").TextContent);
        foreach (var spoken in view.FindAll(".sr"))
            spoken.Remove();
        Assert.Equal("kept for 365180 days\nafter <delivery>.", view.Find(".prose-diff").TextContent);
    }
}
