using System.Diagnostics;
using System.Reflection.Metadata;
using System.Reflection.PortableExecutable;
using StudioVault.Domain.Organization;
using StudioVault.Domain.Proposals;
using StudioVault.Infrastructure.Organization;
using StudioVault.Infrastructure.Proposals.Capabilities;
using StudioVault.Tests.Proposals.Capabilities;
using StudioVault.Tests.Support;
using Xunit;

namespace StudioVault.Tests.Api;

/// <summary>The samples work, and hold nothing that writes (features row 5.2).</summary>
public sealed class SampleAgentTests(PostgresServer server) : ApiTest(server)
{
    [Fact]
    public void The_sample_agent_references_nothing_of_ours()
    {
        using var file = File.OpenRead(Samples.Built("StudioVault.Agent.dll"));
        using var image = new PEReader(file);
        var reader = image.GetMetadataReader();
        var references = reader.AssemblyReferences.Select(r => reader.GetString(reader.GetAssemblyReference(r).Name)).ToList();
        Assert.Contains("System.Net.Http", references);
        Assert.All(references, r => Assert.StartsWith("System.", r, StringComparison.Ordinal));
        Assert.DoesNotContain(Directory.EnumerateFiles(Path.GetDirectoryName(Samples.Built("x"))!, "*.dll"), f => Path.GetFileName(f) != "StudioVault.Agent.dll");
    }

    [Fact]
    public async Task The_shell_sample_proposes()
    {
        var (code, output) = await RunAsync("bash", Samples.Shell, "porto", "test.amber", """{"until":"2030-01-31"}""", "Because the test says so.");
        Assert.True(code == 0, output);
        Assert.Contains("I am The helper.", output, StringComparison.Ordinal);
        Assert.Contains("State now: Pending", output, StringComparison.Ordinal);
        Assert.Equal("Because the test says so.", (await TextAsync(new((Guid)(await SqlAsync("select id from proposals.proposals"))!))).Why);
        Assert.DoesNotContain(Key.Token, output, StringComparison.Ordinal);
    }

    [Fact]
    public async Task The_sample_in_C_sharp_proposes_and_waits_for_people()
    {
        var running = RunAsync("dotnet", Samples.Built("StudioVault.Agent.dll"), "test.amber", """{"until":"2030-01-31"}""");
        await Eventually.True(async () => await CountAsync("select count(*) from proposals.proposals") == 1 || running.IsCompleted, "the agent has proposed", withinSeconds: 60);
        Assert.False(running.IsCompleted, running.IsCompleted ? (await running).Output : "");
        var id = (Guid)(await SqlAsync("select id from proposals.proposals"))!;
        var digest = (string)(await SqlAsync("select digest from proposals.proposals"))!;
        Assert.Null((await Decide.RejectAsync(Rui, Porto, new(id), digest, "Not needed", 5_000, Ct)).Refusal);
        var (code, output) = await running;
        Assert.Equal(1, code);
        Assert.Contains("Rui: Reject (Not needed)", output, StringComparison.Ordinal);
    }

    private Task<(int Code, string Output)> RunAsync(string program, params string[] args) => Samples.RunAsync(Host.Address, Key.Token, program, args);
}

/// <summary>
/// Both samples as the README says them, without arguments: what they choose by themselves is a real capability with arguments it takes,
/// in the branch they find.
/// </summary>
public sealed class SampleDefaultsTests(PostgresServer server) : CapabilityLifeTest(server)
{
    private ApiHost _host = null!;
    private string _token = "";

    public override async ValueTask InitializeAsync()
    {
        await base.InitializeAsync();
        _host = await ApiHost.StartAsync(Door, Dbs, Registry, Texts);
        var (agents, later) = (new AgentCommands(Door), TimeProvider.System.GetUtcNow().AddDays(30));
        var agent = await agents.CreateAsync(Hq, "helper", "The helper", "Helps.", Hq.PersonId!.Value, Ct);
        Assert.Null(agent.Refusal);
        var key = await agents.CreateKeyAsync(Hq, agent.Value, new NewKeyScope("Test", null, null, later), Ct);
        Assert.Null(key.Refusal);
        Assert.Null((await new DelegationCommands(Door).GiveAsync(Ana, Porto, new NewDelegation(null, Party.Of(agent.Value), null, null, later, "It helps."), Ct)).Refusal);
        _token = key.Value.Token;
    }

    public override async ValueTask DisposeAsync()
    {
        await _host.DisposeAsync();
        GC.SuppressFinalize(this);
        await base.DisposeAsync();
    }

    [Fact]
    public async Task The_shell_sample_without_arguments_proposes_to_pause_the_booking_of_the_branch_it_finds()
    {
        var (code, output) = await Samples.RunAsync(_host.Address, _token, "bash", Samples.Shell);
        Assert.True(code == 0, output);
        Assert.Contains("I am The helper.", output, StringComparison.Ordinal);
        Assert.Contains("State now: Pending", output, StringComparison.Ordinal);
        await AssertProposedAsync();
    }

    [Fact]
    public async Task The_sample_in_C_sharp_without_arguments_does_the_same_and_says_who_decided_what()
    {
        var running = Samples.RunAsync(_host.Address, _token, "dotnet", Samples.Built("StudioVault.Agent.dll"));
        await Eventually.True(async () => (long)(await SqlAsync("select count(*) from proposals.proposals"))! == 1 || running.IsCompleted, "the agent has proposed", withinSeconds: 60);
        Assert.False(running.IsCompleted, running.IsCompleted ? (await running).Output : "");
        var made = await AssertProposedAsync();
        Assert.Null((await Decisions.RejectAsync(Ana, Porto, made.Id, made.Digest, "We can still take clients", 5_000, Ct)).Refusal);
        var (code, output) = await running;
        Assert.Equal(1, code);
        Assert.Contains("Ana: Reject (We can still take clients)", output, StringComparison.Ordinal);
    }

    private async Task<(ProposalId Id, string Digest)> AssertProposedAsync()
    {
        var id = new ProposalId((Guid)(await SqlAsync("select id from proposals.proposals where capability = $1 and branch_id = $2", BookingPause.Name, Porto.Value))!);
        var view = await ViewAsync(id);
        Assert.StartsWith("Pause online booking of Northlight Porto through", view.Row.Title, StringComparison.Ordinal);
        return (id, (string)(await SqlAsync("select digest from proposals.proposals"))!);
    }
}

/// <summary>Runs the samples as somebody with a key would.</summary>
internal static class Samples
{
    public static string Shell { get; } = Path.Combine(Checkout.Root, "samples", "agent.sh");

    /// <summary>bin/Debug/net10.0 of the sample, as these tests were built.</summary>
    public static string Built(string file) => Path.Combine(Checkout.Root, "samples", "StudioVault.Agent", "bin", new DirectoryInfo(AppContext.BaseDirectory).Parent!.Name, "net10.0", file);

    public static async Task<(int Code, string Output)> RunAsync(Uri address, string token, string program, params string[] args)
    {
        var ct = TestContext.Current.CancellationToken;
        var info = new ProcessStartInfo(program, args) { RedirectStandardOutput = true, RedirectStandardError = true };
        info.Environment["STUDIOVAULT_URL"] = address.ToString().TrimEnd('/');
        info.Environment["STUDIOVAULT_KEY"] = token;
        using var process = Process.Start(info)!;
        var (output, errors) = (process.StandardOutput.ReadToEndAsync(ct), process.StandardError.ReadToEndAsync(ct));
        await process.WaitForExitAsync(ct);
        return (process.ExitCode, await output + await errors);
    }
}
