using System.Text;
using StudioVault.Domain.Packages;
using Xunit;

namespace StudioVault.Tests.Packages;

/// <summary>The batch verb <c>packages merge --jsonl FILE</c>, byte for byte.</summary>
public sealed class MergeLinesTests
{
    [Theory]
    [InlineData("""{"id":"1","base":{"a":1},"branch":{"a":1},"hq":{"a":2}}""", """{"id":"1","merged":{"a":2},"offered":["/a"],"conflicts":[]}""")]
    [InlineData("""{"id":"1","base":{"a":1},"branch":{"a":3},"hq":{"a":2}}""", """{"id":"1","merged":{"a":3},"offered":["/a"],"conflicts":["/a"]}""")]
    [InlineData("""{"id":"1","base":{"a":1},"branch":{"a":3},"hq":{"a":2},"decisions":{"/a":"hq"}}""", """{"id":"1","merged":{"a":2},"offered":["/a"],"conflicts":["/a"]}""")]
    [InlineData("""{"id":"1","base":{"a":1},"branch":{"a":1},"hq":{"a":2},"decisions":{"/a":"branch"}}""", """{"id":"1","merged":{"a":1},"offered":["/a"],"conflicts":[]}""")]
    [InlineData("""{"id":"1","base":{"a":1},"branch":{"a":1},"hq":{"a":2},"decisions":{"/a":{"value":null}}}""", """{"id":"1","merged":{"a":null},"offered":["/a"],"conflicts":[]}""")]
    [InlineData("""{"id":"1","base":{"a":1},"branch":{"a":1},"hq":{"a":2},"decisions":{"/a":{"value":{"x":[true,"y"]}}}}""", """{"id":"1","merged":{"a":{"x":[true,"y"]}},"offered":["/a"],"conflicts":[]}""")]
    [InlineData("""{"id":"1","base":{"a":1},"branch":{"a":1},"hq":{"a":2},"decisions":{"/a":{"value":[{"id":"z","n":1}]}}}""", """{"id":"1","merged":{"a":[{"id":"z","n":1}]},"offered":["/a"],"conflicts":[]}""")]
    [InlineData("""{"id":"1","base":{"a":[{"id":"z"}]},"branch":{"a":[{"id":"z"}]},"hq":{},"decisions":{"/a":{"value":"none"}}}""", """{"id":"1","merged":{"a":"none"},"offered":["/a"],"conflicts":[]}""")]
    [InlineData("""{"id":"1","base":{"o":{"a":1}},"branch":{},"hq":{"o":{"a":2}},"decisions":{"/o/a":{"value":[1,2]}}}""", """{"id":"1","merged":{"o":{"a":[1,2]}},"offered":["/o/a"],"conflicts":["/o/a"]}""")]
    [InlineData("""{"hq":{},"branch":{},"base":{},"id":"any order"}""", """{"id":"any order","merged":{},"offered":[],"conflicts":[]}""")]
    [InlineData("""{"id":7,"base":{},"branch":{},"hq":{},"note":[[1]],"decisions":null}""", """{"id":7,"merged":{},"offered":[],"conflicts":[]}""")]
    [InlineData("""{"id":"é\u00e9","base":{},"branch":{"s":"漢\u6f22"},"hq":{}}""", """{"id":"éé","merged":{"s":"漢漢"},"offered":[],"conflicts":[]}""")]
    [InlineData("""{"id":"dup","base":{"i":[]},"branch":{"i":[{"id":"x","title":"Album"}]},"hq":{"i":[{"id":"y","title":"Album"}]}}""",
        """{"id":"dup","merged":{"i":[{"id":"x","title":"Album"},{"id":"y","title":"Album"}]},"offered":["/i/y"],"conflicts":[]}""")]
    public void A_good_line_is_answered(string line, string answer) => Assert.Equal((answer + "\n", 0), Run(line));

    [Theory]
    [InlineData("""{"id":"1","base":{},"branch":{}}""", "\"1\"", "refuse.package.line_shape")]
    [InlineData("""{"base":{},"branch":{},"hq":{}}""", "null", "refuse.package.line_shape")]
    [InlineData("""{"id":null,"base":{},"branch":{},"hq":{}}""", "null", "refuse.package.line_shape")]
    [InlineData("""{"id":["1"],"base":{},"branch":{},"hq":{}}""", "null", "refuse.package.line_shape")]
    [InlineData("[]", "null", "refuse.package.line_shape")]
    [InlineData("not json", "null", "refuse.package.not_json")]
    [InlineData("""{"id":"1","base":{},"branch":{},"hq":{}} trailing""", "\"1\"", "refuse.package.not_json")]
    [InlineData("""{"id":"1","base":{},"branch":{},"hq":""", "\"1\"", "refuse.package.not_json")]
    [InlineData("""{"base":null,"branch":{},"hq":{},"id":"last"}""", "\"last\"", "refuse.package.root_not_object")]
    [InlineData("""{"id":"1","base":[],"branch":{},"hq":{}}""", "\"1\"", "refuse.package.root_not_object")]
    [InlineData("""{"base":{"l":[{"id":"x"},{"id":"x"}]},"branch":{},"hq":{},"id":"1"}""", "\"1\"", "refuse.package.duplicate_id")]
    [InlineData("""{"id":"1","base":{"a":1,"a":1},"branch":{},"hq":{}}""", "\"1\"", "refuse.package.duplicate_key")]
    [InlineData("""{"id":"1","base":{},"base":{},"branch":{},"hq":{}}""", "\"1\"", "refuse.package.duplicate_key")]
    [InlineData("""{"id":"1","base":{"a":[[1]]},"branch":{},"hq":{}}""", "\"1\"", "refuse.package.mixed_array")]
    [InlineData("""{"id":"1","base":{"a":1},"branch":{"a":1},"hq":{"a":2},"decisions":{"/b":"hq"}}""", "\"1\"", "refuse.package.decision_not_offered")]
    [InlineData("""{"id":"1","base":{"a":1},"branch":{"a":1},"hq":{"a":2},"decisions":{"/a":"mine"}}""", "\"1\"", "refuse.package.decision_shape")]
    [InlineData("""{"id":"1","base":{"a":1},"branch":{"a":1},"hq":{"a":2},"decisions":{"/a":{"value":1,"x":2}}}""", "\"1\"", "refuse.package.decision_shape")]
    [InlineData("""{"id":"1","base":{"a":[{"id":"z","n":1}]},"branch":{"a":[{"id":"z","n":1}]},"hq":{"a":[]},"decisions":{"/a/z":{"value":7}}}""", "\"1\"", "refuse.package.decision_shape")]
    [InlineData("""{"id":"1","base":{"a":[{"id":"z","n":1}]},"branch":{"a":[{"id":"z","n":1}]},"hq":{"a":[]},"decisions":{"/a/z":{"value":{"id":"other"}}}}""", "\"1\"", "refuse.package.decision_shape")]
    [InlineData("""{"id":"1","base":{"a":1},"branch":{"a":1},"hq":{"a":2},"decisions":[]}""", "\"1\"", "refuse.package.decision_shape")]
    public void A_bad_line_is_answered_with_a_code_and_the_rest_go_on(string line, string id, string code)
    {
        const string good = """{"id":"good","base":{"a":1},"branch":{"a":1},"hq":{"a":2}}""";
        var (output, errors) = Run($"{line}\n{good}\n");
        Assert.Equal($$"""{"id":{{id}},"error":"{{code}}"}""" + "\n" + """{"id":"good","merged":{"a":2},"offered":["/a"],"conflicts":[]}""" + "\n", output);
        Assert.Equal(1, errors);
    }

    [Fact]
    public void Empty_lines_a_byte_order_mark_and_carriage_returns_are_no_lines()
    {
        var (output, errors) = Run("\uFEFF{\"id\":\"1\",\"base\":{},\"branch\":{},\"hq\":{}}\r\n\n  \r\n{\"id\":\"2\",\"base\":{},\"branch\":{},\"hq\":{}}");
        Assert.Equal((2, 0), (output.Count(c => c == '\n'), errors));
    }

    [Fact]
    public void A_line_longer_than_any_buffer_is_one_line_and_its_neighbours_are_not_lost()
    {
        var text = new string('x', 300_000);
        var line = """{"id":"long","base":{},"branch":{"s":"TEXT"},"hq":{}}""".Replace("TEXT", text, StringComparison.Ordinal);
        var (output, errors) = Run($"{line}\n{line}\n" + """{"id":"short","base":{},"branch":{},"hq":{}}""");
        Assert.Equal(0, errors);
        Assert.Equal(["long", "long", "short"], output.Split('\n', StringSplitOptions.RemoveEmptyEntries).Select(l => l.Split('"')[3]));
        Assert.Contains(text, output, StringComparison.Ordinal);
    }

    [Fact]
    public void Bytes_that_are_not_UTF8_spoil_only_their_line()
    {
        byte[] bytes = [.. "{\"id\":\"1\",\"base\":{},\"branch\":{\"s\":\""u8, 0xC3, 0x28, .. "\"},\"hq\":{}}\n{\"id\":\"2\",\"base\":{},\"branch\":{},\"hq\":{}}\n"u8];
        var (output, errors) = Run(bytes);
        Assert.Equal(("""{"id":"1","error":"refuse.package.not_json"}""", 1), (output.Split('\n')[0], errors));
        Assert.StartsWith("""{"id":"2","merged":{}""", output.Split('\n')[1], StringComparison.Ordinal);
    }

    private static (string Output, int Errors) Run(string input) => Run(Encoding.UTF8.GetBytes(input));

    private static (string Output, int Errors) Run(byte[] input)
    {
        using var output = new MemoryStream();
        var (_, errors) = MergeLines.Run(new MemoryStream(input), output);
        return (Encoding.UTF8.GetString(output.ToArray()), errors);
    }
}
