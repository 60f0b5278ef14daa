using System.Diagnostics;
using System.Text.Json.Nodes;
using StudioVault.Domain.Kernel;
using StudioVault.Domain.Organization;
using StudioVault.Infrastructure.Door;
using StudioVault.Infrastructure.Persistence;

namespace StudioVault.Bench;

/// <summary>
/// Audited commits through the door (rights looked up, audit entry, event, row under row-level security) beside plain
/// single-row inserts with the same durability, 16 clients each, in turns.
/// </summary>
internal static class AuditedCommits
{
    private const int Clients = 16;

    public static async Task<IReadOnlyList<Measure>> RunAsync(BenchLab lab, bool quick)
    {
        var branch = BranchId.New();
        var done = await lab.Door.RunAsync<Done>(new Command("bench.setup", Sender.System("bench"), TenantScope.Hq, Access.Hq, "bench", "1"), (context, _) =>
        {
            context.Db.Branches.Add(Branch.Open(branch, "bench", "Bench", "Porto", "PT", "EUR", "Europe/Lisbon", Ownership.Company, "EU", "IVA", 23m, "bench@northlight.example"));
            return Task.FromResult<Result<Done>>(Done.It);
        }, CancellationToken.None);
        if (done.IsRefused) throw new InvalidOperationException(done.Refusal.ToString());
        await lab.SqlAsync("create table public.bench_plain (branch_id uuid not null, id uuid not null, starts_on date not null, ends_on date not null, label text not null, primary key (branch_id, id)); grant insert on public.bench_plain to studiovault_app");

        var time = TimeSpan.FromSeconds(quick ? 1 : 4);
        var ratios = new List<double>();
        double plain = 0, audited = 0;
        await RateAsync(TimeSpan.FromSeconds(1), i => PlainAsync(lab, branch));
        await RateAsync(TimeSpan.FromSeconds(1), i => AuditedAsync(lab, branch));
        for (var round = 0; round < (quick ? 1 : 3); round++)
        {
            plain = await RateAsync(time, i => PlainAsync(lab, branch));
            audited = await RateAsync(time, i => AuditedAsync(lab, branch));
            ratios.Add(audited / plain);
        }

        return [new Measure("audited commits beside plain inserts, 16 clients", Measure.Median(ratios), "times the rate", 0.5, true, $"last round {audited:0}/s beside {plain:0}/s")];
    }

    private static async Task PlainAsync(BenchLab lab, BranchId branch)
    {
        await using var command = lab.App.CreateCommand("insert into public.bench_plain values ($1, $2, $3, $4, $5)");
        command.Parameters.Add(new() { Value = branch.Value });
        command.Parameters.Add(new() { Value = Guid.CreateVersion7() });
        command.Parameters.Add(new() { Value = new DateOnly(2026, 6, 1) });
        command.Parameters.Add(new() { Value = new DateOnly(2026, 6, 2) });
        command.Parameters.Add(new() { Value = "bench" });
        await command.ExecuteNonQueryAsync();
    }

    private static async Task AuditedAsync(BenchLab lab, BranchId branch)
    {
        var result = await lab.Door.RunAsync<Done>(new Command("blackout.add", Sender.System("bench"), TenantScope.Of(branch), Access.ManagerOf(branch), "branch", branch.ToString()), (context, _) =>
        {
            context.Db.Blackouts.Add(Blackout.Of(branch, new DateOnly(2026, 6, 1), new DateOnly(2026, 6, 2), "bench"));
            context.Audit(new JsonObject { ["label"] = "bench" });
            context.Announce("BENCH_CHANGED@1.0", branch, new JsonObject { ["n"] = 1 });
            return Task.FromResult<Result<Done>>(Done.It);
        }, CancellationToken.None);
        if (result.IsRefused) throw new InvalidOperationException(result.Refusal.ToString());
    }

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
