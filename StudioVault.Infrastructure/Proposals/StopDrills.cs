using System.Diagnostics;
using System.Text.Json.Nodes;
using Microsoft.EntityFrameworkCore;
using StudioVault.Domain.Kernel;
using StudioVault.Domain.Organization;
using StudioVault.Domain.Proposals;
using StudioVault.Infrastructure.Door;
using StudioVault.Infrastructure.Persistence;
using StudioVault.Infrastructure.Scheduling;

namespace StudioVault.Infrastructure.Proposals;

/// <summary>
/// The weekly drill (features row 5.13): throws a stop that covers nothing but the drill, under the same lock as a real one, measures
/// how long until nothing may run any more, and ends it. Before and under it the executor tries what it covers, by the check that every
/// execution passes: a drill that could not fail would tell nothing.
/// </summary>
public sealed class StopDrills(WriteDoor door, ProposalExecutor executor) : IVaultJob
{
    private const string Key = Stop.DrillKey;

    public async Task<Result<JobReport>> RunAsync(Sender self, CancellationToken ct)
    {
        // What could not run anyhow would seem stopped.
        if (await executor.DrillAsync(ct) is { } unfit && unfit.Kind != CapabilityRefusals.Killed) return unfit;
        var clock = Stopwatch.StartNew();
        var thrown = await door.RunAsync<StopId>(CommandOf("stop.drill", self), async (context, token) =>
        {
            await StopGuard.TakeAsync(context, token);
            foreach (var left in await context.Db.Stops.Where(s => s.Level == StopLevel.Drill && s.LiftedAt == null).ToListAsync(token)) left.EndDrill(context.Now);
            await context.WriteAuditAsync(token);
            await context.Db.SaveChangesAsync(token);
            var stop = Stop.Throw(StopLevel.Drill, Key, null, "Weekly drill", context.Now, null, self.Job ?? Key);
            context.Db.Stops.Add(stop);
            return stop.Id;
        }, ct);
        var took = (int)Math.Ceiling(clock.Elapsed.TotalMilliseconds);
        if (!thrown.TryGet(out var id, out var refusal)) return refusal;

        var held = await executor.DrillAsync(ct) is { } stopped && stopped.Kind == CapabilityRefusals.Killed;
        var noted = await door.RunAsync<Done>(CommandOf("stop.drill_result", self), async (context, token) =>
        {
            (await context.Db.Stops.SingleAsync(s => s.Id == id, token)).EndDrill(context.Now);
            var nodes = await context.Db.ExecutorLeases.AsNoTracking().CountAsync(l => l.Until > DatabaseNow.Now(), token);
            context.Db.StopDrills.Add(StopDrill.Of(context.Now, took, held, nodes));
            context.Audit(new JsonObject { ["stopMs"] = took, ["held"] = held, ["nodes"] = nodes });
            return Done.It;
        }, ct);
        if (noted.IsRefused) return noted.Refusal;
        return held ? JobReport.Of($"Stopped in {took} ms, and it held") : CapabilityRefusals.Killed.With("the drill did not hold");
    }

    private static Command CommandOf(string action, Sender self) => new(action, self, TenantScope.Hq, Access.Hq, "stop", Key);

    /// <summary>Why nobody knows that the stop holds, one sentence anybody may read; null when the last drill was good.</summary>
    public async Task<string?> TroubleAsync(CancellationToken ct)
    {
        var read = await door.ReadAsync<string>(Sender.System(Key), TenantScope.Hq, Access.Hq, async (db, _, token) =>
        {
            var last = await db.StopDrills.AsNoTracking().OrderByDescending(d => d.At).FirstOrDefaultAsync(token);
            if (last is { Held: false }) return "The last drill of the stop did not hold.";
            // A vault that is new is drilled when its first week is over.
            var since = last?.At ?? await db.CapabilityCards.AsNoTracking().MinAsync(c => (DateTimeOffset?)c.At, token);
            return since + StopQueries.DrillGood < await ProposalQueries.NowAsync(db, token) ? $"The stop has not been drilled for more than {StopQueries.DrillGood.TotalDays:0} days." : "";
        }, ct);
        if (!read.TryGet(out var trouble, out _)) return "The drills of the stop cannot be read.";
        return trouble.Length == 0 ? null : trouble;
    }
}
