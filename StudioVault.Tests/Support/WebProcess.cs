using System.Diagnostics;
using System.Text;
using System.Text.RegularExpressions;
using Xunit;

namespace StudioVault.Tests.Support;

/// <summary>The real program as a process of its own, for what only a process shows: exit codes, signals, its output.</summary>
internal sealed partial class WebProcess : IAsyncDisposable
{
    private readonly StringBuilder _output = new();
    private readonly StringBuilder _errors = new();

    private WebProcess(Process process) => Process = process;

    public Process Process { get; }

    public string Output { get { lock (_output) return _output.ToString(); } }

    public string Errors { get { lock (_errors) return _errors.ToString(); } }

    /// <summary>Starts it on a free port, in demo mode and plain HTTP, as a developer would.</summary>
    public static WebProcess Start(string dataDir, params (string Key, string Value)[] settings) =>
        Launch(new ProcessStartInfo(Path.Combine(AppContext.BaseDirectory, "StudioVault.Web"), ["--urls", "http://127.0.0.1:0"]),
            [("DataDir", dataDir), ("ASPNETCORE_ENVIRONMENT", "Development"), ("Shutdown__Drain", "0s"), .. settings]);

    /// <summary>Starts anything and collects what it writes.</summary>
    public static WebProcess Launch(ProcessStartInfo info, params (string Key, string Value)[] environment)
    {
        info.RedirectStandardOutput = info.RedirectStandardError = true;
        foreach (var (key, value) in environment)
            info.Environment[key] = value;
        var process = new WebProcess(new Process { StartInfo = info });
        process.Process.OutputDataReceived += (_, e) => Add(process._output, e.Data);
        process.Process.ErrorDataReceived += (_, e) => Add(process._errors, e.Data);
        process.Process.Start();
        process.Process.BeginOutputReadLine();
        process.Process.BeginErrorReadLine();
        return process;
    }

    /// <summary>Waits until it has said where it is, and returns that address.</summary>
    public async Task<Uri> AddressAsync()
    {
        await Eventually.True(() => Ready().IsMatch(Output) || Process.HasExited, $"the program said that it is ready\n{Output}\n{Errors}", withinSeconds: 120);
        return Ready().Match(Output) is { Success: true } ready ? new Uri(ready.Groups[1].Value)
            : throw new InvalidOperationException($"It ended with {Process.ExitCode}.\n{Output}\n{Errors}");
    }

    public async Task<int> ExitAsync()
    {
        await Process.WaitForExitAsync(TestContext.Current.CancellationToken).WaitAsync(TimeSpan.FromMinutes(2));
        return Process.ExitCode;
    }

    /// <summary>Sends a signal as the shell does.</summary>
    public void Signal(string name) => Process.Start("kill", ["-" + name, Process.Id.ToString(System.Globalization.CultureInfo.InvariantCulture)]).WaitForExit();

    public async ValueTask DisposeAsync()
    {
        if (!Process.HasExited)
        {
            Process.Kill();
            await Process.WaitForExitAsync();
        }
        Process.Dispose();
    }

    private static void Add(StringBuilder text, string? line)
    {
        if (line is not null)
            lock (text) text.AppendLine(line);
    }

    [GeneratedRegex(@"is ready:\s+(\S+)")]
    private static partial Regex Ready();
}
