using Bunit;
using Microsoft.AspNetCore.Components;
using Microsoft.AspNetCore.Components.Authorization;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging.Abstractions;
using Radzen;
using StudioVault.Infrastructure.Audit;
using StudioVault.Infrastructure.Door;
using StudioVault.Infrastructure.Live;
using StudioVault.Infrastructure.Organization;
using StudioVault.Infrastructure.Packages;
using StudioVault.Web.Organization;
using StudioVault.Web.Shell;
using StudioVault.Web.Ui;

namespace StudioVault.Tests.Support;

/// <summary>A test that draws whole pages for a signed-in person, on a real database, with a live feed and a clock that stands still.</summary>
public abstract class PageTest(PostgresServer server) : VaultTest(server)
{
    private readonly List<BunitContext> _browsers = [];

    // A page asks a real database, on a machine that may be busy; only a failure waits this long.
    static PageTest() => BunitContext.DefaultWaitTimeout = TimeSpan.FromSeconds(20);

    private protected FakeClock Clock { get; } = new();
    protected LiveFeed Live { get; } = new(NullLogger<LiveFeed>.Instance);

    public override async ValueTask DisposeAsync()
    {
        foreach (var browser in _browsers) await browser.DisposeAsync();
        await base.DisposeAsync();
        GC.SuppressFinalize(this);
    }

    /// <summary>A browser with a circuit, signed in and at an address.</summary>
    protected BunitContext Browser(Sender who, string address)
    {
        var browser = new BunitContext();
        _browsers.Add(browser);
        browser.JSInterop.Mode = JSRuntimeMode.Loose;
        browser.Services.AddSingleton<TimeProvider>(Clock);
        browser.Services.AddRadzenComponents();
        browser.Services.AddSingleton(Door).AddSingleton(Dbs).AddSingleton(Live).AddSingleton(new DemoMode(false));
        browser.Services.AddSingleton<OrganizationQueries>().AddSingleton<BranchQueries>().AddSingleton<BranchCommands>().AddSingleton<OfferCommands>().AddSingleton<AuditQueries>();
        browser.Services.AddSingleton<PageCarry>().AddScoped<AgeClock>().AddScoped<Dialogs>().AddScoped<Toasts>().AddScoped<ShellModel>().AddScoped<NavCounts>().AddScoped<Session>();
        browser.Services.AddSingleton<AuthenticationStateProvider>(new SignedIn(who));
        browser.Renderer.SetRendererInfo(new RendererInfo("Server", isInteractive: true));
        browser.Services.GetRequiredService<NavigationManager>().NavigateTo(address);
        return browser;
    }
}
