using Microsoft.AspNetCore.Hosting.Server;
using Microsoft.AspNetCore.Hosting.Server.Features;

namespace StudioVault.Web.Hosting;

/// <summary>Tells whoever started StudioVault by hand, once it answers, where it is and how to get in.</summary>
internal sealed class StartBanner(IServer server, IHostApplicationLifetime application, VaultSettings settings, IHostEnvironment environment) : IHostedService
{
    public Task StartAsync(CancellationToken cancellationToken)
    {
        // Where logs are for machines, nobody reads banners.
        if (settings.Log.Format == LogFormat.Text || (settings.Log.Format == LogFormat.Auto && environment.IsDevelopment()))
            application.ApplicationStarted.Register(() => Console.Out.WriteLine(Text(server.Features.Get<IServerAddressesFeature>()?.Addresses ?? [], settings.Demo.Enabled)));
        return Task.CompletedTask;
    }

    public Task StopAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    internal static string Text(IEnumerable<string> addresses, bool demo)
    {
        var address = addresses.FirstOrDefault(a => a.StartsWith("http:", StringComparison.Ordinal)) ?? addresses.FirstOrDefault() ?? "(no address)";
        address = address.Replace("[::]", "localhost", StringComparison.Ordinal).Replace("0.0.0.0", "localhost", StringComparison.Ordinal);
        return $"""

            StudioVault is ready:  {address}
            {(demo ? "Demo: choose a person on the sign-in page, one click, no password. HQ and a branch manager in two browsers show the most." : "Sign in with your account.")}
            Ctrl-C ends it.

            """;
    }
}
