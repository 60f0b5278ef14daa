using StudioVault.Infrastructure.Persistence;
using StudioVault.Web.Hosting;

namespace StudioVault.Web.Verbs;

/// <summary>No verb: open the database, build the web application, serve until told to stop.</summary>
internal static class ServeVerb
{
    public static Task<int> RunAsync(string[] args, CancellationToken ct) => VaultVerbs.GuardedAsync(async () =>
    {
        var builder = WebApplication.CreateBuilder(args);
        await using var database = await VaultDatabase.OpenAsync(VaultVerbs.Options(builder.Configuration), ct);
        await using var app = VaultHost.Build(builder, database);
        await app.RunAsync();
        return VaultVerbs.Fine;
    });
}
