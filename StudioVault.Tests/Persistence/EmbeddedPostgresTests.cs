using System.Diagnostics;
using Npgsql;
using StudioVault.Infrastructure.Persistence;
using StudioVault.Tests.Support;
using Xunit;

namespace StudioVault.Tests.Persistence;

public sealed class EmbeddedPostgresTests : IDisposable
{
    private static readonly CancellationToken Ct = TestContext.Current.CancellationToken;
    private readonly ShortFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [Fact]
    public async Task Answers_with_every_durability_setting_on()
    {
        await using var server = await EmbeddedPostgres.StartAsync(new() { Folder = _folder["pg"] }, Ct);
        foreach (var setting in new[] { "fsync", "full_page_writes", "synchronous_commit" })
            Assert.Equal("on", await AskAsync(server, $"show {setting}"));
    }

    [Fact]
    public async Task Opens_no_port()
    {
        await using var server = await StartAsync();
        Assert.Equal("", await AskAsync(server, "show listen_addresses"));
    }

    [Fact]
    public async Task Finds_its_data_again_at_the_second_start()
    {
        await using (var first = await StartAsync())
            await AskAsync(first, "create table kept (n int); insert into kept values (42)");
        await using var second = await StartAsync();
        Assert.Equal(42, await AskAsync(second, "select n from kept"));
    }

    [Fact]
    public async Task Leaves_no_process_and_no_socket_when_disposed()
    {
        var server = await StartAsync();
        await server.DisposeAsync();
        await server.DisposeAsync();
        Assert.True(server.Exited.IsCompleted);
        Assert.Empty(PostgresProcesses.Under(_folder.Path));
        Assert.False(File.Exists(_folder["pg/.s.PGSQL.5432"]));
    }

    [Fact]
    public async Task Starts_again_with_every_committed_row_after_the_server_was_killed()
    {
        await using (var killed = await StartAsync(durable: true))
        {
            await AskAsync(killed, "create table kept (n int); insert into kept values (42)");
            Process.GetProcessById(killed.ProcessId).Kill();
            await killed.Exited.WaitAsync(TimeSpan.FromSeconds(10), Ct);
        }
        await using var again = await StartAsync(durable: true);
        Assert.Equal(42, await AskAsync(again, "select n from kept"));
    }

    [Fact]
    public async Task Comes_back_by_itself_after_it_was_killed_where_that_is_asked_for()
    {
        await using var server = await EmbeddedPostgres.StartAsync(new() { Folder = _folder["pg"], Durable = false, Restart = true }, Ct);
        for (var round = 1; round <= 2; round++)
        {
            var killed = server.ProcessId;
            Process.GetProcessById(killed).Kill();
            await Eventually.True(async () =>
            {
                try
                {
                    return await AskAsync(server, "select 1") is 1 && server.ProcessId != killed;
                }
                catch (NpgsqlException)
                {
                    return false;
                }
            }, "it answered again");
        }
    }

    [Fact]
    public async Task Stops_by_itself_when_the_program_that_started_it_is_killed()
    {
        await RunChildAndKillItAsync();
        await Eventually.True(() => PostgresProcesses.Under(_folder.Path).Count == 0, "the orphaned PostgreSQL was gone");
        await using var again = await StartAsync();
        Assert.Equal(1, await AskAsync(again, "select 1"));
    }

    [Fact]
    public async Task Starts_at_once_while_the_server_of_a_killed_program_is_still_stopping()
    {
        await RunChildAndKillItAsync();
        await using var again = await StartAsync();
        Assert.Equal(1, await AskAsync(again, "select 1"));
    }

    [Fact]
    public async Task Takes_over_a_folder_whose_pid_file_names_a_living_stranger()
    {
        await (await StartAsync()).DisposeAsync();
        File.WriteAllText(_folder["pg/data/postmaster.pid"], $"{Environment.ProcessId}\n{_folder["pg/data"]}\n1700000000\n5432\n{_folder["pg"]}\n\n");
        File.WriteAllText(_folder["pg/.s.PGSQL.5432.lock"], $"{Environment.ProcessId}\n");
        await using var again = await StartAsync();
        Assert.Equal(1, await AskAsync(again, "select 1"));
    }

    [Fact]
    public async Task Makes_the_cluster_anew_when_the_first_attempt_broke_off()
    {
        Directory.CreateDirectory(_folder["pg/data.new/base"]);
        File.WriteAllText(_folder["pg/lock"], "");
        await using var server = await StartAsync();
        Assert.Equal(1, await AskAsync(server, "select 1"));
        Assert.False(Directory.Exists(_folder["pg/data.new"]));
    }

    [Fact]
    public async Task Runs_side_by_side_with_another_one()
    {
        var both = await Task.WhenAll(StartAsync("a"), StartAsync("b"));
        await using var a = both[0];
        await using var b = both[1];
        await AskAsync(a, "create table only_in_a (n int)");
        Assert.Equal(0L, await AskAsync(b, "select count(*) from pg_class where relname = 'only_in_a'"));
    }

    [Fact]
    public async Task Passes_further_settings_on()
    {
        await using var server = await EmbeddedPostgres.StartAsync(new EmbeddedPostgresOptions
        {
            Folder = _folder["pg"],
            MaxConnections = 7,
            Durable = false,
            Settings = new Dictionary<string, string> { ["statement_timeout"] = "1234ms" },
        }, Ct);
        Assert.Equal("7", await AskAsync(server, "show max_connections"));
        Assert.Equal("1234ms", await AskAsync(server, "show statement_timeout"));
        Assert.Equal("off", await AskAsync(server, "show fsync"));
    }

    [Fact]
    public async Task Is_refused_when_another_one_uses_the_folder()
    {
        await using var first = await StartAsync();
        Assert.Contains("Another StudioVault", (await RefusedAsync(() => StartAsync())).Sentence, StringComparison.Ordinal);
        Assert.Equal(1, await AskAsync(first, "select 1"));
    }

    [Fact]
    public async Task Is_refused_when_the_path_is_too_long_for_a_socket()
    {
        var tooLong = Path.Combine(_folder.Path, new string('x', EmbeddedPostgres.LongestFolder - _folder.Path.Length));
        var refusal = await RefusedAsync(() => EmbeddedPostgres.StartAsync(new() { Folder = tooLong }, Ct));
        Assert.Contains($"{EmbeddedPostgres.LongestFolder + 1} bytes", refusal.Sentence, StringComparison.Ordinal);
        Assert.False(Directory.Exists(tooLong));
    }

    [Fact]
    public async Task Works_in_the_longest_folder_that_is_allowed()
    {
        await using var server = await StartAsync(new string('x', EmbeddedPostgres.LongestFolder - _folder.Path.Length - 1));
        Assert.Equal(1, await AskAsync(server, "select 1"));
    }

    [Fact]
    public async Task Is_refused_in_a_folder_that_holds_something_else()
    {
        File.WriteAllText(Path.Combine(Directory.CreateDirectory(_folder["pg"]).FullName, "thesis.odt"), "mine");
        Assert.Contains("holds files", (await RefusedAsync(() => StartAsync())).Sentence, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Is_refused_as_root_below_a_folder_closed_to_others()
    {
        Assert.SkipUnless(Environment.UserName == "root", "Only root has to become another user.");
        Directory.CreateDirectory(_folder["closed"], UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute);
        var refusal = await RefusedAsync(() => StartAsync("closed/pg"));
        Assert.Contains($"may not pass through {_folder["closed"]}", refusal.Sentence, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Explains_a_cluster_of_another_major_version()
    {
        await (await StartAsync()).DisposeAsync();
        File.WriteAllText(_folder["pg/data/PG_VERSION"], "9\n");
        var refusal = await RefusedAsync(() => StartAsync());
        Assert.Contains("made by PostgreSQL 9", refusal.Sentence, StringComparison.Ordinal);
        Assert.Contains("pg_upgrade", refusal.NextStep, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Says_so_when_the_binaries_are_not_where_they_should_be()
    {
        var refusal = await RefusedAsync(() => EmbeddedPostgres.StartAsync(new() { Folder = _folder["pg"], BinFolder = _folder.Path }, Ct));
        Assert.Contains(_folder.Path, refusal.Sentence, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Quotes_the_log_when_the_server_does_not_come_up()
    {
        var refusal = await RefusedAsync(() => EmbeddedPostgres.StartAsync(
            new() { Folder = _folder["pg"], Settings = new Dictionary<string, string> { ["shared_buffers"] = "nonsense" } }, Ct));
        Assert.Contains("shared_buffers", refusal.Sentence, StringComparison.Ordinal);
        Assert.Contains("postgres.log", refusal.NextStep, StringComparison.Ordinal);
    }

    private async Task RunChildAndKillItAsync()
    {
        using var child = Process.Start(new ProcessStartInfo(Path.ChangeExtension(typeof(EmbeddedPostgresTests).Assembly.Location, null))
        {
            ArgumentList = { "-explicit", "only", "-method", $"{typeof(EmbeddedPostgresChild).FullName}.{nameof(EmbeddedPostgresChild.Waits_to_be_killed)}" },
            Environment = { [EmbeddedPostgresChild.FolderVariable] = _folder.Path },
            RedirectStandardOutput = true,
        })!;
        try
        {
            await Eventually.True(() => File.Exists(_folder["up"]) || child.HasExited, "the child had started PostgreSQL", 120);
            Assert.False(child.HasExited, "the child ended early");
            Assert.NotEmpty(PostgresProcesses.Under(_folder.Path));
        }
        finally
        {
            child.Kill();
            await child.WaitForExitAsync(Ct);
        }
    }

    private Task<EmbeddedPostgres> StartAsync(string name = "pg", bool durable = false) =>
        EmbeddedPostgres.StartAsync(new() { Folder = _folder[name], Durable = durable }, Ct);

    private static Task<EmbeddedPostgresException> RefusedAsync(Func<Task<EmbeddedPostgres>> start) => Assert.ThrowsAsync<EmbeddedPostgresException>(start);

    private static async Task<object?> AskAsync(EmbeddedPostgres server, string sql)
    {
        await using var source = NpgsqlDataSource.Create(server.ConnectionString("postgres", EmbeddedPostgres.Superuser) + ";Pooling=false");
        await using var command = source.CreateCommand(sql);
        return await command.ExecuteScalarAsync(Ct);
    }
}
