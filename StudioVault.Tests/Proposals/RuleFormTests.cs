using StudioVault.Domain.Proposals;
using StudioVault.Infrastructure.Proposals;
using StudioVault.Web.Proposals.Hq;
using Xunit;

namespace StudioVault.Tests.Proposals;

public sealed class RuleFormTests
{
    private static readonly ApprovalRule Manager = new ApprovalRule.AtLeast(1, "BranchManager");
    private static readonly ApprovalRule Two = new ApprovalRule.AtLeast(2, "Staff");

    public static TheoryData<string> Rules() =>
    [
        .. new ApprovalRule[]
        {
            new ApprovalRule.AtLeast(3, "Staff"),
            new ApprovalRule.All([Manager, Two]),
            new ApprovalRule.Any([Manager, Two]),
            new ApprovalRule.Veto("BranchManager", new ApprovalRule.Any([Manager, Two])),
            // Deeper than the lines of the builder can say.
            new ApprovalRule.All([Manager, new ApprovalRule.Any([Manager, Two])]),
            new ApprovalRule.Veto("Staff", Manager),
            // Offered once; no card loses it by being looked at.
            new ApprovalRule.Veto("BranchManager", new ApprovalRule.AtLeast(1, "Staff")),
        }.Concat(RuleForm.Presets.Select(p => p.Rule)).Select(r => r.ToJson().ToJsonString()),
    ];

    [Theory]
    [MemberData(nameof(Rules))]
    public void A_rule_that_is_only_looked_at_stays_what_it_was(string json)
    {
        var rule = ApprovalRule.From(System.Text.Json.Nodes.JsonNode.Parse(json)).Value;
        Assert.Equal(json, RuleForm.Of(rule).ToRule().ToJson().ToJsonString());
    }

    public static TheoryData<string> PresetsWithPeople() => [.. RuleForm.Presets.Where(p => p.Rule.People > 0).Select(p => p.Key)];

    [Theory]
    [MemberData(nameof(PresetsWithPeople))]
    public void The_builder_begins_with_the_rule_that_was_chosen(string preset)
    {
        var form = new RuleForm { Choice = preset };
        var chosen = form.ToRule().ToJson().ToJsonString();
        form.Build();
        Assert.Equal(RuleForm.Own, form.Choice);
        Assert.Equal(chosen, form.ToRule().ToJson().ToJsonString());
    }

    [Fact]
    public void The_builder_begins_with_a_manager_and_somebody_else_where_nobody_could_approve()
    {
        var form = new RuleForm { Choice = "never" };
        form.Build();
        Assert.Equal(CapabilityCard.RuleOf(Band.Red).ToJson().ToJsonString(), form.ToRule().ToJson().ToJsonString());
    }

    [Fact]
    public void No_rule_on_offer_promises_a_veto_because_anybodys_no_ends_a_proposal() =>
        Assert.DoesNotContain(RuleForm.Presets, p => p.Rule is ApprovalRule.Veto || p.Words.Contains("unless", StringComparison.Ordinal));

    [Fact]
    public void Two_rules_that_differ_never_read_the_same() => Assert.NotEqual(
        ProposalQueries.RuleWords(new ApprovalRule.All([Manager, new ApprovalRule.Any([Manager, Two])])),
        ProposalQueries.RuleWords(new ApprovalRule.Any([new ApprovalRule.All([Manager, Manager]), Two])));

    [Theory]
    [InlineData(Band.Red, 2)]
    [InlineData(Band.Black, 0)]
    public void Raising_the_band_takes_along_what_it_demands(Band band, int people)
    {
        var form = new CardForm { MayApproveOwn = true };
        form.Raise(band);
        Assert.Equal(people, form.Rule.ToRule().People);
        Assert.False(form.MayApproveOwn);
    }

    [Fact]
    public void Lowering_the_band_keeps_a_stricter_rule_that_was_chosen()
    {
        var form = new CardForm { Band = Band.Red };
        form.Rule.Choice = "managers";
        form.Raise(Band.Amber);
        Assert.Equal("managers", form.Rule.Choice);
    }
}
