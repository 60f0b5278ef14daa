using System.Collections.Concurrent;
using System.Diagnostics;
using System.Globalization;
using Npgsql;
using StudioVault.Domain.Kernel;
using StudioVault.Domain.Proposals;
using StudioVault.Infrastructure.Persistence;
using StudioVault.Tests.Support;
using Xunit;

namespace StudioVault.Tests.Faults;

/// <summary>A PostgreSQL of its own, which may be killed.</summary>
public sealed class MortalPostgres : IAsyncLifetime
{
    public PostgresServer Server { get; } = new() { Restart = true };

    public ValueTask InitializeAsync() => Server.InitializeAsync();

    public ValueTask DisposeAsync() => Server.DisposeAsync();
}

/// <summary>
/// What happens when the database or the network to it fails: F1, F2, F5 to F10 and F21 of the fault table. The door, the commands
/// and the executor are the product's own; only the network stands between.
/// </summary>
[Trait("Category", "Faults")]
public sealed class FaultTests(MortalPostgres mortal) : ProposalsTest(mortal.Server), IClassFixture<MortalPostgres>
{
    private const string Unavailable = "refuse.storage.unavailable";
    private PostgresLine _line = null!;

    /// <summary>Small, so that its end is soon seen.</summary>
    protected override string AppConnection => new NpgsqlConnectionStringBuilder(Server.For(Database, VaultRoles.Default.App)) { Host = "127.0.0.1", Port = _line.Port, MaxPoolSize = 20 }.ConnectionString;

    public override async ValueTask InitializeAsync()
    {
        // An earlier test may have killed the server under these.
        await using (var admin = new NpgsqlConnection(mortal.Server.Admin)) NpgsqlConnection.ClearPool(admin);
        _line = new PostgresLine(mortal.Server.Body.Socket);
        await base.InitializeAsync();
    }

    public override async ValueTask DisposeAsync()
    {
        _line.Clear();
        await base.DisposeAsync();
        _line.Dispose();
        GC.SuppressFinalize(this);
    }

    [Theory]
    [InlineData("F1: one backend")]
    [InlineData("F2: the server with all it runs")]
    public async Task What_was_acknowledged_survives_a_killed_database_and_the_program_recovers_by_itself(string killed)
    {
        var (acknowledged, refusals, stop) = (new ConcurrentBag<string>(), new ConcurrentBag<string>(), false);
        var workers = Enumerable.Range(0, 8).Select(w => Task.Run(async () =>
        {
            for (var i = 0; !Volatile.Read(ref stop); i++)
            {
                var result = await Propose.SubmitAsync(PortoStaff, Porto, Note($"{w}-{i}"), Ct);
                if (result.IsRefused) refusals.Add(result.Refusal!.Code);
                else acknowledged.Add(result.Value.Id.ToString());
            }
        }, Ct)).ToList();
        await Eventually.True(() => acknowledged.Count > 40, "commands came through");
        if (killed[..2] == "F1") Kill((int)(await SqlAsync("select pid from pg_stat_activity where application_name = 'studiovault-door' and datname = current_database() limit 1"))!);
        else foreach (var process in Family(mortal.Server.Body.ProcessId)) Kill(process);
        var before = acknowledged.Count;
        await Eventually.True(() => acknowledged.Count > before + 40, "commands come through again without a restart of the program", 60);
        Volatile.Write(ref stop, true);
        await Task.WhenAll(workers);
        Superuser.Clear();
        Assert.All(refusals, code => Assert.Equal(Unavailable, code));
        var found = new HashSet<string>();
        await using var command = Superuser.CreateCommand("select p.id::text from proposals.proposals p join audit.entries e on e.object_id = p.id::text and e.action = 'proposal.submit' and e.outcome = 'done'");
        await using var reader = await command.ExecuteReaderAsync(Ct);
        while (await reader.ReadAsync(Ct)) found.Add(reader.GetString(0));
        Assert.Subset(found, acknowledged.ToHashSet());
    }

    [Fact]
    public async Task F5_A_database_that_is_out_of_reach_refuses_within_five_seconds_and_is_back_without_a_restart()
    {
        var made = await ProposeNoteAsync(PortoStaff, "out of reach");
        _line.Silence();
        var clock = Stopwatch.StartNew();
        var results = await Task.WhenAll(Enumerable.Range(0, 30).Select(async _ =>
        {
            var result = await ApproveAsync(Ana, made);
            return (result.Refusal?.Code, clock.Elapsed);
        }));
        Assert.All(results, r => Assert.Equal(Unavailable, r.Code));
        TestContext.Current.TestOutputHelper?.WriteLine($"30 commands were refused within {results.Max(r => r.Elapsed).TotalSeconds:0.0} s");
        Assert.Equal(Unavailable, (await Queue.OneAsync(Ana, Porto, made.Id, Ct)).Refusal?.Code);
        _line.Clear();
        await Eventually.True(async () => !(await ApproveAsync(Ana, made)).IsRefused, "it is back");
        Assert.Equal(ProposalState.Grace, await StateAsync(made.Id));
    }

    [Fact]
    public async Task F6_Connections_that_were_reset_cost_nobody_a_command()
    {
        for (var i = 0; i < 5; i++)
        {
            var made = await ProposeNoteAsync(PortoStaff, $"reset {i}");
            _line.Reset();
            Assert.Null((await ApproveAsync(Ana, made)).Refusal);
        }
    }

    [Fact]
    public async Task F7_A_slow_line_makes_commands_slow_and_refuses_none()
    {
        var made = await ProposeNoteAsync(PortoStaff, "slow");
        _line.Slow(500);
        Assert.All(await Task.WhenAll(ApproveAsync(Ana, made), ApproveAsync(Rui, made)), r => Assert.True(r.Refusal is null || r.Refusal.Code == "refuse.proposal.already_decided", r.Refusal?.ToString()));
        _line.Slow(0);
        Assert.Equal(1, await CountAsync("select count(*) from proposals.decisions"));
    }

    [Fact]
    public async Task F8_An_answer_that_never_came_is_looked_up_and_nothing_is_done_twice()
    {
        for (var i = 0; i < 3; i++)
        {
            var made = await ProposeNoteAsync(PortoStaff, $"half open {i}");
            // The commit arrives, its acknowledgement does not: everything before it is answered.
            var cut = Task.Run(async () =>
            {
                await Eventually.True(async () => await CountAsync("select count(*) from pg_stat_activity where datname = current_database() and application_name = 'studiovault-door' and state <> 'idle'") > 0 || await StateAsync(made.Id) != ProposalState.Pending, "the approval is on its way");
                _line.SwallowAnswers();
            }, Ct);
            var first = await ApproveAsync(Ana, made);
            await cut;
            _line.Clear();
            if (first.IsRefused) Assert.Equal(Unavailable, first.Refusal!.Code);
            await Eventually.True(async () => await CountAsync("select count(*) from pg_stat_activity where datname = current_database() and application_name = 'studiovault-door' and state <> 'idle'") == 0, "nothing is under way any more");
            var again = await ApproveAsync(Ana, made);
            Assert.True(!again.IsRefused || again.Refusal!.Code == "refuse.proposal.already_decided", again.Refusal?.ToString());
            Assert.Equal((ProposalState.Grace, 1), (await StateAsync(made.Id), await CountAsync("select count(*) from proposals.decisions where proposal_id = $1", made.Id.Value)));
        }

        await EndAllGraceAsync();
        while (await Executor.RunDueAsync(Ct) > 0) { }
        Assert.Equal(3, await CountAsync("select count(*) from organization.blackouts where label like 'half open %'"));
    }

    [Fact]
    public async Task F9_When_every_connection_is_held_commands_are_refused_and_come_through_afterwards()
    {
        var made = await ProposeNoteAsync(PortoStaff, "held");
        var held = new List<NpgsqlConnection>();
        for (var i = 0; i < 12; i++) held.Add(await Dbs.Door.OpenConnectionAsync(Ct));
        Assert.Equal(Unavailable, (await ApproveAsync(Ana, made)).Refusal?.Code);
        foreach (var connection in held) await connection.DisposeAsync();
        Assert.Null((await ApproveAsync(Ana, made)).Refusal);
    }

    [Fact]
    public async Task F10_On_a_full_disk_writes_are_refused_reads_go_on_and_nothing_acknowledged_is_lost()
    {
        if (Environment.UserName != "root" || !File.Exists("/bin/mount")) Assert.Skip("A small disk of its own takes root and mount.");
        var disk = Path.Combine(Path.GetDirectoryName(mortal.Server.Body.Socket)!, "small");
        Directory.CreateDirectory(disk);
        if (await RunAsync("mount", "-t", "tmpfs", "-o", "size=110m,mode=0777", "tmpfs", disk) != 0) Assert.Skip("tmpfs cannot be mounted here.");
        try
        {
            var space = Path.Combine(disk, "space");
            Directory.CreateDirectory(space);
            await RunAsync("chown", "--reference", Path.Combine(Path.GetDirectoryName(disk)!, "data"), space);
            await SqlAsync("select 1");

            await ClearPoolsAsync();
            await AdminAsync($"create tablespace small location '{space}'");
            await AdminAsync($"alter database \"{Database}\" set tablespace small");
            var acknowledged = 1;
            var made = await ProposeNoteAsync(PortoStaff, "kept");
            var refused = (Refusal?)null;
            for (var i = 0; i < 400 && refused is null; i++)
            {
                try
                {
                    await SqlAsync("create table if not exists public.filler (t text); alter table public.filler alter t set storage external; insert into public.filler select repeat('x', 1000000) from generate_series(1, 4)");
                }
                catch (PostgresException e) when (e.SqlState == PostgresErrorCodes.DiskFull)
                {
                    // Now only what is left in pages already there can be written.
                }

                var next = await Propose.SubmitAsync(PortoStaff, Porto, Note($"fill {i}"), Ct);
                if (next.IsRefused) refused = next.Refusal;
                else acknowledged++;
            }

            Assert.Equal("refuse.storage.full", refused?.Code);
            Assert.Null((await Queue.OneAsync(Ana, Porto, made.Id, Ct)).Refusal);
            Assert.Equal(acknowledged, await CountAsync("select count(*) from proposals.proposals"));
            await SqlAsync("drop table public.filler; checkpoint");
            Assert.Null((await ApproveAsync(Ana, made)).Refusal);
        }
        finally
        {

            await ClearPoolsAsync();
            await AdminAsync($"alter database \"{Database}\" set tablespace pg_default");
            await AdminAsync("drop tablespace if exists small");
            await RunAsync("umount", disk);
        }
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

    private async Task ClearPoolsAsync()
    {
        App.Clear();
        Dbs.Door.Clear();
        Superuser.Clear();
        await AdminAsync($"select pg_terminate_backend(pid) from pg_stat_activity where datname = '{Database}'");
    }

    private async Task AdminAsync(string sql)
    {
        await using var admin = new NpgsqlConnection(Server.Admin);
        await admin.OpenAsync(Ct);
        await using var command = new NpgsqlCommand(sql, admin);
        await command.ExecuteNonQueryAsync(Ct);
    }

    private static async Task<int> RunAsync(string program, params string[] arguments)
    {
        using var process = Process.Start(new ProcessStartInfo(program, arguments) { RedirectStandardError = true })!;
        await process.WaitForExitAsync(Ct);
        return process.ExitCode;
    }

    private static void Kill(int process)
    {
        try
        {
            using var victim = Process.GetProcessById(process);
            victim.Kill();
        }
        catch (ArgumentException)
        {
            // Gone already.
        }
    }

    /// <summary>A process and its children, the parent first, so that it cannot mourn.</summary>
    private static List<int> Family(int parent)
    {
        var family = new List<int> { parent };
        foreach (var folder in Directory.GetDirectories("/proc").Where(f => char.IsAsciiDigit(Path.GetFileName(f)[0])))
        {
            try
            {
                var stat = File.ReadAllText(Path.Combine(folder, "stat"));
                if (int.Parse(stat[(stat.LastIndexOf(')') + 2)..].Split(' ')[1], CultureInfo.InvariantCulture) == parent) family.Add(int.Parse(Path.GetFileName(folder), CultureInfo.InvariantCulture));
            }
            catch (IOException)
            {
                // It has just ended.
            }
        }

        return family;
    }
}
