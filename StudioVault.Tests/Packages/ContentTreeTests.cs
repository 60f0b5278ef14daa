using System.Text;
using StudioVault.Domain.Packages;
using Xunit;

namespace StudioVault.Tests.Packages;

public sealed class ContentTreeTests
{
    [Theory]
    [InlineData("""{"a":1,"b":{"a":1,"a":2}}""", "refuse.package.duplicate_key", "/b")]
    [InlineData("""{"l":[{"id":"x"},{"title":"no id"}]}""", "refuse.package.element_without_id", "/l")]
    [InlineData("""{"l":[{"id":1}]}""", "refuse.package.element_without_id", "/l")]
    [InlineData("""{"l":[{"id":null}]}""", "refuse.package.element_without_id", "/l")]
    [InlineData("""{"o":{"l":[{"id":"x"},{"id":"x"}]}}""", "refuse.package.duplicate_id", "/o/l")]
    [InlineData("""{"l":[[1]]}""", "refuse.package.mixed_array", "/l")]
    [InlineData("""{"l":[1,{"id":"x"}]}""", "refuse.package.mixed_array", "/l")]
    [InlineData("""{"l":[{"id":"x"},null]}""", "refuse.package.mixed_array", "/l")]
    [InlineData("[]", "refuse.package.root_not_object", null)]
    [InlineData("null", "refuse.package.root_not_object", null)]
    [InlineData("7", "refuse.package.root_not_object", null)]
    [InlineData("", "refuse.package.not_json", null)]
    [InlineData("{", "refuse.package.not_json", null)]
    [InlineData("""{"a":01}""", "refuse.package.not_json", null)]
    [InlineData("""{"a":1,}""", "refuse.package.not_json", null)]
    [InlineData("""{"a":1} {}""", "refuse.package.not_json", null)]
    [InlineData("""{"a":"\ud800"}""", "refuse.package.not_json", null)]
    public void What_is_no_tree_is_refused_with_its_place(string json, string code, string? path)
    {
        var refusal = ContentTree.Parse(json).Refusal;
        Assert.Equal((code, path), (refusal?.Code, refusal?.Path));
    }

    [Fact]
    public void Bytes_that_are_not_UTF8_are_refused() => Assert.Equal("refuse.package.not_json", ContentTree.Parse([.. "{\"a\":\""u8, 0xFF, .. "\"}"u8]).Refusal?.Code);

    [Fact]
    public void Deep_nesting_is_read_up_to_its_limit_and_refused_beyond()
    {
        static string Nested(int depth) => string.Concat(Enumerable.Repeat("{\"a\":", depth)) + "1" + new string('}', depth);
        Assert.False(ContentTree.Parse(Nested(ContentTree.MaxDepth)).IsRefused);
        Assert.Equal("refuse.package.too_deep", ContentTree.Parse(Nested(ContentTree.MaxDepth + 1)).Refusal?.Code);
        Assert.Equal("refuse.package.too_deep", ContentTree.Parse(Nested(100_000)).Refusal?.Code);
    }

    [Theory]
    [InlineData("""{"n":1.50e+3,"big":123456789012345678901234567890.10,"s":"é 漢 \" \\ \n","x":[true,null,0.10],"e":[],"o":{}}""")]
    public void Writing_gives_back_what_was_read_digit_by_digit(string json) => Assert.Equal(json, ContentTree.ToJson(ContentTree.Parse(json).Value));

    [Fact]
    public void A_byte_order_mark_is_no_content() => Assert.False(ContentTree.Parse(Encoding.UTF8.GetPreamble().Concat("{}"u8.ToArray()).ToArray()).IsRefused);

    [Theory]
    [InlineData("/items/album/unitPrice", "\"480.00\"")]
    [InlineData("/items/a~1b/n~0", "1")]
    [InlineData("/items/0", null)]
    [InlineData("/items/album/unitPrice/more", null)]
    [InlineData("items/album", null)]
    [InlineData("/items/bad~2", null)]
    public void A_path_names_elements_by_their_id(string path, string? json)
    {
        var tree = ContentTree.Parse("""{"items":[{"id":"album","unitPrice":"480.00"},{"id":"a/b","n~":1}]}""").Value;
        Assert.Equal(json, ContentTree.Find(tree, path) is { } node ? ContentTree.ToJson(node) : null);
    }

    [Fact]
    public void An_elements_id_cannot_be_edited()
    {
        var tree = ContentTree.Parse("""{"items":[{"id":"album","n":1}]}""").Value;
        Assert.Null(ContentTree.With(tree, "/items/album/id", ContentValue.String("book")));
        Assert.Null(ContentTree.With(tree, "/items/album", ContentObject.Of(("id", ContentValue.String("book")))));
        Assert.Equal("""{"items":[{"id":"album","n":2}]}""", ContentTree.ToJson(ContentTree.With(tree, "/items/album/n", ContentValue.Number(2L))!));
        Assert.Equal("""{"items":[]}""", ContentTree.ToJson(ContentTree.With(tree, "/items/album", null)!));
    }
}
