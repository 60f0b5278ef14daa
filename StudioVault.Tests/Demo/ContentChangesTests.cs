using System.Text.Json.Nodes;
using StudioVault.Infrastructure.Demo;
using Xunit;

namespace StudioVault.Tests.Demo;

public sealed class ContentChangesTests
{
    private static JsonObject Content => (JsonObject)JsonNode.Parse("""{"days":42,"items":[{"id":"album","price":"480.00"},{"id":"box"}]}""")!;

    [Fact]
    public void Names_list_elements_by_id_and_leaves_the_given_content_alone()
    {
        var before = Content;
        var after = new ContentChanges(["/items/box"], Values("/items/album/price", "520.00"), Values("/items/print", """{"id":"print"}""", json: true)).ApplyTo(before);
        Assert.True(JsonNode.DeepEquals(Content, before));
        Assert.True(JsonNode.DeepEquals(JsonNode.Parse("""{"days":42,"items":[{"id":"album","price":"520.00"},{"id":"print"}]}"""), after));
    }

    [Theory]
    [InlineData("/items/frame/price")]
    [InlineData("/nights")]
    public void Refuses_to_set_what_is_not_there(string path) =>
        Assert.Throws<InvalidDataException>(() => new ContentChanges(Set: Values(path, "1")).ApplyTo(Content));

    [Fact]
    public void Refuses_a_change_that_changes_nothing() =>
        Assert.Throws<InvalidDataException>(() => new ContentChanges(Set: Values("/items/album/price", "480.00")).ApplyTo(Content));

    [Fact]
    public void Refuses_to_add_what_is_there_or_what_has_another_id()
    {
        Assert.Throws<InvalidDataException>(() => new ContentChanges(Add: Values("/items/box", """{"id":"box","price":"1"}""", json: true)).ApplyTo(Content));
        Assert.Throws<InvalidDataException>(() => new ContentChanges(Add: Values("/items/print", """{"id":"frame"}""", json: true)).ApplyTo(Content));
    }

    [Fact]
    public void Refuses_to_remove_what_is_gone() =>
        Assert.Throws<InvalidDataException>(() => new ContentChanges(["/items/frame"]).ApplyTo(Content));

    private static Dictionary<string, JsonNode> Values(string path, string value, bool json = false) =>
        new() { [path] = json ? JsonNode.Parse(value)! : JsonValue.Create(value) };
}
