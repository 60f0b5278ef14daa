using System.Diagnostics;
using System.Text;
using System.Text.RegularExpressions;

namespace StudioVault.E2E.Support;

/// <summary>
/// The real program as a process, on a database of its own: the published one that run.sh starts, or, after a plain build,
/// the one the build left. The tests know nothing of it but its address.
/// </summary>
public sealed partial class RunningVault : IAsyncDisposable
{
    private readonly StringBuilder _output = new();
    private readonly Process _process;

    private RunningVault(Process process) => _process = process;

    public Uri Address { get; private set; } = default!;

    /// <summary>Everything it wrote so far, for the message of a failed test.</summary>
    public string Output { get { lock (_output) return _output.ToString(); } }

    /// <summary>Starts it and waits until it answers.</summary>
    /// <param name="dataDir">Where its database lives; a folder that others may pass through.</param>
    /// <param name="port">The port, or 0 for a free one.</param>
    /// <param name="settings">Environment variables such as <c>Demo__Enabled</c>.</param>
    public static async Task<RunningVault> StartAsync(string dataDir, int port = 0, params (string Key, string Value)[] settings)
    {
        var folder = Folder();
        var start = new ProcessStartInfo("dotnet", [Path.Combine(folder, "StudioVault.Web.dll"), "--urls", $"http://127.0.0.1:{port}"])
        {
            RedirectStandardOutput = true,
            RedirectStandardError = true,
            WorkingDirectory = folder,
        };
        foreach (var (key, value) in ((string, string)[])[("DataDir", dataDir), ("Shutdown__Drain", "0s"), ("Security__RequireHttps", "false"), .. settings])
            start.Environment[key] = value;
        var vault = new RunningVault(Process.Start(start)!);
        vault._process.OutputDataReceived += (_, line) => vault.Add(line.Data);
        vault._process.ErrorDataReceived += (_, line) => vault.Add(line.Data);
        vault._process.BeginOutputReadLine();
        vault._process.BeginErrorReadLine();
        try
        {
            await Wait.UntilAsync(() => Ready().IsMatch(vault.Output) || vault._process.HasExited, () => $"the program is ready:\n{vault.Output}", TimeSpan.FromMinutes(2));
            if (Ready().Match(vault.Output) is not { Success: true } ready)
                throw new InvalidOperationException($"The program ended with {vault._process.ExitCode}:\n{vault.Output}");
            vault.Address = new Uri(ready.Groups[1].Value);
            return vault;
        }
        catch
        {
            // Still starting, it would go on writing into a folder its test is about to delete.
            await vault.DisposeAsync();
            throw;
        }
    }

    /// <summary>Ends it as a power cut would: SIGKILL, nothing is tidied up.</summary>
    public async Task KillAsync()
    {
        _process.Kill();
        await _process.WaitForExitAsync();
    }

    /// <summary>Has the whole process stand still, as a paused virtual machine does.</summary>
    public Task FreezeAsync() => SignalAsync("STOP");

    /// <summary>Has it go on as if nothing had been.</summary>
    public Task ThawAsync() => SignalAsync("CONT");

    /// <summary>Ends it as an operator would; SIGTERM, for what a shell starts in the background is deaf to SIGINT.</summary>
    public async ValueTask DisposeAsync()
    {
        if (!_process.HasExited)
        {
            // Whoever stands still hears nothing else.
            await ThawAsync();
            await SignalAsync("TERM");
            await _process.WaitForExitAsync().WaitAsync(TimeSpan.FromMinutes(1));
        }

        _process.Dispose();
    }

    /// <summary>Where the program to test lies.</summary>
    public static string Folder()
    {
        var root = Checkout();
        // Whichever was built last is the one to test.
        return new[] { "artifacts/app", "StudioVault.Web/bin/Debug/net10.0", "StudioVault.Web/bin/Release/net10.0" }
            .Select(f => Path.Combine(root, f)).Where(f => File.Exists(Path.Combine(f, "StudioVault.Web.dll")))
            .MaxBy(f => File.GetLastWriteTimeUtc(Path.Combine(f, "StudioVault.Web.dll"))) is { } found
            // The first is a link, which the next build turns to another folder; the program is to stay where it is.
            ? Directory.ResolveLinkTarget(found, returnFinalTarget: true)?.FullName ?? found
            : throw new InvalidOperationException("Build the product first: dotnet build StudioVault.sln");
    }

    /// <summary>The folder with the solution.</summary>
    public static string Checkout()
    {
        var root = new DirectoryInfo(AppContext.BaseDirectory);
        while (root is not null && !File.Exists(Path.Combine(root.FullName, "StudioVault.sln")))
            root = root.Parent;
        return root?.FullName ?? throw new InvalidOperationException("These tests must run from inside a checkout.");
    }

    private async Task SignalAsync(string name)
    {
        using var kill = Process.Start("kill", ["-" + name, _process.Id.ToString(System.Globalization.CultureInfo.InvariantCulture)]);
        await kill.WaitForExitAsync();
    }

    private void Add(string? line)
    {
        if (line is not null)
            lock (_output) _output.AppendLine(line);
    }

    [GeneratedRegex(@"is ready:\s+(\S+)")]
    private static partial Regex Ready();
}
