using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;
using Quartz;
using StudioVault.Infrastructure.Door;

namespace StudioVault.Infrastructure.Scheduling;

/// <summary>
/// The one job Quartz knows; it runs the registered job of its key's name. The database thus never holds the name of a module's
/// class, which may be renamed between two versions that run side by side.
/// </summary>
internal sealed class QuartzJob(IServiceScopeFactory scopes, IEnumerable<JobDefinition> definitions, RunningJobs running, ILogger<QuartzJob> log) : IJob
{
    public async ValueTask Execute(IJobExecutionContext context, CancellationToken cancellationToken)
    {
        using var _ = running.Enter();
        var name = context.JobDetail.Key.Name;
        var definition = definitions.Single(d => d.Name == name);
        await using var scope = scopes.CreateAsyncScope();
        var job = (IVaultJob)ActivatorUtilities.CreateInstance(scope.ServiceProvider, definition.Type);
        var result = await job.RunAsync(Sender.System(name), cancellationToken);
        if (result.TryGet(out var report, out var refusal))
        {
            context.Result = report.DidSomething ? JobRunReport.Succeeded(report.Summary) : JobRunReport.Skipped(report.Summary);
            return;
        }

        log.LogWarning("Job {Job} was refused: {Refusal}", name, refusal.ToString());
        context.Result = JobRunReport.Failed(refusal.ToString());
    }
}
