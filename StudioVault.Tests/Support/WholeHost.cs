using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Hosting.Server;
using Microsoft.AspNetCore.Hosting.Server.Features;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;
using StudioVault.Infrastructure.Persistence;
using StudioVault.Web.Hosting;

namespace StudioVault.Tests.Support;

/// <summary>The whole product as it runs for real (no demo, cookies for HTTPS only), in this process, on a free port and before a test's own database. Without jobs.</summary>
internal sealed class WholeHost : IAsyncDisposable
{
    private readonly ShortFolder _folder;
    private readonly VaultDatabase _database;
    private readonly WebApplication _app;

    private WholeHost(ShortFolder folder, VaultDatabase database, WebApplication app) => (_folder, _database, _app) = (folder, database, app);

    public Uri Address => new(_app.Services.GetRequiredService<IServer>().Features.Get<IServerAddressesFeature>()!.Addresses.Single());

    public IServiceProvider Services => _app.Services;

    /// <param name="connection">How the app reaches the database; null = straight.</param>
    public static async Task<WholeHost> StartAsync(PostgresServer server, string database, CancellationToken ct, string? connection = null)
    {
        var folder = new ShortFolder();
        var builder = WebApplication.CreateBuilder(new WebApplicationOptions { EnvironmentName = "Production" });
        builder.Logging.ClearProviders();
        builder.WebHost.UseUrls("http://127.0.0.1:0");
        builder.Configuration["DataDir"] = folder.Path;
        builder.Configuration["Jobs:Enabled"] = "false";
        builder.Configuration["ConnectionStrings:Vault"] = connection ?? server.For(database, VaultRoles.Default.App);
        builder.Configuration["ConnectionStrings:VaultSequencer"] = server.For(database, VaultRoles.Default.Sequencer);
        var settings = builder.AddVaultHosting();
        var opened = await VaultDatabase.OpenAsync(settings.ToVaultOptions(), ct);
        var app = VaultHost.Build(builder, opened, settings);
        await app.StartAsync(ct);
        return new WholeHost(folder, opened, app);
    }

    public async ValueTask DisposeAsync()
    {
        await _app.StopAsync(CancellationToken.None);
        await _app.DisposeAsync();
        await _database.DisposeAsync();
        _folder.Dispose();
    }
}
