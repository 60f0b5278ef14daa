using Microsoft.AspNetCore.Builder;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging.Abstractions;
using Npgsql;
using StudioVault.Infrastructure.Agreements;
using StudioVault.Infrastructure.Audit;
using StudioVault.Infrastructure.Demo;
using StudioVault.Infrastructure.Door;
using StudioVault.Infrastructure.Live;
using StudioVault.Infrastructure.Mail;
using StudioVault.Infrastructure.Organization;
using StudioVault.Infrastructure.Persistence;
using StudioVault.Infrastructure.Proposals;
using StudioVault.Infrastructure.Proposals.Capabilities;
using StudioVault.Tests.Support;
using StudioVault.Web.Hosting;
using Xunit;

namespace StudioVault.Tests.Demo;

/// <summary>What keeps proposals coming while somebody looks around.</summary>
public sealed class DemoSimulatorTests(PostgresServer server)
{
    private static readonly TimeSpan LongestPause = TimeSpan.FromSeconds(40);

    private static CancellationToken Ct => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Is_off_until_somebody_starts_it_then_proposals_keep_coming_until_it_is_stopped()
    {
        using var folder = new ShortFolder();
        var database = await server.CopyAsync();
        using var key = GroupKey.Load(folder["key.pem"], "studiovault/test", mayCreate: true);
        var owner = server.For(database, EmbeddedPostgres.Superuser);
        Assert.True(await new DemoLoader(key).LoadAsync(owner, TimeProvider.System.GetUtcNow(), Ct));
        var (app, doors) = VaultDatabase.AppSources(server.For(database, VaultRoles.Default.App));
        await using var _ = app;
        await using var __ = doors;
        var door = new WriteDoor(new VaultDbs(app, doors), new FeedWake(), new NodeIdentity("test"), NullLogger<WriteDoor>.Instance);
        var keys = new ClientKeys(MasterKey.Load(folder["master.key"], mayCreate: true));
        var registry = new CapabilityRegistry([new SessionMove(), new SessionAssign(), new BookingPause(), new ClientMessage(new MailOut(keys))]);
        Assert.Null((await new CapabilityCommands(door, registry).RegisterAsync(Sender.System("test"), enable: true, Ct)).Refusal);
        await using var source = NpgsqlDataSource.Create(owner);
        var clock = new FakeClock();
        using var simulator = new DemoSimulator(door, new AgentCommands(door), new DelegationCommands(door), new ProposalCommands(door, registry, new ProposalTexts(keys)), clock, NullLogger<DemoSimulator>.Instance);
        await simulator.StartAsync(Ct);

        Assert.False(simulator.IsOn);
        clock.Advance(TimeSpan.FromHours(1));
        Assert.Equal(0, await CountAsync(source));

        simulator.Switch(true);
        Assert.True(simulator.IsOn);
        await Eventually.True(() => clock.Timers > 0, "the first handful is made and it pauses", 60);
        var handful = await CountAsync(source);
        Assert.True(handful > 0, "Nothing was proposed.");
        await Eventually.True(async () => await CountAsync(source) > handful || !Pass(clock, LongestPause), "another one comes", 60);

        // Stopped in a pause: when the pause is over nothing comes any more, and no other pause begins until it is started again.
        await Eventually.True(() => clock.Timers > 0, "it pauses", 60);
        var last = await CountAsync(source);
        simulator.Switch(false);
        Assert.False(simulator.IsOn);
        // On a thread of the pool the simulator goes on within this call: it has decided to rest, or proposes, when it returns.
        await Task.Run(() => clock.Advance(LongestPause), Ct);
        Assert.Equal(0, clock.Timers);
        clock.Advance(TimeSpan.FromHours(1));
        simulator.Switch(true);
        // One thing after another: in its next pause it has ended whatever it did before.
        await Eventually.True(() => clock.Timers > 0, "it pauses again", 60);
        Assert.Equal(last, await CountAsync(source));
        await simulator.StopAsync(Ct);
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task Only_a_demo_has_it_and_there_it_begins_switched_off(bool demo)
    {
        using var folder = new ShortFolder();
        var database = await server.CopyAsync();
        var builder = WebApplication.CreateBuilder(new WebApplicationOptions { EnvironmentName = "Production" });
        builder.Configuration["DataDir"] = folder["data"];
        builder.Configuration["Demo:Enabled"] = demo ? "true" : "false";
        builder.Configuration["ConnectionStrings:Vault"] = server.For(database, VaultRoles.Default.App);
        builder.Configuration["ConnectionStrings:VaultSequencer"] = server.For(database, VaultRoles.Default.Sequencer);
        var settings = builder.AddVaultHosting();
        var opened = await VaultDatabase.OpenAsync(settings.ToVaultOptions(), Ct);
        builder.Services.AddSingleton(opened);
        await using var host = VaultHost.Build(builder, opened, settings);

        var simulator = host.Services.GetService<DemoSimulator>();

        Assert.Equal(demo, simulator is not null);
        Assert.False(simulator?.IsOn ?? false);
    }

    private static bool Pass(FakeClock clock, TimeSpan time)
    {
        clock.Advance(time);
        return true;
    }

    private static async Task<long> CountAsync(NpgsqlDataSource source)
    {
        await using var count = source.CreateCommand("select count(*) from proposals.proposals");
        return (long)(await count.ExecuteScalarAsync(Ct))!;
    }
}
