using System.Text.Json.Nodes;
using Quartz;
using StudioVault.Domain.Kernel;
using StudioVault.Domain.Organization;
using StudioVault.Infrastructure.Door;
using StudioVault.Infrastructure.Persistence;

namespace StudioVault.Infrastructure.Scheduling;

/// <summary>What HQ does to a job. The audit entry and the scheduler's rows commit together.</summary>
public sealed class JobControl(WriteDoor door, IScheduler scheduler, IEnumerable<JobDefinition> definitions, DatabaseClock clock)
{
    /// <summary>Asks for one run outside the schedule; some node takes it within seconds, paused or not.</summary>
    /// <returns>Refused: <see cref="JobRefusals.Unknown"/>, <see cref="JobRefusals.AlreadyAsked"/>.</returns>
    public Task<Result<Done>> RunNowAsync(Sender from, string job, CancellationToken ct) => ChangeAsync("job.run_now", from, job, async (_, inner) =>
    {
        var trigger = TriggerBuilder.Create(clock).WithIdentity(JobKeys.RunNow(job)).ForJob(JobKeys.Of(job)).WithExecutionGroup(job).StartNow().Build();
        var scheduled = await scheduler.ScheduleTrigger(trigger, TriggerConflict.Keep, inner);
        return scheduled.Outcome == ScheduleOutcome.Kept ? JobRefusals.AlreadyAsked : Done.It;
    }, ct);

    /// <summary>Stops the schedule until somebody resumes it; a run under way goes on.</summary>
    public Task<Result<Done>> PauseAsync(Sender from, string job, CancellationToken ct) => ChangeAsync("job.pause", from, job, async (context, inner) =>
    {
        await scheduler.PauseTriggerWith(JobKeys.Schedule(job), new PauseDetails { RequestedBy = context.Caller.Chain.Acting.Name }, inner);
        return Done.It;
    }, ct);

    /// <summary>Starts the schedule again; what was missed meanwhile is made up for once.</summary>
    public Task<Result<Done>> ResumeAsync(Sender from, string job, CancellationToken ct) => ChangeAsync("job.resume", from, job, async (_, inner) =>
    {
        await scheduler.ResetTriggerFromErrorState(JobKeys.Schedule(job), inner);
        await scheduler.ResumeTrigger(JobKeys.Schedule(job), inner);
        return Done.It;
    }, ct);

    private async Task<Result<Done>> ChangeAsync(string action, Sender from, string job, Func<WriteContext, CancellationToken, Task<Result<Done>>> change, CancellationToken ct)
    {
        IDisposable? enlisted = null;
        try
        {
            return await door.RunAsync(new Command(action, from, TenantScope.Hq, Access.Hq, "job", job), async (context, inner) =>
            {
                if (definitions.All(d => d.Name != job) || !await scheduler.Exists(JobKeys.Of(job), inner)) return JobRefusals.Unknown;
                context.Audit(new JsonObject { ["job"] = job });
                await context.WriteAuditAsync(inner);
                enlisted?.Dispose();
                enlisted = scheduler.EnlistTransaction(context.Transaction);
                return await change(context, inner);
            }, ct);
        }
        finally
        {
            // After the commit: only now may the scheduler go and look.
            enlisted?.Dispose();
        }
    }
}
