using StudioVault.Domain.Proposals;
using StudioVault.Infrastructure.Proposals;
using StudioVault.Tests.Support;
using Xunit;

namespace StudioVault.Tests.Faults;

/// <summary>
/// F14: a machine that stands still (SIGSTOP) and goes on as if nothing had been. Meanwhile its lease ran out and somebody else took up
/// what it was at: the fencing token keeps the late writer from doing it again.
/// </summary>
public sealed class FrozenNodeTests(PostgresServer server) : WebNodeTest(server)
{
    [Trait(Fault.Category, Fault.Long)]
    [Fact]
    public async Task F14_A_node_that_froze_after_its_intent_finds_its_lease_lost_and_does_nothing_twice()
    {
        var made = await DueAsync("frozen");
        var frozen = await StrikeAsync("after-intent", FaultHooks.Freeze);
        await EndLeasesAsync();
        await TakeUpAsync(made);
        await WakeAsync(frozen);
        await AssertOnceAsync(made, "frozen");
    }

    [Trait(Fault.Category, Fault.Suite)]
    [Fact]
    public async Task F14_A_node_that_froze_before_its_commit_finds_its_transaction_ended_and_does_nothing_twice()
    {
        // Thirty seconds in the product; nobody has to wait for them here.
        await SqlAsync($"alter role studiovault_app in database \"{Database}\" set idle_in_transaction_session_timeout = '2s'");
        var made = await DueAsync("frozen at the commit");
        var frozen = await StrikeAsync("before-commit", FaultHooks.Freeze);
        await Eventually.True(async () => await CountAsync("select count(*) from pg_stat_activity where datname = current_database() and application_name = 'studiovault-door' and state like 'idle in transaction%'") == 0, "PostgreSQL has ended the transaction of the frozen one");
        await EndLeasesAsync();
        await TakeUpAsync(made);
        await WakeAsync(frozen);
        await AssertOnceAsync(made, "frozen at the commit");
    }

    /// <summary>The same with the product's own times; nothing is hurried.</summary>
    [Trait(Fault.Category, Fault.Long)]
    [Theory]
    [InlineData(20)]
    [InlineData(90)]
    public async Task F14_A_node_frozen_for_so_many_seconds_beside_a_running_one_has_its_work_done_once(int seconds)
    {
        var made = await DueAsync("frozen for long");
        var frozen = await StrikeAsync("before-commit", FaultHooks.Freeze);
        var since = (DateTime)(await SqlAsync("select clock_timestamp()"))!;
        await StartNodeAsync();
        // The time itself is the fault.
        await Eventually.True(async () => (bool)(await SqlAsync("select clock_timestamp() > $1 + make_interval(secs => $2)", since, (double)seconds))!, "the time is over", seconds + 60);
        if (seconds > 60) await EndsAsAsync(made, ProposalState.Succeeded);
        frozen.Signal("CONT");
        await EndsAsAsync(made, ProposalState.Succeeded);
        await Eventually.True(async () => await CountAsync("select count(*) from proposals.executor_leases where until > clock_timestamp()") == 2, "it has come back among the others", 60);
        frozen.Signal("TERM");
        Assert.Equal(0, await frozen.ExitAsync());
        await AssertOnceAsync(made, "frozen for long");
    }

    /// <summary>As another node would, when it looks.</summary>
    private async Task TakeUpAsync(Submitted made)
    {
        await Leases.RenewAsync(Ct);
        await Eventually.True(async () =>
        {
            await Executor.RecoverAsync(Ct);
            return await StateAsync(made.Id) == ProposalState.Succeeded;
        }, "somebody else has done it");
    }

    /// <summary>It goes on; when it carries the next thing out, it is through with what it was at.</summary>
    private async Task WakeAsync(WebProcess frozen)
    {
        frozen.Signal("CONT");
        var next = await DueAsync("the next one");
        await EndsAsAsync(next, ProposalState.Succeeded);
        Assert.Equal(1, await EffectsAsync("the next one"));
    }

    private async Task AssertOnceAsync(Submitted made, string note)
    {
        Assert.Equal((ProposalState.Succeeded, 1), (await StateAsync(made.Id), await EffectsAsync(note)));
        Assert.Equal(1, await CountAsync("select count(*) from audit.entries where action = 'proposal.execute' and outcome = 'done' and proposal_id = $1", made.Id.ToString()));
        Assert.Empty(await OrphansAsync());
    }
}
