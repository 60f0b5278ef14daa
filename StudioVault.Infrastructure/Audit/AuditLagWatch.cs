using System.Diagnostics.Metrics;
using System.Globalization;
using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.Logging;
using StudioVault.Domain.Kernel;
using StudioVault.Infrastructure.Door;
using StudioVault.Infrastructure.Persistence;
using StudioVault.Infrastructure.Scheduling;

namespace StudioVault.Infrastructure.Audit;

/// <summary>Says so when audit entries wait too long for their number: then no sequencer runs, or it is stuck. Writes nothing.</summary>
public sealed class AuditLagWatch(VaultDbs dbs, ILogger<AuditLagWatch> log) : IVaultJob
{
    private static readonly TimeSpan TooLong = TimeSpan.FromSeconds(10);
    private static readonly Meter Meter = new("StudioVault");
    private static readonly Gauge<long> Waiting = Meter.CreateGauge<long>("studiovault.audit.waiting", "{entry}", "Audit entries without a number for more than 10 s.");

    public async Task<Result<JobReport>> RunAsync(Sender self, CancellationToken ct)
    {
        var (count, oldest) = await LagAsync(ct);
        Waiting.Record(count);
        if (count == 0) return JobReport.Of("No entry waits too long");
        log.LogWarning("{Count} audit entries wait for their number, the oldest for {Seconds} s", count, (long)oldest.TotalSeconds);
        return JobReport.Of(string.Create(CultureInfo.InvariantCulture, $"{count} entries wait for their number, the oldest for {oldest.TotalSeconds:0} s"));
    }

    private async Task<Lag> LagAsync(CancellationToken ct)
    {
        await using var db = dbs.Open(TenantScope.Hq);
        // From the sequencer's horizon on, so that it stays quick however long the log grows; after a restore into a new
        // cluster, which counts transactions anew, from the beginning.
        return await db.Database.SqlQuery<Lag>($"""
            select count(*) as "Count", coalesce(clock_timestamp() - min(e.at), '0') as "Oldest"
            from audit.sequencer_state s join audit.entries e
              on e.xid >= case when s.horizon > pg_snapshot_xmin(pg_current_snapshot()) then '0'::xid8 else s.horizon end and e.at < clock_timestamp() - {TooLong}
            where not exists (select from audit.leaves l where l.entry_id = e.id)
            """).SingleAsync(ct);
    }

    private sealed record Lag(long Count, TimeSpan Oldest);
}
