using System.Diagnostics;
using System.Net;
using System.Net.Sockets;
using StudioVault.Tests.Support;
using Xunit;

namespace StudioVault.Tests.Hosting;

/// <summary>run.sh as a newcomer meets it. It builds the product first when that has not happened yet.</summary>
public sealed class RunScriptTests : IDisposable
{
    private const string Marker = ".studiovault-data";
    private static readonly CancellationToken Ct = TestContext.Current.CancellationToken;
    private readonly ShortFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [Fact]
    public async Task Starts_the_product_and_Ctrl_C_ends_all_of_it()
    {
        var port = FreePort();
        await using var run = Run("--port", $"{port}");
        var address = await run.AddressAsync();
        Assert.Equal(new Uri($"http://localhost:{port}"), address);
        using var http = new HttpClient();
        Assert.Equal(HttpStatusCode.OK, (await http.GetAsync(new Uri(address, "/health/ready"), Ct)).StatusCode);
        Assert.Contains("Demo:", run.Output, StringComparison.Ordinal);
        await Eventually.True(() => run.Output.Contains("Ctrl-C ends it", StringComparison.Ordinal), "the banner is written");
        foreach (var person in new[] { "Headquarters    Astrid Holm", "Branch manager  Ana Moreira (Northlight Porto)", "Staff " }) Assert.Contains(person, run.Output, StringComparison.Ordinal);
        Assert.NotEmpty(PostgresProcesses.Under(_folder.Path));

        // The terminal sends it to the whole process group.
        Process.Start("kill", ["-INT", "--", $"-{run.Process.Id}"]).WaitForExit();
        Assert.Equal(0, await run.ExitAsync());
        Assert.Empty(PostgresProcesses.Under(_folder.Path));
        Assert.Empty(GroupOf(run.Process.Id));
    }

    [Fact]
    public async Task Starts_again_with_the_same_data_after_it_was_killed()
    {
        await using (var killed = Run())
        {
            await killed.AddressAsync();
            killed.Signal("KILL");
            await killed.ExitAsync();
        }
        var key = await File.ReadAllBytesAsync(_folder["d/keys/master.key"], Ct);
        await using var again = Run();
        await again.AddressAsync();
        Assert.Equal(key, await File.ReadAllBytesAsync(_folder["d/keys/master.key"], Ct));
        again.Signal("TERM");
        Assert.True(await again.ExitAsync() == 0, $"It ended with {again.Process.ExitCode}.\n{again.Output}\n{again.Errors}");
        Assert.Empty(PostgresProcesses.Under(_folder.Path));
    }

    [Fact]
    public async Task Takes_the_next_port_and_says_who_has_the_wanted_one()
    {
        using var taken = new TcpListener(IPAddress.Loopback, 0);
        taken.Start();
        var port = ((IPEndPoint)taken.LocalEndpoint).Port;
        await using var run = RunThatStopsEarly("--port", $"{port}");
        Assert.Equal(2, await run.ExitAsync());
        Assert.Contains($"Port {port} is taken by process {Environment.ProcessId} (", run.Errors, StringComparison.Ordinal);
        Assert.DoesNotContain($"Starting StudioVault at http://localhost:{port} ", run.Errors, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Says_where_it_is_already_running_with_the_same_data()
    {
        await using var first = Run();
        var address = await first.AddressAsync();
        await using var second = Run("--reset");
        Assert.Equal(1, await second.ExitAsync());
        Assert.Contains($"already running with the data in {_folder["d"]}, at {address.ToString().TrimEnd('/')}", second.Errors, StringComparison.Ordinal);
        Assert.True(Directory.Exists(_folder["d/postgres/data"]));
    }

    [Fact]
    public async Task Resets_what_it_made_itself()
    {
        Directory.CreateDirectory(_folder["d/postgres/data"]);
        File.WriteAllText(_folder[$"d/{Marker}"], "");
        await using var run = RunThatStopsEarly("--reset");
        Assert.Equal(2, await run.ExitAsync());
        Assert.Equal([Marker, "address"], Directory.EnumerateFileSystemEntries(_folder["d"]).Select(Path.GetFileName).Order(StringComparer.Ordinal));
    }

    [Fact]
    public async Task Does_not_reset_a_folder_it_has_not_made()
    {
        Directory.CreateDirectory(_folder["d"]);
        File.WriteAllText(_folder["d/thesis.odt"], "mine");
        await using var run = RunThatStopsEarly("--reset");
        Assert.Equal(1, await run.ExitAsync());
        Assert.Contains("leaves it alone", run.Errors, StringComparison.Ordinal);
        Assert.Equal("mine", await File.ReadAllTextAsync(_folder["d/thesis.odt"], Ct));
    }

    /// <summary>The keys in the folder are that database's, and it cannot be emptied from here.</summary>
    [Theory]
    [InlineData("ConnectionStrings__Vault")]
    [InlineData("ConnectionStrings__VaultOwner")]
    [InlineData("ConnectionStrings__VaultSequencer")]
    [InlineData("ConnectionStrings__Vault__File")]
    [InlineData("ConnectionStrings__VaultOwner_FILE")]
    [InlineData("CONNECTIONSTRINGS__VAULT")]
    public async Task Does_not_reset_the_keys_of_a_database_of_ones_own(string setting)
    {
        MakeData("postgres/data", "keys");
        await using var run = Launch(["--reset"], (setting, "Host=db;Database=vault"));
        Assert.Equal(1, await run.ExitAsync());
        Assert.Contains($"{setting} is set", run.Errors, StringComparison.Ordinal);
        Assert.Contains("drop and create it", run.Errors, StringComparison.Ordinal);
        Assert.True(File.Exists(_folder["d/keys/master.key"]));
    }

    /// <summary>The setting may be gone when somebody resets: the folder tells it too.</summary>
    [Theory]
    [InlineData("keys")]
    [InlineData("keys", "postgres/data", ".database-elsewhere")]
    public async Task Does_not_reset_keys_that_were_used_with_a_database_of_ones_own(params string[] folders)
    {
        MakeData(folders);
        await using var run = Run("--reset");
        Assert.Equal(1, await run.ExitAsync());
        Assert.Contains("belong to a database on another server", run.Errors, StringComparison.Ordinal);
        Assert.True(File.Exists(_folder["d/keys/master.key"]));
    }

    private void MakeData(params string[] folders)
    {
        foreach (var folder in folders) Directory.CreateDirectory(_folder[$"d/{folder}"]);
        File.WriteAllText(_folder["d/keys/master.key"], "mine");
        File.WriteAllText(_folder[$"d/{Marker}"], "");
    }

    [Fact]
    public async Task Passes_the_messages_of_a_refused_start_on()
    {
        await using var run = RunThatStopsEarly();
        Assert.Equal(2, await run.ExitAsync());
        Assert.Contains("- Live:PollInterval ", run.Errors, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("--port")]
    [InlineData("--port", "0")]
    [InlineData("--port", "65536")]
    [InlineData("--port", "http")]
    [InlineData("--frobnicate")]
    public async Task Refuses_what_it_does_not_understand(params string[] arguments)
    {
        await using var run = Run(arguments);
        Assert.Equal(1, await run.ExitAsync());
        Assert.False(Directory.Exists(_folder["d"]));
    }

    [Fact]
    public async Task Explains_itself()
    {
        await using var run = Run("--help");
        Assert.Equal(0, await run.ExitAsync());
        foreach (var word in new[] { "--port", "--reset", "DataDir", "ConnectionStrings__Vault" })
            Assert.Contains(word, run.Output, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Finds_no_fault_in_the_scripts()
    {
        Assert.SkipUnless(File.Exists("/usr/bin/shellcheck"), "ShellCheck is not installed.");
        await using var check = WebProcess.Launch(new ProcessStartInfo("shellcheck", ["-x", "run.sh", "test.sh", "faults.sh", "build/setup.sh", ".ci/run"]) { WorkingDirectory = Checkout.Root });
        Assert.True(await check.ExitAsync() == 0, check.Output);
    }

    private WebProcess Run(params string[] arguments) => Launch(arguments);

    /// <summary>Everything run.sh does, up to a program that refuses a setting instead of starting PostgreSQL.</summary>
    private WebProcess RunThatStopsEarly(params string[] arguments) => Launch(arguments, ("Live__PollInterval", "never"));

    private WebProcess Launch(string[] arguments, params (string, string)[] environment) =>
        // A session of its own, as a terminal gives it.
        WebProcess.Launch(new ProcessStartInfo("setsid", [Path.Combine(Checkout.Root, "run.sh"), .. arguments]), [("DataDir", _folder["d"]), ("Demo__Agreements", "0"), .. environment]);

    private static IReadOnlyList<string> GroupOf(int id)
    {
        using var ps = Process.Start(new ProcessStartInfo("ps", ["-o", "args=", "-g", $"{id}"]) { RedirectStandardOutput = true })!;
        return ps.StandardOutput.ReadToEnd().Split('\n', StringSplitOptions.RemoveEmptyEntries);
    }

    private static int FreePort()
    {
        using var probe = new TcpListener(IPAddress.Loopback, 0);
        probe.Start();
        return ((IPEndPoint)probe.LocalEndpoint).Port;
    }
}
