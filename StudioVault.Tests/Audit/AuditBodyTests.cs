using System.Text;
using System.Text.Json.Nodes;
using FsCheck;
using FsCheck.Fluent;
using StudioVault.Domain.Audit;
using StudioVault.Domain.Kernel;
using Xunit;

namespace StudioVault.Tests.Audit;

public sealed class AuditBodyTests
{
    private static readonly AuditBody Accepted = new()
    {
        Id = Guid.Parse("0193a1b2-c3d4-7e5f-8a9b-0c1d2e3f4a5b"),
        At = new DateTimeOffset(2026, 11, 21, 6, 1, 2, TimeSpan.FromHours(1)).AddTicks(1_234_567),
        ActorType = "agent",
        ActorId = "swarm-7",
        RootId = "person-1",
        OnBehalfOf = ["person-2", "person-1"],
        BranchId = Guid.Parse("11111111-2222-3333-4444-555555555555"),
        Action = "package.accept",
        ObjectType = "package",
        ObjectId = "wedding-classic",
        Outcome = "done",
        PayloadSha256 = CanonicalJson.Sha256("{}"u8),
        PolicyVersion = "3.1.0",
    };

    // The bytes are frozen: every leaf ever written has this shape.
    [Fact]
    public void Writes_the_agreed_bytes() => Assert.Equal(
        """{"action":"package.accept","actor_id":"swarm-7","actor_type":"agent","approval_state":null,"at":"2026-11-21T05:01:02.123456Z","branch_id":"11111111-2222-3333-4444-555555555555","capability":null,"id":"0193a1b2-c3d4-7e5f-8a9b-0c1d2e3f4a5b","object_id":"wedding-classic","object_type":"package","on_behalf_of":["person-2","person-1"],"outcome":"done","payload_sha256":"44136fa355b3678a1146ad16f7e8649e94fb4fc21fe77e8310c060f61caaff8a","policy_version":"3.1.0","proposal_id":null,"reason_code":null,"root_id":"person-1","v":1}""",
        Encoding.UTF8.GetString(Accepted.ToCanonical()));

    [Fact]
    public void The_leaf_hash_is_that_of_the_bytes() => Assert.Equal(MerkleHash.Leaf(Accepted.ToCanonical()), Accepted.LeafHash());

    [Fact]
    public void Is_canonical_json_and_reads_back_whatever_the_texts_hold() => Prop.ForAll(Bodies().ToArbitrary(), body =>
    {
        var bytes = body.ToCanonical();
        var read = AuditBody.FromCanonical(bytes).Value;
        return bytes.AsSpan().SequenceEqual(CanonicalJson.Canonicalize(bytes))
            && read with { OnBehalfOf = body.OnBehalfOf, At = body.At } == body && read.OnBehalfOf.SequenceEqual(body.OnBehalfOf);
    }).Check(Config.QuickThrowOnFailure.WithMaxTest(1_000));

    [Fact]
    public void Every_field_is_in_the_leaf()
    {
        AuditBody[] changed =
        [
            Accepted with { Id = Guid.Parse("0193a1b2-c3d4-7e5f-8a9b-0c1d2e3f4a5c") }, Accepted with { At = Accepted.At.AddMicroseconds(1) },
            Accepted with { ActorType = "staff" }, Accepted with { ActorId = "swarm-8" }, Accepted with { RootId = "person-2" },
            Accepted with { OnBehalfOf = ["person-1", "person-2"] }, Accepted with { OnBehalfOf = [] }, Accepted with { BranchId = null },
            Accepted with { Action = "package.ignore" }, Accepted with { ObjectType = "offer" }, Accepted with { ObjectId = "x" },
            Accepted with { Outcome = "refused" }, Accepted with { ReasonCode = "refuse.kernel.stale_write" }, Accepted with { ReasonCode = "" },
            Accepted with { Capability = "c" }, Accepted with { ProposalId = "p" }, Accepted with { ApprovalState = "approved" },
            Accepted with { PayloadSha256 = null }, Accepted with { PolicyVersion = "3.1.1" },
        ];
        Assert.Equal(changed.Length + 1, changed.Append(Accepted).Select(b => b.LeafHash()).Distinct().Count());
        Assert.Equal(typeof(AuditBody).GetProperties().Count(p => p.Name != "EqualityContract") + 1, JsonNode.Parse(Accepted.ToCanonical())!.AsObject().Count);
    }

    [Theory]
    [InlineData("""{"v":2}""", "version")]
    [InlineData("[]", "object")]
    [InlineData("nonsense", "wrong type")]
    public void Bytes_that_are_not_a_leaf_are_refused(string json, string reason) => Refused(json, reason);

    [Fact]
    public void Only_the_one_form_of_the_bytes_is_accepted()
    {
        var good = Encoding.UTF8.GetString(Accepted.ToCanonical());
        Refused(good + " ", "canonical");
        Refused(good.Replace("\"v\":1", "\"v\":1.0", StringComparison.Ordinal), "");
        Refused(good.Replace("\"outcome\":\"done\"", "\"outcome\":null", StringComparison.Ordinal), "type");
        Refused(good.Replace("\"outcome\":\"done\"", "\"outcome\":7", StringComparison.Ordinal), "type");
        Refused(good.Replace("\"v\":1", "\"v\":1,\"x\":1", StringComparison.Ordinal), "fields");
        Refused(good.Replace("swarm-7", "swarm\u202e7", StringComparison.Ordinal), "type");
        Refused(good.Replace("swarm-7", "\\u0073warm-7", StringComparison.Ordinal), "canonical");
        Refused(good.Replace("05:01:02.123456Z", "05:01:02.123Z", StringComparison.Ordinal), "type");
    }

    [Theory]
    [InlineData("a\nb", @"a\u{A}b")]
    [InlineData("a\r\nINFO signed in", @"a\u{D}\u{A}INFO signed in")]
    [InlineData("\u001b[2Jgone", @"\u{1B}[2Jgone")]
    [InlineData("\u009b31m", @"\u{9B}31m")]
    [InlineData("tab\there\0", @"tab\u{9}here\u{0}")]
    [InlineData("invoice\u202efdp.exe", @"invoice\u{202E}fdp.exe")]
    [InlineData("a\u2066b\u2069c", @"a\u{2066}b\u{2069}c")]
    [InlineData("\u200eleft\u200fright\u061c", @"\u{200E}left\u{200F}right\u{61C}")]
    [InlineData("ze\u200bro\ufeff", @"ze\u{200B}ro\u{FEFF}")]
    [InlineData("line\u2028para\u2029", @"line\u{2028}para\u{2029}")]
    [InlineData("tag\U000E0041", @"tag\u{E0041}")]
    [InlineData(@"C:\u{A}", @"C:\\u{A}")]
    [InlineData("Zoë 婚礼 عرس 😀 <b>&\"'", "Zoë 婚礼 عرس 😀 <b>&\"'")]
    public void Text_that_could_fool_a_reader_is_escaped_and_the_rest_left_alone(string text, string expected)
    {
        Assert.Equal(expected, AuditText.Escape(text));
        Assert.Equal(text == expected, AuditText.IsPlain(text));
        Assert.True(AuditText.TryUnescape(expected, out var back));
        Assert.Equal(text, back);
        Assert.Contains(JsonNode.Parse((Accepted with { ObjectId = text }).ToCanonical())!["object_id"]!.GetValue<string>(), expected, StringComparison.Ordinal);
    }

    [Fact]
    public void Half_a_character_is_escaped()
    {
        Assert.Equal(@"lone\u{D800}", AuditText.Escape("lone\ud800"));
        Assert.True(AuditText.TryUnescape(@"lone\u{D800}", out var back));
        Assert.Equal("lone\ud800", back);
    }

    [Theory]
    [InlineData(@"\")]
    [InlineData(@"\n")]
    [InlineData(@"\u{}")]
    [InlineData(@"\u{1b}")]
    [InlineData(@"\u{01B}")]
    [InlineData(@"\u{41}")]
    [InlineData(@"\u{110000}")]
    [InlineData(@"\u{FFFFFFFF}")]
    [InlineData(@"\u{1B")]
    [InlineData(@"\u{D83D}\u{DE00}")]
    [InlineData("\u001b")]
    public void An_escape_that_was_never_written_is_not_undone(string text) => Assert.False(AuditText.TryUnescape(text, out _));

    [Fact]
    public void No_control_or_reordering_character_reaches_the_bytes() => Prop.ForAll(Bodies().ToArbitrary(), body =>
        Encoding.UTF8.GetString(body.ToCanonical()).All(c => c >= ' ' && c is not (>= '\u007f' and <= '\u009f') and not (>= '\u200b' and <= '\u200f')
            and not (>= '\u2028' and <= '\u202e') and not (>= '\u2060' and <= '\u206f'))).Check(Config.QuickThrowOnFailure.WithMaxTest(500));

    private static void Refused(string json, string reason)
    {
        var refusal = AuditBody.FromCanonical(Encoding.UTF8.GetBytes(json)).Refusal;
        Assert.Equal(AuditRefusals.BodyMalformed, refusal?.Kind);
        Assert.Contains(reason, refusal!.Sentence, StringComparison.Ordinal);
    }

    private static Gen<AuditBody> Bodies()
    {
        var odd = Gen.Elements("\n", "\u001b[31m", "\u202e", "\ud800", "\udc00", "😀", "\\", "\\u{1B}", "\"", "é", "\u2028", "");
        var texts = ArbMap.Default.GeneratorFor<string?>().SelectMany(s => odd.Two().Select(o => o.Item1 + s + o.Item2));
        return texts.ListOf(6).SelectMany(t => ArbMap.Default.GeneratorFor<Guid>().SelectMany(id => Gen.Choose(0, int.MaxValue).Select(seconds => Accepted with
        {
            Id = id,
            At = DateTimeOffset.UnixEpoch.AddSeconds(seconds).AddMicroseconds(seconds % 1_000_000),
            ActorId = t[0],
            ObjectId = t[1],
            OnBehalfOf = [t[2], t[3]],
            ReasonCode = seconds % 2 == 0 ? null : t[4],
            PolicyVersion = t[5],
            BranchId = seconds % 3 == 0 ? null : id,
        })));
    }
}
