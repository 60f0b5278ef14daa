using System.Diagnostics;
using System.Globalization;
using System.Security.Cryptography;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging.Abstractions;
using Npgsql;
using NpgsqlTypes;
using StudioVault.Domain.Audit;
using StudioVault.Infrastructure.Audit;
using StudioVault.Infrastructure.Door;
using StudioVault.Infrastructure.Persistence;

namespace StudioVault.Bench;

/// <summary>
/// A log of a million entries: one proof of it, and all of it checked from the first entry to the last (AUD-9). The entries are
/// put in by COPY as the superuser, the tree and its checkpoints computed here; what is measured reads them as the product does.
/// </summary>
internal static class AuditMillion
{
    private const int Day = 5_000;

    public static async Task<IReadOnlyList<Measure>> RunAsync(bool quick)
    {
        var size = quick ? 100_000 : 1_000_000;
        await using var lab = await BenchLab.StartAsync();
        var keyFile = Path.Combine(Path.GetTempPath(), $"sv-bench-{Guid.NewGuid():N}.pem");
        using var key = GroupKey.Load(keyFile, GroupKey.LogName, mayCreate: true);
        // It is in memory; nobody needs the private half again.
        File.Delete(keyFile);
        var clock = Stopwatch.StartNew();
        var leaves = await SeedAsync(lab, key, size);
        var seeded = clock.Elapsed.TotalSeconds;
        await using var node = await lab.NodeAsync();
        var dbs = node.GetRequiredService<VaultDbs>();
        using var tree = new AuditTree();
        var proofs = new AuditProofs(dbs, tree, key, new AuditAlarms(node.GetRequiredService<WriteDoor>(), NullLogger<AuditAlarms>.Instance));

        // The first proof reads the nodes; the product does so at its start.
        clock.Restart();
        Check(await proofs.InclusionAsync(size / 2, null, CancellationToken.None), leaves);
        var cold = clock.Elapsed.TotalMilliseconds;
        var (inclusions, consistencies, baselines) = (new List<double>(), new List<double>(), new List<double>());
        var rounds = quick ? 200 : 2_000;
        await using var plain = await lab.Superuser.OpenConnectionAsync();
        await using var one = new NpgsqlCommand("select hash from audit.leaves where idx = $1", plain) { Parameters = { new NpgsqlParameter<long>() } };
        await one.PrepareAsync();
        var random = new Random(4711);
        for (var i = 0; i < rounds; i++)
        {
            var entry = random.NextInt64(size);
            clock.Restart();
            Check(await proofs.InclusionAsync(entry, null, CancellationToken.None), leaves);
            inclusions.Add(clock.Elapsed.TotalMilliseconds);
            clock.Restart();
            var consistency = await proofs.ConsistencyAsync(entry + 1, null, CancellationToken.None);
            consistencies.Add(clock.Elapsed.TotalMilliseconds);
            if (consistency.IsRefused) throw new InvalidOperationException(consistency.Refusal.ToString());
            ((NpgsqlParameter<long>)one.Parameters[0]).TypedValue = entry;
            clock.Restart();
            await one.ExecuteScalarAsync();
            baselines.Add(clock.Elapsed.TotalMilliseconds);
        }

        // Bare: as many leaves and inner nodes hashed, nothing read, nothing composed.
        var bare = HashBare(size);
        var cpu = lab.Cpu;
        clock.Restart();
        AuditReport report;
        await using (var archive = await AuditArchive.OpenAsync(dbs.Source, CancellationToken.None)) (report, _) = await archive.VerifyAsync([key.Signer.Key], [], CancellationToken.None);
        var verified = clock.Elapsed.TotalSeconds;
        var spent = lab.Cpu - cpu;
        if (!report.IsClean || report.Covered != size) throw new InvalidOperationException(report.First?.Reason ?? $"{report.Covered} of {size} are covered.");

        // The file: written, then checked without any database.
        var file = Path.Combine(Path.GetTempPath(), $"sv-bench-{Guid.NewGuid():N}.jsonl");
        try
        {
            await using (var archive = await AuditArchive.OpenAsync(dbs.Source, CancellationToken.None))
            await using (var output = File.Create(file)) await AuditExport.WriteAsync(archive, output, CancellationToken.None);
            await using var input = File.OpenRead(file);
            cpu = lab.Cpu;
            clock.Restart();
            var (exported, _) = AuditExport.Verify(input, [key.Signer.Key], []);
            var checkedFile = clock.Elapsed.TotalSeconds;
            var spentOnFile = (lab.Cpu - cpu).Client / 1000;
            if (!exported.IsClean) throw new InvalidOperationException(exported.First!.Reason);
            var words = size.ToString("N0", CultureInfo.InvariantCulture);
            return
            [
                new($"inclusion proof at {words} leaves", Measure.Percentile(inclusions, 99), "ms", 50, false, $"one leaf read by its index: {Measure.Percentile(baselines, 99):0.00} ms, p99",
                    $"p99 of {rounds}, median {Measure.Median(inclusions):0.00} ms; the first one after a start {cold:0} ms (the product reads the nodes at its start)"),
                new($"consistency proof at {words} leaves", Measure.Percentile(consistencies, 99), "ms", 50, false, $"one leaf read by its index: {Measure.Percentile(baselines, 99):0.00} ms, p99", $"p99 of {rounds}, median {Measure.Median(consistencies):0.00} ms"),
                new($"full verification of {words} entries, database", verified, "s", 60, false, $"SHA-256 of as many leaves and nodes: {bare:0.00} s",
                    $"one run; processor time {spent.Client / 1000:0.0} s here, {spent.Server / 1000:0.0} s in the server; {report.Checkpoints} checkpoints; seeded in {seeded:0} s"),
                new($"full verification of {words} entries, file", checkedFile, "s", 60, false, $"SHA-256 of as many leaves and nodes: {bare:0.00} s", $"one run, {new FileInfo(file).Length / 1_000_000} MB; processor time {spentOnFile:0.0} s"),
            ];
        }
        finally
        {
            File.Delete(file);
        }
    }

    private static void Check(Domain.Kernel.Result<AuditInclusion> result, MerkleHash[] leaves)
    {
        if (result.IsRefused) throw new InvalidOperationException(result.Refusal.ToString());
        var p = result.Value;
        if (p.LeafHash != leaves[p.Index] || MerkleProofs.VerifyInclusion((ulong)p.Index, (ulong)p.Size, p.LeafHash, [.. p.Proof], p.Root) != ProofFault.None) throw new InvalidOperationException($"The proof of {p.Index} proves nothing.");
    }

    private static double HashBare(int size)
    {
        var leaf = new byte[512];
        var clock = Stopwatch.StartNew();
        var range = new CompactRange();
        for (var i = 0; i < size; i++)
        {
            BitConverter.TryWriteBytes(leaf, i);
            range.Append(MerkleHash.Leaf(leaf));
        }

        GC.KeepAlive(range.Root());
        return clock.Elapsed.TotalSeconds;
    }

    private static async Task<MerkleHash[]> SeedAsync(BenchLab lab, GroupKey key, int size)
    {
        // What the set-up wrote goes away: this log begins with entry 0.
        await lab.SqlAsync("set session_replication_role = replica; truncate audit.entries, audit.leaves, audit.checkpoints cascade");
        var leaves = new MerkleHash[size];
        var range = new CompactRange();
        var begin = new DateTimeOffset(2026, 1, 1, 0, 0, 0, TimeSpan.Zero);
        var bodies = Enumerable.Range(0, size).Select(i =>
        {
            var payload = $"{{\"revision\":{i.ToString(CultureInfo.InvariantCulture)},\"template\":\"wedding-classic\",\"verdict\":\"accepted\"}}";
            return (Payload: payload, Body: new AuditBody
            {
                Id = new Guid(i, 0, 0, [0, 0, 0, 0, 0, 0, 0, 1]),
                At = begin.AddSeconds(i),
                ActorType = "staff",
                ActorId = "01a1ffec-9e41-77d2-bace-1b1e8112d029",
                RootId = "01a1ffec-9e41-77d2-bace-1b1e8112d029",
                Action = "package.accept",
                ObjectType = "offer",
                ObjectId = new Guid(i, 1, 0, [0, 0, 0, 0, 0, 0, 0, 1]).ToString(),
                Outcome = "done",
                PayloadSha256 = Convert.ToHexStringLower(SHA256.HashData(System.Text.Encoding.UTF8.GetBytes(payload))),
            });
        });
        await using var connection = await lab.Superuser.OpenConnectionAsync();
        await using (var off = new NpgsqlCommand("set session_replication_role = replica; set synchronous_commit = off", connection)) await off.ExecuteNonQueryAsync();
        var notes = new List<(long Size, byte[] Root, string Note)>();
        await using (var copy = await connection.BeginBinaryImportAsync(
            "copy audit.entries (id, at, actor_kind, actor_id, root_id, on_behalf_of, action, object_type, object_id, outcome, payload, payload_sha256) from stdin (format binary)"))
        {
            var i = 0;
            foreach (var (payload, body) in bodies)
            {
                await copy.StartRowAsync();
                await copy.WriteAsync(body.Id);
                await copy.WriteAsync(body.At, NpgsqlDbType.TimestampTz);
                await copy.WriteAsync(body.ActorType);
                await copy.WriteAsync(body.ActorId);
                await copy.WriteAsync(body.RootId);
                await copy.WriteAsync(Array.Empty<string>());
                await copy.WriteAsync(body.Action);
                await copy.WriteAsync(body.ObjectType);
                await copy.WriteAsync(body.ObjectId);
                await copy.WriteAsync(body.Outcome);
                await copy.WriteAsync(payload);
                await copy.WriteAsync(body.PayloadSha256!);
                leaves[i] = body.LeafHash();
                range.Append(leaves[i++]);
                if (i % Day == 0 || i == size) notes.Add((i, range.Root().ToArray(), key.Signer.Sign(i, range.Root()).ToString()));
            }

            await copy.CompleteAsync();
        }

        await using (var copy = await connection.BeginBinaryImportAsync("copy audit.leaves (idx, entry_id, hash) from stdin (format binary)"))
        {
            for (var i = 0; i < size; i++)
            {
                await copy.StartRowAsync();
                await copy.WriteAsync((long)i);
                await copy.WriteAsync(new Guid(i, 0, 0, [0, 0, 0, 0, 0, 0, 0, 1]));
                await copy.WriteAsync(leaves[i].ToArray());
            }

            await copy.CompleteAsync();
        }

        foreach (var (covers, root, note) in notes)
        {
            await using var insert = new NpgsqlCommand("insert into audit.checkpoints (size, root, note) values ($1, $2, $3)", connection) { Parameters = { new() { Value = covers }, new() { Value = root }, new() { Value = note } } };
            await insert.ExecuteNonQueryAsync();
        }

        await using (var state = new NpgsqlCommand("update audit.sequencer_state set size = $1, frontier = $2, horizon = (pg_current_xact_id()::text::bigint + 1)::text::xid8 where id = 1", connection) { Parameters = { new() { Value = (long)size }, new() { Value = range.ToArrays() } } })
            await state.ExecuteNonQueryAsync();
        await lab.SqlAsync("vacuum analyze audit.entries; ");
        await lab.SqlAsync("vacuum analyze audit.leaves");
        return leaves;
    }
}
