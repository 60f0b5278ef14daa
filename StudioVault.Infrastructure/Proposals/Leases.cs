using System.Diagnostics;
using System.Diagnostics.Metrics;
using Microsoft.Extensions.Logging;
using Npgsql;
using StudioVault.Infrastructure.Live;
using StudioVault.Infrastructure.Persistence;
using StudioVault.Infrastructure.Scheduling;

namespace StudioVault.Infrastructure.Proposals;

/// <summary>
/// Keeps this node's leave to execute fresh: thirty seconds, renewed every ten, by the database's clock (features row 5.13). It is
/// not renewed while audit entries wait for their number too long, so whatever silences the audit stops the executions by itself.
/// </summary>
public sealed partial class Leases(VaultDbs dbs, NodeIdentity node, ILogger<Leases> log) : NodeService
{
    public static readonly TimeSpan Lifetime = TimeSpan.FromSeconds(30);
    private static readonly TimeSpan Every = TimeSpan.FromSeconds(10);
    private static readonly TimeSpan AuditMayLag = TimeSpan.FromSeconds(60);
    private static readonly Meter Meter = new("StudioVault");
    private static readonly Gauge<int> Held = Meter.CreateGauge<int>("studiovault.executor.lease", "{lease}", "1 while this node may execute.");

    private long _fence;
    private long _renewedAt;
    private string? _reason = "It has just started.";

    /// <summary>The fencing token this node executes with; 0 = it holds no lease.</summary>
    public long Fence => Interlocked.Read(ref _fence);

    /// <summary>Why there is no lease, or null. Anybody may read it.</summary>
    public string? Reason => _reason ?? (Stopwatch.GetElapsedTime(Interlocked.Read(ref _renewedAt)) > Lifetime ? "It was not renewed in time." : null);

    /// <summary>Renews once; also how a test starts.</summary>
    public async Task RenewAsync(CancellationToken ct)
    {
        try
        {
            await using var connection = await dbs.OpenConnectionAsync(TenantScope.Hq, ct);
            await using var command = new NpgsqlCommand("""
                insert into proposals.executor_leases as l (node, until, fence)
                select $1, clock_timestamp() + $2, 1
                where not exists (
                  select from audit.sequencer_state s join audit.entries e
                    on e.xid >= case when s.horizon > pg_snapshot_xmin(pg_current_snapshot()) then '0'::xid8 else s.horizon end and e.at < clock_timestamp() - $3
                  where not exists (select from audit.leaves x where x.entry_id = e.id))
                on conflict (node) do update set until = excluded.until, fence = case when l.until < clock_timestamp() then l.fence + 1 else l.fence end
                returning fence
                """, connection)
            { Parameters = { new() { Value = node.Name }, new() { Value = Lifetime }, new() { Value = AuditMayLag } } };
            var fence = await command.ExecuteScalarAsync(ct) as long? ?? 0;
            Interlocked.Exchange(ref _fence, fence);
            Interlocked.Exchange(ref _renewedAt, Stopwatch.GetTimestamp());
            _reason = fence == 0 ? "Audit entries have waited for their number for more than a minute." : null;
        }
        catch (Exception e) when (VaultErrors.AsRefusal(e) is not null || e is PostgresException)
        {
            LogNotRenewed(e);
            _reason = "The database does not answer.";
        }

        // A renewal that failed leaves the fence as it was: whether there is leave is what the reason says.
        Held.Record(_reason is null && Fence != 0 ? 1 : 0);
    }

    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        using var timer = new PeriodicTimer(Every);
        try
        {
            do
            {
                await RenewAsync(stoppingToken);
            }
            while (await timer.WaitForNextTickAsync(stoppingToken));
        }
        catch (OperationCanceledException) when (stoppingToken.IsCancellationRequested)
        {
            // A node that leaves gives its leave back, so that what it began is taken up at once.
            await GiveBackAsync();
        }
    }

    private async Task GiveBackAsync()
    {
        try
        {
            using var patience = new CancellationTokenSource(TimeSpan.FromSeconds(2));
            await using var connection = await dbs.OpenConnectionAsync(TenantScope.Hq, patience.Token);
            await using var command = new NpgsqlCommand("update proposals.executor_leases set until = clock_timestamp() where node = $1", connection) { Parameters = { new() { Value = node.Name } } };
            await command.ExecuteNonQueryAsync(patience.Token);
        }
        catch (Exception e) when (e is NpgsqlException or OperationCanceledException)
        {
            Debug.WriteLine(e.Message); // It runs out by itself.
        }
    }

    [LoggerMessage(Level = LogLevel.Warning, Message = "The leave to execute could not be renewed")]
    private partial void LogNotRenewed(Exception exception);
}
