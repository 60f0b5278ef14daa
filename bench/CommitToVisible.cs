using System.Collections.Concurrent;
using System.Diagnostics;
using System.Text.Json.Nodes;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Npgsql;
using StudioVault.Domain.Kernel;
using StudioVault.Domain.Organization;
using StudioVault.Infrastructure.Door;
using StudioVault.Infrastructure.Live;
using StudioVault.Infrastructure.Persistence;

namespace StudioVault.Bench;

/// <summary>
/// From the COMMIT on one node until a subscriber on another node holds the event. Both nodes are whole: each has its own
/// connections, sequencer, feed reader and listener, as two machines would.
/// </summary>
internal static class CommitToVisible
{
    public static async Task<IReadOnlyList<Measure>> RunAsync(bool quick)
    {
        await using var lab = await BenchLab.StartAsync();
        await using var a = await lab.NodeAsync();
        await using var b = await lab.NodeAsync();
        var door = a.GetRequiredService<WriteDoor>();
        var (branch, manager, _) = await BenchLab.SeedAsync(door);
        var arrived = new ConcurrentDictionary<string, TaskCompletionSource<long>>();
        using var subscription = b.GetRequiredService<LiveFeed>().Subscribe(e => e.Topic == "BENCH_CHANGED@1.0", events =>
        {
            var now = Stopwatch.GetTimestamp();
            foreach (var e in events) arrived.GetOrAdd(e.Payload, _ => new(TaskCreationOptions.RunContinuationsAsynchronously)).TrySetResult(now);
            return Task.CompletedTask;
        });
        foreach (var service in a.GetServices<IHostedService>().Concat(b.GetServices<IHostedService>())) await service.StartAsync(CancellationToken.None);

        await using var listener = await lab.Superuser.OpenConnectionAsync();
        await using (var listen = new NpgsqlCommand("listen bench_bare", listener)) await listen.ExecuteNonQueryAsync();
        var (visible, bare) = (new List<double>(), new List<double>());
        var count = quick ? 30 : 300;
        for (var i = -10; i < count; i++)
        {
            // Uneven gaps, so that no timer of the product keeps step with us.
            await Task.Delay(Random.Shared.Next(1, i % 10 == 0 ? 700 : 60));
            var time = await VisibleAsync(door, branch, manager, i, arrived);
            if (i < 0) continue;
            visible.Add(time);
            bare.Add(await BareAsync(lab, listener));
        }

        foreach (var service in a.GetServices<IHostedService>().Concat(b.GetServices<IHostedService>())) await service.StopAsync(CancellationToken.None);
        return
        [
            new("commit to visible on another node, p95", Measure.Percentile(visible, 95), "ms", 300, false, $"a bare NOTIFY: p95 {Measure.Percentile(bare, 95):0.0} ms",
                $"{visible.Count} commits: median {Measure.Median(visible):0.0} ms, p99 {Measure.Percentile(visible, 99):0.0} ms, most {visible.Max():0.0} ms; bare NOTIFY median {Measure.Median(bare):0.0} ms"),
        ];
    }

    private static async Task<double> VisibleAsync(WriteDoor door, BranchId branch, Sender manager, int n, ConcurrentDictionary<string, TaskCompletionSource<long>> arrived)
    {
        long decided = 0;
        await BenchLab.MustAsync(door.RunAsync<Done>(new Command("blackout.add", manager, TenantScope.Of(branch), Access.ManagerOf(branch), "branch", branch.ToString()), (context, _) =>
        {
            context.Db.Blackouts.Add(Blackout.Of(branch, new DateOnly(2026, 6, 1), new DateOnly(2026, 6, 2), "bench"));
            context.Audit(new JsonObject { ["label"] = "bench" });
            context.Announce("BENCH_CHANGED@1.0", branch, new JsonObject { ["n"] = n });
            // A little before the COMMIT: the audit entry and the row are still to be written.
            decided = Stopwatch.GetTimestamp();
            return Task.FromResult<Result<Done>>(Done.It);
        }, CancellationToken.None));
        var at = await arrived.GetOrAdd($"{{\"n\":{n}}}", _ => new(TaskCreationOptions.RunContinuationsAsynchronously)).Task.WaitAsync(TimeSpan.FromSeconds(30));
        return Stopwatch.GetElapsedTime(decided, at).TotalMilliseconds;
    }

    private static async Task<double> BareAsync(BenchLab lab, NpgsqlConnection listener)
    {
        var heard = new TaskCompletionSource<long>();
        void Hear(object sender, NpgsqlNotificationEventArgs e) => heard.TrySetResult(Stopwatch.GetTimestamp());
        listener.Notification += Hear;
        var wait = listener.WaitAsync();
        var start = Stopwatch.GetTimestamp();
        await lab.SqlAsync("notify bench_bare");
        await wait;
        listener.Notification -= Hear;
        return Stopwatch.GetElapsedTime(start, await heard.Task).TotalMilliseconds;
    }
}
