using System.Globalization;
using System.Text;
using System.Text.Json;
using System.Text.Json.Nodes;
using FsCheck;
using FsCheck.Fluent;
using StudioVault.Domain.Kernel;
using StudioVault.Tests.Support;
using Xunit;

namespace StudioVault.Tests.Kernel;

public sealed class CanonicalJsonTests
{
    [Theory]
    [InlineData("jcs.jsonl")]
    [InlineData("jcs-numbers.jsonl")]
    public void Agrees_with_the_published_vectors(string file)
    {
        var wrong = new List<string>();
        foreach (var line in File.ReadLines(DataFile.PathOf($"audit-vectors/{file}")))
        {
            using var vector = JsonDocument.Parse(line);
            var record = vector.RootElement;
            string? answer;
            try
            {
                answer = record.GetProperty("kind").GetString() == "jcs"
                    ? Convert.ToHexStringLower(CanonicalJson.Canonicalize(Convert.FromHexString(record.GetProperty("input").GetString()!)))
                    : CanonicalJson.FormatNumber(BitConverter.UInt64BitsToDouble(
                        ulong.Parse(record.GetProperty("ieee754").GetString()!, NumberStyles.HexNumber, CultureInfo.InvariantCulture)));
            }
            catch (CanonicalJsonException)
            {
                answer = null;
            }
            if (answer != record.GetProperty("expect").GetString()) wrong.Add($"{record.GetProperty("id")}: {answer}");
        }
        Assert.Empty(wrong);
    }

    // The values are what ECMAScript engines print; .NET's own shortest form stops one digit early on both.
    [Theory]
    [InlineData(0x3e60000000000000, "2.9802322387695312e-8")]
    [InlineData(0x0410000000000000, "4.1045368012983762e-289")]
    public void Prints_powers_of_two_so_that_they_read_back(long bits, string expected)
    {
        Assert.Equal(expected, CanonicalJson.FormatNumber(BitConverter.Int64BitsToDouble(bits)));
        Assert.Equal("-" + expected, CanonicalJson.FormatNumber(-BitConverter.Int64BitsToDouble(bits)));
    }

    [Fact]
    public void Every_number_reads_back_as_the_same_double() => Prop.ForAll<ulong>(bits =>
    {
        var number = BitConverter.UInt64BitsToDouble(bits * 0x9E3779B97F4A7C15);
        return !double.IsFinite(number)
            || double.Parse(CanonicalJson.FormatNumber(number), CultureInfo.InvariantCulture) == number;
    }).Check(Config.QuickThrowOnFailure.WithMaxTest(5_000));

    [Fact]
    public void Every_power_of_two_reads_back_as_itself()
    {
        for (var exponent = -1074; exponent <= 1023; exponent++)
        {
            var number = Math.ScaleB(1.0, exponent);
            Assert.Equal(number, double.Parse(CanonicalJson.FormatNumber(number), CultureInfo.InvariantCulture));
        }
    }

    [Theory]
    [InlineData("""{"b":1,"a":2}""", """{"a":2,"b":1}""")]
    [InlineData("""{"\u20ac":1,"\r":2,"1":3,"\ud83d\ude02":4,"\ufb33":5,"ö":6,"\u0080":7}""", "{\"\\r\":2,\"1\":3,\"\u0080\":7,\"ö\":6,\"€\":1,\"😂\":4,\"\ufb33\":5}")]
    [InlineData("""["\u0000\u001f\u007f\/\"\\"]""", "[\"\\u0000\\u001f\u007f/\\\"\\\\\"]")]
    [InlineData(" [ 1.0 , -0.0 , 1E2 , 1e21 , 0.0000001 , 12345678901234567890 ] ", "[1,0,100,1e+21,1e-7,12345678901234567000]")]
    [InlineData("\"\\b\\t\\n\\f\\r\"", "\"\\b\\t\\n\\f\\r\"")]
    [InlineData("""{"x":{"d":1,"c":{"z":1,"y":2}},"a":[{"b":1,"a":1}]}""", """{"a":[{"a":1,"b":1}],"x":{"c":{"y":2,"z":1},"d":1}}""")]
    [InlineData("null", "null")]
    public void Writes_text_in_its_one_form(string input, string expected)
    {
        Assert.Equal(expected, Text(CanonicalJson.Canonicalize(Encoding.UTF8.GetBytes(input))));
        Assert.Equal(expected, Text(CanonicalJson.Canonicalize(JsonNode.Parse(input))));
    }

    [Theory]
    [InlineData("""{"a":1,"a":1}""", "twice")]
    [InlineData("""{"a":1,"b":2,"\u0061":1}""", "twice")]
    [InlineData("""["\ud800"]""", "surrogate")]
    [InlineData("""["\udc00\ud800"]""", "surrogate")]
    [InlineData("""{"\ud83d":1}""", "surrogate")]
    [InlineData("1e400", "double")]
    [InlineData("[-1e999]", "double")]
    [InlineData("NaN", "invalid")]
    [InlineData("Infinity", "invalid")]
    [InlineData("{} {}", "after")]
    [InlineData("[1,]", "trailing comma")]
    [InlineData("[1] // no", "invalid")]
    [InlineData("01", "invalid")]
    [InlineData("'a'", "invalid")]
    [InlineData("\uFEFF{}", "invalid")]
    [InlineData("", "token")]
    [InlineData("[", "depth")]
    [InlineData("\"a\nb\"", "invalid")]
    public void Refuses_text_that_has_no_one_form(string input, string reason) =>
        Assert.Contains(reason, Assert.Throws<CanonicalJsonException>(() => CanonicalJson.Canonicalize(Encoding.UTF8.GetBytes(input))).Message,
            StringComparison.OrdinalIgnoreCase);

    [Fact]
    public void Refuses_bytes_that_are_not_utf8()
    {
        byte[][] inputs = [[(byte)'"', 0xFF, (byte)'"'], [(byte)'"', 0xC0, 0x80, (byte)'"'], [(byte)'"', 0xED, 0xA0, 0x80, (byte)'"']];
        Assert.All(inputs, i => Assert.Contains("UTF-8", Assert.Throws<CanonicalJsonException>(() => CanonicalJson.Canonicalize(i)).Message,
            StringComparison.Ordinal));
    }

    [Fact]
    public void Refuses_what_is_nested_too_deep()
    {
        string Nested(int depth) => new string('[', depth) + new string(']', depth);
        JsonNode Node(int depth) => depth == 1 ? new JsonArray() : new JsonArray(Node(depth - 1));
        Assert.Equal(Nested(CanonicalJson.MaxDepth), Text(CanonicalJson.Canonicalize(Encoding.UTF8.GetBytes(Nested(CanonicalJson.MaxDepth)))));
        Assert.Equal(Nested(CanonicalJson.MaxDepth), Text(CanonicalJson.Canonicalize(Node(CanonicalJson.MaxDepth))));
        Assert.Throws<CanonicalJsonException>(() => CanonicalJson.Canonicalize(Encoding.UTF8.GetBytes(Nested(CanonicalJson.MaxDepth + 1))));
        Assert.Throws<CanonicalJsonException>(() => CanonicalJson.Canonicalize(Node(CanonicalJson.MaxDepth + 1)));
    }

    [Fact]
    public void Refuses_nodes_that_have_no_one_form()
    {
        JsonNode?[] nodes =
        [
            JsonValue.Create(double.NaN), JsonValue.Create(double.PositiveInfinity), JsonValue.Create(float.NaN),
            JsonValue.Create("\ud800"), new JsonObject { ["\udc00"] = 1 }, JsonNode.Parse("""["\ud800"]"""),
            JsonNode.Parse("""{"a":1,"a":2}"""), JsonNode.Parse("1e400"),
        ];
        Assert.All(nodes, n => Assert.Throws<CanonicalJsonException>(() => CanonicalJson.Canonicalize(n)));
    }

    [Fact]
    public void Says_the_same_number_whatever_type_holds_it()
    {
        JsonNode[] nodes = [JsonValue.Create(7), JsonValue.Create(7L), JsonValue.Create(7.0), JsonValue.Create(7.00m), JsonValue.Create((byte)7),
            JsonValue.Create(7f), JsonNode.Parse("7.0")!];
        Assert.All(nodes, n => Assert.Equal("7", Text(CanonicalJson.Canonicalize(n))));
        Assert.Equal("0.1", Text(CanonicalJson.Canonicalize(JsonValue.Create(0.1m))));
        Assert.Equal("0.1", Text(CanonicalJson.Canonicalize(JsonValue.Create(0.1f))));
        Assert.Equal("9007199254740992", Text(CanonicalJson.Canonicalize(JsonValue.Create(9007199254740993))));
        Assert.Equal("7.922816251426434e+28", Text(CanonicalJson.Canonicalize(JsonValue.Create(decimal.MaxValue))));
    }

    [Fact]
    public void Names_a_value_by_the_sha256_of_its_bytes()
    {
        Assert.Equal("44136fa355b3678a1146ad16f7e8649e94fb4fc21fe77e8310c060f61caaff8a", CanonicalJson.Sha256(new JsonObject()));
        Assert.Equal(CanonicalJson.Sha256("{}"u8), CanonicalJson.Sha256(new JsonObject()));
        Assert.Equal(CanonicalJson.Sha256("null"u8), CanonicalJson.Sha256((JsonNode?)null));
    }

    [Fact]
    public void Is_its_own_canonical_form_whichever_way_it_is_read() => Prop.ForAll(Trees().ToArbitrary(), tree =>
    {
        var canonical = CanonicalJson.Canonicalize(tree);
        return canonical.AsSpan().SequenceEqual(CanonicalJson.Canonicalize(canonical))
            && canonical.AsSpan().SequenceEqual(CanonicalJson.Canonicalize(Encoding.UTF8.GetBytes(tree?.ToJsonString() ?? "null")))
            && canonical.AsSpan().SequenceEqual(CanonicalJson.Canonicalize(JsonNode.Parse(canonical)))
            && JsonNode.DeepEquals(JsonNode.Parse(canonical), tree is null ? null : JsonNode.Parse(tree.ToJsonString()));
    }).Check(Config.QuickThrowOnFailure.WithMaxTest(500));

    [Fact]
    public void Answers_any_bytes_with_a_form_or_a_typed_refusal() => Prop.ForAll<byte[], int, byte>((noise, at, value) =>
    {
        byte[] input = [.. """{"b":[1.5e3,"ä\u00e9\ud83d\ude00"],"a":{"d":null,"c":true}}"""u8];
        input[(int)((uint)at % (uint)input.Length)] = value;
        foreach (var bytes in new[] { input, noise, [.. input, .. noise] })
        {
            try
            {
                CanonicalJson.Canonicalize(bytes);
            }
            catch (CanonicalJsonException)
            {
            }
        }
        return true;
    }).Check(Config.QuickThrowOnFailure.WithMaxTest(3_000));

    private static string Text(byte[] bytes) => Encoding.UTF8.GetString(bytes);

    private static Gen<JsonNode?> Trees()
    {
        var strings = ArbMap.Default.GeneratorFor<string?>().Select(s => new string([.. (s ?? "").Where(c => !char.IsSurrogate(c))]))
            .SelectMany(s => Gen.Elements("", "😀", "ö", "\u2028", "\u0007").Select(x => s + x));
        var numbers = ArbMap.Default.GeneratorFor<double>().Where(double.IsFinite);
        Gen<JsonNode?> Sized(int size)
        {
            var leaf = Gen.OneOf(
                strings.Select(s => (JsonNode?)JsonValue.Create(s)),
                numbers.Select(d => (JsonNode?)JsonValue.Create(d)),
                ArbMap.Default.GeneratorFor<int>().Select(i => (JsonNode?)JsonValue.Create(i)),
                ArbMap.Default.GeneratorFor<bool>().Select(b => (JsonNode?)JsonValue.Create(b)),
                Gen.Constant<JsonNode?>(null));
            if (size <= 0) return leaf;
            var children = Sized(size / 3).ListOf(4);
            return Gen.OneOf(leaf,
                children.Select(list => (JsonNode?)new JsonArray([.. list.Select(n => n?.DeepClone())])),
                children.SelectMany(list => strings.ListOf(4).Select(keys =>
                {
                    var members = new JsonObject();
                    for (var i = 0; i < list.Count; i++) members[keys[i]] = list[i]?.DeepClone();
                    return (JsonNode?)members;
                })));
        }
        return Gen.Sized(Sized);
    }
}
