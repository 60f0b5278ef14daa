using StudioVault.Domain.Kernel;
using StudioVault.Infrastructure.Door;
using StudioVault.Infrastructure.Packages;
using StudioVault.Infrastructure.Scheduling;
using StudioVault.Tests.Support;
using Xunit;

namespace StudioVault.Tests.Packages;

public sealed class WakeSnoozedOffersTests(PostgresServer server) : PackagesTest(server)
{
    private const string JobName = "offers.wake-snoozed";

    // Twenty-five hours apart: whatever time it is, the first is at least a day ahead of the second.
    private const string Early = "Pacific/Kiritimati";
    private const string Late = "Pacific/Pago_Pago";

    [Fact]
    public async Task An_update_comes_back_when_its_day_begins_at_the_branch_and_not_before()
    {
        await PublishAsync(WeddingContent());
        await MoveAsync(Porto, Early);
        await MoveAsync(Berlin, Late);
        await SnoozeAsync(Ana, Porto, $"(now() at time zone '{Early}')::date");
        await SnoozeAsync(BerlinManager, Berlin, $"(now() at time zone '{Early}')::date");

        Assert.Equal("Brought back 1 update at 1 branch", (await RunAsync()).Summary);
        Assert.Equal("Offered", await StateAsync(Porto));
        Assert.Equal("Snoozed", await StateAsync(Berlin));

        await MoveAsync(Berlin, Early);
        Assert.True((await RunAsync()).DidSomething);
        Assert.Equal("Offered", await StateAsync(Berlin));
    }

    [Fact]
    public async Task Run_twice_is_once_with_one_audit_entry_and_one_event_an_update()
    {
        await PublishAsync(WeddingContent());
        await SnoozeAsync(Ana, Porto, "'2020-01-01'");
        await SnoozeAsync(BerlinManager, Berlin, "'2020-01-01'");
        var events = await EventsAsync();

        Assert.Equal("Brought back 2 updates at 2 branches", (await RunAsync()).Summary);
        Assert.False((await RunAsync()).DidSomething);

        Assert.Equal(2L, await WakesAsync("done"));
        Assert.Equal(0L, await WakesAsync("refused"));
        Assert.Equal(events + 2, await EventsAsync());
        Assert.Equal($"system|{JobName}|2020-01-01", await SqlAsync("select distinct actor_kind || '|' || actor_id || '|' || (payload::jsonb->>'until') from audit.entries where action = 'offer.wake'"));
    }

    [Fact]
    public async Task Two_processes_at_once_wake_each_update_once()
    {
        await PublishAsync(WeddingContent());
        await SnoozeAsync(Ana, Porto, "'2020-01-01'");
        await SnoozeAsync(BerlinManager, Berlin, "'2020-01-01'");
        var events = await EventsAsync();

        var results = await Task.WhenAll(Enumerable.Range(0, 4).Select(_ => Job.RunAsync(Sender.System(JobName), Ct)));

        Assert.All(results, r => Assert.Null(r.Refusal));
        Assert.Equal(2L, await WakesAsync("done"));
        Assert.Equal(events + 2, await EventsAsync());
    }

    [Fact]
    public async Task A_decided_update_is_left_alone_even_when_the_job_had_it_on_its_list()
    {
        await PublishAsync(WeddingContent());
        await SnoozeAsync(Ana, Porto, "'2020-01-01'");
        var offer = await OpenOfferAsync(Porto);
        Assert.Null((await Offers.WakeAsync(Ana, Porto, offer, Ct)).Refusal);
        Assert.Null((await Decide.IgnoreAsync(Ana, Porto, offer, "Not for us.", Ct)).Refusal);

        var late = await Offers.WakeDueAsync(Sender.System(JobName), Porto, offer, Ct);
        Assert.True(OfferCommands.IsSettled(late.Refusal!));
        Assert.False((await RunAsync()).DidSomething);
        Assert.Equal("Ignored", await SqlAsync("select state from packages.update_offers where id = $1", offer.Value));
    }

    [Fact]
    public async Task An_update_put_off_again_meanwhile_keeps_its_new_day()
    {
        await PublishAsync(WeddingContent());
        await SnoozeAsync(Ana, Porto, "'2099-01-01'");
        var late = await Offers.WakeDueAsync(Sender.System(JobName), Porto, await OpenOfferAsync(Porto), Ct);
        Assert.Equal(KernelRefusals.StaleWrite.Code, late.Refusal?.Code);
        Assert.Equal("Snoozed", await StateAsync(Porto));
    }

    [Fact]
    public async Task At_a_paused_branch_it_gathers_in_the_inbox_and_nobody_is_reminded_before_the_pause_ends()
    {
        await PublishAsync(WeddingContent());
        await SnoozeAsync(Ana, Porto, "'2020-01-01'");
        Assert.Null((await Offers.PauseAllAsync(Ana, Porto, new DateOnly(2099, 1, 1), Ct)).Refusal);

        Assert.True((await RunAsync()).DidSomething);

        Assert.Equal("Offered", await StateAsync(Porto));
        Assert.Equal(0, (await Packages.WaitingAsync(Ana, Porto, Ct)).Value);
        Assert.Null((await Offers.PauseAllAsync(Ana, Porto, null, Ct)).Refusal);
        Assert.Equal(1, (await Packages.WaitingAsync(Ana, Porto, Ct)).Value);
    }

    [Fact]
    public async Task Put_off_until_the_next_version_it_sleeps_through_the_job_and_gives_way_to_the_next_version()
    {
        await AdoptAsync();
        await PublishAsync(Days(40));
        Assert.Null((await Offers.SnoozeAsync(Ana, Porto, await OpenOfferAsync(Porto), new Snooze.NextVersion(), "Next one", Ct)).Refusal);

        Assert.False((await RunAsync()).DidSomething);
        Assert.Equal("Snoozed", await StateAsync(Porto));

        await PublishAsync(Days(38));
        Assert.Equal("2 Superseded, 3 Offered", await SqlAsync("select string_agg(version || ' ' || state, ', ' order by version) from packages.update_offers where branch_id = $1 and version > 1", Porto.Value));
        Assert.Equal(true, await SqlAsync("select snoozed_until is null and not snoozed_to_next_version and reason is null from packages.update_offers where branch_id = $1 and version = 3", Porto.Value));
    }

    [Fact]
    public async Task A_later_wave_brings_the_next_version_to_a_branch_that_waits_for_it()
    {
        await AdoptAsync();
        await PublishAsync(Days(40));
        Assert.Null((await Offers.SnoozeAsync(Ana, Porto, await OpenOfferAsync(Porto), new Snooze.NextVersion(), null, Ct)).Refusal);

        await PublishAsync(Days(38), "Pilot.", Berlin);
        Assert.Equal("Snoozed", await StateAsync(Porto));
        Assert.Equal(1, (await Waves.RunAsync(Hq, Wedding, 3, "Everyone", null, Ct)).Value);
        Assert.Equal("Offered", await StateAsync(Porto));
    }

    private WakeSnoozedOffers Job => new(Door, Offers);

    private async Task<JobReport> RunAsync()
    {
        var result = await Job.RunAsync(Sender.System(JobName), Ct);
        Assert.Null(result.Refusal);
        return result.Value;
    }

    private static System.Text.Json.Nodes.JsonObject Days(int days)
    {
        var content = WeddingContent();
        content["turnaroundDays"] = days;
        return content;
    }

    /// <summary>Puts the open offer off, then sets its day (an SQL expression): nobody may choose a day that has begun.</summary>
    private async Task SnoozeAsync(Sender who, BranchId branch, string day)
    {
        Assert.Null((await Offers.SnoozeAsync(who, branch, await OpenOfferAsync(branch), new Snooze.Until(new DateOnly(2099, 1, 1)), null, Ct)).Refusal);
        await PastGuardsAsync($"update packages.update_offers set snoozed_until = {day} where state = 'Snoozed' and branch_id = '{branch}'");
    }

    private Task MoveAsync(BranchId branch, string zone) => PastGuardsAsync($"update organization.branches set time_zone = '{zone}' where id = '{branch}'");

    private async Task<string?> StateAsync(BranchId branch) => (string?)await SqlAsync("select state from packages.update_offers where branch_id = $1 and state in ('Offered', 'Viewed', 'Snoozed')", branch.Value);

    private async Task<long> EventsAsync() => (long)(await SqlAsync("select count(*) from live.outbox where topic = 'OFFER_CHANGED@1.0'"))!;

    private Task<object?> WakesAsync(string outcome) => SqlAsync("select count(*) from audit.entries where action = 'offer.wake' and outcome = $1", outcome);
}
