using System.Globalization;
using Microsoft.Extensions.DependencyInjection;
using Npgsql;
using StudioVault.Infrastructure.Persistence;
using StudioVault.Infrastructure.Scheduling;
using StudioVault.Tests.Support;
using Xunit;

namespace StudioVault.Tests.Scheduling;

public sealed class SchedulingTests(PostgresServer server) : VaultTest(server)
{
    private const string Job = "test-job";
    private static readonly JobSchedule EverySecond = JobSchedule.Every(TimeSpan.FromSeconds(1));
    private static readonly JobSchedule Yearly = JobSchedule.Cron("0 0 0 1 1 ?", "every New Year");
    private readonly JobProbe _probe = new();

    [Fact]
    public async Task The_app_role_runs_jobs_without_any_right_to_make_tables()
    {
        await using var node = await NodeAsync("one", EverySecond);
        await Eventually.True(() => _probe.Ended > 0, "the job has run");
        await using var create = App.CreateCommand("create table quartz.own (id int)");
        Assert.Equal("42501", (await Assert.ThrowsAsync<PostgresException>(() => create.ExecuteNonQueryAsync(Ct))).SqlState);
        Assert.Empty(await VaultGuard.FindingsAsync(App, null, Ct));
    }

    [Fact]
    public async Task The_set_up_may_run_again_while_jobs_run()
    {
        await using var node = await NodeAsync("one", EverySecond);
        await Eventually.True(() => _probe.Ended > 0, "the job has run");
        await VaultSetup.RunAsync(Superuser.ConnectionString, null, Ct);
        await using var owner = await Superuser.OpenConnectionAsync(Ct);
        await using (var forget = new NpgsqlCommand("comment on schema quartz is null; set role studiovault_owner", owner)) await forget.ExecuteNonQueryAsync(Ct);
        await SchedulerSchema.ApplyAsync(owner, VaultRoles.Default, Ct);
        var before = _probe.Ended;
        await Eventually.True(() => _probe.Ended > before, "the job has run again");
    }

    [Trait("Category", "Faults")]
    [Fact]
    public async Task Two_nodes_run_each_scheduled_time_once()
    {
        await SqlAsync("""
            create table public.firings (sched_time bigint not null, entry_id text not null, instance text not null, primary key (sched_time, entry_id));
            create function public.note_firing() returns trigger language plpgsql security definer as $f$
            begin
              if new.state = 'EXECUTING' then insert into public.firings values (new.sched_time, new.entry_id, new.instance_name) on conflict do nothing; end if;
              return null;
            end $f$;
            create trigger note_firing after insert or update on quartz.qrtz_fired_triggers for each row execute function public.note_firing();
            """);
        await using var one = await NodeAsync("one", EverySecond);
        await using var two = await NodeAsync("two", EverySecond);
        await Eventually.True(() => _probe.Ended >= 5, "the job has run five times");
        Assert.Equal(0L, await SqlAsync("select count(*) from (select sched_time from public.firings group by sched_time having count(*) > 1) twice"));
    }

    [Trait("Category", "Faults")]
    [Fact]
    public async Task When_a_node_dies_another_runs_its_job_again_and_keeps_the_schedule()
    {
        _probe.Hold = new TaskCompletionSource();
        await using var dying = await NodeAsync("dying", Yearly, o => o.Drain = TimeSpan.FromMilliseconds(100));
        Assert.Null((await dying.Control.RunNowAsync(Hq, Job, Ct)).Refusal);
        await Eventually.True(() => _probe.Begun.Count == 1, "the job has begun");
        await using var other = await NodeAsync("other", EverySecond);
        await dying.CutOffAsync();
        await Eventually.True(() => _probe.Begun.Contains("other"), "the other node has begun the job");
        _probe.Hold.SetResult();
        _probe.Hold = null;
        await Eventually.True(() => _probe.Begun.Count(n => n == "other") > 3, "the other node follows the schedule");
        var view = (await other.Board.ReadAsync(Hq, Ct)).Value;
        Assert.Equal(["other"], view.Nodes.Select(n => n.Name));
    }

    [Fact]
    public async Task A_stopping_node_lets_its_running_job_finish()
    {
        _probe.Hold = new TaskCompletionSource();
        await using var node = await RunningAsync("one");
        var stopped = node.StopAsync();
        _probe.Hold.SetResult();
        await stopped;
        Assert.Equal(1, _probe.Ended);
        Assert.Equal("Did it", await SqlAsync("select summary from quartz.qrtz_execution_history"));
    }

    [Fact]
    public async Task A_stopping_node_hands_over_what_does_not_finish_in_time()
    {
        _probe.Hold = new TaskCompletionSource();
        await using var stopping = await RunningAsync("stopping", o => o.Drain = TimeSpan.FromMilliseconds(100));
        await using var other = await NodeAsync("other", Yearly);
        await stopping.StopAsync();
        Assert.Equal(0, _probe.Ended);
        _probe.Hold.SetResult();
        await Eventually.True(() => _probe.Begun.Contains("other"), "the other node has taken the job over");
    }

    [Fact]
    public Task A_node_that_is_told_to_stop_while_it_still_starts_stops_in_order() => JobNodeHost.StartAndStopWithoutDatabaseAsync();

    [Fact]
    public async Task A_node_takes_no_job_its_version_does_not_know()
    {
        await using (var newer = await NodeAsync("newer", EverySecond)) await Eventually.True(() => _probe.Ended > 0, "the newer version has run its job");
        var before = _probe.Begun.Count;
        await using var older = await JobNodeHost.StartAsync("older", App.ConnectionString, _probe, s => s.AddVaultJob<ProbeJob>("another-job", "Another", "Tests.", EverySecond));
        await Eventually.True(() => _probe.Begun.Count > before + 2, "the older version runs its own job");
        Assert.Equal(before, Convert.ToInt32(await SqlAsync("select count(*) from quartz.qrtz_execution_history where job_name = $1", Job), CultureInfo.InvariantCulture));
        var jobs = (await older.Board.ReadAsync(Hq, Ct)).Value.Jobs;
        Assert.Equal(JobState.Foreign, jobs.Single(j => j.Name == Job).State);
        await using var again = await NodeAsync("newer-again", EverySecond);
        await Eventually.True(() => _probe.Begun.Contains("newer-again"), "a node of the newer version runs the job");
    }

    [Fact]
    public async Task A_node_with_jobs_off_runs_none_but_its_page_steers_the_others()
    {
        await using var off = await NodeAsync("off", EverySecond, o => o.Enabled = false);
        var view = (await off.Board.ReadAsync(Hq, Ct)).Value;
        Assert.False(view.RunsHere);
        Assert.Empty(view.Nodes);
        Assert.Empty(_probe.Begun);
        Assert.Null(await off.HealthAsync());
        Assert.Null((await off.Control.RunNowAsync(Hq, Job, Ct)).Refusal);
        Assert.Equal(JobState.Waiting, (await off.Board.ReadAsync(Hq, Ct)).Value.Jobs.Single().State);
        await using var worker = await NodeAsync("worker", Yearly);
        await Eventually.True(() => _probe.Begun.Contains("worker"), "the worker runs what was asked for");
    }

    [Fact]
    public async Task A_paused_job_stays_paused_over_a_restart_and_over_a_new_schedule()
    {
        await using (var first = await NodeAsync("first", Yearly)) Assert.Null((await first.Control.PauseAsync(Hq, Job, Ct)).Refusal);
        await using (var second = await NodeAsync("second", Yearly)) Assert.Equal(JobState.Paused, (await JobAsync(second)).State);
        await using var third = await NodeAsync("third", EverySecond);
        Assert.Equal(EverySecond.Expression, await SqlAsync("select cron_expression from quartz.qrtz_cron_triggers"));
        var job = await JobAsync(third);
        Assert.Equal((JobState.Paused, "Helena"), (job.State, job.PausedBy));
        Assert.Null((await third.Control.ResumeAsync(Hq, Job, Ct)).Refusal);
        await Eventually.True(() => _probe.Ended > 0, "the resumed job runs");
    }

    [Fact]
    public async Task Readiness_says_why_when_the_scheduler_has_lost_its_store()
    {
        await using var node = await NodeAsync("one", EverySecond, o => o.Drain = TimeSpan.FromMilliseconds(100));
        Assert.Null(await node.HealthAsync());
        await node.CutOffAsync();
        Assert.Equal("The scheduler cannot reach its tables.", await node.HealthAsync());
    }

    private async Task<JobNodeHost> RunningAsync(string name, Action<JobsOptions>? change = null)
    {
        var node = await NodeAsync(name, Yearly, change);
        Assert.Null((await node.Control.RunNowAsync(Hq, Job, Ct)).Refusal);
        await Eventually.True(() => _probe.Begun.Contains(name), "the job has begun");
        return node;
    }

    private async Task<JobView> JobAsync(JobNodeHost node) => (await node.Board.ReadAsync(Hq, Ct)).Value.Jobs.Single(j => j.Name == Job);

    private Task<JobNodeHost> NodeAsync(string name, JobSchedule schedule, Action<JobsOptions>? change = null) =>
        JobNodeHost.StartAsync(name, App.ConnectionString, _probe, services => services.AddVaultJob<ProbeJob>(Job, "Test job", "Tests.", schedule), change);
}
