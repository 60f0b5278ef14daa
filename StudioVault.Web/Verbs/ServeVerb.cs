using StudioVault.Infrastructure.Audit;
using StudioVault.Infrastructure.Demo;
using StudioVault.Infrastructure.Persistence;
using StudioVault.Web.Hosting;

namespace StudioVault.Web.Verbs;

/// <summary>No verb: open the database, build the web application, serve until told to stop.</summary>
internal static class ServeVerb
{
    public static Task<int> RunAsync(string[] args, CancellationToken ct) => VaultVerbs.GuardedAsync(async () =>
    {
        var builder = WebApplication.CreateBuilder(args);
        var settings = builder.AddVaultHosting();
        await using var database = await VaultDatabase.OpenAsync(settings.ToVaultOptions(), ct);
        await using var app = VaultHost.Build(builder, database, settings);
        if (settings.Demo is { Enabled: true, LoadOnStart: true } && database.OwnerConnection is { } owner
            && await new DemoLoader(app.Services.GetRequiredService<GroupKey>()).LoadAsync(owner, TimeProvider.System.GetUtcNow(), ct))
            app.Logger.LogInformation("The demo group was loaded");
        await app.RunAsync();
        return VaultVerbs.Fine;
    });
}
