using StudioVault.Infrastructure.Door;
using StudioVault.Infrastructure.Live;
using StudioVault.Tests.Support;
using Xunit;

namespace StudioVault.Tests.Live;

public sealed class PresenceSweepTests(PostgresServer server) : VaultTest(server)
{
    [Fact]
    public async Task Forgets_who_left_an_hour_ago_and_nobody_else()
    {
        var board = new PresenceBoard(Dbs);
        await board.ArriveAsync("offer:1", Ana.PersonId!.Value, "Ana", Porto, Ct);
        await board.ArriveAsync("offer:1", Rui.PersonId!.Value, "Rui", Porto, Ct);
        await SqlAsync("update live.presence set seen_at = now() - interval '61 minutes' where name = 'Rui'");
        var sweep = new PresenceSweep(board);
        var report = (await sweep.RunAsync(Sender.System("presence-sweep"), Ct)).Value;
        Assert.Equal(("Forgot 1 old trace", true), (report.Summary, report.DidSomething));
        Assert.Equal("Ana", await SqlAsync("select string_agg(name, ',') from live.presence"));
        Assert.False((await sweep.RunAsync(Sender.System("presence-sweep"), Ct)).Value.DidSomething);
    }
}
