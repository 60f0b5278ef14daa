using StudioVault.E2E.Shell;
using StudioVault.E2E.Support;
using Xunit;

[assembly: AssemblyFixture(typeof(Chromium))]
[assembly: AssemblyFixture(typeof(GalleryVault))]

namespace StudioVault.E2E.Shell;

/// <summary>The program in development mode, where the gallery shows every part without a sign-in.</summary>
public sealed class GalleryVault : IAsyncLifetime
{
    private readonly DataFolder _data = new();

    public RunningVault Vault { get; private set; } = default!;

    public string DataDir => _data.Path;

    public async ValueTask InitializeAsync() => Vault = await RunningVault.StartAsync(_data.Path, 0, ("ASPNETCORE_ENVIRONMENT", "Development"));

    public async ValueTask DisposeAsync()
    {
        await Vault.DisposeAsync();
        _data.Dispose();
    }
}
