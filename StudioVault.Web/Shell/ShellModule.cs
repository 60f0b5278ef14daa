using Microsoft.AspNetCore.Authorization;
using Microsoft.AspNetCore.Diagnostics;
using Microsoft.AspNetCore.ResponseCompression;
using Microsoft.Extensions.DependencyInjection.Extensions;
using Radzen;
using StudioVault.Web.Hosting;
using StudioVault.Web.Ui;

namespace StudioVault.Web.Shell;

/// <summary>The page shell: components, compression, security headers, error pages, theme and static files.</summary>
public static class ShellModule
{
    /// <summary>Services of the shell. Authentication and the modules add theirs beside it.</summary>
    public static WebApplicationBuilder AddShell(this WebApplicationBuilder builder)
    {
        builder.Services.AddRazorComponents().AddInteractiveServerComponents()
            // A tablet that walked out of the Wi-Fi must notice within seconds, not after SignalR's default half minute.
            .AddHubOptions(o =>
            {
                o.KeepAliveInterval = TimeSpan.FromSeconds(4);
                o.ClientTimeoutInterval = TimeSpan.FromSeconds(20);
            });
        builder.Services.AddRadzenComponents();
        builder.Services.AddHttpContextAccessor();
        builder.Services.AddCascadingAuthenticationState();
        builder.Services.AddAuthentication();
        builder.Services.AddAuthorization();
        builder.Services.TryAddSingleton(TimeProvider.System);
        builder.Services.AddSingleton<PageCarry>();
        builder.Services.AddScoped<KeptDrafts>();
        builder.Services.AddScoped<AgeClock>();
        builder.Services.AddScoped<Dialogs>();
        builder.Services.AddScoped<Toasts>();
        builder.Services.AddScoped<NavCounts>();
        builder.Services.AddScoped<Stripes>();
        builder.Services.AddScoped<ShellModel>();
        builder.Services.AddResponseCompression(o =>
        {
            o.EnableForHttps = true;
            o.Providers.Add<BrotliCompressionProvider>();
            o.Providers.Add<GzipCompressionProvider>();
        });
        return builder;
    }

    /// <summary>The first part of the pipeline: everything that must wrap authentication and the endpoints.</summary>
    /// <param name="requireHttps">Visitors come by HTTPS only.</param>
    public static void UseShell(this WebApplication app, bool requireHttps)
    {
        if (!app.Environment.IsDevelopment())
            app.UseExceptionHandler("/error", createScopeForErrors: true);
        app.UseSecurityHeaders(requireHttps);
        // A page that echoes a one-time secret beside what a visitor typed must not be compressed (BREACH).
        app.UseWhen(c => !SecretPaths.Any(p => c.Request.Path.StartsWithSegments(p)), b => b.UseResponseCompression());
        app.UseStatusCodePagesWithReExecute("/not-found", createScopeForStatusCodePages: true);
        app.Use((context, next) =>
        {
            // Programs get their status plain; people get a page that says what to do next.
            if (MachinePaths.Any(p => context.Request.Path.StartsWithSegments(p)) && context.Features.Get<IStatusCodePagesFeature>() is { } pages)
                pages.Enabled = false;
            return next(context);
        });
        app.UseStorageRefusals();
    }

    /// <summary>Static files, the theme preference, the CSP report and the pages.</summary>
    public static void MapShell(this WebApplication app)
    {
        app.MapStaticAssets().AllowAnonymous();
        app.MapTheme();
        app.MapCspReports();
        var pages = app.MapRazorComponents<App>().AddInteractiveServerRenderMode();
        // Every page for visitors is static, so a circuit is for signed-in people; only the gallery has one without.
        if (app.Environment.IsDevelopment())
            pages.Add(AllowVisitors);
    }

    private static void AllowVisitors(EndpointBuilder endpoint)
    {
        if (endpoint is RouteEndpointBuilder { RoutePattern.RawText: { } route } && route.TrimStart('/').StartsWith("_blazor", StringComparison.Ordinal))
            endpoint.Metadata.Add(new AllowAnonymousAttribute());
    }

    private static readonly string[] SecretPaths = ["/login", "/password", "/setup", "/c", "/d"];

    private static readonly string[] MachinePaths = ["/v1", "/health", "/csp", "/hubs", "/openapi", "/metrics", "/_blazor", "/_framework"];
}
