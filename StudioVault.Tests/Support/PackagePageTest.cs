using System.Text.Json.Nodes;
using Bunit;
using Microsoft.AspNetCore.Components;
using Microsoft.AspNetCore.Components.Authorization;
using Microsoft.AspNetCore.Components.Server.ProtectedBrowserStorage;
using Microsoft.AspNetCore.Components.Sections;
using Microsoft.AspNetCore.DataProtection;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging.Abstractions;
using Radzen;
using Radzen.Blazor;
using StudioVault.Infrastructure.Agreements;
using StudioVault.Infrastructure.Door;
using StudioVault.Infrastructure.Live;
using StudioVault.Infrastructure.Organization;
using StudioVault.Infrastructure.Packages;
using StudioVault.Web.Organization;
using StudioVault.Web.Packages.Editing;
using StudioVault.Web.Shell;
using StudioVault.Web.Ui;
using Xunit;

namespace StudioVault.Tests.Support;

/// <summary>Draws whole pages about packages for a signed-in person, with the real use cases on a real database.</summary>
public abstract class PackagePageTest(PostgresServer server) : PackagesTest(server)
{
    private readonly List<BunitContext> _browsers = [];

    // A page asks a real database, on a machine that may be busy; only a failure waits this long.
    static PackagePageTest() => BunitContext.DefaultWaitTimeout = TimeSpan.FromSeconds(20);

    private protected FakeClock Clock { get; } = new();
    protected ProjectQueries Quotes => new(Door);
    protected LiveFeed Live { get; } = new(NullLogger<LiveFeed>.Instance);

    public override async ValueTask DisposeAsync()
    {
        foreach (var browser in _browsers) await browser.DisposeAsync();
        await base.DisposeAsync();
        GC.SuppressFinalize(this);
    }

    /// <summary>Opens a page in a browser of its own as the person sees it at an address.</summary>
    /// <param name="seen">Called before the page is drawn.</param>
    /// <param name="route">What the address's own parts mean.</param>
    protected IRenderedComponent<IComponent> Open<TPage>(Sender who, string address, Action<NavigationManager>? seen = null, params (string Name, object Value)[] route) where TPage : IComponent
    {
        var browser = BrowserOf(who);
        seen?.Invoke(browser.Services.GetRequiredService<NavigationManager>());
        return Open<TPage>(browser, address, route);
    }

    /// <summary>A signed-in person's browser with a circuit.</summary>
    protected BunitContext BrowserOf(Sender who)
    {
        var browser = new BunitContext();
        _browsers.Add(browser);
        browser.JSInterop.Mode = JSRuntimeMode.Loose;
        browser.Services.AddSingleton<TimeProvider>(Clock);
        browser.Services.AddRadzenComponents();
        browser.Services.AddSingleton(Door).AddSingleton(Dbs).AddSingleton(Live).AddSingleton(new DemoMode(false));
        browser.Services.AddSingleton(Drafts).AddSingleton(Publish).AddSingleton(Waves).AddSingleton(Yank).AddSingleton(Blast).AddSingleton(new TemplateQueries(Door));
        browser.Services.AddSingleton(Packages).AddSingleton(Edits).AddSingleton(Offers).AddSingleton(Projects).AddSingleton(Decide);
        browser.Services.AddSingleton<OrganizationQueries>().AddSingleton<ProjectQueries>().AddSingleton<PresenceBoard>();
        browser.Services.AddSingleton<PageCarry>().AddScoped<AgeClock>().AddScoped<Dialogs>().AddScoped<Toasts>().AddScoped<ShellModel>().AddScoped<NavCounts>().AddScoped<Session>();
        browser.Services.AddSingleton<IDataProtectionProvider, EphemeralDataProtectionProvider>().AddScoped<ProtectedLocalStorage>().AddScoped<FormMemory>().AddScoped<KeptDrafts>();
        browser.Services.AddSingleton<AuthenticationStateProvider>(new SignedIn(who));
        browser.Renderer.SetRendererInfo(new RendererInfo("Server", isInteractive: true));
        return browser;
    }

    /// <summary>Opens a page in a browser, with the frame's dialogs, decision bar and right column.</summary>
    protected static IRenderedComponent<IComponent> Open<TPage>(BunitContext browser, string address, params (string Name, object Value)[] route) where TPage : IComponent
    {
        browser.Services.GetRequiredService<NavigationManager>().NavigateTo(address);
        return browser.Render(builder =>
        {
            builder.OpenComponent<TPage>(0);
            foreach (var (name, value) in route) builder.AddComponentParameter(1, name, value);
            builder.CloseComponent();
            foreach (var section in (string[])["consequences", "decision"])
            {
                builder.OpenComponent<SectionOutlet>(2);
                builder.AddComponentParameter(3, nameof(SectionOutlet.SectionName), section);
                builder.CloseComponent();
            }

            builder.OpenComponent<RadzenComponents>(4);
            builder.CloseComponent();
        });
    }

    /// <summary>Lets the pages hear of something, as the dispatcher would after the commit.</summary>
    protected void Ring(string topic, string payload) => Live.Publish([new LiveEvent(1, Guid.NewGuid(), DateTimeOffset.UnixEpoch, topic, "test", Porto, payload)]);

    /// <summary>Version 2: another cancellation clause, locked, to be taken by a day long past.</summary>
    protected static JsonObject Mandatory()
    {
        var content = WeddingContent();
        In(content, "clauses", "cancellation")["body"] = "You may cancel in writing within 14 days.";
        In(content, "rules", "cancel")["mandatoryBy"] = "2020-01-01";
        return content;
    }

    /// <summary>Waits until the page shows a text.</summary>
    protected static void Shows(IRenderedComponent<IComponent> page, string text) =>
        page.WaitForAssertion(() => Assert.Contains(text, Text(page.Nodes), StringComparison.Ordinal));

    /// <summary>Waits for the button or link with this text and presses it.</summary>
    protected static void Press(IRenderedComponent<IComponent> page, string text)
    {
        page.WaitForAssertion(() => Assert.Contains(page.FindAll("button,a"), b => Said(b) == text));
        _ = page.InvokeAsync(() => page.FindAll("button,a").First(b => Said(b) == text).Click());
    }

    /// <summary>Waits for a field and types into it, in one turn of the renderer: a redraw in between would leave the event without its handler.</summary>
    protected static void Type(IRenderedComponent<IComponent> page, string field, string text)
    {
        page.WaitForElement(field);
        _ = page.InvokeAsync(() => page.Find(field).Input(text));
    }

    /// <summary>Where the page has gone.</summary>
    protected static string AddressOf(IRenderedComponent<IComponent> page) => page.Services.GetRequiredService<NavigationManager>().Uri;

    /// <summary>The words of an element as they are read: one space between parts, no icons.</summary>
    protected static string Said(AngleSharp.Dom.INode node) => string.Join(' ', AngleSharp.Dom.NodeExtensions.GetDescendantsAndSelf(node).OfType<AngleSharp.Dom.IText>()
        .Where(t => t.ParentElement?.ClassList.Contains("icon") != true).SelectMany(t => t.Data.Split((char[]?)null, StringSplitOptions.RemoveEmptyEntries)));

    private static string Text(AngleSharp.Dom.INodeList nodes) => string.Join(' ', nodes.Select(Said));
}
