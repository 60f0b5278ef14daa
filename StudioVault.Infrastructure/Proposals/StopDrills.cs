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
/// how long until nothing may run any more, tries to run something under it, and ends it.
/// </summary>
public sealed class StopDrills(WriteDoor door) : IVaultJob
{
    private const string Key = "drill";

    public async Task<Result<JobReport>> RunAsync(Sender self, CancellationToken ct)
    {
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

        // The attempt an executor would make: under the shared lock it has to see the stop.
        var tried = await door.RehearseAsync<bool>(CommandOf("stop.drill", self), async (context, token) =>
        {
            await StopGuard.ShareAsync(context, token);
            return await context.Db.Stops.AsNoTracking().AnyAsync(s => s.Level == StopLevel.Drill && s.Key == Key && s.LiftedAt == null, token);
        }, ct);
        var held = tried.TryGet(out var seen, out _) && seen;
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
}
