using System.Text.Json.Nodes;
using Bunit;
using Microsoft.AspNetCore.Components;
using Microsoft.Extensions.DependencyInjection;
using StudioVault.Infrastructure.Agreements;
using StudioVault.Infrastructure.Door;
using StudioVault.Infrastructure.Live;
using StudioVault.Infrastructure.Mail;
using StudioVault.Infrastructure.Organization;
using StudioVault.Infrastructure.Packages;

namespace StudioVault.Tests.Support;

/// <summary>Draws whole pages about packages for a signed-in person, with the real use cases on a real database.</summary>
public abstract class PackagePageTest(PostgresServer server) : PackagesTest(server)
{
    private readonly PageBrowsers _browsers = new();

    private protected FakeClock Clock => _browsers.Clock;
    protected LiveFeed Live => _browsers.Live;
    protected ProjectQueries Quotes => new(Door);

    public override async ValueTask DisposeAsync()
    {
        await _browsers.DisposeAsync();
        await base.DisposeAsync();
        GC.SuppressFinalize(this);
    }

    protected BunitContext BrowserOf(Sender who) => _browsers.Of(who, services => services.AddSingleton(Door).AddSingleton(Dbs)
        .AddSingleton(Drafts).AddSingleton(Publish).AddSingleton(Waves).AddSingleton(Yank).AddSingleton(Blast).AddSingleton(new TemplateQueries(Door))
        .AddSingleton(Packages).AddSingleton(Edits).AddSingleton(Offers).AddSingleton(Projects).AddSingleton(Decide).AddSingleton(Undoing)
        .AddSingleton<OrganizationQueries>().AddSingleton<ProjectQueries>().AddSingleton<PresenceBoard>().AddSingleton(new ClientCommands(Door, Keys)).AddSingleton<InvoiceCommands>().AddSingleton<SessionCommands>().AddSingleton(new MailQueries(Door, new MailOut(Keys))));

    /// <summary>Opens a page in a browser of its own as the person sees it at an address.</summary>
    /// <param name="seen">Called before the page is drawn.</param>
    /// <param name="route">What the address's own parts mean.</param>
    protected IRenderedComponent<IComponent> Open<TPage>(Sender who, string address, Action<NavigationManager>? seen = null, params (string Name, object Value)[] route) where TPage : IComponent
    {
        var browser = BrowserOf(who);
        seen?.Invoke(browser.Services.GetRequiredService<NavigationManager>());
        return Open<TPage>(browser, address, route);
    }

    /// <inheritdoc cref="PageActions.Open{TPage}"/>
    protected static IRenderedComponent<IComponent> Open<TPage>(BunitContext browser, string address, params (string Name, object Value)[] route) where TPage : IComponent =>
        PageActions.Open<TPage>(browser, address, route);

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
}
