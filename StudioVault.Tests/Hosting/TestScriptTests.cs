using System.Diagnostics;
using System.Text.RegularExpressions;
using StudioVault.Tests.Support;
using Xunit;

namespace StudioVault.Tests.Hosting;

/// <summary>test.sh's closing line and exit code, on an SDK that only pretends: whatever goes wrong, it must not look like success.</summary>
public sealed class TestScriptTests : IDisposable
{
    // Knows the subcommands test.sh uses; what BROKEN names fails. TRX_<project> is the counters element of its results.
    private const string FakeSdk = """
        #!/bin/bash
        verb=$1
        case "$verb" in
          --version) echo 10.0.400; exit 0 ;;
          publish) while [ $# -gt 0 ]; do if [ "$1" = -o ]; then mkdir -p "$2"; fi; shift; done ;;
          test)
            name=$(basename "$2" .csproj); trx="TRX_${name//./_}"
            mkdir -p artifacts/test-results
            if [ -n "${!trx}" ]; then echo "<ResultSummary><Counters ${!trx} /></ResultSummary>" > "artifacts/test-results/$name.trx"; fi
            case "${!trx}" in *'failed="0"'*) ;; *) exit 1 ;; esac ;;
        esac
        if [ "$BROKEN" = "$verb" ]; then echo "error: $verb is broken"; exit 1; fi
        """;

    private const string Unit = """total="7" executed="6" passed="6" failed="0" error="0" timeout="0" aborted="0" """;
    private const string Browser = """total="2" executed="2" passed="2" failed="0" error="0" timeout="0" aborted="0" """;

    private readonly ShortFolder _folder = new();

    public TestScriptTests()
    {
        Directory.CreateDirectory(_folder["build"]);
        Directory.CreateDirectory(_folder["bin"]);
        foreach (var file in new[] { "test.sh", "build/setup.sh" })
            File.Copy(Path.Combine(Checkout.Root, file), _folder[file]);
        File.WriteAllText(_folder["bin/dotnet"], FakeSdk);
        File.SetUnixFileMode(_folder["bin/dotnet"], (UnixFileMode)0b111_101_101);
    }

    public void Dispose() => _folder.Dispose();

    [Fact]
    public Task Adds_the_projects_up() => EndsWithAsync("8 passed, 0 failed", Unit, Browser);

    [Fact]
    public Task Counts_failed_tests_of_every_kind() =>
        EndsWithAsync("5 passed, 4 failed", Unit.Replace("passed=\"6\" failed=\"0\" error=\"0\"", "passed=\"3\" failed=\"1\" error=\"2\"", StringComparison.Ordinal).Replace("timeout=\"0\"", "timeout=\"1\"", StringComparison.Ordinal), Browser);

    [Fact]
    public Task Counts_a_run_that_crashed_without_results() => EndsWithAsync("6 passed, 2 failed", Unit, "");

    [Fact]
    public Task Counts_a_project_without_a_test() => EndsWithAsync("6 passed, 1 failed", Unit, """total="0" executed="0" passed="0" failed="0" error="0" timeout="0" aborted="0" """);

    [Fact]
    public Task Counts_a_run_that_ended_badly_though_its_tests_passed() => EndsWithAsync("8 passed, 2 failed", Unit, Browser, "test");

    [Theory]
    [InlineData("restore")]
    [InlineData("build")]
    [InlineData("publish")]
    public Task Runs_no_test_of_a_product_that_does_not_build(string step) => EndsWithAsync("0 passed, 1 failed", Unit, Browser, step);

    [Fact]
    public Task Goes_on_after_a_file_that_is_not_formatted_but_counts_it() => EndsWithAsync("8 passed, 1 failed", Unit, Browser, "format");

    /// <summary>Programs that tests start: on a fresh machine they are there because the script brings them.</summary>
    [Theory]
    [InlineData("curl")]
    [InlineData("openssl")]
    [InlineData("qpdf")]
    [InlineData("python3")]
    [InlineData("poppler-utils")]
    public void Brings_every_program_its_tests_start(string program) =>
        Assert.Contains(program, Regex.Match(Checkout.File("test.sh"), "^need_packages (.*) \\|\\|", RegexOptions.Multiline).Groups[1].Value.Split(' '));

    private async Task EndsWithAsync(string line, string unit, string browser, string broken = "")
    {
        await using var run = WebProcess.Launch(new ProcessStartInfo("bash", [_folder["test.sh"]]),
            ("PATH", $"{_folder["bin"]}:{Environment.GetEnvironmentVariable("PATH")}"), ("BROKEN", broken), ("TRX_StudioVault_Tests", unit), ("TRX_StudioVault_E2E", browser));
        var code = await run.ExitAsync();
        var lines = run.Output.Split('\n', StringSplitOptions.RemoveEmptyEntries);
        Assert.True(lines.LastOrDefault() == line, $"{run.Output}\n{run.Errors}");
        Assert.Single(lines, l => Regex.IsMatch(l, "^[0-9]+ passed, [0-9]+ failed$"));
        Assert.Equal(line.EndsWith(" 0 failed", StringComparison.Ordinal) ? 0 : 1, code);
    }
}
