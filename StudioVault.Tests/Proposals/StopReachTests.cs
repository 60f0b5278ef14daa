using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging.Abstractions;
using StudioVault.Domain.Organization;
using StudioVault.Domain.Proposals;
using StudioVault.Infrastructure.Live;
using StudioVault.Infrastructure.Organization;
using StudioVault.Infrastructure.Proposals;
using StudioVault.Tests.Support;
using StudioVault.Web.Hosting;
using Xunit;
using Sender = StudioVault.Infrastructure.Door.Sender;

namespace StudioVault.Tests.Proposals;

/// <summary>How far a stop reaches, and how anybody knows that it does (features row 5.13).</summary>
public sealed class StopReachTests(PostgresServer server) : ProposalsTest(server)
{
    [Fact]
    public async Task A_stop_on_an_agent_reaches_what_acts_by_its_power()
    {
        var until = TimeProvider.System.GetUtcNow().AddDays(1);
        var first = (await Agents.CreateAsync(Hq, "first", "The first", "Helps.", Rui.PersonId!.Value, Ct)).Value;
        var power = await Giving.GiveAsync(Rui, Porto, new NewDelegation(null, Party.Of(first), null, null, until, "It helps."), Ct);
        var second = (await Agents.CreateAsync(Hq, "second", "The second", "Helps.", Rui.PersonId!.Value, Ct)).Value;
        var handed = await Giving.GiveAsync(Rui, Porto, new NewDelegation(first, Party.Of(second), null, null, until, "It helps the first.", power.Value), Ct);
        Assert.Null(handed.Refusal);
        var made = await Propose.SubmitAsync(Sender.AgentInside(second), Porto, Input(), Ct);
        Assert.Null(made.Refusal);
        Assert.Null((await ApproveAsync(Ana, made.Value)).Refusal);

        var radius = (await new StopQueries(Door, Registry, Texts).RadiusAsync(Hq, null, StopLevel.Agent, first.ToString(), Ct)).Value;
        Assert.Equal((1, 0), (radius.Killed, radius.Open));
        Assert.Null((await Stops.ThrowAsync(Hq, StopLevel.Agent, first.ToString(), "It went astray", Ct)).Refusal);
        Assert.Equal(ProposalState.Killed, await StateAsync(made.Value.Id));
        Assert.Equal("refuse.capability.killed", (await Propose.SubmitAsync(Sender.AgentInside(second), Porto, Input(until: "2030-02-28"), Ct)).Refusal?.Code);
    }

    [Theory]
    [InlineData(false, ProposalState.Claimed)]
    [InlineData(true, ProposalState.Pending)]
    public async Task An_approval_in_a_claimed_proposal_does_not_outlive_a_stop(bool givenBack, ProposalState left)
    {
        var half = await ProposeAsync(PortoStaff, "test.red");
        Assert.Equal(ProposalState.Approved, (await ApproveAsync(Bia, half, ticket: await TicketOfAsync(Bia))).Value.State);
        Assert.Null((await Decide.ClaimAsync(Ana, Porto, half.Id, takeOver: false, Ct)).Refusal);
        if (givenBack) Assert.Null((await Decide.ReleaseAsync(Ana, Porto, half.Id, Ct)).Refusal);
        Assert.Equal(left, await StateAsync(half.Id));
        var untouched = await ProposeAsync(PortoStaff, "test.red", "2030-02-28");
        Assert.Null((await Decide.ClaimAsync(Ana, Porto, untouched.Id, takeOver: false, Ct)).Refusal);

        var radius = (await new StopQueries(Door, Registry, Texts).RadiusAsync(Hq, null, StopLevel.Global, "", Ct)).Value;
        Assert.Equal((1, 1), (radius.Killed, radius.Open));
        Assert.Null((await Stops.ThrowAsync(Hq, StopLevel.Global, "", "Wrong days", Ct)).Refusal);
        Assert.Equal(ProposalState.Killed, await StateAsync(half.Id));
        Assert.Equal(ProposalState.Claimed, await StateAsync(untouched.Id));
    }

    [Fact]
    public async Task A_stop_notes_how_long_it_took_to_hold()
    {
        Assert.Null((await Stops.ThrowAsync(Hq, StopLevel.Global, "", "Wrong days", Ct)).Refusal);
        Assert.NotNull(await SqlAsync("select (payload::jsonb ->> 'stopMs')::int from audit.entries where action = 'stop.throw' and outcome = 'done'"));
    }

    [Fact]
    public async Task The_drill_is_refused_by_the_check_every_execution_passes()
    {
        var report = await new StopDrills(Door, Executor).RunAsync(Sender.System("test"), Ct);
        Assert.Null(report.Refusal);
        Assert.Equal(true, await SqlAsync("select held from proposals.stop_drills"));
        Assert.Equal(0, await CountAsync("select count(*) from proposals.stops where lifted_at is null"));
        // Nothing but the drill's own was stopped: what is real goes on.
        Assert.Null(await Executor.DrillAsync(Ct));
    }

    [Fact]
    public async Task A_drill_that_did_not_hold_says_so()
    {
        var tries = 0;
        Executor.At = at =>
        {
            // Something in the executor no longer sees the stop.
            if (at == "drill" && ++tries == 2) TamperAsync("update proposals.stops set lifted_at = clock_timestamp()").GetAwaiter().GetResult();
        };
        var drills = new StopDrills(Door, Executor);
        Assert.Equal("refuse.capability.killed", (await drills.RunAsync(Sender.System("test"), Ct)).Refusal?.Code);
        Assert.Equal(false, await SqlAsync("select held from proposals.stop_drills"));
        Assert.Contains("did not hold", await drills.TroubleAsync(Ct), StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_drill_on_a_node_that_may_not_execute_anyhow_counts_for_nothing()
    {
        await TamperAsync("update proposals.executor_leases set until = clock_timestamp()");
        Assert.Equal("refuse.capability.no_lease", (await new StopDrills(Door, Executor).RunAsync(Sender.System("test"), Ct)).Refusal?.Code);
        Assert.Equal(0, await CountAsync("select count(*) from proposals.stop_drills"));
    }

    [Fact]
    public async Task Readiness_says_when_a_node_carries_nothing_out_and_when_the_stop_was_not_drilled_and_goes_on_taking_visitors()
    {
        var drills = new StopDrills(Door, Executor);
        using var never = new Leases(Dbs, new NodeIdentity("never"), NullLogger<Leases>.Instance);
        Assert.Equal(["executor: This node holds no leave to execute, so it carries nothing out. It has just started."], await TroublesAsync(never));
        Assert.Empty(await TroublesAsync(Leases));
        await TamperAsync("update proposals.capability_cards set at = at - interval '9 days'");
        Assert.Equal(["stop_drill: The stop has not been drilled for more than 8 days."], await TroublesAsync(Leases));
        Assert.Null((await drills.RunAsync(Sender.System("test"), Ct)).Refusal);
        Assert.Empty(await TroublesAsync(Leases));

        async Task<List<string>> TroublesAsync(Leases leases)
        {
            var services = new ServiceCollection().AddSingleton(leases).AddSingleton(drills);
            services.AddProposalChecks();
            await using var provider = services.BuildServiceProvider();
            using var readiness = new Readiness(provider, provider.GetServices<ReadinessCheck>(), TimeProvider.System, NullLogger<Readiness>.Instance);
            var report = await readiness.ReportAsync(Ct);
            Assert.True(report.IsReady);
            return [.. report.Checks.Where(c => !c.Ok).Select(c => $"{c.Name}: {c.Reason}")];
        }
    }
}
