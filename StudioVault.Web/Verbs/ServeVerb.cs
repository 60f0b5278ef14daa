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
        await app.RunAsync();
        return VaultVerbs.Fine;
    });
}
