using Microsoft.EntityFrameworkCore;
using StudioVault.Infrastructure.Persistence;
using StudioVault.Infrastructure.Proposals;

namespace StudioVault.Web.Hosting;

/// <summary>The checks behind <c>/health/ready</c>; a module adds its own with <see cref="AddReadiness"/>.</summary>
public static class ReadinessChecks
{
    private const long LeastFreeBytes = 200L * 1024 * 1024;
    private static readonly TimeSpan LongestWait = TimeSpan.FromSeconds(30);

    /// <summary>Shorter than a check may take, so that it says what is the matter.</summary>
    private static readonly TimeSpan DoorPatience = TimeSpan.FromSeconds(2);

    /// <param name="services">Where to add it.</param>
    /// <param name="name">Stable short name.</param>
    /// <param name="reasonAsync">Null when well, else one sentence that anybody may read.</param>
    /// <param name="blocking">False when the node should go on taking visitors all the same.</param>
    public static IServiceCollection AddReadiness(this IServiceCollection services, string name, Func<IServiceProvider, CancellationToken, Task<string?>> reasonAsync, bool blocking = true) =>
        services.AddSingleton(new ReadinessCheck(name, reasonAsync, blocking));

    internal static void AddFoundationChecks(this IServiceCollection services, VaultSettings settings)
    {
        services.AddReadiness("database", DatabaseAsync);
        services.AddReadiness("migrations", MigrationsAsync);
        services.AddReadiness("sequencer", SequencerAsync, blocking: false);
        services.AddReadiness("keys", (_, _) => Task.FromResult(Keys(settings)), blocking: false);
        services.AddReadiness("disk", (_, _) => Task.FromResult(Disk(settings.DataDir)), blocking: false);
    }

    // Visitors are served all the same: what is approved waits for a node that may, and a stop that was not drilled may well hold.
    internal static void AddProposalChecks(this IServiceCollection services)
    {
        services.AddReadiness("executor", (provider, _) => Task.FromResult(provider.GetRequiredService<Leases>().Reason is { } reason ? $"This node holds no leave to execute, so it carries nothing out. {reason}" : null), blocking: false);
        services.AddReadiness("stop_drill", (provider, ct) => provider.GetRequiredService<StopDrills>().TroubleAsync(ct), blocking: false);
    }

    private static async Task<string?> DatabaseAsync(IServiceProvider services, CancellationToken ct)
    {
        var dbs = services.GetRequiredService<VaultDbs>();
        await using var command = dbs.Source.CreateCommand("select pg_is_in_recovery()");
        if (await command.ExecuteScalarAsync(ct) is true) return "The database is a standby and takes no writes.";
        // Commands have connections of their own: where none is left, visitors can only look (fault F9).
        return await dbs.DoorOpensAsync(DoorPatience, ct) ? null : $"No connection for a command became free within {DoorPatience.TotalSeconds:0} seconds.";
    }

    // A database that is ahead of us is well: a newer release has migrated it, and the one before must go on working.
    private static async Task<string?> MigrationsAsync(IServiceProvider services, CancellationToken ct)
    {
        await using var db = services.GetRequiredService<VaultDbs>().Open(TenantScope.None);
        var missing = (await db.Database.GetPendingMigrationsAsync(ct)).Count();
        return missing == 0 ? null : $"{missing} migrations have not been applied: run the migrate verb.";
    }

    /// <summary>Age of the oldest audit entry or event that has no number yet.</summary>
    private static async Task<string?> SequencerAsync(IServiceProvider services, CancellationToken ct)
    {
        await using var db = services.GetRequiredService<VaultDbs>().Open(TenantScope.Hq);
        var waiting = await db.Database.SqlQueryRaw<double>("""
            select coalesce(extract(epoch from clock_timestamp() - least(
              (select min(e.at) from audit.entries e where e.xid >= s.horizon and not exists (select from audit.leaves l where l.entry_id = e.id)),
              (select min(o.ts) from live.outbox o where o.xid >= s.horizon and not exists (select from live.positions p where p.event_id = o.id)))), 0)::float8 as "Value"
            from audit.sequencer_state s where s.id = 1
            """).SingleAsync(ct);
        return waiting < LongestWait.TotalSeconds ? null : $"Audit entries and live events have been waiting for their number for {waiting:0} seconds.";
    }

    // Both are in memory; without their files the next start fails.
    private static string? Keys(VaultSettings settings) => File.Exists(settings.MasterKeyFile) && File.Exists(settings.SigningKeyFile)
        ? null : "A key file is gone since the start; put it back before this node is started again.";

    private static string? Disk(string folder) => new DriveInfo(Path.GetFullPath(folder)).AvailableFreeSpace switch
    {
        < LeastFreeBytes => "Less than 200 MB are free where this node keeps its data.",
        _ => null,
    };
}
