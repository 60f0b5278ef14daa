using StudioVault.Domain.Packages;
using Xunit;

namespace StudioVault.Tests.Packages;

public sealed class ProseDiffTests
{
    [Fact]
    public void A_changed_number_and_an_added_clause_are_marked_by_word()
    {
        var parts = ProseDiff.Between("Originals are kept for 365 days after delivery.",
            "Originals are kept for 180 days after delivery, and the client is notified 30 days before deletion.");
        Assert.Contains(new ProsePart(ProseFate.Deleted, "365"), parts);
        Assert.Contains(new ProsePart(ProseFate.Inserted, "180"), parts);
        Assert.Equal(ProseFate.Same, parts[0].Fate);
    }

    [Theory]
    [InlineData("", "")]
    [InlineData("", "new words")]
    [InlineData("old words", "")]
    [InlineData("one two three", "one 2 three four")]
    [InlineData("# Title\n\n- a\n- b", "# Title\n\n- a\n- c\n- d")]
    [InlineData("the quick brown fox", "a slow red fox")]
    public void The_parts_give_back_both_texts(string before, string after)
    {
        var parts = ProseDiff.Between(before, after);
        Assert.Equal(before, string.Concat(parts.Where(p => p.Fate != ProseFate.Inserted).Select(p => p.Text)));
        Assert.Equal(after, string.Concat(parts.Where(p => p.Fate != ProseFate.Deleted).Select(p => p.Text)));
    }
}
