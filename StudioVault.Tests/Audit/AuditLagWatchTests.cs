using Microsoft.Extensions.Logging.Abstractions;
using StudioVault.Infrastructure.Audit;
using StudioVault.Infrastructure.Door;
using StudioVault.Tests.Support;
using Xunit;

namespace StudioVault.Tests.Audit;

public sealed class AuditLagWatchTests(PostgresServer server) : VaultTest(server)
{
    [Fact]
    public async Task Says_how_many_entries_wait_too_long_and_writes_nothing()
    {
        Assert.Equal("No entry waits too long", (await RunAsync()).Summary);
        await SqlAsync("""
            alter table audit.entries disable trigger entries_insert_only;
            update audit.entries set at = at - interval '40 seconds';
            alter table audit.entries enable trigger entries_insert_only
            """);
        var before = await SqlAsync("select count(*) from audit.entries");
        var report = await RunAsync();
        Assert.StartsWith($"{before} entries wait", report.Summary, StringComparison.Ordinal);
        Assert.Equal(before, await SqlAsync("select count(*) from audit.entries"));
    }

    private async Task<Infrastructure.Scheduling.JobReport> RunAsync() =>
        (await new AuditLagWatch(Dbs, NullLogger<AuditLagWatch>.Instance).RunAsync(Sender.System("audit-lag-watch"), Ct)).Value;
}
