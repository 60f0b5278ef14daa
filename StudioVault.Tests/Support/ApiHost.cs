using System.Net.Http.Headers;
using System.Text;
using Microsoft.AspNetCore.Authorization;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Hosting.Server;
using Microsoft.AspNetCore.Hosting.Server.Features;
using Microsoft.AspNetCore.Identity;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;
using StudioVault.Infrastructure.Audit;
using StudioVault.Infrastructure.Door;
using StudioVault.Infrastructure.Live;
using StudioVault.Infrastructure.Organization;
using StudioVault.Infrastructure.Persistence;
using StudioVault.Infrastructure.Proposals;
using StudioVault.Infrastructure.Proposals.Api;
using StudioVault.Web.Api;
using StudioVault.Web.Audit;
using StudioVault.Web.Hosting;
using StudioVault.Web.Live;

namespace StudioVault.Tests.Support;

/// <summary>The API, its reference and the hub on a free port, in this process and before a test's own database.</summary>
internal sealed class ApiHost : IAsyncDisposable
{
    private readonly WebApplication _app;

    private ApiHost(WebApplication app, Uri address) => (_app, Address) = (app, address);

    public Uri Address { get; }
    public IServiceProvider Services => _app.Services;

    public static async Task<ApiHost> StartAsync(WriteDoor door, VaultDbs dbs, CapabilityRegistry registry, ProposalTexts texts, Action<WebApplication>? map = null)
    {
        var builder = WebApplication.CreateBuilder(new WebApplicationOptions { EnvironmentName = "Production" });
        builder.Logging.ClearProviders();
        var keys = Directory.CreateTempSubdirectory("sv-api-");
        builder.WebHost.UseUrls("http://127.0.0.1:0");
        builder.Services.AddSingleton(door).AddSingleton(dbs).AddSingleton(registry).AddSingleton(texts).AddSingleton(TimeProvider.System).AddSingleton<LiveFeed>()
            .AddSingleton<AgentGate>().AddSingleton<OrganizationQueries>().AddSingleton<ProposalCommands>().AddSingleton<AgentApi>()
            .AddSingleton<AuditTree>().AddSingleton<AuditAlarms>().AddSingleton<AuditProofs>().AddSingleton<AuditQueries>().AddSingleton<AuditReads>().AddSingleton<AuditChecks>()
            .AddSingleton(_ => new CheckpointFile(Path.Combine(keys.FullName, "checkpoints.txt"))).AddSingleton(_ => GroupKey.Load(Path.Combine(keys.FullName, "audit.pem"), GroupKey.LogName, mayCreate: true));
        builder.Services.AddAuthentication(IdentityConstants.ApplicationScheme).AddCookie(IdentityConstants.ApplicationScheme);
        builder.Services.AddAuthorizationBuilder().SetFallbackPolicy(new AuthorizationPolicyBuilder().RequireAuthenticatedUser().Build());
        builder.Services.AddRazorComponents();
        builder.Services.AddHttpContextAccessor();
        builder.Services.AddVaultLimits();
        builder.Services.AddVaultApi();
        builder.Services.AddLiveHub();
        var app = builder.Build();
        app.UseAuthentication();
        app.UseAuthorization();
        app.UseRateLimiter();
        app.MapLiveHub();
        app.MapVaultApi();
        app.MapAuditApi();
        app.MapBooking();
        app.MapApiReference();
        map?.Invoke(app);
        await app.StartAsync();
        return new ApiHost(app, new Uri(app.Services.GetRequiredService<IServer>().Features.Get<IServerAddressesFeature>()!.Addresses.Single()));
    }

    public HttpClient Client(string? token)
    {
        var client = new HttpClient(new HttpClientHandler { AllowAutoRedirect = false, UseCookies = false }) { BaseAddress = Address };
        if (token is not null) client.DefaultRequestHeaders.Authorization = new AuthenticationHeaderValue("Bearer", token);
        return client;
    }

    /// <summary>A proposal as a program sends it.</summary>
    public static HttpRequestMessage Post(string body, string? key, string path = "/v1/proposals")
    {
        var request = new HttpRequestMessage(HttpMethod.Post, path) { Content = new StringContent(body, Encoding.UTF8, "application/json") };
        if (key is not null) request.Headers.Add("Idempotency-Key", key);
        return request;
    }

    public ValueTask DisposeAsync() => _app.DisposeAsync();
}
