using StudioVault.Domain.Proposals;
using StudioVault.Infrastructure.Organization;
using StudioVault.Infrastructure.Proposals;
using StudioVault.Tests.Support;
using Xunit;
using Sender = StudioVault.Infrastructure.Door.Sender;

namespace StudioVault.Tests.Proposals;

/// <summary>What its own proposer approved is looked at by a second person afterwards (features row 5.4).</summary>
public sealed class OwnApprovalTests(PostgresServer server) : ProposalsTest(server)
{
    private const string NotNeeded = "refuse.proposal.no_look_needed";
    private const string Same = "refuse.approval.same_human";

    private LookCommands Looks => new(Door);

    [Fact]
    public async Task It_waits_in_the_review_list_until_another_manager_looked_and_stays_where_it_is_in_the_history()
    {
        var own = await CarriedOutAsync(PortoStaff, PortoStaff);
        var others = await CarriedOutAsync(PortoStaff, Bia, "2030-02-28");
        Assert.Equal((1, $"{own.Id}"), await ReviewAsync());
        Assert.Equal([(others.Id, false), (own.Id, true)], (await Queue.QueueAsync(Rui, Porto, QueueFilter.Done, Ct)).Value.Rows.Select(r => (r.Id, r.NeedsLook)));

        Assert.Equal("refuse.kernel.not_allowed", (await Looks.LookedAtAsync(Bia, Porto, own.Id, Ct)).Refusal?.Code);
        Assert.Equal(NotNeeded, (await Looks.LookedAtAsync(Rui, Porto, others.Id, Ct)).Refusal?.Code);
        Assert.Null((await Looks.LookedAtAsync(Rui, Porto, own.Id, Ct)).Refusal);

        Assert.Equal((0, ""), await ReviewAsync());
        Assert.Equal("LookedAt", await SqlAsync("select verdict from proposals.decisions where proposal_id = $1 and person_id = $2", own.Id.Value, Rui.PersonId!.Value.Value));
        Assert.Equal(1L, await CountAsync("select count(*) from audit.entries where action = 'proposal.look_at' and outcome = 'done' and proposal_id = $1", own.Id.ToString()));
        Assert.Equal([others.Id, own.Id], (await Queue.QueueAsync(Rui, Porto, QueueFilter.Done, Ct)).Value.Rows.Select(r => r.Id));
        // One word is enough.
        var second = await Looks.LookedAtAsync(Ana, Porto, own.Id, Ct);
        Assert.Equal((NotNeeded, true), (second.Refusal?.Code, second.Refusal?.Sentence.Contains("Rui", StringComparison.Ordinal)));
    }

    [Fact]
    public async Task Whoever_approved_it_is_no_second_person_by_whichever_account()
    {
        var own = await CarriedOutAsync(Rui, Rui);
        Assert.Equal(Same, (await Looks.LookedAtAsync(Rui, Porto, own.Id, Ct)).Refusal?.Code);
        Assert.Null((await new AccountLinks(Door).LinkAsync(Hq, Rui.PersonId!.Value, Ana.PersonId!.Value, "One person", Ct)).Refusal);
        Assert.Equal(Same, (await Looks.LookedAtAsync(Ana, Porto, own.Id, Ct)).Refusal?.Code);
        Assert.Equal((1, $"{own.Id}"), await ReviewAsync());
    }

    [Fact]
    public async Task Two_accounts_that_turned_out_to_be_one_person_in_between_are_an_own_approval()
    {
        var made = await ProposeAsync(PortoStaff, "test.pause");
        Assert.Null((await new AccountLinks(Door).LinkAsync(Hq, Bia.PersonId!.Value, PortoStaff.PersonId!.Value, "One person", Ct)).Refusal);
        Assert.Null((await ApproveAsync(Bia, made)).Refusal);
        // Time passes for all of it alike.
        await TamperAsync("update proposals.proposals set approved_at = approved_at - interval '2 minutes', grace_until = grace_until - interval '2 minutes'");
        await Executor.RunDueAsync(Ct);
        Assert.Equal(ProposalState.Succeeded, await StateAsync(made.Id));

        Assert.Equal((1, $"{made.Id}"), await ReviewAsync());
        Assert.True(Assert.Single((await Queue.QueueAsync(Rui, Porto, QueueFilter.Done, Ct)).Value.Rows).NeedsLook);
    }

    [Fact]
    public async Task Nothing_waits_for_a_look_that_was_not_carried_out()
    {
        var made = await ProposeAsync(PortoStaff, "test.pause");
        Assert.Null((await ApproveAsync(PortoStaff, made)).Refusal);
        Assert.Equal((0, ""), await ReviewAsync());
        Assert.Equal(NotNeeded, (await Looks.LookedAtAsync(Rui, Porto, made.Id, Ct)).Refusal?.Code);
        Assert.Equal("refuse.kernel.not_found", (await Looks.LookedAtAsync(Rui, Porto, ProposalId.New(), Ct)).Refusal?.Code);
    }

    private async Task<Submitted> CarriedOutAsync(Sender by, Sender approver, string until = "2030-01-31")
    {
        var made = await ProposeAsync(by, "test.pause", until);
        Assert.Null((await ApproveAsync(approver, made)).Refusal);
        await EndGraceAsync(made.Id);
        await Executor.RunDueAsync(Ct);
        Assert.Equal(ProposalState.Succeeded, await StateAsync(made.Id));
        return made;
    }

    private async Task<(int Count, string Ids)> ReviewAsync()
    {
        var view = (await Queue.QueueAsync(Ana, Porto, QueueFilter.Review, Ct)).Value;
        return (view.Review, string.Join(' ', view.Rows.Select(r => r.Id)));
    }
}
