using System.Collections.Concurrent;
using System.Diagnostics;
using Microsoft.Extensions.DependencyInjection;
using Npgsql;
using StudioVault.Domain.Kernel;
using StudioVault.Domain.Proposals;
using StudioVault.Infrastructure.Door;
using StudioVault.Infrastructure.Organization;
using StudioVault.Infrastructure.Persistence;
using StudioVault.Infrastructure.Proposals;

namespace StudioVault.Bench;

/// <summary>
/// Approvals of AMBER proposals by a person of the branch (rights, digest, four eyes, decision, audit entry, event) beside what an
/// approval is at the very least: one conditional UPDATE and two inserts, one commit each, 16 clients, in turns.
/// </summary>
internal static class Approvals
{
    private const int Clients = 16;

    public static async Task<IReadOnlyList<Measure>> RunAsync(bool quick)
    {
        await using var lab = await BenchLab.StartAsync();
        await using var node = await lab.NodeAsync();
        var door = node.GetRequiredService<WriteDoor>();
        var (branch, manager, _) = await BenchLab.SeedAsync(door);
        var (propose, decide) = await CommandsAsync(node);
        await lab.SqlAsync("""
            create table public.bench_items (id uuid primary key, state text not null, version int not null);
            create table public.bench_decisions (id uuid primary key, item uuid not null, person uuid not null, at timestamptz not null default clock_timestamp());
            create table public.bench_log (id uuid primary key, item uuid not null, what text not null, at timestamptz not null default clock_timestamp());
            """);
        var connections = await Task.WhenAll(Enumerable.Range(0, Clients).Select(async _ => await lab.Superuser.OpenConnectionAsync()));
        var (each, warm, rounds) = quick ? (20, 2, 2) : (80, 3, 7);
        var made = await ProposedAsync(propose, branch, Clients * each * (warm + rounds));
        var (ratios, plains, approvals) = (new List<double>(), new List<double>(), new List<double>());
        var (spent, spentPlain) = (new Cpu(), new Cpu());
        for (var round = -warm; round < rounds; round++)
        {
            // The statistics of a database that is a day old, made once and when there is something to count: whoever makes them between
            // the rounds lets every connection plan anew, which the tables of the baseline are spared.
            if (round == -1) await lab.SqlAsync("analyze proposals.proposals, proposals.decisions, audit.entries, live.outbox");
            var (before, cpuBefore) = await PlainAsync(lab, connections, each);
            var (ours, cpu) = await OursAsync(lab, made, decide, branch, manager, each);
            var (after, cpuAfter) = await PlainAsync(lab, connections, each);
            var plain = (before + after) / 2;
            if (round < 0) continue;
            spent += cpu;
            spentPlain += (cpuBefore + cpuAfter) / 2;
            plains.Add(plain);
            approvals.Add(ours);
            ratios.Add(ours / plain);
        }

        foreach (var connection in connections) await connection.DisposeAsync();
        (spent, spentPlain) = (spent / ratios.Count, spentPlain / ratios.Count);
        return
        [
            new("approvals beside a conditional update and two inserts, 16 clients", Measure.Median(ratios), "× the rate", 0.5, true, $"bare: {Measure.Median(plains):0}/s",
                $"median of {ratios.Count} rounds ({ratios.Min():0.00} to {ratios.Max():0.00}); {Measure.Median(approvals):0}/s beside {Measure.Median(plains):0}/s; processor time of one {spent.Client:0.00} ms here and {spent.Server:0.00} ms in the server, beside {spentPlain.Client:0.00} and {spentPlain.Server:0.00}"),
        ];
    }

    private static async Task<(double Rate, Cpu Each)> PlainAsync(BenchLab lab, NpgsqlConnection[] connections, int each)
    {
        var ids = Enumerable.Range(0, Clients * each).Select(_ => Guid.CreateVersion7()).ToArray();
        await using (var fill = lab.Superuser.CreateCommand("insert into public.bench_items select unnest($1), 'pending', 0"))
        {
            fill.Parameters.Add(new() { Value = ids });
            await fill.ExecuteNonQueryAsync();
        }

        var cpu = lab.Cpu;
        var clock = Stopwatch.StartNew();
        await Task.WhenAll(connections.Select((connection, i) => Task.Run(async () =>
        {
            for (var n = 0; n < each; n++)
            {
                var id = ids[i * each + n];
                await using var transaction = await connection.BeginTransactionAsync();
                await using (var update = new NpgsqlCommand("update public.bench_items set state = 'approved', version = version + 1 where id = $1 and state = 'pending' and version = 0", connection, transaction) { Parameters = { new() { Value = id } } })
                    if (await update.ExecuteNonQueryAsync() != 1) throw new InvalidOperationException("It was approved already.");
                await using (var decision = new NpgsqlCommand("insert into public.bench_decisions (id, item, person) values ($1, $2, $2)", connection, transaction) { Parameters = { new() { Value = Guid.CreateVersion7() }, new() { Value = id } } })
                    await decision.ExecuteNonQueryAsync();
                await using (var log = new NpgsqlCommand("insert into public.bench_log (id, item, what) values ($1, $2, 'approved')", connection, transaction) { Parameters = { new() { Value = Guid.CreateVersion7() }, new() { Value = id } } })
                    await log.ExecuteNonQueryAsync();
                await transaction.CommitAsync();
            }
        })));
        return (ids.Length / clock.Elapsed.TotalSeconds, (lab.Cpu - cpu) / ids.Length);
    }

    private static async Task<ConcurrentQueue<Submitted>> ProposedAsync(ProposalCommands propose, BranchId branch, int count)
    {
        var made = new ConcurrentQueue<Submitted>();
        await Parallel.ForEachAsync(Enumerable.Range(0, count), async (_, ct) =>
            made.Enqueue(await BenchLab.MustAsync(propose.SubmitAsync(Sender.System("bench"), branch, new ProposalInput(Nothing.Name, [], "Bench", []), ct))));
        return made;
    }

    private static async Task<(double Rate, Cpu Each)> OursAsync(BenchLab lab, ConcurrentQueue<Submitted> made, DecisionCommands decide, BranchId branch, Sender manager, int each)
    {
        var cpu = lab.Cpu;
        var clock = Stopwatch.StartNew();
        await Task.WhenAll(Enumerable.Range(0, Clients).Select(_ => Task.Run(async () =>
        {
            for (var n = 0; n < each && made.TryDequeue(out var one); n++)
                await BenchLab.MustAsync(decide.ApproveAsync(manager, branch, one.Id, new Approval(one.Digest), CancellationToken.None));
        })));
        return (Clients * each / clock.Elapsed.TotalSeconds, (lab.Cpu - cpu) / (Clients * each));
    }

    /// <summary>Proposing and deciding on a node, with <see cref="Nothing"/> to propose.</summary>
    public static async Task<(ProposalCommands Propose, DecisionCommands Decide)> CommandsAsync(IServiceProvider node)
    {
        var (door, registry) = (node.GetRequiredService<WriteDoor>(), new CapabilityRegistry([new Nothing()]));
        await BenchLab.MustAsync(new CapabilityCommands(door, registry).RegisterAsync(Sender.System("bench"), enable: true, CancellationToken.None));
        var texts = new ProposalTexts(new StudioVault.Infrastructure.Agreements.ClientKeys(node.GetRequiredService<MasterKey>()));
        return (new ProposalCommands(door, registry, texts), new DecisionCommands(door, texts));
    }

    /// <summary>Proposed and decided like any other; the benchmark of the hub uses it too.</summary>
    internal sealed class Nothing : ICapability
    {
        public const string Name = "bench.nothing";

        public CapabilityDefinition Definition { get; } = new(Name, "Bench", "Nothing", "Does nothing.", new InputSchema([]), Band.Amber, IsAtomic: true,
            new CardDefaults("Bench", "low", "None", "None", "None", Band.Amber, TimeSpan.FromHours(4), TimeSpan.FromHours(1), 100_000, 100_000, 100_000, TimeSpan.FromHours(1)));

        public Task<Result<IntendedWrite>> PrepareAsync(VaultDb db, CapabilityCall call, CancellationToken ct) =>
            Task.FromResult<Result<IntendedWrite>>(new IntendedWrite("Do nothing", "doing nothing", new TargetRef("bench", "1", TargetRef.EtagOf([]), null), []) { About = Concern.Nobody });

        public Task<Result<Effect>> ExecuteAsync(WriteContext context, CapabilityCall call, CancellationToken ct) => Task.FromResult<Result<Effect>>(new Effect("Nothing", null, null));
    }
}
