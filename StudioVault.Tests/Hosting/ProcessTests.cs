using System.Net;
using System.Text.Json;
using StudioVault.Infrastructure.Persistence;
using StudioVault.Tests.Support;
using Xunit;

namespace StudioVault.Tests.Hosting;

/// <summary>The program from outside: how it refuses to start, how it ends, what it leaves behind.</summary>
public sealed class ProcessTests : IDisposable
{
    private static readonly CancellationToken Ct = TestContext.Current.CancellationToken;
    private readonly ShortFolder _folder = new();
    private readonly HttpClient _http = new();

    public void Dispose()
    {
        _http.Dispose();
        _folder.Dispose();
    }

    [Fact]
    public async Task Lists_every_bad_setting_without_its_value_and_exits_2()
    {
        await using var program = WebProcess.Start(_folder["d"], ("ConnectionStrings__Vault", "Password=c4n4ry"), ("Live__PollInterval", "c4n4ry"), ("Demo__Enable", "c4n4ry"), ("Telemetry__OtlpEndpoint", "c4n4ry"));
        Assert.Equal(2, await program.ExitAsync());
        foreach (var key in new[] { "ConnectionStrings:Vault", "Live:PollInterval", "Demo:Enable", "Telemetry:OtlpEndpoint" })
            Assert.Contains($"- {key} ", program.Errors, StringComparison.Ordinal);
        Assert.DoesNotContain("c4n4ry", program.Errors + program.Output, StringComparison.Ordinal);
        Assert.False(Directory.Exists(_folder["d"]));
    }

    /// <summary>As with a folder that a container was given and root owns.</summary>
    [Fact]
    public async Task Names_a_folder_it_may_not_write_to_and_the_next_step_and_exits_2()
    {
        Directory.CreateDirectory(_folder["d"], (UnixFileMode)0b101_101_101);
        await using var program = StartAsNobody(("DataDir", _folder["d"]));
        Assert.Equal(2, await program.ExitAsync());
        Assert.Contains($" may not write in the folder {_folder["d"]}. Give that user the folder (chown), or name another one.", program.Errors, StringComparison.Ordinal);
        Assert.DoesNotContain(" at StudioVault.", program.Errors, StringComparison.Ordinal);
    }

    /// <summary>What is found only on the way is a sentence too.</summary>
    [Fact]
    public async Task Explains_a_file_that_cannot_be_used_on_the_way_without_a_stack_trace()
    {
        Directory.CreateDirectory(_folder["d/audit"]);
        Directory.CreateDirectory(_folder["d/secrets"]);
        Directory.CreateDirectory(_folder["d/secrets/database-roles.json.new"]);
        await using var server = await EmbeddedPostgres.StartAsync(new() { Folder = _folder["pg"] }, Ct);
        await VaultSetup.CreateDatabaseAsync(server.ConnectionString("postgres", EmbeddedPostgres.Superuser), "vault", Ct);
        await using var program = WebProcess.Start(_folder["d"], ("ConnectionStrings__VaultOwner", server.ConnectionString("vault", EmbeddedPostgres.Superuser)));
        Assert.Equal(2, await program.ExitAsync());
        Assert.Contains("database-roles.json", program.Errors, StringComparison.Ordinal);
        Assert.Contains("name another place in the setting it comes from, such as DataDir.", program.Errors, StringComparison.Ordinal);
        Assert.DoesNotContain(" at StudioVault.", program.Errors, StringComparison.Ordinal);
    }

    [Trait("Category", "Faults")]
    [Fact]
    public async Task A_signal_in_the_middle_of_the_very_first_start_leaves_nothing_behind_that_stops_the_next()
    {
        await using (var first = WebProcess.Start(_folder["d"]))
        {
            await Eventually.True(() => Directory.Exists(_folder["d/postgres/data"]) || first.Process.HasExited, "its database is being made", 60);
            first.Signal("INT");
            Assert.NotEqual(0, await first.ExitAsync());
        }

        await Eventually.True(() => PostgresProcesses.Under(_folder.Path).Count == 0, "its database has ended too");
        await using var next = WebProcess.Start(_folder["d"]);
        Assert.Equal(HttpStatusCode.OK, (await _http.GetAsync(new Uri(await next.AddressAsync(), "/health/ready"), Ct)).StatusCode);
        next.Signal("TERM");
        Assert.Equal(0, await next.ExitAsync());
    }

    [Trait("Category", "Faults")]
    [Fact]
    public async Task Says_not_ready_while_it_drains_goes_on_serving_and_stops_at_the_second_signal()
    {
        await using var program = WebProcess.Start(_folder["d"], ("Shutdown__Drain", "2m"));
        var address = await program.AddressAsync();
        Assert.Equal(HttpStatusCode.OK, (await _http.GetAsync(new Uri(address, "/health/ready"), Ct)).StatusCode);
        Assert.NotEmpty(PostgresProcesses.Under(_folder.Path));

        program.Signal("TERM");
        await Eventually.True(async () =>
        {
            using var answer = await _http.GetAsync(new Uri(address, "/health/ready"), Ct);
            return answer.StatusCode == HttpStatusCode.ServiceUnavailable
                && JsonDocument.Parse(await answer.Content.ReadAsStringAsync(Ct)).RootElement.GetProperty("status").GetString() == "draining";
        }, "readiness failed");
        Assert.Equal(HttpStatusCode.OK, (await _http.GetAsync(new Uri(address, "/health/live"), Ct)).StatusCode);

        program.Signal("INT");
        Assert.Equal(0, await program.ExitAsync());
        Assert.Empty(PostgresProcesses.Under(_folder.Path));
    }

    [Trait("Category", "Faults")]
    [Fact]
    public async Task Leaves_nothing_that_stops_the_next_start_when_it_is_killed()
    {
        await using (var killed = WebProcess.Start(_folder["d"]))
        {
            await killed.AddressAsync();
            killed.Signal("KILL");
            await killed.ExitAsync();
        }
        await using var next = WebProcess.Start(_folder["d"], ("Shutdown__Drain", "1s"));
        Assert.Equal(HttpStatusCode.OK, (await _http.GetAsync(new Uri(await next.AddressAsync(), "/health/ready"), Ct)).StatusCode);
        next.Signal("TERM");
        Assert.Equal(0, await next.ExitAsync());
        Assert.Empty(PostgresProcesses.Under(_folder.Path));
    }

    [Fact]
    public async Task Says_not_ready_while_the_database_is_away_and_stays_alive()
    {
        await using var server = await EmbeddedPostgres.StartAsync(new() { Folder = _folder["pg"] }, Ct);
        await VaultSetup.CreateDatabaseAsync(server.ConnectionString("postgres", EmbeddedPostgres.Superuser), "vault", Ct);
        await using var program = WebProcess.Start(_folder["d"], ("ConnectionStrings__Vault", server.ConnectionString("vault", EmbeddedPostgres.Superuser)));
        var address = await program.AddressAsync();
        Assert.Equal(HttpStatusCode.OK, (await _http.GetAsync(new Uri(address, "/health/ready"), Ct)).StatusCode);
        Assert.False(Directory.Exists(_folder["d/postgres"]));
        await server.DisposeAsync();
        var body = "";
        await Eventually.True(async () =>
        {
            using var answer = await _http.GetAsync(new Uri(address, "/health/ready"), Ct);
            body = await answer.Content.ReadAsStringAsync(Ct);
            return answer.StatusCode == HttpStatusCode.ServiceUnavailable;
        }, "readiness failed");
        Assert.Contains("\"name\":\"database\",\"ok\":false", body, StringComparison.Ordinal);
        Assert.DoesNotContain(_folder.Path, body, StringComparison.Ordinal);
        Assert.Equal(HttpStatusCode.OK, (await _http.GetAsync(new Uri(address, "/health/live"), Ct)).StatusCode);
    }

    [Fact]
    public async Task Explains_a_data_folder_and_a_port_that_are_in_use()
    {
        await using var first = WebProcess.Start(_folder["d"]);
        var address = await first.AddressAsync();
        await using var sameData = WebProcess.Start(_folder["d"]);
        Assert.Equal(2, await sameData.ExitAsync());
        Assert.Contains("Another StudioVault", sameData.Errors, StringComparison.Ordinal);
        await using var samePort = WebProcess.Start(_folder["e"], ("ASPNETCORE_URLS", "x"), ("URLS", "x"), ("Kestrel__Endpoints__Http__Url", address.ToString()));
        Assert.Equal(2, await samePort.ExitAsync());
        Assert.Contains("already in use", samePort.Errors, StringComparison.Ordinal);
        Assert.Empty(PostgresProcesses.Under(_folder["e"]));
    }

    [Fact]
    public async Task Writes_JSON_lines_where_machines_read_the_log()
    {
        await using var program = WebProcess.Start(_folder["d"], ("Log__Format", "Json"), ("Logging__LogLevel__Default", "Information"));
        await Eventually.True(() => program.Output.Contains("Now listening on", StringComparison.Ordinal) || program.Process.HasExited, "it listened", 120);
        program.Signal("TERM");
        Assert.Equal(0, await program.ExitAsync());
        Assert.All(program.Output.Split('\n', StringSplitOptions.RemoveEmptyEntries), line =>
            Assert.Equal(JsonValueKind.String, JsonDocument.Parse(line).RootElement.GetProperty("message").ValueKind));
    }

    [Fact]
    public async Task Sends_metrics_and_traces_to_the_collector()
    {
        using var collector = new HttpListener { Prefixes = { $"http://127.0.0.1:{FreePort()}/" } };
        collector.Start();
        var paths = new System.Collections.Concurrent.ConcurrentBag<string>();
        var answering = Task.Run(async () =>
        {
            while (true)
            {
                var context = await collector.GetContextAsync();
                paths.Add($"{context.Request.HttpMethod} {context.Request.Url!.AbsolutePath}");
                context.Response.Close();
            }
        }, Ct);
        await using var program = WebProcess.Start(_folder["d"], ("Telemetry__OtlpEndpoint", collector.Prefixes.First()));
        await _http.GetAsync(new Uri(await program.AddressAsync(), "/login"), Ct);
        program.Signal("TERM");
        Assert.Equal(0, await program.ExitAsync());
        Assert.Contains("POST /v1/metrics", paths);
        Assert.Contains("POST /v1/traces", paths);
        collector.Stop();
        await Assert.ThrowsAnyAsync<Exception>(() => answering);
    }

    /// <summary>Root may write everywhere: then the program runs as somebody who may not.</summary>
    private static WebProcess StartAsNobody(params (string, string)[] settings)
    {
        var program = Path.Combine(AppContext.BaseDirectory, "StudioVault.Web");
        return WebProcess.Launch(Environment.IsPrivilegedProcess
            ? new System.Diagnostics.ProcessStartInfo("setpriv", ["--reuid=65534", "--regid=65534", "--clear-groups", program]) : new System.Diagnostics.ProcessStartInfo(program),
            [("ASPNETCORE_ENVIRONMENT", "Production"), ("HOME", "/tmp"), .. settings]);
    }

    private static int FreePort()
    {
        using var probe = new System.Net.Sockets.TcpListener(IPAddress.Loopback, 0);
        probe.Start();
        return ((IPEndPoint)probe.LocalEndpoint).Port;
    }
}
