using Bunit;
using Microsoft.AspNetCore.Components;
using Microsoft.AspNetCore.Components.Authorization;
using Microsoft.AspNetCore.Components.Server.ProtectedBrowserStorage;
using Microsoft.AspNetCore.DataProtection;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging.Abstractions;
using Radzen;
using StudioVault.Infrastructure.Door;
using StudioVault.Infrastructure.Live;
using StudioVault.Infrastructure.Organization;
using StudioVault.Web.Organization;
using StudioVault.Web.Packages.Editing;
using StudioVault.Web.Shell;
using StudioVault.Web.Ui;

namespace StudioVault.Tests.Support;

/// <summary>The browsers of a test, each with a circuit of its own and a signed-in person, before one live feed and a clock that stands still.</summary>
internal sealed class PageBrowsers : IAsyncDisposable
{
    private readonly List<BunitContext> _open = [];

    // One server: what one circuit encrypts another reads.
    private readonly EphemeralDataProtectionProvider _keys = new();

    // A page asks a real database, on a machine that may be busy; only a failure waits this long.
    static PageBrowsers() => BunitContext.DefaultWaitTimeout = TimeSpan.FromSeconds(20);

    public FakeClock Clock { get; } = new();
    public LiveFeed Live { get; } = new(NullLogger<LiveFeed>.Instance);

    /// <param name="add">The use cases the pages ask for.</param>
    public BunitContext Of(Sender who, Action<IServiceCollection> add)
    {
        var browser = new BunitContext();
        _open.Add(browser);
        browser.JSInterop.Mode = JSRuntimeMode.Loose;
        browser.Services.AddSingleton<TimeProvider>(Clock);
        browser.Services.AddRadzenComponents();
        browser.Services.AddSingleton(Live).AddSingleton(new DemoMode(false)).AddSingleton<PageCarry>();
        browser.Services.AddScoped<AgeClock>().AddScoped<Dialogs>().AddScoped<Toasts>().AddScoped<ShellModel>().AddScoped<NavCounts>().AddScoped<Session>();
        browser.Services.AddSingleton<IDataProtectionProvider>(_keys).AddScoped<ProtectedLocalStorage>().AddScoped<FormMemory>().AddScoped<KeptDrafts>();
        add(browser.Services);
        browser.Services.AddSingleton<AuthenticationStateProvider>(new SignedIn(who));
        browser.Renderer.SetRendererInfo(new RendererInfo("Server", isInteractive: true));
        return browser;
    }

    public async ValueTask DisposeAsync()
    {
        foreach (var browser in _open) await browser.DisposeAsync();
    }
}
