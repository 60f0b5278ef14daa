using System.Globalization;
using Quartz;
using StudioVault.Infrastructure.Persistence;

namespace StudioVault.Infrastructure.Scheduling;

/// <summary>What readiness says about the jobs of this node.</summary>
public sealed class JobsHealth(IScheduler scheduler, IEnumerable<JobDefinition> definitions, JobsOptions options, DatabaseClock time)
{
    /// <summary>A run later than this is no longer a hiccup.</summary>
    private static readonly TimeSpan Late = TimeSpan.FromMinutes(3);

    /// <summary>Null when well or when this node runs no jobs, else one sentence without names of machines.</summary>
    public async Task<string?> ReasonAsync(CancellationToken ct)
    {
        if (!options.Enabled) return null;
        try
        {
            if (scheduler.Status != SchedulerStatus.Running) return "The scheduler has not started.";
            var now = time.GetUtcNow();
            var self = (await scheduler.QueryClusterNodes(ct)).Single(n => n.IsCurrentNode);
            if (self.LastCheckInUtc is { } at && now - at > 3 * options.CheckIn + options.DeadAfter)
                return string.Create(CultureInfo.InvariantCulture, $"The scheduler has not checked in for {(now - at).TotalSeconds:0} seconds; other nodes take its jobs.");
            var known = definitions.Select(d => d.Name).ToHashSet();
            var overdue = await scheduler.QueryTriggers(new TriggerQuery { State = TriggerState.Normal, NextFireTimeBefore = now - Late, Take = 100 }, ct);
            var late = overdue.Items.Select(t => t.JobKey.Name).Where(known.Contains).Distinct().Order(StringComparer.Ordinal).ToList();
            return late.Count == 0 ? null : $"Overdue: {string.Join(", ", late)}.";
        }
        catch (Exception e) when (e is SchedulerException || VaultErrors.AsRefusal(e) is not null)
        {
            return "The scheduler cannot reach its tables.";
        }
    }
}
