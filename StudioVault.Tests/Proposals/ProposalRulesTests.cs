using System.Text.Json.Nodes;
using StudioVault.Domain.Kernel;
using StudioVault.Domain.Proposals;
using Xunit;

namespace StudioVault.Tests.Proposals;

/// <summary>The pure rules around a proposal: what a card may say, what arguments fit, what an exemption and a stop cover, what a digest is made of.</summary>
public sealed class ProposalRulesTests
{
    private static readonly DateTimeOffset Noon = new(2030, 5, 4, 12, 0, 0, TimeSpan.Zero);
    private static readonly BranchId Porto = BranchId.New();
    private static readonly AgentId Helper = AgentId.New();

    private static readonly InputSchema Schema = new([
        new("text", InputKind.Text, "Text", 10, IsOptional: true), new("long", InputKind.Text, "Long", 100, IsOptional: true, IsLong: true), new("size", InputKind.Text, "Size", IsOptional: true, OneOf: ["s", "m"]),
        new("id", InputKind.Id, "Id", IsOptional: true), new("day", InputKind.Day, "Day", IsOptional: true), new("amount", InputKind.Amount, "Amount", IsOptional: true), new("count", InputKind.Whole, "Count", 5)]);

    [Theory]
    [InlineData("""{"count":1}""")]
    [InlineData("""{"count":5,"text":"Hello","long":"Two\nlines","size":"m","id":"3f2504e0-4f89-11d3-9a0c-0305e82c3301","day":"2030-02-28","amount":"0.5"}""")]
    [InlineData("""{"count":1,"amount":"999999999.99"}""")]
    [InlineData("""{"count":1,"text":"😂"}""")]
    public void Arguments_that_fit_are_taken(string json) => Assert.Null(Schema.Check(JsonNode.Parse(json)!.AsObject()));

    [Theory]
    [InlineData("""{}""", "argument_missing", "/args/count")]
    [InlineData("""{"count":null}""", "argument_wrong", "/args/count")]
    [InlineData("""{"count":0}""", "argument_wrong", "/args/count")]
    [InlineData("""{"count":6}""", "argument_wrong", "/args/count")]
    [InlineData("""{"count":1.5}""", "argument_wrong", "/args/count")]
    [InlineData("""{"count":"1"}""", "argument_wrong", "/args/count")]
    [InlineData("""{"count":99999999999}""", "argument_wrong", "/args/count")]
    [InlineData("""{"count":1,"Count":1}""", "argument_unknown", "/args/Count")]
    [InlineData("""{"count":1,"__proto__":{}}""", "argument_unknown", "/args/__proto__")]
    [InlineData("""{"count":1,"text":""}""", "argument_wrong", "/args/text")]
    [InlineData("""{"count":1,"text":"  "}""", "argument_wrong", "/args/text")]
    [InlineData("""{"count":1,"text":"12345678901"}""", "argument_wrong", "/args/text")]
    [InlineData("""{"count":1,"text":"a\nb"}""", "argument_wrong", "/args/text")]
    [InlineData("""{"count":1,"text":["a"]}""", "argument_wrong", "/args/text")]
    [InlineData("""{"count":1,"text":{"a":1}}""", "argument_wrong", "/args/text")]
    [InlineData("""{"count":1,"long":"a\u0000b"}""", "argument_wrong", "/args/long")]
    [InlineData("""{"count":1,"long":"a\u202eb"}""", "argument_wrong", "/args/long")]
    [InlineData("""{"count":1,"size":"l"}""", "argument_wrong", "/args/size")]
    [InlineData("""{"count":1,"id":"3f2504e04f8911d39a0c0305e82c3301"}""", "argument_wrong", "/args/id")]
    [InlineData("""{"count":1,"id":"' or 1=1"}""", "argument_wrong", "/args/id")]
    [InlineData("""{"count":1,"day":"2030-02-30"}""", "argument_wrong", "/args/day")]
    [InlineData("""{"count":1,"day":"30.2.2030"}""", "argument_wrong", "/args/day")]
    [InlineData("""{"count":1,"amount":"0"}""", "argument_wrong", "/args/amount")]
    [InlineData("""{"count":1,"amount":"0.00"}""", "argument_wrong", "/args/amount")]
    [InlineData("""{"count":1,"amount":"-1"}""", "argument_wrong", "/args/amount")]
    [InlineData("""{"count":1,"amount":"1,50"}""", "argument_wrong", "/args/amount")]
    [InlineData("""{"count":1,"amount":"1.505"}""", "argument_wrong", "/args/amount")]
    [InlineData("""{"count":1,"amount":"1."}""", "argument_wrong", "/args/amount")]
    [InlineData("""{"count":1,"amount":"01"}""", "argument_wrong", "/args/amount")]
    [InlineData("""{"count":1,"amount":"1e3"}""", "argument_wrong", "/args/amount")]
    [InlineData("""{"count":1,"amount":"٣"}""", "argument_wrong", "/args/amount")]
    [InlineData("""{"count":1,"amount":12}""", "argument_wrong", "/args/amount")]
    public void Arguments_that_do_not_fit_are_refused_with_their_place(string json, string code, string path)
    {
        var refusal = Schema.Check(JsonNode.Parse(json)!.AsObject());
        Assert.Equal(("refuse.proposal." + code, path), (refusal?.Code, refusal?.Path));
    }

    [Fact]
    public void Half_a_character_is_refused_before_anything_has_to_hash_it() =>
        Assert.Equal("refuse.proposal.argument_wrong", Schema.Check(new JsonObject { ["count"] = 1, ["text"] = "a\ud800" })?.Code);

    [Fact]
    public void The_schema_for_programs_says_the_same_as_the_check()
    {
        var json = Schema.ToJsonSchema();
        Assert.Equal("""{"type":"object","properties":{"text":{"title":"Text","type":"string","minLength":1,"maxLength":10},"long":{"title":"Long","type":"string","minLength":1,"maxLength":100},"size":{"title":"Size","type":"string","minLength":1,"enum":["s","m"]},"id":{"title":"Id","type":"string","format":"uuid"},"day":{"title":"Day","type":"string","format":"date"},"amount":{"title":"Amount","type":"string","pattern":"^(0|[1-9][0-9]{0,8})(\\.[0-9]{1,2})?$"},"count":{"title":"Count","type":"integer","minimum":1,"maximum":5}},"required":["count"],"additionalProperties":false}""",
            JsonNode.Parse(json.ToJsonString())!.ToJsonString(new(System.Text.Json.JsonSerializerDefaults.General) { Encoder = System.Text.Encodings.Web.JavaScriptEncoder.UnsafeRelaxedJsonEscaping }));
    }

    private static CapabilityCard.Content Card(Band band, ApprovalRule? rule = null) => new("Studio operations", "low", "Goes wrong", "Propose the day before", "Tests", band, rule ?? CapabilityCard.RuleOf(band), TimeSpan.FromHours(4), TimeSpan.FromHours(1), null, null, false, 10, 20, 30, TimeSpan.FromHours(1));

    private static string? CodeOf(CapabilityCard.Content content, Band least = Band.Green) => CapabilityCard.Of("test.x", 1, least, content, Noon, null).Refusal?.Code;

    [Fact]
    public void A_band_cannot_be_put_lower_than_the_code_says_nor_asked_for_less_than_it_demands()
    {
        Assert.Null(CodeOf(Card(Band.Red)));
        Assert.Equal("refuse.capability.band_too_low", CodeOf(Card(Band.Amber), Band.Red));
        // RED is two people, one of them a manager, whichever way the rule is met.
        Assert.Equal("refuse.capability.rule_malformed", CodeOf(Card(Band.Red, new ApprovalRule.AtLeast(1, "BranchManager"))));
        Assert.Equal("refuse.capability.rule_malformed", CodeOf(Card(Band.Red, new ApprovalRule.AtLeast(2, "Staff"))));
        Assert.Equal("refuse.capability.rule_malformed", CodeOf(Card(Band.Red, new ApprovalRule.Any([CapabilityCard.RuleOf(Band.Red), new ApprovalRule.AtLeast(3, "Staff")]))));
        Assert.Null(CodeOf(Card(Band.Red, new ApprovalRule.AtLeast(2, "BranchManager"))));
        Assert.Equal("refuse.capability.rule_malformed", CodeOf(Card(Band.Amber, new ApprovalRule.Never())));
        Assert.Equal("refuse.capability.rule_malformed", CodeOf(Card(Band.Black, new ApprovalRule.AtLeast(1, "Staff"))));
        Assert.Equal("refuse.capability.rule_malformed", CodeOf(Card(Band.Amber, new ApprovalRule.AtLeast(1, "Nobody"))));
        Assert.Equal("refuse.capability.card_malformed", CodeOf(Card(Band.Amber) with { MayApproveOwn = true }));
    }

    [Fact]
    public void The_deepest_rule_of_a_card_is_still_read_with_a_manager_beside_it()
    {
        var rule = CapabilityCard.RuleOf(Band.Amber);
        for (var depth = 0; depth < CapabilityCard.DeepestRule; depth++) rule = new ApprovalRule.Any([rule]);
        Assert.Null(CodeOf(Card(Band.Amber, rule)));
        Assert.Null(ApprovalRule.From(new ApprovalRule.All([new ApprovalRule.AtLeast(1, "BranchManager"), rule]).ToJson()).Refusal);
        Assert.Equal("refuse.capability.rule_malformed", CodeOf(Card(Band.Amber, new ApprovalRule.Any([rule]))));
    }

    [Fact]
    public void Times_and_quotas_of_a_card_have_bounds()
    {
        Assert.Equal("refuse.capability.card_malformed", CodeOf(Card(Band.Green) with { ApproveWithin = TimeSpan.FromSeconds(59) }));
        Assert.Equal("refuse.capability.card_malformed", CodeOf(Card(Band.Green) with { ApproveWithin = TimeSpan.FromDays(15) }));
        Assert.Equal("refuse.capability.card_malformed", CodeOf(Card(Band.Green) with { ValidFor = TimeSpan.Zero }));
        Assert.Equal("refuse.capability.card_malformed", CodeOf(Card(Band.Green) with { DecideFrom = new(9, 0) }));
        Assert.Equal("refuse.capability.card_malformed", CodeOf(Card(Band.Green) with { DecideFrom = new(9, 0), DecideTo = new(9, 0) }));
        Assert.Equal("refuse.capability.card_malformed", CodeOf(Card(Band.Green) with { PerAgent = 0 }));
        Assert.Equal("refuse.capability.card_malformed", CodeOf(Card(Band.Green) with { Window = TimeSpan.FromSeconds(1) }));
        Assert.Equal("refuse.capability.card_malformed", CodeOf(Card(Band.Green) with { RiskTier = "none" }));
        Assert.Equal("refuse.kernel.too_long", CodeOf(Card(Band.Green) with { Rollback = new string('x', 501) }));
    }

    [Theory]
    [InlineData("owner")]
    [InlineData("risk tier")]
    [InlineData("failure mode")]
    [InlineData("rollback")]
    [InlineData("test coverage")]
    public void A_card_without_one_of_its_five_texts_cannot_be_enabled(string missing)
    {
        var content = missing switch
        {
            "owner" => Card(Band.Green) with { Owner = " " },
            "risk tier" => Card(Band.Green) with { RiskTier = "" },
            "failure mode" => Card(Band.Green) with { FailureMode = "\t" },
            "rollback" => Card(Band.Green) with { Rollback = "" },
            _ => Card(Band.Green) with { TestCoverage = "" },
        };
        var standing = CapabilityStanding.Register("test.x");
        var refusal = standing.Enable(CapabilityCard.Of("test.x", 1, Band.Green, content, Noon, null).Value).Refusal;
        Assert.Equal("refuse.capability.metadata_missing", refusal?.Code);
        Assert.Contains(missing, refusal!.Sentence, StringComparison.Ordinal);
        Assert.False(standing.IsEnabled);
    }

    [Fact]
    public void An_exemption_is_narrow_has_an_end_and_never_covers_red()
    {
        Assert.Equal("refuse.kernel.reason_required", Grant(reason: " ").Refusal?.Code);
        foreach (var band in (Band[])[Band.Red, Band.Black]) Assert.Equal("refuse.exemption.too_wide", Grant(band).Refusal?.Code);
        foreach (var days in (int[])[0, 91]) Assert.Equal("refuse.exemption.too_wide", Grant(days: days).Refusal?.Code);
        foreach (var uses in (int[])[0, 501]) Assert.Equal("refuse.exemption.too_wide", Grant(uses: uses).Refusal?.Code);
        var exemption = Grant().Value;
        Assert.True(exemption.Covers("test.x", Porto, Helper, Noon));
        Assert.False(exemption.Covers("test.y", Porto, Helper, Noon));
        Assert.False(exemption.Covers("test.x", BranchId.New(), Helper, Noon));
        Assert.False(exemption.Covers("test.x", Porto, null, Noon));
        Assert.False(exemption.Covers("test.x", Porto, AgentId.New(), Noon));
        Assert.True(exemption.Covers("test.x", Porto, Helper, Noon.AddDays(7).AddTicks(-1)));
        Assert.False(exemption.Covers("test.x", Porto, Helper, Noon.AddDays(7)));
        Assert.Equal("refuse.kernel.reason_required", exemption.End("", Noon).Refusal?.Code);
        Assert.Null(exemption.End("Over", Noon).Refusal);
        Assert.False(exemption.Covers("test.x", Porto, Helper, Noon));
        Assert.Equal("refuse.exemption.ended", exemption.End("Again", Noon).Refusal?.Code);

        static Result<Exemption> Grant(Band band = Band.Amber, string reason = "Rush", int days = 7, int uses = 10) => Exemption.Grant("test.x", band, Porto, Helper, reason, days, uses, Noon, null, "Helena");
    }

    [Fact]
    public void A_stop_covers_what_its_level_says_until_two_different_people_lift_it()
    {
        Assert.True(Of(StopLevel.Global, "").Covers("Finance", "test.x", Porto, []));
        Assert.True(Of(StopLevel.Area, "Finance").Covers("Finance", "test.x", Porto, []));
        Assert.False(Of(StopLevel.Area, "Finance").Covers("Sessions", "test.x", Porto, []));
        Assert.True(Of(StopLevel.Capability, "test.x").Covers("Finance", "test.x", Porto, []));
        Assert.False(Of(StopLevel.Capability, "test.x").Covers("Finance", "test.xy", Porto, []));
        Assert.True(Of(StopLevel.Branch, Porto.ToString()).Covers("Finance", "test.x", Porto, []));
        Assert.False(Of(StopLevel.Branch, Porto.ToString()).Covers("Finance", "test.x", BranchId.New(), []));
        Assert.True(Of(StopLevel.Agent, Helper.ToString()).Covers("Finance", "test.x", Porto, [Helper]));
        Assert.False(Of(StopLevel.Agent, Helper.ToString()).Covers("Finance", "test.x", Porto, []));
        // What acts by the power of a stopped agent is stopped with it.
        Assert.True(Of(StopLevel.Agent, Helper.ToString()).Covers("Finance", "test.x", Porto, [AgentId.New(), Helper]));
        // The drill covers nothing but what it tries itself.
        Assert.False(Of(StopLevel.Drill, "drill").Covers("Finance", "test.x", Porto, [Helper]));
        Assert.True(Of(StopLevel.Drill, "drill").Covers("drill", "drill", Porto, []));
        // What only keeps something from happening is stopped by name alone: a wide stop would let the thing happen.
        foreach (var wide in (Stop[])[Of(StopLevel.Global, ""), Of(StopLevel.Area, "Finance"), Of(StopLevel.Branch, Porto.ToString())]) Assert.False(wide.Covers("Finance", "test.x", Porto, [Helper], holdsBack: true));
        foreach (var named in (Stop[])[Of(StopLevel.Capability, "test.x"), Of(StopLevel.Agent, Helper.ToString())]) Assert.True(named.Covers("Finance", "test.x", Porto, [Helper], holdsBack: true));

        var stop = Of(StopLevel.Global, "");
        var (ana, anasOther, rui) = (PersonId.New(), PersonId.New(), PersonId.New());
        Assert.Equal("refuse.stop.lift_not_asked", stop.Lift(rui, "Rui", new HumanId(rui.Value), Asked(stop), Noon).Refusal?.Code);
        Assert.Null(stop.AskLift(ana, "Ana", new HumanId(ana.Value), "Mended", Noon).Refusal);
        Assert.Equal("refuse.stop.lift_asked", stop.AskLift(rui, "Rui", new HumanId(rui.Value), "Mended", Noon).Refusal?.Code);
        // Another account of the same human.
        Assert.Equal("refuse.stop.second_person", stop.Lift(anasOther, "Ana", new HumanId(ana.Value), Asked(stop), Noon).Refusal?.Code);
        Assert.True(stop.Covers("Finance", "test.x", Porto, []));
        stop.KeepStopped();
        Assert.Equal("refuse.stop.lift_not_asked", stop.Lift(rui, "Rui", new HumanId(rui.Value), Asked(stop), Noon).Refusal?.Code);
        Assert.Null(stop.AskLift(ana, "Ana", new HumanId(ana.Value), "Mended", Noon).Refusal);
        Assert.Null(stop.Lift(rui, "Rui", new HumanId(rui.Value), Asked(stop), Noon).Refusal);
        Assert.False(stop.Covers("Finance", "test.x", Porto, []));
        Assert.Equal("refuse.stop.lifted", stop.Lift(rui, "Rui", new HumanId(rui.Value), Asked(stop), Noon).Refusal?.Code);

        static HumanId? Asked(Stop stop) => stop.LiftAskedBy is { } account ? new HumanId(account.Value) : null;

        static Stop Of(StopLevel level, string key) => Stop.Throw(level, key, level == StopLevel.Branch ? Porto : null, "Wrong", Noon, null, "Helena");
    }

    private static ProposalText Says { get; } = new("""{"a":1}""", "Title", "doing it", "Why", "[]", "[]", "[]", "00");

    private static Proposal.Content Base { get; } = new()
    {
        Branch = Porto,
        Capability = "test.x",
        Area = "Testing",
        CapabilityVersion = 1,
        Band = Band.Amber,
        Routes = [],
        Text = Says,
        Clients = [],
        Project = null,
        Key = [],
        SealedText = [],
        TargetType = "branch",
        TargetId = "1",
        TargetEtag = new string('0', 64),
        TargetHref = null,
        Chain = [new Actor(ActorKind.Staff, "1", "Ana")],
        Humans = [Guid.Empty],
        Delegations = [],
        AgentId = null,
        Epoch = null,
        Policies = new JsonObject { ["routing"] = "1" },
        Rule = CapabilityCard.RuleOf(Band.Amber),
        Replaces = null,
        Undoes = null,
        Exemption = null,
        At = Noon,
        ApproveWithin = TimeSpan.FromHours(1),
        ValidFor = TimeSpan.FromHours(1),
    };

    public static TheoryData<string> Fields => ["branch", "capability", "area", "version", "band", "routes", "clients", "project", "salt", "args", "title", "consequence", "why", "evidence", "type", "target", "etag", "changes", "notes", "chain", "chain name", "humans", "delegations", "agent", "policies", "rule", "replaces", "undoes", "exemption", "approve by", "valid for"];

    [Theory]
    [MemberData(nameof(Fields))]
    public void Whatever_a_decider_relies_on_moves_the_digest(string field)
    {
        var other = field switch
        {
            "branch" => Base with { Branch = BranchId.New() },
            "capability" => Base with { Capability = "test.y" },
            "area" => Base with { Area = "Finance" },
            "version" => Base with { CapabilityVersion = 2 },
            "band" => Base with { Band = Band.Green },
            "routes" => Base with { Routes = ["unsafe.x"] },
            "args" => Base with { Text = Says with { Args = """{"a":2}""" } },
            "clients" => Base with { Clients = [Guid.Empty] },
            "project" => Base with { Project = Domain.Agreements.ProjectId.New() },
            "salt" => Base with { Text = Says with { Salt = "01" } },
            "title" => Base with { Text = Says with { Title = "Title " } },
            "consequence" => Base with { Text = Says with { Consequence = "doing something else" } },
            "why" => Base with { Text = Says with { Why = "why" } },
            "evidence" => Base with { Text = Says with { Evidence = """[{"title":"x"}]""" } },
            "type" => Base with { TargetType = "invoice" },
            "target" => Base with { TargetId = "2" },
            "etag" => Base with { TargetEtag = new string('1', 64) },
            "changes" => Base with { Text = Says with { Changes = """[{"name":"x"}]""" } },
            "notes" => Base with { Text = Says with { Notes = """["x"]""" } },
            "chain" => Base with { Chain = [new Actor(ActorKind.Staff, "2", "Ana")] },
            "chain name" => Base with { Chain = [new Actor(ActorKind.Staff, "1", "Rui")] },
            "humans" => Base with { Humans = [] },
            "delegations" => Base with { Delegations = [Guid.Empty] },
            "agent" => Base with { AgentId = Helper },
            "policies" => Base with { Policies = new JsonObject { ["routing"] = "2" } },
            "rule" => Base with { Rule = CapabilityCard.RuleOf(Band.Red) },
            "replaces" => Base with { Replaces = ProposalId.New() },
            "undoes" => Base with { Undoes = ProposalId.New() },
            "exemption" => Base with { Exemption = ExemptionId.New() },
            "approve by" => Base with { ApproveWithin = TimeSpan.FromHours(1) + TimeSpan.FromMicroseconds(1) },
            _ => Base with { ValidFor = TimeSpan.FromMinutes(59) },
        };
        Assert.NotEqual(DigestOf(Base), DigestOf(other));
        Assert.Equal(DigestOf(Base), DigestOf(Base with { Text = Says with { Args = """{ "a": 1 }""" } }));
    }

    /// <summary>The id is part of it too, and another one each time: taken out here.</summary>
    private static string DigestOf(Proposal.Content content)
    {
        var proposal = Proposal.Of(content, ProposalState.Pending);
        typeof(Proposal).GetProperty(nameof(Proposal.Id))!.SetValue(proposal, new ProposalId(Guid.Empty));
        return ProposalDigest.Of(proposal, content.Text);
    }
}
