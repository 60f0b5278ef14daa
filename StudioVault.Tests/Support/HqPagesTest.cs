using Bunit;
using Microsoft.AspNetCore.Components;
using StudioVault.Infrastructure.Live;

namespace StudioVault.Tests.Support;

/// <summary>HQ's pages of the wedding template.</summary>
public abstract class HqPagesTest(PostgresServer server) : PackagePageTest(server)
{
    private protected LiveFeed Feed => Live;

    /// <summary>Opens a page of the wedding template at an address.</summary>
    private protected static IRenderedComponent<IComponent> Open<T>(BunitContext browser, string address) where T : IComponent => Open<T>(browser, address, ("Slug", "wedding-classic"));
}
