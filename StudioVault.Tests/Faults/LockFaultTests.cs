using System.Collections.Concurrent;
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

/// <summary>F21: commands that wait for each other or for somebody who holds on; F14 as the sequencer of the audit meets it.</summary>
[Trait(Fault.Category, Fault.Suite)]
public sealed class LockFaultTests(PostgresServer server) : ProposalsTest(server)
{
    private const string Unavailable = "refuse.storage.unavailable";

    [Fact]
    public async Task F21_Two_commands_that_wait_for_each_other_both_get_through()
    {
        var tries = new ConcurrentDictionary<int, int>();
        Task<Result<Done>> Crossed(int first, int second) => Door.RunAsync<Done>(new Command("blackout.add", Ana, TenantScope.Of(Porto), Access.ManagerOf(Porto), "branch", Porto.ToString()), async (context, ct) =>
        {
            context.Db.Blackouts.Add(Blackout.Of(Porto, new DateOnly(2026, 6, 1), new DateOnly(2026, 6, 2), $"crossed {first}"));
            await LockAsync(first);
            if (tries.AddOrUpdate(first, 1, (_, n) => n + 1) == 1)
                while (tries.Count < 2) await Task.Delay(5, ct);

            await LockAsync(second);
            return Done.It;

            async Task LockAsync(int key)
            {
                await using var take = new NpgsqlCommand("select pg_advisory_xact_lock($1)", context.Connection, context.Transaction) { Parameters = { new() { Value = (long)key } } };
                await take.ExecuteNonQueryAsync(ct);
            }
        }, Ct);
        var results = await Task.WhenAll(Crossed(1, 2), Crossed(2, 1)).WaitAsync(Fault.Hang, Ct);
        Assert.All(results, r => Assert.Null(r.Refusal));
        Assert.Equal(3, tries.Values.Sum());
        Assert.Equal((1, 1, 2), (await EffectsAsync("crossed 1"), await EffectsAsync("crossed 2"), await CountAsync("select count(*) from audit.entries where action = 'blackout.add' and outcome = 'done'")));
    }

    [Fact]
    public async Task F21_Nobody_waits_for_a_lock_or_a_statement_or_an_idle_neighbour_for_ever()
    {
        await using (var asked = App.CreateCommand("select current_setting('lock_timeout') || ' ' || current_setting('statement_timeout') || ' ' || current_setting('idle_in_transaction_session_timeout')"))
            Assert.Equal("3s 15s 30s", await asked.ExecuteScalarAsync(Ct));
        var made = await ProposeNoteAsync(PortoStaff, "locked");
        await using var connection = await Superuser.OpenConnectionAsync(Ct);
        await using var transaction = await connection.BeginTransactionAsync(Ct);
        await using (var hold = new NpgsqlCommand("update proposals.proposals set escalated_at = escalated_at", connection, transaction))
        {
            await using var tamper = new NpgsqlCommand("set local session_replication_role = replica", connection, transaction);
            await tamper.ExecuteNonQueryAsync(Ct);
            await hold.ExecuteNonQueryAsync(Ct);
        }

        Assert.Equal(Unavailable, (await ApproveAsync(Ana, made)).Refusal?.Code);
        await transaction.RollbackAsync(Ct);
        Assert.Null((await ApproveAsync(Ana, made)).Refusal);
    }

    [Fact]
    public async Task F14_A_sequencer_that_wakes_up_late_finds_its_lock_gone_and_writes_nothing()
    {
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
            Assert.Equal(await CountAsync("select count(*) from audit.entries"), (await other.NumberAsync(Ct)).Entries);
            await using var commit = new NpgsqlCommand("commit", frozen);
            await Assert.ThrowsAnyAsync<NpgsqlException>(() => commit.ExecuteNonQueryAsync(Ct));
            await using var archive = await AuditArchive.OpenAsync(Superuser, Ct);
            var (report, _) = await archive.VerifyAsync([key.Signer.Key], [], Ct);
            Assert.True(report.IsClean, report.First?.Reason);
        }
    }
}
