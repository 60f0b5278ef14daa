using System.Text.Json.Nodes;
using StudioVault.Infrastructure.Audit;
using StudioVault.Tests.Support;
using Xunit;

namespace StudioVault.Tests.Audit;

public sealed class AuditVectorsTests
{
    public static TheoryData<string> Files => new(Directory.GetFiles(DataFile.PathOf("audit-vectors"), "*.jsonl").Select(f => Path.GetFileName(f)!).Order());

    [Theory]
    [MemberData(nameof(Files))]
    public async Task Agrees_with_every_published_vector_whose_key_dotnet_can_check(string file)
    {
        var lines = await LinesAsync(file);
        var (exit, answers) = await RunAsync(lines);
        Assert.Equal(lines.Length, answers.Length);
        var unsupported = 0;
        foreach (var (line, answer) in lines.Zip(answers))
        {
            var record = JsonNode.Parse(line)!;
            Assert.Equal((string?)record["id"], (string?)answer["id"]);
            var ed25519 = (string?)record["key"] == "PKIX_ED25519";
            if (ed25519) unsupported++;
            Assert.True(ed25519
                ? !(bool)answer["ok"]! && (string?)answer["error"] == "refuse.audit.key_unsupported"
                : (bool)answer["ok"]! && answer["error"] is null, answer.ToJsonString());
        }
        Assert.Equal(unsupported == 0 ? 0 : 1, exit);
        Assert.Equal(file == "log-checkpoint.jsonl" ? 9 : 0, unsupported);
    }

    [Theory]
    [MemberData(nameof(Files))]
    public async Task Notices_when_the_expectation_is_turned_round(string file)
    {
        var lines = (await LinesAsync(file)).Select(line =>
        {
            var record = JsonNode.Parse(line)!;
            record["expect"] = record["expect"] switch
            {
                JsonObject parts => new JsonObject(parts.Select(p => KeyValuePair.Create<string, JsonNode?>(p.Key, p.Key == "wellFormed" ? !(bool)p.Value! : (bool)p.Value!))),
                JsonArray proof => new JsonArray([.. proof.Select(p => p!.DeepClone()), "00"]),
                JsonValue value when value.TryGetValue<bool>(out var b) => !b,
                null => "1",
                _ => (string)record["expect"]! + "0",
            };
            return record.ToJsonString();
        }).ToArray();
        var (exit, answers) = await RunAsync(lines);
        Assert.Equal(1, exit);
        Assert.All(answers, a => Assert.False((bool)a["ok"]!));
    }

    [Fact]
    public async Task Notices_every_kind_of_changed_proof()
    {
        var good = new List<JsonObject>();
        foreach (var file in new[] { "merkle-inclusion.jsonl", "merkle-consistency.jsonl", "log-inclusion.jsonl" })
            good.AddRange((await LinesAsync(file)).Select(l => JsonNode.Parse(l)!.AsObject()).Where(r => (bool)r["expect"]!));
        var changed = new List<string>();
        foreach (var record in good)
        {
            foreach (var name in new[] { "leaf", "leafData", "root", "root1", "root2" })
                if (record[name] is { } value) Change(record, r => r[name] = Flipped((string)value!));
            foreach (var name in new[] { "root", "root2" })
                if (record[name] is not null) Change(record, r => r[name] = ((string)r[name]!)[..62]);
            var sizes = record["size"] is null ? new[] { "size1", "size2" } : ["size", "index"];
            foreach (var name in sizes)
            {
                Change(record, r => r[name] = -1);
                Change(record, r => r[name] = JsonNode.Parse("99999999999999999999999"));
                Change(record, r => r[name] = "18446744073709551616");
            }
            Change(record, r => r[sizes[0]] = 0);
            Change(record, r => r["proof"]!.AsArray().Add(new string('0', 64)));
            Change(record, r => r["proof"]!.AsArray().Add(""));
            Change(record, r => r["proof"]!.AsArray().Insert(0, new string('a', 64)));
            if (record["proof"]!.AsArray().Count == 0) continue;
            Change(record, r => r["proof"]!.AsArray().RemoveAt(0));
            Change(record, r => r["proof"]![0] = Flipped((string)r["proof"]![0]!));
            Change(record, r => r["proof"]![0] = ((string)r["proof"]![0]!)[..40]);
        }
        var (exit, answers) = await RunAsync([.. changed]);
        Assert.Equal(changed.Count, answers.Length);
        Assert.Empty(answers.Where(a => !(bool)a["ok"]!).Select(a => a.ToJsonString()));
        Assert.Equal(0, exit);

        void Change(JsonObject record, Action<JsonObject> change)
        {
            var copy = record.DeepClone().AsObject();
            change(copy);
            copy["expect"] = false;
            changed.Add(copy.ToJsonString());
        }
    }

    [Fact]
    public async Task Reads_sizes_as_text_and_beyond_what_a_double_holds()
    {
        var record = JsonNode.Parse((await LinesAsync("merkle-inclusion.jsonl")).First(l => l.Contains("incl/1/happy-path", StringComparison.Ordinal)))!;
        record["size"] = "8";
        record["index"] = "0";
        var beyond = record.DeepClone();
        beyond["size"] = JsonNode.Parse("9007199254740993");
        beyond["expect"] = false;
        var (exit, _) = await RunAsync([record.ToJsonString(), beyond.ToJsonString()]);
        Assert.Equal(0, exit);
    }

    [Fact]
    public async Task Notices_every_kind_of_changed_checkpoint()
    {
        var good = (await LinesAsync("log-checkpoint.jsonl")).Select(l => JsonNode.Parse(l)!.AsObject())
            .Where(r => (string?)r["key"] == "PKIX_ECDSA_P256_SHA_256" && (bool)r["expect"]!["signedByLog"]! && (bool)r["expect"]!["rootMatches"]!).ToArray();
        Assert.NotEmpty(good);
        var changed = new List<string>();
        foreach (var record in good)
        {
            var note = (string)record["note"]!;
            var lines = note.Split('\n');
            var last = lines[^2];
            var line = last[..last.LastIndexOf(' ')];
            var signature = Convert.FromBase64String(last.Split(' ')[^1]);
            // wellFormed, signedByLog, rootMatches
            Expect(note, true, true, true);
            Expect(string.Join('\n', lines[1..]), false, false, false);
            Expect(note.Replace(lines[1] + "\n", "", StringComparison.Ordinal), false, false, false);
            Expect(note.Replace(lines[2] + "\n", "", StringComparison.Ordinal), false, false, false);
            Expect(note[..^1], false, false, false);
            Expect(note + "\n", false, false, false);
            Expect(note.Replace("\n", "\r\n", StringComparison.Ordinal), false, false, false);
            Expect(note.Replace("\n\n", "\n", StringComparison.Ordinal), false, false, false);
            Expect(note.Replace("\n" + lines[1] + "\n", "\n0" + lines[1] + "\n", StringComparison.Ordinal), false, false, false);
            Expect(note.Replace("\n" + lines[1] + "\n", "\n" + lines[1] + "0\n", StringComparison.Ordinal), true, false, false);
            Expect(note.Replace("—", "-", StringComparison.Ordinal), false, false, false);
            Expect(note.Replace(lines[0], lines[0] + "x", StringComparison.Ordinal), true, false, true);
            Expect(note.Replace("\n\n", "\nextension\n\n", StringComparison.Ordinal), true, false, true);
            Expect(note.Replace(last + "\n", "", StringComparison.Ordinal), true, false, true);
            Expect(note + "— witness.example AAAAAAAA\n", true, true, true);
            Expect(note.Replace(last, "— witness.example AAAAAAAA\n" + last, StringComparison.Ordinal), true, true, true);
            Expect(note + "— witness.example AAAA\n", false, false, false);
            Expect(note + "— witness.example AAA=AAAA\n", false, false, false);
            Expect(note + "junk\n", false, false, false);
            var hint = (byte[])signature.Clone();
            hint[0] ^= 1;
            Expect(note.Replace(last, $"{line} {Convert.ToBase64String(hint)}", StringComparison.Ordinal), true, false, true);
            var forged = (byte[])signature.Clone();
            forged[^1] ^= 1;
            Expect(note.Replace(last, $"{line} {Convert.ToBase64String(forged)}", StringComparison.Ordinal), true, false, true);
            Expect(note + last + "\n", true, true, true);

            void Expect(string text, bool wellFormed, bool signed, bool matches)
            {
                var copy = record.DeepClone().AsObject();
                copy["note"] = text;
                copy["expect"] = new JsonObject { ["wellFormed"] = wellFormed, ["signedByLog"] = signed, ["rootMatches"] = matches };
                changed.Add(copy.ToJsonString());
            }
        }
        var (exit, answers) = await RunAsync([.. changed]);
        Assert.Empty(answers.Zip(changed).Where(p => !(bool)p.First["ok"]!).Select(p => p.Second));
        Assert.Equal(0, exit);
    }

    [Theory]
    [InlineData("not json", null)]
    [InlineData("[]", null)]
    [InlineData("7", null)]
    [InlineData("""{"kind":"inclusion"}""", null)]
    [InlineData("""{"id":"a"}""", "a")]
    [InlineData("""{"id":true,"kind":"none"}""", null)]
    [InlineData("""{"id":"a","kind":"no such kind","expect":true}""", "a")]
    [InlineData("""{"id":"a","kind":"jcs","input":"7b7d"}""", "a")]
    [InlineData("""{"id":"a","kind":"jcs","input":"7b7","expect":"7b7d"}""", "a")]
    [InlineData("""{"id":"a","kind":"jcs","input":null,"expect":"7b7d"}""", "a")]
    [InlineData("""{"id":"a","kind":"jcs","kind":"jcs","input":"7b7d","expect":"7b7d"}""", null)]
    [InlineData("""{"id":"a","kind":"jcs-number","ieee754":"0","expect":"0"}""", "a")]
    [InlineData("""{"id":"a","kind":"tree-root","size":1.5,"expect":""}""", "a")]
    [InlineData("""{"id":"a","kind":"tree-root","size":null,"expect":""}""", "a")]
    [InlineData("""{"id":"a","kind":"inclusion","index":true,"size":1,"leaf":"","proof":[],"root":"","expect":false}""", "a")]
    [InlineData("""{"id":"a","kind":"inclusion","index":0,"size":1,"leaf":"","proof":[null],"root":"","expect":false}""", "a")]
    [InlineData("""{"id":"a","kind":"inclusion","index":0,"size":1,"leaf":"xx","proof":[],"root":"","expect":false}""", "a")]
    [InlineData("""{"id":"a","kind":"inclusion","index":0,"size":1,"leaf":"","proof":"","root":"","expect":false}""", "a")]
    [InlineData("""{"id":"a","kind":"inclusion","index":0,"size":1,"leaf":"","proof":[],"root":"","expect":"false"}""", "a")]
    public async Task Answers_an_unreadable_line_with_a_refusal_and_goes_on(string line, string? id)
    {
        var (exit, answers) = await RunAsync([line, "", """{"id":"next","kind":"hash","op":"empty-leaf","expect":"6e340b9cffb37a989ca544e6bb780a2c78901d3fb33738768511a30617afa01d"}"""]);
        Assert.Equal(1, exit);
        Assert.Equal(2, answers.Length);
        Assert.Equal((false, "refuse.kernel.malformed"), ((bool)answers[0]["ok"]!, (string?)answers[0]["error"]));
        Assert.Equal(id, (string?)answers[0]["id"]);
        Assert.True(answers[0].AsObject().ContainsKey("id"));
        Assert.True((bool)answers[1]["ok"]!);
    }

    [Fact]
    public async Task Says_when_the_input_cannot_be_read_at_all()
    {
        using var broken = new BrokenReader();
        Assert.Equal(2, await AuditVectors.RunAsync(broken, TextWriter.Null));
        Assert.Equal(0, await AuditVectors.RunAsync(TextReader.Null, TextWriter.Null));
    }

    private static Task<string[]> LinesAsync(string file) =>
        File.ReadAllLinesAsync(DataFile.PathOf($"audit-vectors/{file}"), TestContext.Current.CancellationToken);

    private static async Task<(int Exit, JsonNode[] Answers)> RunAsync(string[] lines)
    {
        using var output = new StringWriter();
        var exit = await AuditVectors.RunAsync(new StringReader(string.Join('\n', lines)), output);
        return (exit, [.. output.ToString().Split('\n', StringSplitOptions.RemoveEmptyEntries).Select(l => JsonNode.Parse(l)!)]);
    }

    private static string Flipped(string hex)
    {
        var bytes = Convert.FromHexString(hex);
        bytes[^1] ^= 1;
        return Convert.ToHexStringLower(bytes);
    }

    private sealed class BrokenReader : TextReader
    {
        public override ValueTask<string?> ReadLineAsync(CancellationToken cancellationToken) => throw new IOException("gone");
        public override Task<string?> ReadLineAsync() => throw new IOException("gone");
    }
}
