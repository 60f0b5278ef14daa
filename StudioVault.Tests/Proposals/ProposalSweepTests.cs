using StudioVault.Domain.Proposals;
using StudioVault.Tests.Support;
using Xunit;
using Sender = StudioVault.Infrastructure.Door.Sender;

namespace StudioVault.Tests.Proposals;

/// <summary>What the sweep does for one proposal does not wait for those it has nothing to do for.</summary>
public sealed class ProposalSweepTests(PostgresServer server) : ProposalsTest(server)
{
    [Fact]
    public async Task Managers_are_called_to_what_has_little_time_left_however_many_older_ones_have_plenty()
    {
        var made = await ProposeAsync(PortoStaff);
        await CopyAsync(made, 510, "'created_at', p.created_at - interval '9 hours', 'approve_by', p.approve_by + interval '9 days'");
        await TamperAsync($"update proposals.proposals set created_at = created_at - interval '4 hours', approve_by = clock_timestamp() + interval '10 minutes' where id = '{made.Id}'");
        Assert.False((await Sweep.RunAsync(Sender.System("test"), Ct)).IsRefused);
        Assert.Equal(made.Id.Value, await SqlAsync("select id from proposals.proposals where escalated_at is not null"));
        Assert.Equal(1, await CountAsync("select count(*) from audit.entries where action = 'proposal.escalate'"));
    }

    [Fact]
    public async Task A_branch_without_room_keeps_nobody_waiting_in_another()
    {
        var agent = await AgentOfAsync("busy", Rui, Rui);
        for (var i = 0; i < 17; i++) Assert.Null((await Propose.SubmitAsync(agent, Porto, Note($"busy {i}"), Ct)).Refusal);
        var waits = new ProposalId((Guid)(await SqlAsync("select id from proposals.proposals where state = 'Drafted'"))!);
        await TamperAsync($"insert into proposals.proposals select (jsonb_populate_record(p, jsonb_build_object('id', gen_random_uuid(), 'branch_id', '{Berlin}', 'created_at', p.created_at + interval '1 hour'))).* from proposals.proposals p where p.id = '{waits}'");
        await TamperAsync($"insert into proposals.proposals select (jsonb_populate_record(p, jsonb_build_object('id', gen_random_uuid()))).* from proposals.proposals p, generate_series(1, 510) where p.id = '{waits}'");
        Assert.False((await Sweep.RunAsync(Sender.System("test"), Ct)).IsRefused);
        Assert.Equal("Pending", await SqlAsync("select state from proposals.proposals where branch_id = $1", Berlin.Value));
        Assert.Equal(511, await CountAsync("select count(*) from proposals.proposals where branch_id = $1 and state = 'Drafted'", Porto.Value));
    }

    private Task CopyAsync(Infrastructure.Proposals.Submitted made, int times, string with) =>
        TamperAsync($"insert into proposals.proposals select (jsonb_populate_record(p, jsonb_build_object('id', gen_random_uuid(), {with}))).* from proposals.proposals p, generate_series(1, {times}) where p.id = '{made.Id}'");
}
