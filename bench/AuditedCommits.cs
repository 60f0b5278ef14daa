using System.Diagnostics;
using System.Text.Json.Nodes;
using Microsoft.Extensions.DependencyInjection;
using Npgsql;
using StudioVault.Domain.Kernel;
using StudioVault.Domain.Organization;
using StudioVault.Infrastructure.Door;
using StudioVault.Infrastructure.Persistence;

namespace StudioVault.Bench;

/// <summary>
/// Audited commits through the door (a person's rights looked up, audit entry, event, row under row-level security) beside
/// plain single-row inserts with the same durability, 16 clients each, in turns.
/// </summary>
internal static class AuditedCommits
{
    private const int Clients = 16;

    public static async Task<IReadOnlyList<Measure>> RunAsync(bool quick)
    {
        await using var lab = await BenchLab.StartAsync();
        await using var node = await lab.NodeAsync();
        var door = node.GetRequiredService<WriteDoor>();
        var (branch, manager, _) = await BenchLab.SeedAsync(door);
        await lab.SqlAsync("create table public.bench_plain (branch_id uuid not null, id uuid not null, starts_on date not null, ends_on date not null, label text not null, primary key (branch_id, id))");
        var plainClients = await Task.WhenAll(Enumerable.Range(0, Clients).Select(async _ =>
        {
            var connection = await lab.Superuser.OpenConnectionAsync();
            var insert = new NpgsqlCommand("insert into public.bench_plain values ($1, $2, $3, $4, $5)", connection)
            {
                Parameters =
                {
                    new NpgsqlParameter<Guid> { TypedValue = branch.Value }, new NpgsqlParameter<Guid>(), new NpgsqlParameter<DateOnly> { TypedValue = new DateOnly(2026, 6, 1) },
                    new NpgsqlParameter<DateOnly> { TypedValue = new DateOnly(2026, 6, 2) }, new NpgsqlParameter<string> { TypedValue = "bench" },
                },
            };
            await insert.PrepareAsync();
            return insert;
        }));

        var time = TimeSpan.FromSeconds(quick ? 1 : 3);
        var (ratios, plains, auditeds) = (new List<double>(), new List<double>(), new List<double>());
        var (plainCosts, auditedCosts) = (new List<Cpu>(), new List<Cpu>());
        await RateAsync(TimeSpan.FromSeconds(1), i => PlainAsync(plainClients[i]));
        await RateAsync(TimeSpan.FromSeconds(2), _ => AuditedAsync(door, branch, manager));
        for (var round = 0; round < (quick ? 2 : 7); round++)
        {
            // Before and after, so that a neighbour who comes or goes does not count for one side only.
            var start = lab.Cpu;
            var before = await RateAsync(time / 2, i => PlainAsync(plainClients[i]));
            var plainCpu = lab.Cpu - start;
            start = lab.Cpu;
            auditeds.Add(await RateAsync(time, _ => AuditedAsync(door, branch, manager)));
            plainCosts.Add(plainCpu / (before * time.TotalSeconds / 2));
            auditedCosts.Add((lab.Cpu - start) / (auditeds[^1] * time.TotalSeconds));
            plains.Add((before + await RateAsync(time / 2, i => PlainAsync(plainClients[i]))) / 2);
            ratios.Add(auditeds[^1] / plains[^1]);
        }

        foreach (var insert in plainClients)
        {
            await insert.Connection!.DisposeAsync();
            await insert.DisposeAsync();
        }

        return
        [
            new("audited commits beside plain inserts, 16 clients", Measure.Median(ratios), "× the rate", 0.5, true, $"plain inserts: {Measure.Median(plains):0}/s",
                $"median of {ratios.Count} rounds ({ratios.Min():0.00} to {ratios.Max():0.00}); {Measure.Median(auditeds):0}/s beside {Measure.Median(plains):0}/s; processor time a commit {Cost(auditedCosts)} beside {Cost(plainCosts)}"),
        ];
    }

    private static string Cost(List<Cpu> costs) => $"{Measure.Median(costs.Select(c => c.Client)):0.00} ms here + {Measure.Median(costs.Select(c => c.Server)):0.00} ms in the server";

    private static Task PlainAsync(NpgsqlCommand insert)
    {
        ((NpgsqlParameter<Guid>)insert.Parameters[1]).TypedValue = Guid.CreateVersion7();
        return insert.ExecuteNonQueryAsync();
    }

    private static Task AuditedAsync(WriteDoor door, BranchId branch, Sender manager) =>
        BenchLab.MustAsync(door.RunAsync<Done>(new Command("blackout.add", manager, TenantScope.Of(branch), Access.ManagerOf(branch), "branch", branch.ToString()), (context, _) =>
        {
            context.Db.Blackouts.Add(Blackout.Of(branch, new DateOnly(2026, 6, 1), new DateOnly(2026, 6, 2), "bench"));
            context.Audit(new JsonObject { ["label"] = "bench" });
            context.Announce("BENCH_CHANGED@1.0", branch, new JsonObject { ["n"] = 1 });
            return Task.FromResult<Result<Done>>(Done.It);
        }, CancellationToken.None));

    private static async Task<double> RateAsync(TimeSpan time, Func<int, Task> work)
    {
        var clock = Stopwatch.StartNew();
        var counts = await Task.WhenAll(Enumerable.Range(0, Clients).Select(i => Task.Run(async () =>
        {
            var count = 0;
            while (clock.Elapsed < time)
            {
                await work(i);
                count++;
            }

            return count;
        })));
        return counts.Sum() / clock.Elapsed.TotalSeconds;
    }
}
