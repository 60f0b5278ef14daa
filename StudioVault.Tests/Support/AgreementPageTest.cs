using Bunit;
using Microsoft.AspNetCore.Components;
using Microsoft.Extensions.DependencyInjection;
using StudioVault.Domain.Agreements;
using StudioVault.Infrastructure.Agreements;
using StudioVault.Infrastructure.Documents.Sealing;
using StudioVault.Infrastructure.Door;
using StudioVault.Infrastructure.Live;
using StudioVault.Infrastructure.Organization;
using Xunit;

namespace StudioVault.Tests.Support;

/// <summary>Draws the branch's pages about agreements for a signed-in person, with the real use cases on a real database.</summary>
public abstract class AgreementPageTest(PostgresServer server) : AgreementsTest(server)
{
    private readonly PageBrowsers _browsers = new();
    private SealKeys? _keys;

    private protected FakeClock Clock => _browsers.Clock;
    protected LiveFeed Live => _browsers.Live;
    protected AgreementQueries Queries => new(Door, Papers, new ClientLetters(Mails, Links, new Uri("https://vault.example")));

    public override async ValueTask DisposeAsync()
    {
        await _browsers.DisposeAsync();
        _keys?.Dispose();
        GC.SuppressFinalize(this);
        await base.DisposeAsync();
    }

    /// <summary>Opens a page in a browser of its own as the person sees it at an address.</summary>
    /// <param name="route">What the address's own parts mean.</param>
    protected IRenderedComponent<IComponent> Open<TPage>(Sender who, string address, params (string Name, object Value)[] route) where TPage : IComponent
    {
        _keys ??= new SealKeys(Door, Master, "Northlight");
        var browser = _browsers.Of(who, services => services.AddSingleton(Door).AddSingleton(Dbs).AddSingleton(Clients).AddSingleton(Agreements).AddSingleton(Queries)
            .AddSingleton(new AgreementProofs(Door, Papers, Keys, _keys)).AddSingleton<OrganizationQueries>());
        return PageActions.Open<TPage>(browser, address, route);
    }

    /// <summary>Lets the pages hear that something became of an agreement, as the dispatcher would after the commit.</summary>
    protected void Ring(AgreementId id) => Live.Publish([new LiveEvent(1, Guid.NewGuid(), DateTimeOffset.UnixEpoch, Topics.AgreementChanged, "test", Porto, $$"""{"agreementId":"{{id}}"}""")]);

    protected async Task<AgreementView> FindAsync(AgreementId id) => (await Queries.FindAsync(PortoStaff, Porto, id, Ct)).Value;

    /// <summary>The draft of an agreement.</summary>
    protected async Task<AgreementId> BegunAsync()
    {
        var begun = await Agreements.BeginAsync(PortoStaff, Porto, await BookedAsync(), new HashSet<string>(), Ct);
        Assert.Null(begun.Refusal);
        return begun.Value;
    }
}
