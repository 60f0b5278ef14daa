using Quartz;
using Quartz.Extensibility;
using StudioVault.Domain.Kernel;
using StudioVault.Domain.Organization;
using StudioVault.Infrastructure.Door;
using StudioVault.Infrastructure.Persistence;

namespace StudioVault.Infrastructure.Scheduling;

/// <summary>What the jobs page shows, read from the store that all nodes share; HQ only.</summary>
public sealed class JobBoard(WriteDoor door, IScheduler scheduler, IExecutionHistoryStore history, IEnumerable<JobDefinition> definitions, JobsOptions options, DatabaseClock time)
{
    /// <summary>How many past runs a job's detail shows.</summary>
    public const int Depth = 20;

    private const int Most = 1_000;

    public Task<Result<JobsView>> ReadAsync(Sender from, CancellationToken ct) => GuardedAsync<JobsView>(from, async () =>
    {
        var now = time.GetUtcNow();
        var stored = (await scheduler.QueryJobs(new JobQuery { Take = Most }, ct)).Items;
        var triggers = (await scheduler.QueryTriggers(new TriggerQuery { Take = Most }, ct)).Items.ToLookup(t => t.JobKey.Name);
        var firing = (await scheduler.QueryFireInstances(new FireInstanceQuery { State = FireInstanceState.Executing, Take = Most }, ct)).Items.ToLookup(f => f.JobKey?.Name);
        var last = (await history.QueryJobRunStatuses(new JobRunStatusQuery { SchedulerName = scheduler.SchedulerName, Take = Most }, ct)).Items.ToDictionary(s => s.Job.Name);
        var failures = (await history.QueryExecutions(new ExecutionHistoryQuery
        {
            SchedulerName = scheduler.SchedulerName,
            Results = [JobRunResult.Failed],
            FiredFrom = now.AddDays(-1),
            Take = Most,
        }, ct)).Items.CountBy(e => e.JobName).ToDictionary();

        var jobs = definitions.Concat(stored.Where(s => definitions.All(d => d.Name != s.Key.Name)).Select(Foreign))
            .Select(d => View(d, [.. triggers[d.Name]], firing[d.Name].FirstOrDefault(), last.GetValueOrDefault(d.Name), failures.GetValueOrDefault(d.Name)));
        var nodes = (await scheduler.QueryClusterNodes(ct))
            .Where(n => n.LastCheckInUtc is not null)
            .Select(n => new JobNode(n.InstanceId, n.LastCheckInUtc, n.State == ClusterNodeState.Alive, n.IsCurrentNode));
        return new JobsView(now, options.Enabled, [.. jobs.OrderBy(j => j.Title, StringComparer.Ordinal)], [.. nodes.OrderBy(n => n.Name, StringComparer.Ordinal)]);
    }, ct);

    /// <summary>The last runs of a job, newest first.</summary>
    public Task<Result<IReadOnlyList<JobRun>>> HistoryAsync(Sender from, string job, CancellationToken ct) => GuardedAsync<IReadOnlyList<JobRun>>(from, async () =>
    {
        var runs = await history.QueryExecutions(new ExecutionHistoryQuery { SchedulerName = scheduler.SchedulerName, Job = JobKeys.Of(job), Take = Depth }, ct);
        return runs.Items.Select(e => new JobRun(e.FiredAtUtc, e.Duration, Outcome(e.EffectiveResult), e.SchedulerInstanceId,
            e.TriggerGroup == JobKeys.Manual, e.ExceptionMessage ?? e.Summary ?? "")).ToList();
    }, ct);

    private Task<Result<T>> GuardedAsync<T>(Sender from, Func<Task<T>> read, CancellationToken ct) =>
        door.ReadAsync<T>(from, TenantScope.Hq, Access.Hq, async (_, _, _) => await read(), ct);

    private static JobDefinition Foreign(JobHeader job) =>
        new(job.Key.Name, job.Description ?? job.Key.Name, "Belongs to another version of StudioVault. A node of that version runs it; this one cannot.", new JobSchedule("", ""), job.RequestsRecovery, typeof(object));

    private static JobView View(JobDefinition job, IReadOnlyList<TriggerHeader> triggers, FireInstance? firing, JobRunStatus? last, int failures)
    {
        var schedule = triggers.FirstOrDefault(t => t.Key == JobKeys.Schedule(job.Name));
        var asked = triggers.Any(t => t.Key.Group == JobKeys.Manual);
        var paused = schedule?.State == TriggerState.Paused;
        var state = firing is not null ? JobState.Running
            : job.Type == typeof(object) ? JobState.Foreign
            : asked ? JobState.Waiting
            : paused ? JobState.Paused
            : schedule?.State == TriggerState.Error ? JobState.Stuck
            : JobState.Scheduled;
        return new JobView(job.Name, job.Title, job.What, job.Schedule.Words, state,
            firing is null ? null : new JobRunning(firing.SchedulerInstanceId, firing.FireTimeUtc),
            last is null ? null : new JobRun(last.LastFiredAtUtc, last.LastDuration, Outcome(last.LastResult), last.LastSchedulerInstanceId ?? "", false,
                (last.LastResult == JobRunResult.Failed ? last.LastFailureMessage : last.LastSummary) ?? ""),
            paused || schedule?.State == TriggerState.Error ? null : schedule?.NextFireTimeUtc,
            failures, schedule?.Pause?.RequestedBy, schedule?.Pause?.PausedAtUtc);
    }

    private static JobOutcome Outcome(JobRunResult result) => result switch
    {
        JobRunResult.Failed => JobOutcome.Failed,
        JobRunResult.Cancelled => JobOutcome.CutOff,
        JobRunResult.Skipped => JobOutcome.Nothing,
        _ => JobOutcome.Done,
    };
}
