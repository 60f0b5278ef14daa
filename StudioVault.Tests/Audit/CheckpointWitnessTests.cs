using System.Text.Json.Nodes;
using Microsoft.Extensions.Logging.Abstractions;
using Npgsql;
using StudioVault.Domain.Audit;
using StudioVault.Infrastructure.Audit;
using StudioVault.Infrastructure.Door;
using StudioVault.Tests.Support;
using Xunit;

namespace StudioVault.Tests.Audit;

/// <summary>AUD-7: checkpoints outside the database, and what they are good for.</summary>
public sealed class CheckpointWitnessTests(PostgresServer server) : TamperingTest(server)
{
    private readonly AuditTree _tree = new();
    private AuditAlarms _alarms = null!;
    private AuditProofs _proofs = null!;
    private CheckpointFile _file = null!;
    private CheckpointWitness _witness = null!;

    public override async ValueTask InitializeAsync()
    {
        await base.InitializeAsync();
        _file = new CheckpointFile(Folder["outside/checkpoints.txt"]);
        StartAnew();
    }

    public override async ValueTask DisposeAsync()
    {
        _tree.Dispose();
        _witness.Dispose();
        await base.DisposeAsync();
        GC.SuppressFinalize(this);
    }

    [Fact]
    public async Task Every_new_checkpoint_reaches_the_file_and_the_file_is_what_verify_takes()
    {
        await _witness.LookAsync(Ct);
        await WriteAsync(3);
        await NewSequencer().NumberAsync(Ct);
        await _witness.LookAsync(Ct);
        await _witness.LookAsync(Ct);
        var text = await File.ReadAllTextAsync(Folder["outside/checkpoints.txt"], Ct);
        var notes = CheckpointFile.Split(text);
        Assert.Equal([25UL, 28UL], notes.Select(n => Checkpoint.Parse(n).Value.Size));
        Assert.Equal(notes[^1], string.Join('\n', text.Split('\n')[^6..]));
        Assert.True((await VerifyAsync([.. notes])).IsClean);
        Assert.Null(_witness.Trouble);
        Assert.Null(_alarms.Current);
    }

    [Fact]
    public async Task A_note_cut_off_by_a_power_cut_hides_no_other()
    {
        await _witness.LookAsync(Ct);
        await File.AppendAllTextAsync(Folder["outside/checkpoints.txt"], "\nstudiovault/audit\n26\nabc", Ct);
        await WriteAsync(3);
        await NewSequencer().NumberAsync(Ct);
        await _witness.LookAsync(Ct);
        Assert.Equal([25UL, 28UL], CheckpointFile.Split(await File.ReadAllTextAsync(Folder["outside/checkpoints.txt"], Ct)).Select(n => Checkpoint.Parse(n).Value.Size));
    }

    [Fact]
    public async Task A_file_that_cannot_be_written_is_said_and_stops_nothing()
    {
        await File.WriteAllTextAsync(Folder["outside"], "a file where the folder should be", Ct);
        await _witness.LookAsync(Ct);
        Assert.Equal("Checkpoints cannot be kept outside the database: their file cannot be written.", _witness.Trouble);
        File.Delete(Folder["outside"]);
        await _witness.LookAsync(Ct);
        Assert.Null(_witness.Trouble);
    }

    [Fact]
    public async Task A_file_of_other_things_or_of_another_key_is_said_and_never_overwritten()
    {
        Directory.CreateDirectory(Folder["outside"]);
        await File.WriteAllTextAsync(Folder["outside/checkpoints.txt"], "shopping list\n", Ct);
        await _witness.LookAsync(Ct);
        Assert.Equal("The checkpoints kept outside the database cannot be read.", _witness.Trouble);
        await File.WriteAllTextAsync(Folder["outside/checkpoints.txt"], Attacker.Sign(7, MerkleHash.Empty).ToString(), Ct);
        await _witness.LookAsync(Ct);
        Assert.Contains("not signed by this log's key", _witness.Trouble, StringComparison.Ordinal);
        Assert.Single(CheckpointFile.Split(await File.ReadAllTextAsync(Folder["outside/checkpoints.txt"], Ct)));
    }

    [Fact]
    public async Task A_database_put_back_by_ten_minutes_raises_the_alarm_at_once_and_after_a_start_and_however_long_it_goes_on()
    {
        await _witness.LookAsync(Ct);
        await BackUpAsync();
        await WriteTenMinutesAsync();
        await NewSequencer().NumberAsync(Ct);
        await _witness.LookAsync(Ct);
        var noted = Checkpoint.Parse(_file.Newest()!).Value;
        Assert.Equal(25UL + 600, noted.Size);

        await PutBackAsync();
        await _witness.LookAsync(Ct);
        Assert.Equal(("rolled_back", 625L, 25L), (_alarms.OfFile!.Fault, _alarms.OfFile.KnownSize, _alarms.OfFile.ShownSize));
        Assert.Equal(625UL, Checkpoint.Parse(_file.Newest()!).Value.Size);
        await AssertAuditedAsync("rolled_back", AuditAlarm.File, 625);

        // The next start knows it too, and entries that come after do not heal it.
        await WriteTenMinutesAsync();
        await WriteTenMinutesAsync();
        await NewSequencer().NumberAsync(Ct);
        StartAnew();
        await _witness.LookAsync(Ct);
        Assert.Equal("forked", _alarms.OfFile!.Fault);
        Assert.Equal(625UL, Checkpoint.Parse(_file.Newest()!).Value.Size);
        Assert.False((await VerifyAsync(_file.Newest()!)).IsClean);
    }

    [Fact]
    public async Task A_device_gets_a_proof_that_it_can_follow()
    {
        var answer = (await _proofs.WitnessAsync(Anchor, Ct)).Value;
        Assert.Equal(ProofFault.None, MerkleProofs.VerifyConsistency(19, 25, [.. answer.Proof.Select(h => h.ToArray())], Checkpoint.Parse(Anchor).Value.Root.ToArray(), Checkpoint.Parse(answer.Checkpoint!).Value.Root.ToArray()));
        var inclusion = (await _proofs.InclusionAsync(15, null, Ct)).Value;
        Assert.Equal(ProofFault.None, MerkleProofs.VerifyInclusion(15, 25, inclusion.LeafHash, [.. inclusion.Proof], Checkpoint.Parse(inclusion.Checkpoint!).Value.Root));
        Assert.Equal(Anchor, (await _proofs.InclusionAsync(15, 19, Ct)).Value.Checkpoint);
        Assert.Null((await _proofs.ConsistencyAsync(3, 20, Ct)).Value.Checkpoint);
        Assert.Equal(Anchor, (await _proofs.CheckpointAsync(19, Ct)).Value);
    }

    [Theory]
    [InlineData(0, 5)]
    [InlineData(6, 5)]
    [InlineData(5, 26)]
    [InlineData(-1, 5)]
    public async Task There_is_no_proof_between_sizes_that_are_none(long from, long to)
    {
        Assert.Equal("refuse.audit.sizes_unknown", (await _proofs.ConsistencyAsync(from, to, Ct)).Refusal!.Code);
        Assert.Equal("refuse.audit.sizes_unknown", (await _proofs.InclusionAsync(to + 30, 20, Ct)).Refusal!.Code);
    }

    [Fact]
    public async Task A_device_that_saw_more_or_other_than_is_shown_raises_the_alarm_once_and_only_with_a_checkpoint_of_ours()
    {
        Assert.Equal("refuse.audit.foreign_checkpoint", (await _proofs.WitnessAsync(Attacker.Sign(99, MerkleHash.Empty).ToString(), Ct)).Refusal!.Code);
        Assert.Equal("refuse.audit.checkpoint_malformed", (await _proofs.WitnessAsync("x", Ct)).Refusal!.Code);
        Assert.Null(_alarms.Current);

        for (var i = 0; i < 3; i++) Assert.Equal("refuse.audit.history_differs", (await _proofs.WitnessAsync(Key.Signer.Sign(99, MerkleHash.Empty).ToString(), Ct)).Refusal!.Code);
        Assert.Equal("refuse.audit.history_differs", (await _proofs.WitnessAsync(Key.Signer.Sign(19, MerkleHash.Leaf("x"u8)).ToString(), Ct)).Refusal!.Code);
        Assert.Equal(2L, await SqlAsync("select count(*) from audit.entries where action = 'audit.alarm'"));
        // Red is for what the operator keeps; a device is told and heard, and shuts nobody out.
        Assert.Null(_alarms.OfFile);
        Assert.NotNull(_alarms.Current);
    }

    [Fact]
    public async Task Who_reports_what_fits_raises_nothing_and_nobody_keeps_the_file_from_being_heard()
    {
        // Everybody can get a checkpoint of ours; it fits, so nothing is wrong here.
        Assert.Null((await _proofs.ReportAsync(Anchor, Ct)).Refusal);
        Assert.Null(_alarms.Current);
        Assert.Equal(0L, await SqlAsync("select count(*) from audit.entries where action = 'audit.alarm'"));

        Assert.Null((await _proofs.ReportAsync(Key.Signer.Sign(19, MerkleHash.Leaf("x"u8)).ToString(), Ct)).Refusal);
        Assert.Equal(("forked", AuditAlarm.Device), (_alarms.Current!.Fault, _alarms.Current.Source));

        for (var i = 0; i < 120; i++) await _alarms.RaiseAsync(Alarm("rolled_back", AuditAlarm.Device, $"device {i}"), Ct);
        Assert.Equal(100L, await SqlAsync("select count(*) from audit.entries where action = 'audit.alarm'"));
        await _alarms.RaiseAsync(Alarm("tampered", AuditAlarm.Job, "job"), Ct);
        Assert.Equal("tampered", _alarms.Current!.Fault);
        await AssertAuditedAsync("tampered", AuditAlarm.Job, 7);
        await _alarms.RaiseAsync(Alarm("rolled_back", AuditAlarm.File, "file"), Ct);
        await AssertAuditedAsync("rolled_back", AuditAlarm.File, 7);
        Assert.Equal(AuditAlarm.File, _alarms.Current.Source);
    }

    [Fact]
    public async Task An_alarm_whose_entry_could_not_be_written_is_shown_and_written_when_it_can_be()
    {
        await SqlAsync("alter table audit.entries rename to entries_away");
        await _alarms.RaiseAsync(Alarm("tampered", AuditAlarm.Job, "job"), Ct);
        Assert.Equal("tampered", _alarms.Current!.Fault);
        await SqlAsync("alter table audit.entries_away rename to entries");
        for (var i = 0; i < 2; i++) await _alarms.RaiseAsync(Alarm("tampered", AuditAlarm.Job, "job"), Ct);
        Assert.Equal(1L, await SqlAsync("select count(*) from audit.entries where action = 'audit.alarm'"));
    }

    private static AuditAlarm Alarm(string fault, string source, string root) => new(fault, source, "it is a test", 7, root, 6, root);

    [Fact]
    public async Task The_job_checks_the_whole_log_with_the_file_as_anchor()
    {
        await _witness.LookAsync(Ct);
        var job = new VerifyLog(Dbs, Key, _file, _alarms);
        Assert.Equal("All 25 entries are what was recorded, 25 of them signed", (await job.RunAsync(Sender.System("audit.verify"), Ct)).Value.Summary);
        await TamperAsync("update audit.entries set actor_id = 'rui' where id = (select entry_id from audit.leaves where idx = 15)");
        Assert.Equal("refuse.audit.log_broken", (await job.RunAsync(Sender.System("audit.verify"), Ct)).Refusal!.Code);
        Assert.Equal("entry 15 is the first in doubt: leaf_mismatch", _alarms.Current!.What);
        await AssertAuditedAsync("tampered", AuditAlarm.Job, 25);
    }

    private void StartAnew()
    {
        _witness?.Dispose();
        var door = new WriteDoor(Dbs, Wake, new("test"), NullLogger<WriteDoor>.Instance);
        _alarms = new AuditAlarms(door, NullLogger<AuditAlarms>.Instance);
        _proofs = new AuditProofs(Dbs, _tree, Key, _alarms);
        _witness = new CheckpointWitness(_file, _proofs, Key, _alarms, TimeProvider.System, NullLogger<CheckpointWitness>.Instance);
    }

    private async Task AssertAuditedAsync(string fault, string source, long known)
    {
        var payload = JsonNode.Parse((string)(await SqlAsync("select payload from audit.entries where action = 'audit.alarm' order by at desc limit 1"))!)!;
        Assert.Equal((fault, source, known), ((string?)payload["fault"], (string?)payload["source"], (long)payload["known"]!["size"]!));
    }

    /// <summary>An entry a second for ten minutes.</summary>
    private Task WriteTenMinutesAsync() => SqlAsync("""
        insert into audit.entries (id, at, actor_kind, actor_id, root_id, on_behalf_of, action, object_type, object_id, outcome)
        select gen_random_uuid(), clock_timestamp() - interval '10 minutes' + n * interval '1 second', 'staff', 'ana', 'ana', '{}', 'package.accept', 'package', 'p', 'done' from generate_series(1, 600) n
        """);

    private Task BackUpAsync() => AdminAsync($"create database {Database}_backup template {Database} strategy file_copy");

    private async Task PutBackAsync() => await AdminAsync($"drop database {Database} with (force)", $"alter database {Database}_backup rename to {Database}");

    private async Task AdminAsync(params string[] statements)
    {
        NpgsqlConnection.ClearAllPools();
        foreach (var pool in new[] { App, Superuser, Dbs.Door, SequencerConnections }) pool.Clear();
        await using var admin = new NpgsqlConnection(Server.Admin);
        await admin.OpenAsync(Ct);
        await using (var end = new NpgsqlCommand("select pg_terminate_backend(pid) from pg_stat_activity where datname = $1", admin) { Parameters = { new() { Value = Database } } })
            await end.ExecuteNonQueryAsync(Ct);
        foreach (var statement in statements)
        {
            await using var command = new NpgsqlCommand(statement, admin);
            await command.ExecuteNonQueryAsync(Ct);
        }
    }
}
