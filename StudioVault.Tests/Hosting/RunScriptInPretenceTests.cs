using System.Diagnostics;
using StudioVault.Tests.Support;
using Xunit;

namespace StudioVault.Tests.Hosting;

/// <summary>run.sh and what it shares with test.sh, in a checkout with an SDK that only pretends: where things go, and what is left alone.</summary>
public sealed class RunScriptInPretenceTests : IDisposable
{
    // "Publishing" takes as long as SLOW says; the program tells what it was started with.
    private const string FakeSdk = """
        #!/bin/bash
        case "$1" in
          --version) echo 10.0.400 ;;
          publish)
            echo building > building
            sleep "${SLOW:-0}"
            while [ $# -gt 0 ]; do if [ "$1" = -o ]; then mkdir -p "$2"; touch "$2/StudioVault.Web.dll"; fi; shift; done ;;
          *) echo "program=$1"; for name in DataDir ASPNETCORE_CONTENTROOT ASPNETCORE_URLS ConnectionStrings__Vault Demo__Enabled; do echo "$name=${!name}"; done; sleep "${SERVE:-0}" ;;
        esac
        """;

    private readonly ShortFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [Fact]
    public async Task Listens_where_it_was_told_to_and_announces_that()
    {
        var run = await RunAsync("c", [], ("ASPNETCORE_URLS", "http://*:5999;https://*:6000"));
        Assert.Equal("http://*:5999;https://*:6000", run["ASPNETCORE_URLS"]);
        Assert.Contains("Starting StudioVault at http://localhost:5999 ", run["errors"], StringComparison.Ordinal);
        Assert.Equal("http://localhost:5999", (await File.ReadAllTextAsync(_folder["c/.data/address"], TestContext.Current.CancellationToken)).Trim());
        run = await RunAsync("c", ["--port", "5998"], ("ASPNETCORE_URLS", "http://*:5999"));
        Assert.Contains("Both --port and ASPNETCORE_URLS", run["errors"], StringComparison.Ordinal);
    }

    [Fact]
    public async Task Passes_a_server_of_ones_own_on_and_remembers_that_the_keys_are_its()
    {
        var run = await RunAsync("c", [], ("ConnectionStrings__Vault", "Host=db;Database=vault"));
        Assert.Equal(("Host=db;Database=vault", _folder["c/.data"]), (run["ConnectionStrings__Vault"], run["DataDir"]));
        Assert.True(File.Exists(_folder["c/.data/.database-elsewhere"]));
        await RunAsync("other", []);
        Assert.False(File.Exists(_folder["other/.data/.database-elsewhere"]));
    }

    [Fact]
    public async Task Lays_the_data_elsewhere_where_the_path_is_too_long_for_a_socket_and_says_so()
    {
        var deep = "c/" + new string('x', 90);
        var run = await RunAsync(deep, [], ("XDG_STATE_HOME", _folder["state"]), ("FAKE_USER", "1000"));
        Assert.StartsWith(_folder["state/studiovault/"], run["DataDir"], StringComparison.Ordinal);
        Assert.Contains("its path is too long for PostgreSQL's socket", run["errors"], StringComparison.Ordinal);
        // Not where a server of one's own is used: no socket is made.
        run = await RunAsync(deep, [], ("ConnectionStrings__VaultOwner__File", "/run/secrets/vault"));
        Assert.Equal(_folder[$"{deep}/.data"], run["DataDir"]);
    }

    [Fact]
    public async Task Who_is_not_root_is_told_which_packages_to_install()
    {
        Make("c");
        await using var bash = WebProcess.Launch(new ProcessStartInfo("bash", ["-c", ". build/setup.sh; has_postgres() { false; }; has_poppler() { false; }; need_packages ca-certificates postgresql poppler-utils no-such-tool"]) { WorkingDirectory = _folder["c"] },
            ("PATH", $"{_folder["c/bin"]}:{Environment.GetEnvironmentVariable("PATH")}"), ("FAKE_USER", "1000"));
        Assert.Equal(1, await bash.ExitAsync());
        Assert.Contains("sudo apt-get install --no-install-recommends postgresql poppler-utils no-such-tool\n", bash.Errors, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("INT")]
    [InlineData("TERM")]
    public async Task A_signal_while_building_ends_the_build_and_leaves_no_data(string signal)
    {
        Make("c");
        await using var run = Launch("c", [], ("SLOW", "1717"));
        await Eventually.True(() => File.Exists(_folder["c/building"]), "it builds");
        Process.Start("kill", [$"-{signal}", "--", $"-{run.Process.Id}"]).WaitForExit();
        Assert.NotEqual(0, await run.ExitAsync());
        await Eventually.True(() => Process.GetProcessesByName("sleep").All(p => !Command(p.Id).Contains("1717", StringComparison.Ordinal)), "the build has ended");
        Assert.False(Directory.Exists(_folder["c/.data"]));
        Assert.Empty(Published("c"));
    }

    [Fact]
    public async Task A_build_leaves_the_program_alone_that_another_start_serves_from_and_clears_what_nobody_uses()
    {
        Make("c");
        File.WriteAllText(_folder["c/contracts"], "1");
        await using var first = Launch("c", [], ("SERVE", "1718"), ("ASPNETCORE_URLS", "http://localhost:1"));
        await Eventually.True(() => first.Output.Contains("Demo__Enabled=", StringComparison.Ordinal), "it serves");
        var used = Assert.Single(Published("c"));
        Assert.Contains($"program={used}/StudioVault.Web.dll", first.Output, StringComparison.Ordinal);
        Assert.Contains($"ASPNETCORE_CONTENTROOT={used}", first.Output, StringComparison.Ordinal);

        // Other sources: a folder of its own, and the link turns to it.
        File.WriteAllText(_folder["c/contracts"], "22");
        await PublishAsync(used);
        var second = Assert.Single(Published("c"), f => f != used);
        Assert.Equal(second, Directory.ResolveLinkTarget(_folder["c/artifacts/app"], true)!.FullName);

        // Both are old now; only the one that is served from stays beside the newest.
        File.WriteAllText(_folder["c/contracts"], "333");
        await PublishAsync(used, second);
        Assert.Equal(2, Published("c").Count);
        Assert.Contains(used, Published("c"));
        Assert.True(File.Exists($"{used}/StudioVault.Web.dll"));

        first.Process.Kill(entireProcessTree: true);
        await first.Process.WaitForExitAsync(TestContext.Current.CancellationToken);
        await PublishAsync(used);
        Assert.DoesNotContain(used, Published("c"));
    }

    [Fact]
    public async Task A_folder_that_may_belong_to_a_start_under_way_is_not_cleared()
    {
        Make("c");
        Directory.CreateDirectory(_folder["c/artifacts/app-young"]);
        await PublishAsync();
        Assert.Contains(_folder["c/artifacts/app-young"], Published("c"));
    }

    /// <summary>Publishes as run.sh and test.sh do, after making these folders old.</summary>
    private async Task PublishAsync(params string[] old)
    {
        foreach (var folder in old) Directory.SetLastWriteTimeUtc(folder, new DateTime(2026, 1, 1, 0, 0, 0, DateTimeKind.Utc));
        await using var bash = WebProcess.Launch(new ProcessStartInfo("bash", ["-euc", ". build/setup.sh; publish_app \"$(app_folder)\""]) { WorkingDirectory = _folder["c"] },
            ("PATH", $"{_folder["c/bin"]}:{Environment.GetEnvironmentVariable("PATH")}"));
        Assert.True(await bash.ExitAsync() == 0, bash.Errors);
    }

    private IReadOnlyList<string> Published(string checkout) =>
        Directory.Exists(_folder[$"{checkout}/artifacts"]) ? [.. Directory.EnumerateDirectories(_folder[$"{checkout}/artifacts"], "app-*").Order(StringComparer.Ordinal)] : [];

    private void Make(string checkout)
    {
        if (Directory.Exists(_folder[checkout])) return;
        foreach (var name in new[] { "build", "bin" }) Directory.CreateDirectory(_folder[$"{checkout}/{name}"]);
        foreach (var file in new[] { "run.sh", "build/setup.sh" }) File.Copy(Path.Combine(Checkout.Root, file), _folder[$"{checkout}/{file}"]);
        Script($"{checkout}/bin/dotnet", FakeSdk);
        // Nothing is installed here, and nobody is root unless they are.
        Script($"{checkout}/bin/apt-get", "#!/bin/bash\nexit 1\n");
        Script($"{checkout}/bin/id", "#!/bin/bash\nif [ -n \"${FAKE_USER:-}\" ]; then echo \"$FAKE_USER\"; else exec /usr/bin/id \"$@\"; fi\n");
    }

    private void Script(string path, string text)
    {
        File.WriteAllText(_folder[path], text);
        File.SetUnixFileMode(_folder[path], (UnixFileMode)0b111_101_101);
    }

    private WebProcess Launch(string checkout, string[] arguments, params (string, string)[] environment) =>
        WebProcess.Launch(new ProcessStartInfo("setsid", ["bash", _folder[$"{checkout}/run.sh"], .. arguments]),
            [("PATH", $"{_folder[$"{checkout}/bin"]}:{Environment.GetEnvironmentVariable("PATH")}"), ("Documents__BrowserPath", "/bin/true"), .. environment]);

    /// <summary>What the program was started with, and under "errors" what the script said.</summary>
    private async Task<IReadOnlyDictionary<string, string>> RunAsync(string checkout, string[] arguments, params (string, string)[] environment)
    {
        Make(checkout);
        await using var run = Launch(checkout, arguments, environment);
        await run.ExitAsync();
        var told = run.Output.Split('\n', StringSplitOptions.RemoveEmptyEntries).Select(l => l.Split('=', 2)).Where(l => l.Length == 2).ToDictionary(l => l[0], l => l[1]);
        told["errors"] = run.Errors;
        return told;
    }

    private static string Command(int id)
    {
        try
        {
            return File.ReadAllText($"/proc/{id}/cmdline");
        }
        catch (IOException)
        {
            return ""; // gone meanwhile
        }
    }
}
