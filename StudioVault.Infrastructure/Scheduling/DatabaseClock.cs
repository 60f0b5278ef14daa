using Npgsql;
using StudioVault.Infrastructure.Persistence;

namespace StudioVault.Infrastructure.Scheduling;

/// <summary>
/// The database's time of day, for the scheduler: nodes whose clocks differ agree on when a job is due and on who is alive, and a
/// clock that is set back does not stop the jobs until it has caught up (fault F13). Between two readings it goes on by the time
/// that passed, which nobody can set.
/// </summary>
public sealed class DatabaseClock : TimeProvider
{
    private volatile Reading? _reading;

    private sealed record Reading(DateTimeOffset At, long Stamp);

    /// <summary>This machine's clock until the first reading.</summary>
    public override DateTimeOffset GetUtcNow() => _reading is { } r ? r.At + GetElapsedTime(r.Stamp) : base.GetUtcNow();

    /// <summary>Asks the database; false when it does not answer, and then the last reading goes on.</summary>
    internal async Task<bool> ReadAsync(VaultDbs dbs, CancellationToken ct)
    {
        try
        {
            await using var connection = await dbs.OpenConnectionAsync(TenantScope.None, ct);
            await using var command = new NpgsqlCommand("select clock_timestamp()", connection);
            await using var reader = await command.ExecuteReaderAsync(ct);
            await reader.ReadAsync(ct);
            _reading = new Reading(reader.GetFieldValue<DateTimeOffset>(0), GetTimestamp());
            return true;
        }
        catch (Exception e) when (VaultErrors.IsForALoop(e) || e is ObjectDisposedException)
        {
            return false;
        }
    }
}

/// <summary>Keeps the scheduler's clock right over a machine's sleep and a slow drift.</summary>
internal sealed class DatabaseClockReader(DatabaseClock clock, VaultDbs dbs) : NodeService
{
    private static readonly TimeSpan Every = TimeSpan.FromSeconds(30);

    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        using var timer = new PeriodicTimer(Every);
        try
        {
            while (await timer.WaitForNextTickAsync(stoppingToken)) await clock.ReadAsync(dbs, stoppingToken);
        }
        catch (OperationCanceledException) when (stoppingToken.IsCancellationRequested)
        {
            // It stops.
        }
    }
}
