using System.Collections.Concurrent;
using System.Text.Json.Nodes;
using Microsoft.Extensions.Logging.Abstractions;
using Npgsql;
using StudioVault.Domain.Kernel;
using StudioVault.Domain.Organization;
using StudioVault.Infrastructure.Audit;
using StudioVault.Infrastructure.Door;
using StudioVault.Infrastructure.Live;
using StudioVault.Infrastructure.Persistence;
using StudioVault.Tests.Support;
using Xunit;

namespace StudioVault.Tests.Faults;

/// <summary>
/// Faults F8, F14 and F21 of the fault table: lost answers to a commit, a sequencer that wakes up late, commands that wait for each other.
/// Whatever happens: what was acknowledged is there, what is there was audited, nothing is there twice.
/// </summary>
[Trait(Fault.Category, Fault.Suite)]
public sealed class DatabaseFaultTests : VaultTest, IClassFixture<FaultyServer>
{
    /// <summary>No test asserts a time; this only ends a test that would hang.</summary>
    private static readonly TimeSpan Hang = TimeSpan.FromSeconds(25);

    private readonly List<NpgsqlDataSource> _sources = [];
    private readonly DatabaseProxy _network;
    private WriteDoor _door = null!;

    public DatabaseFaultTests(FaultyServer faulty) : base(faulty.Server) => _network = new DatabaseProxy(Server.Socket);

    public override async ValueTask InitializeAsync()
    {
        // Another test may have killed what these pools are connected to.
        NpgsqlConnection.ClearAllPools();
        await base.InitializeAsync();
        _door = DoorOverTheNetwork();
    }

    public override async ValueTask DisposeAsync()
    {
        _network.Dispose();
        foreach (var source in _sources) await source.DisposeAsync();
        await base.DisposeAsync();
        GC.SuppressFinalize(this);
    }

    [Fact]
    public async Task F8_a_commit_whose_answer_was_lost_is_looked_for_and_never_done_again()
    {
        await AddAsync("before");
        _network.LosesCommitAnswer = true;
        Assert.Null((await AddAsync("committed").WaitAsync(Hang, Ct)).Refusal);

        _network.LosesCommit = true;
        Assert.Equal(KernelRefusals.StorageUnavailable.Code, (await AddAsync("lost on its way").WaitAsync(Hang, Ct)).Refusal?.Code);

        (_network.AwayAfterwards, _network.LosesCommitAnswer) = (true, true);
        Assert.Equal(KernelRefusals.OutcomeUnknown.Code, (await AddAsync("committed, and nobody could tell").WaitAsync(Hang, Ct)).Refusal?.Code);
        _network.Refuses = false;
        await AssertAllThereAsync(["before", "committed", "committed, and nobody could tell"]);
    }

    [Fact]
    public async Task F14_a_sequencer_that_wakes_up_late_finds_its_lock_gone_and_writes_nothing()
    {
        await AddAsync("one");
        await using var source = NpgsqlDataSource.Create(Server.For(Database, VaultRoles.Default.Sequencer));
        await using (var frozen = await source.OpenConnectionAsync(Ct))
        {
            // As the product's sequencer begins, then the machine stands still for longer than an idle transaction may.
            await using var begin = new NpgsqlCommand("set idle_in_transaction_session_timeout = '1s'; begin; select pg_advisory_xact_lock(x'535653455155454E'::bigint)", frozen);
            await begin.ExecuteNonQueryAsync(Ct);
            await using (var number = new NpgsqlCommand("insert into audit.leaves (idx, entry_id, hash) select 0, id, sha256('') from audit.entries limit 1", frozen)) await number.ExecuteNonQueryAsync(Ct);
            await Eventually.True(async () => (long)(await SqlAsync("select count(*) from pg_stat_activity where datname = $1 and usename = 'studiovault_sequencer'", Database))! == 0, "PostgreSQL ended the frozen transaction");
            using var folder = new ShortFolder();
            using var key = GroupKey.Load(folder["key.pem"], GroupKey.LogName, mayCreate: true);
            var other = new Sequencer(new SequencerSource(source), Wake, key, new LiveOptions(), new SequencerOptions { CheckpointInterval = TimeSpan.Zero }, NullLogger<Sequencer>.Instance);
            Assert.Equal(2, (await other.NumberAsync(Ct)).Entries);
            await using var commit = new NpgsqlCommand("commit", frozen);
            await Assert.ThrowsAnyAsync<NpgsqlException>(() => commit.ExecuteNonQueryAsync(Ct));
            await using var archive = await AuditArchive.OpenAsync(Superuser, Ct);
            var (report, _) = await archive.VerifyAsync([key.Signer.Key], [], Ct);
            Assert.True(report.IsClean, report.First?.Reason);
        }
    }

    [Fact]
    public async Task F21_two_commands_that_wait_for_each_other_both_get_through()
    {
        using var both = new SemaphoreSlim(0);
        var tries = new ConcurrentDictionary<int, int>();
        Task<Result<Done>> Crossed(int first, int second) => _door.RunAsync<Done>(new Command("blackout.add", Ana, TenantScope.Of(Porto), Access.ManagerOf(Porto), "branch", Porto.ToString()), async (context, ct) =>
        {
            context.Db.Blackouts.Add(Blackout.Of(Porto, new DateOnly(2026, 6, 1), new DateOnly(2026, 6, 2), $"crossed {first}"));
            await LockAsync(first);
            if (tries.AddOrUpdate(first, 1, (_, n) => n + 1) == 1)
            {
                both.Release();
                while (tries.Count < 2) await Task.Delay(5, ct);
            }

            await LockAsync(second);
            return Done.It;

            async Task LockAsync(int key)
            {
                await using var take = new NpgsqlCommand("select pg_advisory_xact_lock($1)", context.Connection, context.Transaction) { Parameters = { new() { Value = (long)key } } };
                await take.ExecuteNonQueryAsync(ct);
            }
        }, Ct);
        var results = await Task.WhenAll(Crossed(1, 2), Crossed(2, 1)).WaitAsync(Hang, Ct);
        Assert.All(results, r => Assert.Null(r.Refusal));
        Assert.Equal(3, tries.Values.Sum());
        await AssertAllThereAsync(["crossed 1", "crossed 2"]);
    }

    /// <summary>Every acknowledged change is there once; every change that is there has its entry; a change more than acknowledged is one whose answer was lost.</summary>
    private async Task AssertAllThereAsync(IReadOnlyCollection<string> labels)
    {
        await Eventually.True(async () =>
        {
            try
            {
                return await SqlAsync("select 1") is 1;
            }
            catch (NpgsqlException)
            {
                return false;
            }
        }, "the database answers");
        var there = new List<string>();
        await using var command = Superuser.CreateCommand("select label from organization.blackouts");
        await using (var row = await command.ExecuteReaderAsync(Ct))
            while (await row.ReadAsync(Ct)) there.Add(row.GetString(0));
        Assert.Empty(labels.Except(there));
        Assert.Equal(there.Count, there.Distinct().Count());
        Assert.Equal((long)there.Count, await SqlAsync("select count(*) from audit.entries where action = 'blackout.add' and outcome = 'done'"));
        Assert.InRange(there.Count - labels.Count, 0, 4);
    }

    private Task<Result<Done>> AddAsync(string label) =>
        _door.RunAsync<Done>(new Command("blackout.add", Ana, TenantScope.Of(Porto), Access.ManagerOf(Porto), "branch", Porto.ToString()), (context, _) =>
        {
            context.Db.Blackouts.Add(Blackout.Of(Porto, new DateOnly(2026, 6, 1), new DateOnly(2026, 6, 2), label));
            context.Audit(new JsonObject { ["label"] = label });
            return Task.FromResult<Result<Done>>(Done.It);
        }, Ct);

    /// <summary>A door as the product opens it, by way of the proxy.</summary>
    private WriteDoor DoorOverTheNetwork()
    {
        var through = new NpgsqlConnectionStringBuilder(Server.For(Database, VaultRoles.Default.App)) { Host = "127.0.0.1", Port = _network.Port, SslMode = SslMode.Disable, GssEncryptionMode = GssEncryptionMode.Disable };
        var (app, doors) = VaultDatabase.AppSources(through.ConnectionString);
        _sources.AddRange([app, doors]);
        return new WriteDoor(new VaultDbs(app, doors), Wake, new NodeIdentity("faulty"), NullLogger<WriteDoor>.Instance);
    }
}
