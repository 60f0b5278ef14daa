using Microsoft.AspNetCore.HttpOverrides;
using Microsoft.Extensions.DependencyInjection.Extensions;

namespace StudioVault.Web.Hosting;

/// <summary>What every node has, whatever it serves: settings, logs, health, telemetry, an orderly end.</summary>
public static class HostingModule
{
    /// <summary>Reads the settings and adds the parts of hosting.</summary>
    /// <exception cref="Infrastructure.Persistence.StartRefusedException">The configuration is bad; every reason is in it.</exception>
    public static VaultSettings AddVaultHosting(this WebApplicationBuilder builder)
    {
        var settings = SettingsReader.Read(builder.Configuration, builder.Environment.IsDevelopment(), serves: true);
        builder.AddVaultLogging(settings.Log);
        var services = builder.Services;
        services.TryAddSingleton(TimeProvider.System);
        services.AddSingleton(settings);
        services.AddSingleton(settings.Shutdown);
        services.AddSingleton(settings.Telemetry);
        services.AddSingleton<Readiness>();
        services.AddFoundationChecks(settings);
        services.AddSingleton<IHostLifetime, DrainingLifetime>();
        services.Configure<HostOptions>(o => o.ShutdownTimeout = TimeSpan.FromSeconds(20));
        services.AddHostedService<VaultTelemetry>();
        services.AddHostedService<StartBanner>();
        services.Configure<ForwardedHeadersOptions>(o =>
        {
            o.ForwardedHeaders = ForwardedHeaders.XForwardedFor | ForwardedHeaders.XForwardedProto;
            o.KnownProxies.Clear();
            o.KnownIPNetworks.Clear();
            foreach (var network in settings.Security.TrustedProxies)
                o.KnownIPNetworks.Add(network);
        });
        return settings;
    }

    /// <summary>First in the pipeline: what proxies say about the visitor, where they are trusted.</summary>
    public static void UseVaultHosting(this WebApplication app)
    {
        // Without a trusted proxy the header is a visitor's own claim.
        if (app.Services.GetRequiredService<VaultSettings>().Security.TrustedProxies.Count > 0)
            app.UseForwardedHeaders();
        app.MapHealth();
    }
}
