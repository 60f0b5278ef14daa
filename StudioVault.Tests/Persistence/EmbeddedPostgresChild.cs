using System.Globalization;
using StudioVault.Infrastructure.Persistence;
using Xunit;

namespace StudioVault.Tests.Persistence;

/// <summary>Not a test: the program that <see cref="EmbeddedPostgresTests"/> runs as a process of its own and kills.</summary>
public sealed class EmbeddedPostgresChild
{
    public const string FolderVariable = "STUDIOVAULT_TEST_CHILD_FOLDER";

    [Fact(Explicit = true)]
    public async Task Waits_to_be_killed()
    {
        var folder = Environment.GetEnvironmentVariable(FolderVariable);
        Assert.SkipWhen(folder is null, "Run by the tests of the private PostgreSQL only.");
        var ct = TestContext.Current.CancellationToken;
        await using var server = await EmbeddedPostgres.StartAsync(new() { Folder = Path.Combine(folder, "pg") }, ct);
        await File.WriteAllTextAsync(Path.Combine(folder, "up"), server.ProcessId.ToString(CultureInfo.InvariantCulture), ct);
        await server.Exited;
    }
}
