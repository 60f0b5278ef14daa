using StudioVault.Tests.Support;
using Xunit;

namespace StudioVault.Tests.Faults;

/// <summary>A PostgreSQL of its own for tests that kill it.</summary>
public sealed class FaultyServer : IAsyncLifetime
{
    public PostgresServer Server { get; } = new() { Restart = true };

    public ValueTask InitializeAsync() => Server.InitializeAsync();

    public ValueTask DisposeAsync() => Server.DisposeAsync();
}

/// <summary>What the fault suite runs: <c>./faults.sh</c>.</summary>
internal static class Fault
{
    public const string Category = "Category";
    public const string Suite = "Faults";
}
