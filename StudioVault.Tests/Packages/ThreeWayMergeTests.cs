using StudioVault.Domain.Packages;
using Xunit;

namespace StudioVault.Tests.Packages;

/// <summary>The merge core, by example; the laws stand in MergeLawsTests.</summary>
public sealed class ThreeWayMergeTests
{
    private const string Album = """{"items":[{"id":"album","title":"Album","unitPrice":"480.00","quantity":1}]}""";

    [Fact]
    public void Takes_HQs_price_where_the_branch_kept_it()
    {
        var result = Merge(Album, Album, Album.Replace("480", "495", StringComparison.Ordinal));
        Assert.Equal(["/items/album/unitPrice"], result.Fields.Select(f => f.Path));
        Assert.Equal(MergeCase.Clean, result.Fields[0].Case);
        Assert.Empty(result.Conflicts);
        AssertJson(Album.Replace("480", "495", StringComparison.Ordinal), result.Merged);
    }

    [Fact]
    public void Keeps_the_branch_price_where_both_changed_it()
    {
        var result = Merge(Album, Album.Replace("480", "520", StringComparison.Ordinal), Album.Replace("480", "495", StringComparison.Ordinal));
        Assert.Equal(["/items/album/unitPrice"], result.Conflicts.Select(f => f.Path));
        Assert.Equal(MergeCase.Conflict, result.Fields[0].Case);
        AssertJson(Album.Replace("480", "520", StringComparison.Ordinal), result.Merged);
    }

    [Fact]
    public void Keeps_the_branch_price_when_only_the_text_changed()
    {
        var result = Merge(Album, Album.Replace("480", "520", StringComparison.Ordinal), Album.Replace("Album", "Linen album", StringComparison.Ordinal));
        Assert.Equal(["/items/album/title"], result.Fields.Select(f => f.Path));
        AssertJson(Album.Replace("480", "520", StringComparison.Ordinal).Replace("Album", "Linen album", StringComparison.Ordinal), result.Merged);
    }

    [Fact]
    public void Offers_an_element_added_or_removed_whole_at_its_own_path()
    {
        var result = Merge("""{"items":[{"id":"a","n":1},{"id":"b","n":1}]}""", """{"items":[{"id":"a","n":1},{"id":"b","n":1}]}""", """{"items":[{"id":"b","n":1},{"id":"c","d":{"x":[1,2]}}]}""");
        Assert.Equal(["/items/c", "/items/a"], result.Fields.Select(f => f.Path));
        Assert.Equal([MergeCase.HqAdds, MergeCase.HqRemovesUnchanged], result.Fields.Select(f => f.Case));
        AssertJson("""{"items":[{"id":"b","n":1},{"id":"c","d":{"x":[1,2]}}]}""", result.Merged);
    }

    internal static MergeResult Merge(string @base, string branch, string hq, params (string Path, MergeDecision Decision)[] decisions)
    {
        var result = ThreeWayMerge.Run(new(Tree(@base), Tree(branch), Tree(hq)), MergeDecisions.Of(decisions));
        Assert.False(result.IsRefused, result.Refusal?.ToString());
        return result.Value;
    }

    internal static ContentObject Tree(string json) => ContentTree.Parse(json).Value;

    internal static void AssertJson(string expected, ContentNode actual) => Assert.Equal(expected, ContentTree.ToJson(actual));
}
