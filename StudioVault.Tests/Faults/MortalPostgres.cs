using StudioVault.Tests.Support;
using Xunit;

namespace StudioVault.Tests.Faults;

/// <summary>A PostgreSQL of its own, which may be killed.</summary>
public sealed class MortalPostgres : IAsyncLifetime
{
    public PostgresServer Server { get; } = new() { Restart = true };

    public ValueTask InitializeAsync() => Server.InitializeAsync();

    public ValueTask DisposeAsync() => Server.DisposeAsync();
}
