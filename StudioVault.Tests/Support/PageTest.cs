using Bunit;
using Microsoft.AspNetCore.Components;
using Microsoft.Extensions.DependencyInjection;
using StudioVault.Infrastructure.Audit;
using StudioVault.Infrastructure.Door;
using StudioVault.Infrastructure.Live;
using StudioVault.Infrastructure.Organization;
using StudioVault.Infrastructure.Packages;

namespace StudioVault.Tests.Support;

/// <summary>A test that draws whole pages for a signed-in person, on a real database.</summary>
public abstract class PageTest(PostgresServer server) : VaultTest(server)
{
    private readonly PageBrowsers _browsers = new();

    private protected FakeClock Clock => _browsers.Clock;
    protected LiveFeed Live => _browsers.Live;

    public override async ValueTask DisposeAsync()
    {
        await _browsers.DisposeAsync();
        await base.DisposeAsync();
        GC.SuppressFinalize(this);
    }

    protected BunitContext BrowserOf(Sender who) => _browsers.Of(who, services => services.AddSingleton(Door).AddSingleton(Dbs)
        .AddSingleton<OrganizationQueries>().AddSingleton<BranchQueries>().AddSingleton<BranchCommands>().AddSingleton<OfferCommands>().AddSingleton<PeopleQueries>().AddSingleton<DelegationCommands>().AddSingleton<AccountLinks>().AddSingleton<PeopleCommands>().AddSingleton(_ => Passwords.Hasher()).AddSingleton<Passwords>().AddAuditPages());

    /// <summary>Opens a page in a browser of its own.</summary>
    protected IRenderedComponent<IComponent> Open<TPage>(Sender who, string address, params (string Name, object Value)[] route) where TPage : IComponent =>
        PageActions.Open<TPage>(BrowserOf(who), address, route);
}

internal static class AuditPages
{
    private static readonly ShortFolder Folder = new();
    public static readonly GroupKey Key = GroupKey.Load(Folder["key.pem"], GroupKey.LogName, mayCreate: true);

    /// <summary>What the audit pages ask for; checkpoints go to no file.</summary>
    public static IServiceCollection AddAuditPages(this IServiceCollection services) => services.AddLogging().AddSingleton<AuditQueries>().AddSingleton<AuditTree>().AddSingleton(Key)
        .AddSingleton(new CheckpointFile(Folder["none.txt"])).AddSingleton<AuditAlarms>().AddSingleton<AuditReads>().AddSingleton<AuditChecks>();
}
