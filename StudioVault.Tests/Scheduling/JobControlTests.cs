using Microsoft.Extensions.DependencyInjection;
using StudioVault.Domain.Kernel;
using StudioVault.Infrastructure.Scheduling;
using StudioVault.Tests.Support;
using Xunit;

namespace StudioVault.Tests.Scheduling;

public sealed class JobControlTests(PostgresServer server) : VaultTest(server)
{
    private const string Job = "test-job";
    private readonly JobProbe _probe = new();
    private JobNodeHost _node = null!;

    public override async ValueTask InitializeAsync()
    {
        await base.InitializeAsync();
        _node = await JobNodeHost.StartAsync("one", App.ConnectionString, _probe, s => s.AddVaultJob<ProbeJob>(Job, "Test job", "Tests.", JobSchedule.Cron("0 0 0 1 1 ?", "every New Year")));
    }

    public override async ValueTask DisposeAsync()
    {
        await _node.DisposeAsync();
        await base.DisposeAsync();
    }

    [Fact]
    public async Task Run_now_runs_the_job_once_and_the_audit_names_who_asked()
    {
        Assert.Null((await _node.Control.RunNowAsync(Hq, Job, Ct)).Refusal);
        await Eventually.True(() => _probe.Ended == 1, "the job has run");
        // Its run is written down after it ended.
        await Eventually.True(async () => (await _node.Board.HistoryAsync(Hq, Job, Ct)).Value.Count > 0, "the run stands in the history");
        Assert.Equal($"{Hq.PersonId}|job.run_now|job|{Job}|done", await SqlAsync("select concat_ws('|', actor_id, action, object_type, object_id, outcome) from audit.entries where action like 'job.%'"));
        var run = Assert.Single((await _node.Board.HistoryAsync(Hq, Job, Ct)).Value);
        Assert.Equal((JobOutcome.Done, true, "one", "Did it"), (run.Outcome, run.Manual, run.Node, run.Text));
    }

    [Theory]
    [InlineData("run")]
    [InlineData("pause")]
    [InlineData("resume")]
    [InlineData("read")]
    [InlineData("history")]
    public async Task A_branch_manager_may_neither_steer_jobs_nor_look_at_them(string what)
    {
        var refusal = what switch
        {
            "run" => (await _node.Control.RunNowAsync(Ana, Job, Ct)).Refusal,
            "pause" => (await _node.Control.PauseAsync(Ana, Job, Ct)).Refusal,
            "resume" => (await _node.Control.ResumeAsync(Ana, Job, Ct)).Refusal,
            "read" => (await _node.Board.ReadAsync(Ana, Ct)).Refusal,
            _ => (await _node.Board.HistoryAsync(Ana, Job, Ct)).Refusal,
        };
        Assert.Equal(KernelRefusals.NotAllowed.Code, refusal?.Code);
        Assert.Equal(1L, await SqlAsync("select count(*) from quartz.qrtz_triggers"));
        Assert.Equal("WAITING", await SqlAsync("select trigger_state from quartz.qrtz_triggers"));
        if (what is "read" or "history") return;
        Assert.Equal("refused|refuse.kernel.not_allowed", await SqlAsync("select outcome || '|' || reason_code from audit.entries where action like 'job.%'"));
    }

    [Fact]
    public async Task A_second_request_before_the_first_has_begun_is_refused()
    {
        _probe.Hold = new TaskCompletionSource();
        Assert.Null((await _node.Control.RunNowAsync(Hq, Job, Ct)).Refusal);
        await Eventually.True(() => _probe.Begun.Count == 1, "the first run has begun");
        Assert.Null((await _node.Control.RunNowAsync(Hq, Job, Ct)).Refusal);
        Assert.Equal(JobRefusals.AlreadyAsked.Code, (await _node.Control.RunNowAsync(Hq, Job, Ct)).Refusal?.Code);
        _probe.Hold.SetResult();
        await Eventually.True(() => _probe.Ended == 2, "both runs have ended");
    }

    [Fact]
    public async Task A_job_nobody_registered_is_unknown() =>
        Assert.Equal(JobRefusals.Unknown.Code, (await _node.Control.RunNowAsync(Hq, "no-such-job", Ct)).Refusal?.Code);

    [Fact]
    public async Task Without_an_audit_entry_nothing_is_run_or_paused()
    {
        var columns = (string)(await SqlAsync("select string_agg(attname, ',') from pg_attribute where attrelid = 'audit.entries'::regclass and attnum > 0"))!;
        await SqlAsync($"revoke insert on audit.entries from studiovault_app; revoke insert ({columns}) on audit.entries from studiovault_app");
        Assert.NotNull((await _node.Control.RunNowAsync(Hq, Job, Ct)).Refusal);
        Assert.NotNull((await _node.Control.PauseAsync(Hq, Job, Ct)).Refusal);
        Assert.Equal("WAITING", await SqlAsync("select string_agg(trigger_state, ',') from quartz.qrtz_triggers"));
        Assert.Empty(_probe.Begun);
    }

    [Fact]
    public async Task Pausing_says_who_did_it_and_resuming_clears_it()
    {
        Assert.Null((await _node.Control.PauseAsync(Hq, Job, Ct)).Refusal);
        var paused = await JobAsync();
        Assert.Equal((JobState.Paused, "Helena", null), (paused.State, paused.PausedBy, paused.Next));
        Assert.Null((await _node.Control.ResumeAsync(Hq, Job, Ct)).Refusal);
        var resumed = await JobAsync();
        Assert.Equal(JobState.Scheduled, resumed.State);
        Assert.NotNull(resumed.Next);
        Assert.Equal("job.pause,job.resume", await SqlAsync("select string_agg(action, ',' order by at) from audit.entries where action like 'job.%'"));
    }

    [Fact]
    public async Task A_failed_run_shows_its_error_and_counts_for_a_day()
    {
        _probe.Answer = () => throw new InvalidOperationException("The bucket is empty");
        await RunAsync(1);
        _probe.Answer = () => JobRefusals.Unknown;
        await RunAsync(2);
        _probe.Answer = () => JobReport.NothingToDo("Nothing waits");
        await RunAsync(3);
        var runs = (await _node.Board.HistoryAsync(Hq, Job, Ct)).Value;
        Assert.Equal([JobOutcome.Nothing, JobOutcome.Failed, JobOutcome.Failed], runs.Select(r => r.Outcome));
        Assert.Equal("Nothing waits", runs[0].Text);
        Assert.StartsWith(JobRefusals.Unknown.Code, runs[1].Text, StringComparison.Ordinal);
        Assert.Equal("The bucket is empty", runs[2].Text);
        var job = await JobAsync();
        Assert.Equal((2, JobOutcome.Nothing), (job.FailuresLastDay, job.Last?.Outcome));
    }

    [Fact]
    public async Task The_board_shows_which_node_runs_a_job_now()
    {
        _probe.Hold = new TaskCompletionSource();
        Assert.Null((await _node.Control.RunNowAsync(Hq, Job, Ct)).Refusal);
        await Eventually.True(() => _probe.Begun.Count == 1, "the run has begun");
        var job = await JobAsync();
        Assert.Equal((JobState.Running, "one"), (job.State, job.Running?.Node));
        var node = Assert.Single((await _node.Board.ReadAsync(Hq, Ct)).Value.Nodes);
        Assert.True(node is { Name: "one", Alive: true, IsThis: true });
        _probe.Hold.SetResult();
    }

    private async Task RunAsync(int count)
    {
        Assert.Null((await _node.Control.RunNowAsync(Hq, Job, Ct)).Refusal);
        await Eventually.True(async () => (await _node.Board.HistoryAsync(Hq, Job, Ct)).Value.Count == count, $"run {count} has ended");
    }

    private async Task<JobView> JobAsync() => Assert.Single((await _node.Board.ReadAsync(Hq, Ct)).Value.Jobs);
}
