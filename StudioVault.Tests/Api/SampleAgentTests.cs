using System.Diagnostics;
using System.Reflection.Metadata;
using System.Reflection.PortableExecutable;
using StudioVault.Tests.Support;
using Xunit;

namespace StudioVault.Tests.Api;

/// <summary>The samples work, and hold nothing that writes (features row 5.2).</summary>
public sealed class SampleAgentTests(PostgresServer server) : ApiTest(server)
{
    /// <summary>bin/Debug/net10.0 of the sample, as these tests were built.</summary>
    private static string Built(string file) => Path.Combine(Checkout.Root, "samples", "StudioVault.Agent", "bin", new DirectoryInfo(AppContext.BaseDirectory).Parent!.Name, "net10.0", file);

    [Fact]
    public void The_sample_agent_references_nothing_of_ours()
    {
        using var file = File.OpenRead(Built("StudioVault.Agent.dll"));
        using var image = new PEReader(file);
        var reader = image.GetMetadataReader();
        var references = reader.AssemblyReferences.Select(r => reader.GetString(reader.GetAssemblyReference(r).Name)).ToList();
        Assert.Contains("System.Net.Http", references);
        Assert.All(references, r => Assert.StartsWith("System.", r, StringComparison.Ordinal));
        Assert.DoesNotContain(Directory.EnumerateFiles(Path.GetDirectoryName(Built("x"))!, "*.dll"), f => Path.GetFileName(f) != "StudioVault.Agent.dll");
    }

    [Fact]
    public async Task The_shell_sample_proposes()
    {
        var (code, output) = await RunAsync("bash", Path.Combine(Checkout.Root, "samples", "agent.sh"), "porto", "test.amber", """{"until":"2030-01-31"}""", "Because the test says so.");
        Assert.True(code == 0, output);
        Assert.Contains("I am The helper.", output, StringComparison.Ordinal);
        Assert.Contains("State now: Pending", output, StringComparison.Ordinal);
        Assert.Equal("Because the test says so.", (await TextAsync(new((Guid)(await SqlAsync("select id from proposals.proposals"))!))).Why);
        Assert.DoesNotContain(Key.Token, output, StringComparison.Ordinal);
    }

    [Fact]
    public async Task The_sample_in_C_sharp_proposes_and_waits_for_people()
    {
        var running = RunAsync("dotnet", Built("StudioVault.Agent.dll"), "test.amber", """{"until":"2030-01-31"}""");
        await Eventually.True(async () => await CountAsync("select count(*) from proposals.proposals") == 1 || running.IsCompleted, "the agent has proposed", withinSeconds: 60);
        Assert.False(running.IsCompleted, running.IsCompleted ? (await running).Output : "");
        var id = (Guid)(await SqlAsync("select id from proposals.proposals"))!;
        var digest = (string)(await SqlAsync("select digest from proposals.proposals"))!;
        Assert.Null((await Decide.RejectAsync(Rui, Porto, new(id), digest, "Not needed", 5_000, Ct)).Refusal);
        var (code, output) = await running;
        Assert.Equal(1, code);
        Assert.Contains("Rui: Reject (Not needed)", output, StringComparison.Ordinal);
    }

    private async Task<(int Code, string Output)> RunAsync(string program, params string[] args)
    {
        var info = new ProcessStartInfo(program, args) { RedirectStandardOutput = true, RedirectStandardError = true };
        info.Environment["STUDIOVAULT_URL"] = Host.Address.ToString().TrimEnd('/');
        info.Environment["STUDIOVAULT_KEY"] = Key.Token;
        using var process = Process.Start(info)!;
        var (output, errors) = (process.StandardOutput.ReadToEndAsync(Ct), process.StandardError.ReadToEndAsync(Ct));
        await process.WaitForExitAsync(Ct);
        return (process.ExitCode, await output + await errors);
    }
}
