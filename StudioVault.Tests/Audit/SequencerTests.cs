using System.Security.Cryptography;
using System.Text.Json.Nodes;
using Microsoft.Extensions.Logging.Abstractions;
using Npgsql;
using StudioVault.Domain.Audit;
using StudioVault.Domain.Kernel;
using StudioVault.Domain.Organization;
using StudioVault.Infrastructure.Audit;
using StudioVault.Infrastructure.Door;
using StudioVault.Infrastructure.Live;
using StudioVault.Infrastructure.Persistence;
using StudioVault.Tests.Support;
using Xunit;

namespace StudioVault.Tests.Audit;

public sealed class SequencerTests(PostgresServer server) : VaultTest(server)
{
    private readonly ShortFolder _keys = new();
    private GroupKey _key = null!;
    private NpgsqlDataSource _source = null!;

    public override async ValueTask InitializeAsync()
    {
        await base.InitializeAsync();
        _key = GroupKey.Load(_keys["key.pem"], "studiovault/test", mayCreate: true);
        _source = NpgsqlDataSource.Create(Server.For(Database, VaultRoles.Default.Sequencer));
    }

    public override async ValueTask DisposeAsync()
    {
        await _source.DisposeAsync();
        _key.Dispose();
        _keys.Dispose();
        await base.DisposeAsync();
    }

    [Fact]
    public async Task Numbers_every_acknowledged_entry_once_and_without_a_gap_while_commands_and_sequencers_race()
    {
        var commands = Enumerable.Range(0, 8).Select(async worker =>
        {
            for (var i = 0; i < 25; i++) Assert.Null((await WriteAsync($"{worker}-{i}", refuse: i % 5 == 4)).Refusal is { } r && r.Code != KernelRefusals.ReasonRequired.Code ? r : null);
        });
        using var stop = new CancellationTokenSource();
        var sequencers = Enumerable.Range(0, 3).Select(async _ =>
        {
            var sequencer = NewSequencer();
            while (!stop.IsCancellationRequested) await sequencer.NumberAsync(Ct);
        }).ToArray();
        await Task.WhenAll(commands);
        await stop.CancelAsync();
        await Task.WhenAll(sequencers);
        while (!(await NewSequencer().NumberAsync(Ct)).IsEmpty) { }

        var entries = (long)(await SqlAsync("select count(*) from audit.entries"))!;
        Assert.Equal(201L, entries);
        Assert.Equal(entries, await SqlAsync("select count(*) from audit.leaves"));
        Assert.Equal(entries - 1, await SqlAsync("select max(idx) from audit.leaves"));
        var events = (long)(await SqlAsync("select count(*) from live.outbox"))!;
        Assert.Equal(160L, events);
        Assert.Equal(events, await SqlAsync("select count(*) from live.positions"));
        Assert.Equal(events, await SqlAsync("select max(position) from live.positions"));
        await AssertTreeAsync();
    }

    [Fact]
    public async Task A_row_that_commits_late_is_numbered_after_the_ones_that_overtook_it()
    {
        await using var connection = await App.OpenConnectionAsync(Ct);
        await using var late = await connection.BeginTransactionAsync(Ct);
        await using (var insert = new NpgsqlCommand("insert into audit.entries (id, actor_kind, actor_id, root_id, on_behalf_of, action, object_type, object_id, outcome) " +
            "values (gen_random_uuid(), 'system', 'x', 'x', '{}', 'late', 'x', 'x', 'done')", connection, late))
            await insert.ExecuteNonQueryAsync(Ct);
        await WriteAsync("overtakes", false);
        await NewSequencer().NumberAsync(Ct);
        Assert.Equal(2L, await SqlAsync("select count(*) from audit.leaves"));
        await late.CommitAsync(Ct);
        await NewSequencer().NumberAsync(Ct);
        Assert.Equal("late", await SqlAsync("select e.action from audit.leaves l join audit.entries e on e.id = l.entry_id where l.idx = 2"));
    }

    /// <summary>AUD-4, fifty times. Each time PostgreSQL loses the sequencer at a known point of its work; processes that are really killed are in the fault suite.</summary>
    [Fact]
    public async Task A_sequencer_that_dies_at_any_point_of_its_work_leaves_all_of_a_batch_or_nothing()
    {
        const int Rounds = 50;
        var random = new Random(4);
        var died = new Dictionary<string, int> { ["looked"] = 0, ["numbered"] = 0, ["committed"] = 0 };
        for (var round = 0; round < Rounds; round++)
        {
            await WriteAsync($"r{round}", false);
            var (point, before) = (died.Keys.ElementAt(random.Next(died.Count)), await SqlAsync("select size from audit.sequencer_state"));
            var doomed = NewSequencer();
            doomed.At = async (at, connection) =>
            {
                if (at != point) return;
                died[at]++;
                await SqlAsync("select pg_terminate_backend($1, 60000)", connection.ProcessID);
            };
            await Assert.ThrowsAnyAsync<NpgsqlException>(() => doomed.NumberAsync(Ct));
            // What came after the death does not count, what came before it does.
            var written = (long)(await SqlAsync("select count(*) from audit.leaves"))!;
            Assert.Equal(written, await SqlAsync("select size from audit.sequencer_state"));
            Assert.Equal(point == "committed", written > (long)before!);
        }

        Assert.Equal(Rounds, died.Values.Sum());
        Assert.All(died.Values, times => Assert.True(times >= 10, "A point was hardly tried."));
        while (!(await NewSequencer().NumberAsync(Ct)).IsEmpty) { }
        Assert.Equal(Rounds + 1L, await SqlAsync("select count(*) from audit.leaves"));
        Assert.Equal((long)Rounds, await SqlAsync("select max(idx) from audit.leaves"));
        Assert.Equal((long)Rounds, await SqlAsync("select count(*) from live.positions"));
        Assert.Equal((long)Rounds, await SqlAsync("select max(position) from live.positions"));
        await AssertTreeAsync();
    }

    [Fact]
    public async Task After_a_restore_into_a_cluster_that_counts_from_anew_nothing_is_lost()
    {
        await WriteAsync("before", false);
        await NewSequencer().NumberAsync(Ct);
        // What a restore leaves: a horizon far above the transaction ids of the new cluster.
        await SqlAsync("update audit.sequencer_state set horizon = '999999999999'");
        await WriteAsync("after", false);
        await NewSequencer().NumberAsync(Ct);
        Assert.Equal(3L, await SqlAsync("select count(*) from audit.leaves"));
        Assert.Equal(3L, await SqlAsync("select size from audit.sequencer_state"));
    }

    [Fact]
    public async Task A_checkpoint_waits_for_its_interval_and_then_covers_everything()
    {
        var slow = new Sequencer(new SequencerSource(_source), Wake, _key, new LiveOptions(), new SequencerOptions { CheckpointInterval = TimeSpan.FromHours(1) }, NullLogger<Sequencer>.Instance);
        await slow.NumberAsync(Ct);
        Assert.Equal(1L, await SqlAsync("select count(*) from audit.checkpoints"));
        await WriteAsync("more", false);
        Assert.False((await slow.NumberAsync(Ct)).Signed);
        Assert.True((await NewSequencer().NumberAsync(Ct)).Signed);
        Assert.Equal(2L, await SqlAsync("select max(size) from audit.checkpoints"));
    }

    private Sequencer NewSequencer() => new(new SequencerSource(_source), Wake, _key, new LiveOptions(), new SequencerOptions { CheckpointInterval = TimeSpan.Zero }, NullLogger<Sequencer>.Instance);

    private Task<Result<Done>> WriteAsync(string label, bool refuse) => Door.RunAsync<Done>(
        new Command("blackout.add", Ana, TenantScope.Of(Porto), Access.ManagerOf(Porto), "branch", Porto.ToString()), (context, _) =>
        {
            if (refuse) return Task.FromResult<Result<Done>>(KernelRefusals.ReasonRequired);
            context.Db.Blackouts.Add(Blackout.Of(Porto, new DateOnly(2026, 6, 1), new DateOnly(2026, 6, 30), label));
            context.Announce("TEST_CHANGED@1.0", Porto, new JsonObject { ["label"] = label });
            return Task.FromResult<Result<Done>>(Done.It);
        }, Ct);

    /// <summary>Rebuilds the tree from the leaves and holds it against the newest signed checkpoint.</summary>
    private async Task AssertTreeAsync()
    {
        var tree = new MerkleTree();
        await using (var leaves = Superuser.CreateCommand("select hash from audit.leaves order by idx"))
        {
            await using var reader = await leaves.ExecuteReaderAsync(Ct);
            while (await reader.ReadAsync(Ct)) tree.Append(new MerkleHash(reader.GetFieldValue<byte[]>(0)));
        }

        var note = (string)(await SqlAsync("select note from audit.checkpoints order by size desc limit 1"))!;
        var checkpoint = Checkpoint.Parse(note).Value;
        Assert.Equal((ulong)tree.Size, checkpoint.Size);
        Assert.Equal(tree.Root, checkpoint.Root);
        Assert.Equal(CheckpointVerdict.Signed, checkpoint.Verify(_key.Signer.Key));
        using var other = ECDsa.Create(ECCurve.NamedCurves.nistP256);
        Assert.NotEqual(CheckpointVerdict.Signed, checkpoint.Verify(CheckpointKey.FromSpki("studiovault/test", other.ExportSubjectPublicKeyInfo()).Value));
    }
}
