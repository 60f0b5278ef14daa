using StudioVault.Domain.Packages;
using StudioVault.Web.Documents.Agreements;
using Xunit;

namespace StudioVault.Tests.Documents.Agreements;

public sealed class RedlineTests
{
    [Fact]
    public void Shows_a_changed_word_in_its_paragraph_and_leaves_the_others_alone()
    {
        var blocks = Redline.Between("Kept for **365** days.\n\nNothing else.", "Kept for **180** days.\n\nNothing else.");
        Assert.Equal([null, ProseFate.Same], blocks.Select(b => b.Fate));
        Assert.Equal(["Kept for ", "365", "180", " days."], blocks[0].Parts.Select(p => p.Text));
    }

    [Fact]
    public void Reads_marks_of_layout_as_people_do()
    {
        var blocks = Redline.Between("", "## Title\n\n1. one\n2. two\n   a. deeper [terms](https://example.org/t)\n\n- dot\n\n| A | B |\n| --- | --- |\n| c | d |");
        Assert.All(blocks, b => Assert.Equal(ProseFate.Inserted, b.Fate));
        Assert.Equal([("", 0, "Title"), ("1.", 1, "one"), ("2.", 1, "two"), ("a.", 2, "deeper terms (https://example.org/t)"), ("•", 1, "dot"), ("", 0, "A | B"), ("", 0, "c | d")],
            blocks.Select(b => (b.Marker, b.Depth, b.Parts.Single().Text)));
    }

    [Fact]
    public void Another_address_behind_the_same_words_is_a_change() =>
        Assert.Contains(Redline.Between("See [the terms](https://a.example/).", "See [the terms](https://b.example/)."), b => b.Fate is null);

    [Theory]
    [InlineData("It costs €1,450.00, tax included.", "It costs €1,690.00, tax included.", "It costs €", "1,450.00", "1,690.00", ", tax included.")]
    [InlineData("See Section 8.1 for more.", "See Section 8.12 for more.", "See Section ", "8.1", "8.12", " for more.")]
    [InlineData("Starts at 14:00.", "Starts at 15:00.", "Starts at ", "14:00", "15:00", ".")]
    public void A_number_is_changed_as_a_whole(string before, string after, params string[] parts) =>
        Assert.Equal(parts, Redline.Between(before, after).Single().Parts.Select(p => p.Text));

    [Fact]
    public void A_paragraph_written_anew_is_shown_whole_and_not_in_shreds()
    {
        var blocks = Redline.Between("The studio may cancel when it rains on the day.", "You pay half of the sum when you cancel late, and the studio pays back the rest.");
        Assert.Equal([ProseFate.Deleted, ProseFate.Inserted], blocks.Select(b => b.Fate));
    }

    /// <summary>Nothing of either text is lost or made up, on every section of four real versions.</summary>
    [Theory]
    [InlineData("1.0", "1.1")]
    [InlineData("1.1", "2.0")]
    [InlineData("2.0", "2.1")]
    public void Without_what_is_removed_it_is_the_new_text_and_without_what_is_added_the_old(string before, string after)
    {
        var old = LegalFamily.CsaClauses(before).ToDictionary(c => c.Id);
        foreach (var clause in LegalFamily.CsaClauses(after))
        {
            var was = old.TryGetValue(clause.Id, out var found) ? found.Body : "";
            var blocks = Redline.Between(was, clause.Body);
            Assert.Equal(Plain(Redline.Between(clause.Body, clause.Body), ProseFate.Deleted), Plain(blocks, ProseFate.Deleted));
            Assert.Equal(Plain(Redline.Between(was, was), ProseFate.Inserted), Plain(blocks, ProseFate.Inserted));
        }
    }

    private static IEnumerable<string> Plain(IReadOnlyList<RedlineBlock> blocks, ProseFate without) =>
        blocks.Where(b => b.Fate != without).Select(b => string.Concat(b.Parts.Where(p => p.Fate != without).Select(p => p.Text)));
}
