using System.Text.Json.Nodes;
using StudioVault.Domain.Kernel;
using StudioVault.Domain.Organization;
using StudioVault.Domain.Proposals;
using StudioVault.Infrastructure.Organization;
using StudioVault.Infrastructure.Proposals;
using StudioVault.Tests.Support;
using Xunit;
using Sender = StudioVault.Infrastructure.Door.Sender;

namespace StudioVault.Tests.Proposals;

/// <summary>Mandatory human review (seed 001, compliance thread) ends with a manager's look, whatever anybody else does and however late it is.</summary>
public sealed class ProposalReviewTests(PostgresServer server) : ProposalsTest(server)
{
    private const string OffTheBooks = "Paid in cash, no invoice please";

    public enum Way
    {
        Routed,
        Black,
        Sent,
    }

    [Theory]
    [InlineData(Way.Routed)]
    [InlineData(Way.Black)]
    [InlineData(Way.Sent)]
    public async Task Staff_do_not_reject_what_takes_human_review_and_a_manager_does(Way way)
    {
        var made = await MadeAsync(PortoStaff, way);
        foreach (var staff in (Sender[])[PortoStaff, Bia])
        {
            Assert.Equal("refuse.approval.review_by_manager", (await RejectAsync(staff, made)).Refusal?.Code);
            Assert.Equal("refuse.approval.review_by_manager", (await Queue.OneAsync(staff, Porto, made.Id, Ct)).Value.MayReject?.Code);
        }

        Assert.Equal(ProposalState.Pending, await StateAsync(made.Id));
        Assert.Null((await Queue.OneAsync(Ana, Porto, made.Id, Ct)).Value.MayReject);
        Assert.Null((await RejectAsync(Ana, made)).Refusal);
        Assert.Equal(ProposalState.Rejected, await StateAsync(made.Id));
    }

    [Fact]
    public async Task A_manager_does_not_close_what_they_or_their_agent_proposed()
    {
        var own = await MadeAsync(Ana, Way.Routed);
        Assert.Equal("refuse.approval.review_by_manager", (await RejectAsync(Ana, own)).Refusal?.Code);
        Assert.Null((await RejectAsync(Rui, own)).Refusal);

        // Of headquarters, by a power of Rui's.
        var agents = await MadeAsync(await AgentOfAsync("helper", Hq, Rui), Way.Routed);
        Assert.Equal("refuse.approval.review_by_manager", (await RejectAsync(Rui, agents)).Refusal?.Code);
        Assert.Null((await RejectAsync(Ana, agents)).Refusal);
    }

    [Fact]
    public async Task Whoever_stands_in_for_a_manager_closes_it_in_their_name_unless_that_manager_proposed_it()
    {
        var until = TimeProvider.System.GetUtcNow().AddDays(7);
        Assert.Null((await Giving.GiveAsync(Ana, Porto, new NewDelegation(null, Party.Of(Bia.PersonId!.Value), null, null, until, "Holiday"), Ct)).Refusal);
        var (made, own) = (await MadeAsync(PortoStaff, Way.Routed), await MadeAsync(Ana, Way.Routed));
        Assert.Null((await Queue.OneAsync(Bia, Porto, made.Id, Ct)).Value.MayReject);
        Assert.Null((await RejectAsync(Bia, made)).Refusal);
        Assert.Equal("Ana", Assert.Single((await Queue.OneAsync(Rui, Porto, made.Id, Ct)).Value.Decisions).StandsInFor);
        Assert.Equal("refuse.approval.review_by_manager", (await RejectAsync(Bia, own)).Refusal?.Code);
    }

    [Theory]
    [InlineData(Way.Routed)]
    [InlineData(Way.Black)]
    [InlineData(Way.Sent)]
    public async Task Neither_a_person_nor_an_agent_withdraws_what_takes_human_review(Way way)
    {
        foreach (var proposer in (Sender[])[PortoStaff, await AgentOfAsync("helper", Hq, Rui)])
        {
            var made = await MadeAsync(proposer, way);
            Assert.Equal("refuse.proposal.in_review", (await Propose.WithdrawAsync(proposer, Porto, made.Id, "Never mind", Ct)).Refusal?.Code);
            Assert.Equal(ProposalState.Pending, await StateAsync(made.Id));
            Assert.True((await Queue.OneAsync(Ana, Porto, made.Id, Ct)).Value.TakesReview);
        }
    }

    [Fact]
    public async Task What_a_manager_looked_at_and_approved_can_be_withdrawn_before_it_runs()
    {
        var made = await MadeAsync(PortoStaff, Way.Routed);
        Assert.Null((await ApproveAsync(Ana, made, "Spoke with them: there is an invoice")).Refusal);
        Assert.Null((await Propose.WithdrawAsync(PortoStaff, Porto, made.Id, "Never mind", Ct)).Refusal);
        Assert.Equal(ProposalState.Withdrawn, await StateAsync(made.Id));
    }

    [Theory]
    [InlineData(Way.Routed)]
    [InlineData(Way.Black)]
    [InlineData(Way.Sent)]
    public async Task Its_time_runs_out_for_approvals_and_not_for_the_managers_look(Way way)
    {
        var (made, plain) = (await MadeAsync(PortoStaff, way), await ProposeNoteAsync(PortoStaff, "plain"));
        await TamperAsync("update proposals.proposals set approve_by = clock_timestamp() - interval '1 minute'");
        Assert.False((await Sweep.RunAsync(Sender.System("test"), Ct)).IsRefused);
        Assert.Equal((ProposalState.Pending, ProposalState.Expired), (await StateAsync(made.Id), await StateAsync(plain.Id)));
        Assert.Equal("refuse.approval.expired", (await ApproveAsync(Ana, made, "Fine")).Refusal?.Code);
        Assert.Equal("refuse.approval.review_by_manager", (await RejectAsync(Bia, made)).Refusal?.Code);
        Assert.Null((await RejectAsync(Rui, made)).Refusal);
    }

    [Fact]
    public async Task One_that_waited_for_its_turn_until_its_time_was_over_still_comes_to_people()
    {
        var agent = await AgentOfAsync("busy", Hq, Rui);
        var made = new List<Submitted>();
        for (var i = 0; i < 16; i++) made.Add((await Propose.SubmitAsync(agent, Porto, Note($"busy {i}"), Ct)).Value);
        var waits = (await Propose.SubmitAsync(agent, Porto, Note("waits") with { Why = OffTheBooks }, Ct)).Value;
        Assert.Equal(ProposalState.Drafted, waits.State);
        await TamperAsync($"update proposals.proposals set approve_by = clock_timestamp() - interval '1 minute' where id = '{waits.Id}'");
        Assert.False((await Sweep.RunAsync(Sender.System("test"), Ct)).IsRefused);
        Assert.Equal(ProposalState.Drafted, await StateAsync(waits.Id));
        Assert.Equal("refuse.proposal.in_review", (await Propose.WithdrawAsync(agent, Porto, waits.Id, null, Ct)).Refusal?.Code);

        Assert.Null((await RejectAsync(Ana, made[0])).Refusal);
        Assert.False((await Sweep.RunAsync(Sender.System("test"), Ct)).IsRefused);
        Assert.Equal(ProposalState.Pending, await StateAsync(waits.Id));
        Assert.Null((await RejectAsync(Ana, waits)).Refusal);
    }

    [Fact]
    public async Task What_was_sent_there_is_not_approved_by_staff_alone_nor_in_a_group()
    {
        var made = await MadeAsync(PortoStaff, Way.Sent, "test.pause");
        Assert.Equal("refuse.approval.seat_missing", (await ApproveAsync(Bia, made)).Refusal?.Code);
        Assert.Equal((await ApproveAsync(Bia, made)).Refusal, (await Queue.OneAsync(Bia, Porto, made.Id, Ct)).Value.MayApprove);
        Assert.Equal("refuse.approval.same_human", (await ApproveAsync(PortoStaff, made)).Refusal?.Code);
        Assert.Equal("refuse.approval.not_in_groups", (await Decide.ApproveGroupAsync(Ana, Porto, [(made.Id, made.Digest)], 100, Ct)).Refusal?.Code);
        Assert.Null((await Queue.OneAsync(Ana, Porto, made.Id, Ct)).Value.Row.GroupKey);
        Assert.Null((await ApproveAsync(Ana, made)).Refusal);
    }

    [Fact]
    public async Task Changing_it_does_not_take_it_out_of_review()
    {
        var made = await MadeAsync(PortoStaff, Way.Sent);
        var changed = await Propose.EditAsync(PortoStaff, Porto, made.Id, new JsonObject { ["until"] = "2030-02-28" }, "Wedding season", Ct);
        Assert.Null(changed.Refusal);
        Assert.Equal("refuse.approval.review_by_manager", (await RejectAsync(Bia, changed.Value)).Refusal?.Code);
        Assert.Equal("refuse.approval.seat_missing", (await ApproveAsync(Bia, changed.Value)).Refusal?.Code);
        Assert.Equal("refuse.proposal.in_review", (await Propose.WithdrawAsync(PortoStaff, Porto, changed.Value.Id, null, Ct)).Refusal?.Code);
        Assert.Null((await RejectAsync(Rui, changed.Value)).Refusal);
    }

    private async Task<Submitted> MadeAsync(Sender from, Way way, string capability = "test.amber")
    {
        var made = await ProposeAsync(from, way == Way.Black ? "test.black" : capability, why: way == Way.Routed ? OffTheBooks : "Wedding season");
        if (way == Way.Sent) Assert.Null((await Decide.SendToReviewAsync(Bia, Porto, made.Id, "I am not sure about this", Ct)).Refusal);
        return made;
    }

    private Task<Result<Decided>> RejectAsync(Sender from, Submitted made) => Decide.RejectAsync(from, Porto, made.Id, made.Digest, "Handled by phone", null, Ct);
}
