using Microsoft.EntityFrameworkCore;
using StudioVault.Domain.Organization;
using StudioVault.Domain.Proposals;
using StudioVault.Infrastructure.Door;
using StudioVault.Infrastructure.Persistence;
using StudioVault.Infrastructure.Proposals;
using StudioVault.Tests.Support;
using Xunit;

namespace StudioVault.Tests.Proposals;

/// <summary>HQ changes a card, the compliance rules or what is on while proposals are open: nobody is led into a dead end.</summary>
public sealed class RulesChangedTests(PostgresServer server) : ProposalsTest(server)
{
    [Theory]
    [InlineData("card", "the capability's card")]
    [InlineData("rules", "the compliance rules")]
    public async Task What_was_proposed_under_other_rules_is_recomputed_before_it_is_approved(string what, string said)
    {
        var made = await ProposeAsync(PortoStaff);
        await ChangeAsync(what);
        made = made with { Digest = (await Queue.OneAsync(Ana, Porto, made.Id, Ct)).Value.Row.Digest };
        var refused = await ApproveAsync(Ana, made);
        Assert.Equal("refuse.approval.rules_changed", refused.Refusal?.Code);
        Assert.Contains(said, refused.Refusal!.Sentence, StringComparison.Ordinal);
        Assert.Contains("Recompute", refused.Refusal.NextStep, StringComparison.Ordinal);
        // The queue offers it, and says why.
        var target = (await Queue.OneAsync(Ana, Porto, made.Id, Ct)).Value.Target;
        Assert.Equal((false, refused.Refusal.Sentence), (target!.IsSame, target.Why));
        var again = await Propose.RecomputeAsync(Ana, Porto, made.Id, Ct);
        Assert.Null(again.Refusal);
        Assert.True((await Queue.OneAsync(Ana, Porto, again.Value.Id, Ct)).Value.Target!.IsSame);
        Assert.Null((await ApproveAsync(Ana, again.Value)).Refusal);
    }

    [Theory]
    [InlineData("card", "refuse.approval.rules_changed")]
    [InlineData("rules", "refuse.approval.rules_changed")]
    [InlineData("off", "refuse.capability.not_enabled")]
    public async Task What_was_approved_under_other_rules_is_not_carried_out_and_can_be_recomputed(string what, string code)
    {
        var made = await ProposeAsync(PortoStaff);
        Assert.Null((await ApproveAsync(Ana, made)).Refusal);
        await ChangeAsync(what);
        await EndGraceAsync(made.Id);
        await Executor.RunDueAsync(Ct);
        Assert.Equal((ProposalState.TargetChanged, code), (await StateAsync(made.Id), await EndCodeAsync(made.Id)));
        Assert.Null(await PausedAsync());
        if (what == "off") Assert.Null((await Cards.EnableAsync(Hq, "test.amber", Ct)).Refusal);
        var again = await Propose.RecomputeAsync(Rui, Porto, made.Id, Ct);
        Assert.Null(again.Refusal);
        Assert.Null((await ApproveAsync(Ana, again.Value)).Refusal);
        await EndGraceAsync(again.Value.Id);
        await Executor.RunDueAsync(Ct);
        Assert.Equal(new DateOnly(2030, 1, 31), await PausedAsync());
    }

    [Fact]
    public async Task What_HQ_switched_off_is_not_approved_and_is_again_once_it_is_on()
    {
        var made = await ProposeAsync(PortoStaff);
        await ChangeAsync("off");
        Assert.Equal("refuse.capability.not_enabled", (await ApproveAsync(Ana, made)).Refusal?.Code);
        Assert.Equal("refuse.capability.not_enabled", (await Queue.OneAsync(Ana, Porto, made.Id, Ct)).Value.MayApprove?.Code);
        Assert.Null((await Cards.EnableAsync(Hq, "test.amber", Ct)).Refusal);
        Assert.Null((await ApproveAsync(Ana, made)).Refusal);
    }

    private async Task ChangeAsync(string what)
    {
        Registry.TryFind("test.amber", out var code);
        if (what == "card") Assert.Null((await Cards.ChangeCardAsync(Hq, "test.amber", 1, CapabilityCommands.ContentOf(code!.Definition.Card) with { Owner = "Somebody else" }, Ct)).Refusal);
        else if (what == "off") Assert.Null((await Cards.DisableAsync(Hq, "test.amber", "Wrong days", Ct)).Refusal);
        else await ReleaseRulesAsync();
    }

    /// <summary>Another release has other rules: every digest is made anew over them, so that they alone differ.</summary>
    private async Task ReleaseRulesAsync()
    {
        var texts = new List<(ProposalId Id, ProposalText Text)>();
        foreach (var id in (Guid[])(await SqlAsync("select array_agg(id) from proposals.proposals"))!) texts.Add((new ProposalId(id), await TextAsync(new ProposalId(id))));
        await TamperAsync("""update proposals.proposals set policies = '{"routing":"0.0.1+0123456789abcdef"}'""");
        foreach (var (id, text) in texts)
        {
            var read = await Door.ReadAsync<Proposal>(Sender.System("test"), TenantScope.Of(Porto), Access.MemberOf(Porto), async (db, _, token) => await db.Proposals.AsNoTracking().SingleAsync(p => p.Id == id, token), Ct);
            var now = ProposalDigest.Of(read.Value, text);
            await TamperAsync($"update proposals.decisions set digest = '{now}' where proposal_id = '{id}'; update proposals.proposals set digest = '{now}' where id = '{id}'");
        }
    }
}
