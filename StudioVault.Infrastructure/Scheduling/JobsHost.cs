using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;
using Quartz;
using StudioVault.Infrastructure.Persistence;

namespace StudioVault.Infrastructure.Scheduling;

/// <summary>
/// Tells the scheduler which jobs there are, starts it, and stops it gently: no new runs, time for the running ones, then the
/// rest is cut off and handed to another node. A scheduler in trouble never keeps the pages from being served.
/// </summary>
public sealed class JobsHost(IScheduler scheduler, IEnumerable<JobDefinition> definitions, RunningJobs running, JobsOptions options, DatabaseClock clock, VaultDbs dbs,
    IHostApplicationLifetime lifetime, ILogger<JobsHost> log) : NodeService
{
    /// <summary>Whether the scheduler was asked anything: the first question builds it, and what is built has to be shut down.</summary>
    private volatile bool _asked;

    /// <summary>Whether it answered: until then nothing but its shutdown may be asked.</summary>
    private volatile bool _built;

    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        if (!await lifetime.ApplicationStarted.WaitAsync(stoppingToken)) return;
        while (!stoppingToken.IsCancellationRequested)
        {
            // What this node stores as due is due by everybody's clock.
            if (!await clock.ReadAsync(dbs, stoppingToken))
            {
                log.LogWarning("The scheduler cannot start yet: the database does not answer; it goes on trying");
                await Task.Delay(options.CheckIn, stoppingToken).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
                continue;
            }

            try
            {
                _asked = true;
                foreach (var job in definitions)
                {
                    await RegisterAsync(job, stoppingToken);
                    _built = true;
                }

                if (options.Enabled) await scheduler.Start(stoppingToken);
                return;
            }
            catch (OperationCanceledException) when (stoppingToken.IsCancellationRequested)
            {
                return;
            }
            catch (SchedulerException e)
            {
                log.LogWarning(e, "The scheduler cannot start yet; it goes on trying");
            }

            await Task.Delay(options.CheckIn, stoppingToken).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        }
    }

    public override async Task StopAsync(CancellationToken cancellationToken)
    {
        await base.StopAsync(cancellationToken);
        if (!_asked) return;
        try
        {
            await StopSchedulerAsync(cancellationToken).WaitAsync(options.Drain + 2 * options.HandOver, CancellationToken.None);
        }
        catch (Exception e) when (e is TimeoutException or SchedulerException)
        {
            // Without its store the scheduler would try for ever to write down how the runs ended.
            log.LogWarning(e, "The scheduler could not stop in order; another node takes over once this one's check-ins end");
        }
    }

    private async Task StopSchedulerAsync(CancellationToken hurry)
    {
        // Told to stop while it was still starting, or its database never came: then it has no status yet.
        if (_built && scheduler.Status == SchedulerStatus.Running) await scheduler.Standby(CancellationToken.None);
        try
        {
            await running.IdleAsync().WaitAsync(options.Drain, hurry);
        }
        catch (Exception e) when (e is TimeoutException or OperationCanceledException)
        {
            log.LogWarning("{Count} running jobs are cut off and handed to another node", running.Count);
        }

        using var limit = new CancellationTokenSource(options.HandOver);
        await scheduler.Shutdown(waitForJobsToComplete: true, limit.Token);
    }

    /// <summary>
    /// Stores the job as the code says, and leaves alone what already says so: a paused job stays paused over restarts and
    /// upgrades. Jobs of another version are left alone too, because that version may be running beside this one.
    /// </summary>
    private async Task RegisterAsync(JobDefinition job, CancellationToken ct)
    {
        var key = JobKeys.Of(job.Name);
        var wanted = JobBuilder.Create<QuartzJob>().WithIdentity(key).WithDescription(job.Title).StoreDurably()
            .RequestRecovery(job.RequestRecovery).DisallowConcurrentExecution().Build();
        if (await scheduler.GetJobDetail(key, ct) is not { } stored || stored.RequestsRecovery != job.RequestRecovery || stored.Description != job.Title)
            await scheduler.AddJob(wanted, AddJobOptions.Replacing, ct);

        var schedule = JobKeys.Schedule(job.Name);
        if (await scheduler.GetTrigger(schedule, ct) is ICronTrigger { ExecutionGroup: { } group } trigger && group == job.Name && trigger.CronExpressionString == job.Schedule.Expression)
        {
            await scheduler.ResetTriggerFromErrorState(schedule, ct);
            return;
        }

        var paused = await scheduler.GetTriggerState(schedule, ct) == TriggerState.Paused;
        var pause = paused ? await scheduler.GetTriggerPause(schedule, ct) : null;
        await scheduler.ScheduleJob(
            TriggerBuilder.Create(clock).WithIdentity(schedule).ForJob(key).WithExecutionGroup(job.Name)
                .WithSchedule(CronScheduleBuilder.Create(job.Schedule.Expression).InTimeZone(TimeZoneInfo.Utc)).Build(),
            new ScheduleJobOptions { Replace = true, Paused = paused, PauseReason = pause?.Reason, PauseRequestedBy = pause?.RequestedBy }, ct);
    }
}

/// <summary>Under which keys the scheduler knows a job.</summary>
internal static class JobKeys
{
    private const string Jobs = "vault";

    /// <summary>Group of the triggers that "Run now" makes; the history tells manual runs by it.</summary>
    public const string Manual = "run-now";

    public static JobKey Of(string job) => new(job, Jobs);
    public static TriggerKey Schedule(string job) => new(job, "schedule");
    public static TriggerKey RunNow(string job) => new(job, Manual);
}

internal static class ApplicationStartedWait
{
    /// <summary>True once the application has started, false when it stops instead.</summary>
    public static async Task<bool> WaitAsync(this CancellationToken started, CancellationToken stopping)
    {
        using var either = CancellationTokenSource.CreateLinkedTokenSource(started, stopping);
        await Task.Delay(Timeout.InfiniteTimeSpan, either.Token).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        return !stopping.IsCancellationRequested;
    }
}
