using Microsoft.EntityFrameworkCore;
using StudioVault.Infrastructure.Persistence;

namespace StudioVault.Web.Hosting;

/// <summary>The checks behind <c>/health/ready</c>; a module adds its own with <see cref="AddReadiness"/>.</summary>
public static class ReadinessChecks
{
    private const long LeastFreeBytes = 200L * 1024 * 1024;

    /// <param name="services">Where to add it.</param>
    /// <param name="name">Stable short name.</param>
    /// <param name="reasonAsync">Null when well, else one sentence that anybody may read.</param>
    public static IServiceCollection AddReadiness(this IServiceCollection services, string name, Func<IServiceProvider, CancellationToken, Task<string?>> reasonAsync) =>
        services.AddSingleton(new ReadinessCheck(name, reasonAsync));

    internal static void AddFoundationChecks(this IServiceCollection services, VaultSettings settings)
    {
        services.AddReadiness("database", DatabaseAsync);
        services.AddReadiness("migrations", MigrationsAsync);
        services.AddReadiness("disk", (_, _) => Task.FromResult(Disk(settings.DataDir)));
    }

    private static async Task<string?> DatabaseAsync(IServiceProvider services, CancellationToken ct)
    {
        await using var command = services.GetRequiredService<VaultDbs>().Source.CreateCommand("select pg_is_in_recovery()");
        return await command.ExecuteScalarAsync(ct) is true ? "The database is a standby and takes no writes." : null;
    }

    // A database that is ahead of us is well: a newer release has migrated it, and the one before must go on working.
    private static async Task<string?> MigrationsAsync(IServiceProvider services, CancellationToken ct)
    {
        await using var db = services.GetRequiredService<VaultDbs>().Open(TenantScope.None);
        var missing = (await db.Database.GetPendingMigrationsAsync(ct)).Count();
        return missing == 0 ? null : $"{missing} migrations have not been applied: run the migrate verb.";
    }

    private static string? Disk(string folder) => new DriveInfo(Path.GetFullPath(folder)).AvailableFreeSpace switch
    {
        < LeastFreeBytes => "Less than 200 MB are free where this node keeps its data.",
        _ => null,
    };
}
