using System.Security.Claims;
using Bunit;
using Microsoft.AspNetCore.Components;
using Microsoft.AspNetCore.Components.Authorization;
using Microsoft.AspNetCore.Components.Sections;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging.Abstractions;
using Radzen;
using StudioVault.Infrastructure.Door;
using StudioVault.Infrastructure.Live;
using StudioVault.Infrastructure.Organization;
using StudioVault.Infrastructure.Packages;
using StudioVault.Web.Organization;
using StudioVault.Web.Packages;
using StudioVault.Web.Shell;
using StudioVault.Web.Ui;

namespace StudioVault.Tests.Support;

/// <summary>HQ's pages drawn over a real database, with a clock that stands still.</summary>
public abstract class HqPagesTest(PostgresServer server) : PackagesTest(server)
{
    private readonly List<BunitContext> _browsers = [];

    private protected FakeClock Clock { get; } = new();

    private protected LiveFeed Feed { get; } = new(NullLogger<LiveFeed>.Instance);

    public override async ValueTask DisposeAsync()
    {
        foreach (var browser in _browsers) await browser.DisposeAsync();
        GC.SuppressFinalize(this);
        await base.DisposeAsync();
    }

    /// <summary>A browser of its own for a person.</summary>
    private protected BunitContext BrowserOf(Sender person)
    {
        var browser = new BunitContext();
        _browsers.Add(browser);
        browser.JSInterop.Mode = JSRuntimeMode.Loose;
        browser.Services.AddSingleton<TimeProvider>(Clock);
        browser.Services.AddRadzenComponents();
        browser.Services.AddScoped<AgeClock>();
        browser.Services.AddScoped<Dialogs>();
        browser.Services.AddScoped<Toasts>();
        browser.Services.AddScoped<ShellModel>();
        browser.Services.AddSingleton(new DemoMode(false));
        browser.Services.AddSingleton(new OrganizationQueries(Door, Dbs));
        browser.Services.AddScoped<Session>();
        browser.Services.AddScoped<TemplateEditMemory>();
        browser.Services.AddScoped<AuthenticationStateProvider>(_ => new SignedIn(person));
        browser.Services.AddSingleton(new TemplateQueries(Door));
        browser.Services.AddSingleton(Drafts);
        browser.Services.AddSingleton(Publish);
        browser.Services.AddSingleton(Waves);
        browser.Services.AddSingleton(Yank);
        browser.Services.AddSingleton(Blast);
        browser.Services.AddSingleton(new PresenceBoard(Dbs));
        browser.Services.AddSingleton(Feed);
        browser.SetRendererInfo(new("Server", isInteractive: true));
        return browser;
    }

    /// <summary>Opens a page of the wedding template at an address, with its decision bar and its consequences.</summary>
    private protected static IRenderedComponent<IComponent> Open<T>(BunitContext browser, string address) where T : IComponent
    {
        browser.Services.GetRequiredService<NavigationManager>().NavigateTo(address);
        return browser.Render(builder =>
        {
            builder.OpenComponent<T>(0);
            builder.AddComponentParameter(1, "Slug", "wedding-classic");
            builder.CloseComponent();
            foreach (var section in new[] { "consequences", "decision" })
            {
                builder.OpenComponent<SectionOutlet>(2);
                builder.AddComponentParameter(3, nameof(SectionOutlet.SectionName), section);
                builder.CloseComponent();
            }
        });
    }

    private sealed class SignedIn(Sender person) : AuthenticationStateProvider
    {
        public override Task<AuthenticationState> GetAuthenticationStateAsync() => Task.FromResult(new AuthenticationState(new ClaimsPrincipal(new ClaimsIdentity(
            [new Claim(ClaimTypes.NameIdentifier, person.PersonId!.Value.ToString()), new Claim("AspNet.Identity.SecurityStamp", person.SecurityStamp!)], "test"))));
    }
}
