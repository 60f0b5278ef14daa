using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.DependencyInjection.Extensions;
using Quartz;
using StudioVault.Infrastructure.Live;
using StudioVault.Infrastructure.Persistence;

namespace StudioVault.Infrastructure.Scheduling;

/// <summary>
/// Jobs on a schedule, over all nodes: Quartz with its PostgreSQL store, clustered. Quartz stands in for Hangfire and is named
/// in this folder only.
/// </summary>
public static class SchedulingModule
{
    private const string Cluster = "studiovault";

    /// <summary>
    /// Registers a job. For example:
    /// <code>services.AddVaultJob&lt;WakeSnoozedOffers&gt;("offers.wake-snoozed", "Wake snoozed updates", "…", JobSchedule.Every(TimeSpan.FromMinutes(1)));</code>
    /// </summary>
    /// <inheritdoc cref="JobDefinition"/>
    public static IServiceCollection AddVaultJob<TJob>(this IServiceCollection services, string name, string title, string what, JobSchedule schedule, bool requestRecovery = true)
        where TJob : class, IVaultJob =>
        services.AddSingleton(new JobDefinition(name, title, what, schedule, requestRecovery, typeof(TJob)));

    /// <summary>The scheduler of this node, what the jobs page reads and what its buttons do.</summary>
    public static IServiceCollection AddVaultScheduling(this IServiceCollection services, JobsOptions options)
    {
        services.AddSingleton(options);
        services.TryAddSingleton(TimeProvider.System);
        services.AddSingleton<RunningJobs>();
        services.AddSingleton<JobBoard>();
        services.AddSingleton<JobControl>();
        services.AddSingleton<JobsHealth>();
        var clock = new DatabaseClock();
        services.AddSingleton(clock);
        services.AddQuartz(quartz =>
        {
            quartz.UseTimeProvider(clock);
            quartz.UseDefaultThreadPool(options.AtOnce);
            quartz.UsePersistentStore(store =>
            {
                store.UsePostgres(source => source.DataSourceFactory = sp => sp.GetRequiredService<VaultDbs>().Source);
                store.UseClustering(cluster => (cluster.CheckinInterval, cluster.CheckinMisfireThreshold) = (options.CheckIn, options.DeadAfter));
                store.UseExecutionHistory();
                store.ConfigureStore(o =>
                {
                    o.TablePrefix = SchedulerSchema.Prefix;
                    // "Run now" and its audit entry commit together.
                    o.AcceptEnlistedTransactions = true;
                    o.RecoverFiringsCancelledByShutdown = true;
                    // Else a store that does not answer keeps a stopped process alive.
                    o.UseBackgroundThreads = true;
                });
            });
        });
        services.AddOptions<QuartzSchedulerOptions>().Configure<NodeIdentity, IEnumerable<JobDefinition>>((o, node, jobs) =>
        {
            o.InstanceName = Cluster;
            o.InstanceId = node.Name;
            o.IdleWaitTime = options.Look;
            o.ShutdownJobInterruption = ShutdownJobInterruption.WhenWaitingForJobs;
            // Two versions may run side by side: a node takes only the jobs its own code knows.
            o.ServedExecutionGroups.AddRange(jobs.Select(j => j.Name));
        });
        services.AddQuartzExecutionHistory(history =>
        {
            history.Retention = TimeSpan.FromDays(7);
            history.RetentionByResult[JobRunResult.Failed] = TimeSpan.FromDays(30);
            history.MaxEntriesPerJob = 500;
            // Only a backstop: the two limits above keep far less.
            history.MaxEntriesPerScheduler = 50_000;
        });
        services.AddHostedService<DatabaseClockReader>();
        services.AddHostedService<JobsHost>();
        services.AddSingleton<Soon>();
        services.AddHostedService(sp => sp.GetRequiredService<Soon>());
        return services;
    }
}
