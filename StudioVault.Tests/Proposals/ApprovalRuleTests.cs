using System.Text.Json.Nodes;
using FsCheck;
using FsCheck.Fluent;
using StudioVault.Domain.Proposals;
using Xunit;

namespace StudioVault.Tests.Proposals;

public sealed class ApprovalRuleTests
{
    private const string Lead = "Lead";
    private const string Platform = "TeamD";
    private static readonly string[] Seats = ["Staff", "BranchManager", Lead];

    // The approval matrix of the contract policy (seed 002 §6): who signs what.
    private static readonly ApprovalRule Patch = new ApprovalRule.AtLeast(1, Lead);
    private static readonly ApprovalRule Minor = new ApprovalRule.All([new ApprovalRule.AtLeast(1, Lead), new ApprovalRule.AtLeast(1, Platform)]);
    private static readonly ApprovalRule Major = new ApprovalRule.Veto(Platform, new ApprovalRule.All([new ApprovalRule.AtLeast(1, Lead), new ApprovalRule.AtLeast(1, Platform), new ApprovalRule.AtLeast(3, "AnyLead")]));
    private static readonly ApprovalRule Frozen = new ApprovalRule.Never();

    [Fact]
    public void The_matrix_of_who_signs_what_is_expressed_in_rules()
    {
        Assert.Equal(RuleAnswer.Satisfied, Patch.Answer([Yes("a", Lead)]));
        Assert.Equal(RuleAnswer.Open, Minor.Answer([Yes("a", Lead)]));
        // One person who holds both seats is one signature.
        Assert.Equal(RuleAnswer.Open, Minor.Answer([Yes("a", Lead, Platform)]));
        Assert.Equal(RuleAnswer.Satisfied, Minor.Answer([Yes("a", Lead), Yes("d", Platform)]));
        Vote[] leads = [Yes("b", "AnyLead"), Yes("c", "AnyLead"), Yes("e", "AnyLead")];
        Assert.Equal(RuleAnswer.Open, Major.Answer([Yes("a", Lead), .. leads]));
        Assert.Equal(RuleAnswer.Satisfied, Major.Answer([Yes("a", Lead), Yes("d", Platform), .. leads]));
        Assert.Equal(RuleAnswer.Refused, Major.Answer([Yes("a", Lead), Yes("d", Platform), .. leads, No("f", Platform)]));
        Assert.Equal(RuleAnswer.Open, Major.Answer([No("x", Lead)]));
        Assert.Equal(RuleAnswer.Refused, Frozen.Answer([Yes("a", Lead, Platform)]));
        Assert.Equal(0, Frozen.People);
    }

    [Fact]
    public void A_veto_closes_its_own_way_and_no_other()
    {
        var rule = new ApprovalRule.Any([new ApprovalRule.Veto(Lead, new ApprovalRule.AtLeast(1, "Staff")), new ApprovalRule.AtLeast(2, "BranchManager")]);
        Assert.Equal(RuleAnswer.Satisfied, rule.Answer([Yes("a", "Staff")]));
        Assert.Equal(RuleAnswer.Open, rule.Answer([No("l", Lead), Yes("a", "Staff")]));
        Assert.Equal(RuleAnswer.Satisfied, rule.Answer([No("l", Lead), Yes("a", "BranchManager"), Yes("b", "BranchManager")]));
    }

    [Fact]
    public void Whoever_fits_several_places_makes_room_for_who_fits_one()
    {
        // The manager took the first place, which anybody of the staff fits too.
        var rule = new ApprovalRule.All([new ApprovalRule.AtLeast(1, "Staff"), new ApprovalRule.AtLeast(1, "BranchManager")]);
        Vote[] manager = [Yes("m", "BranchManager", "Staff")];
        Assert.True(rule.Helps(manager, ["Staff"]));
        Assert.Equal(RuleAnswer.Satisfied, rule.Answer([.. manager, Yes("s", "Staff")]));
        Assert.False(rule.Helps([Yes("s", "Staff")], ["Staff"]));
    }

    [Fact]
    public void Two_of_staff_may_be_what_one_manager_could_have_been()
    {
        var rule = new ApprovalRule.Any([new ApprovalRule.AtLeast(2, "Staff"), new ApprovalRule.AtLeast(1, "BranchManager")]);
        Assert.True(rule.Helps([], ["Staff"]));
        Assert.Equal(RuleAnswer.Satisfied, rule.Answer([Yes("a", "Staff"), Yes("b", "Staff")]));
        Assert.False(rule.Demands("BranchManager"));
    }

    [Fact]
    public void One_more_approval_never_takes_an_approval_away() => Prop.ForAll(Rules.ToArbitrary(), Votes.ToArbitrary(), (rule, votes) =>
    {
        var before = rule.Answer(votes);
        var after = rule.Answer([.. votes, Yes("one more", Seats[votes.Length % Seats.Length])]);
        return before == after || (before == RuleAnswer.Open && after == RuleAnswer.Satisfied);
    }).Check(Config.QuickThrowOnFailure.WithMaxTest(1_000));

    [Fact]
    public void One_person_fills_one_place_however_often_they_vote() => Prop.ForAll(Rules.ToArbitrary(), rule =>
    {
        var alone = Enumerable.Repeat(Yes("a", Seats), 6).ToArray();
        return rule.People <= 1 || rule.Answer(alone) != RuleAnswer.Satisfied;
    }).Check(Config.QuickThrowOnFailure.WithMaxTest(1_000));

    [Fact]
    public void So_many_people_of_every_seat_satisfy_what_can_be_satisfied() => Prop.ForAll(Rules.ToArbitrary(), rule =>
        rule.Answer([.. Enumerable.Range(0, 40).Select(i => Yes($"p{i}", Seats))]) == (rule.People == 0 ? RuleAnswer.Refused : RuleAnswer.Satisfied)).Check(Config.QuickThrowOnFailure.WithMaxTest(1_000));

    /// <summary>A page that offers "approve" and a service that takes it agree: helping is what brings the end nearer.</summary>
    [Fact]
    public void Whoever_helps_again_and_again_satisfies_it() => Prop.ForAll(Rules.ToArbitrary(), rule =>
    {
        var votes = new List<Vote>();
        for (var i = 0; i < 60 && rule.Answer(votes) == RuleAnswer.Open; i++)
        {
            var seat = Seats.FirstOrDefault(s => rule.Helps(votes, [s]));
            if (seat is null) return false;
            votes.Add(Yes($"p{i}", seat));
        }

        return rule.Answer(votes) != RuleAnswer.Open;
    }).Check(Config.QuickThrowOnFailure.WithMaxTest(500));

    [Fact]
    public void A_rule_reads_back_from_its_JSON() => Prop.ForAll(Rules.ToArbitrary(), rule =>
        ApprovalRule.From(JsonNode.Parse(rule.ToJson().ToJsonString())) is { IsRefused: false } read && read.Value.ToJson().ToJsonString() == rule.ToJson().ToJsonString()).Check(Config.QuickThrowOnFailure.WithMaxTest(1_000));

    [Theory]
    [InlineData("null")]
    [InlineData("[]")]
    [InlineData("""{"atLeast":0,"seat":"Staff"}""")]
    [InlineData("""{"atLeast":6,"seat":"Staff"}""")]
    [InlineData("""{"atLeast":1,"seat":""}""")]
    [InlineData("""{"atLeast":1,"seat":"Staff","also":1}""")]
    [InlineData("""{"never":false}""")]
    [InlineData("""{"all":[]}""")]
    [InlineData("""{"veto":"Staff"}""")]
    [InlineData("""{"any":[{"any":[{"any":[{"any":[{"any":[{"atLeast":1,"seat":"Staff"}]}]}]}]}]}""")]
    public void What_is_no_rule_is_refused(string json) => Assert.Equal("refuse.capability.rule_malformed", ApprovalRule.From(JsonNode.Parse(json)).Refusal?.Code);

    [Fact]
    public void A_rule_of_too_many_ways_is_refused_and_not_multiplied_out()
    {
        var wide = new ApprovalRule.Any([.. Enumerable.Range(1, 5).Select(i => new ApprovalRule.AtLeast(i, "Staff"))]);
        var deep = new ApprovalRule.All([wide, wide, wide, wide, wide]);
        Assert.Equal("refuse.capability.rule_malformed", ApprovalRule.From(new ApprovalRule.All([deep, deep, deep, deep, deep]).ToJson()).Refusal?.Code);
    }

    private static Vote Yes(string who, params string[] seats) => new(who, seats, true);

    private static Vote No(string who, params string[] seats) => new(who, seats, false);

    private static Gen<Vote[]> Votes => Gen.ArrayOf(Gen.Choose(0, 5).SelectMany(w => Gen.Elements(Seats).SelectMany(s => Gen.Elements(true, true, true, false).Select(y => new Vote($"v{w}", [s], y)))), 4);

    private static Gen<ApprovalRule> Rules => Rule(2);

    private static Gen<ApprovalRule> Rule(int depth)
    {
        var leaf = Gen.Choose(1, 3).SelectMany(n => Gen.Elements(Seats).Select(s => (ApprovalRule)new ApprovalRule.AtLeast(n, s)));
        if (depth == 0) return leaf;
        var parts = Gen.Choose(1, 3).SelectMany(n => Gen.ListOf(Rule(depth - 1), n));
        return Gen.OneOf(leaf, parts.Select(p => (ApprovalRule)new ApprovalRule.All([.. p])), parts.Select(p => (ApprovalRule)new ApprovalRule.Any([.. p])),
            Rule(depth - 1).SelectMany(r => Gen.Elements(Seats).Select(s => (ApprovalRule)new ApprovalRule.Veto(s, r))), Gen.Constant((ApprovalRule)new ApprovalRule.Never()));
    }
}
