using Microsoft.Playwright;
using StudioVault.E2E.Support;
using Xunit;
using static Microsoft.Playwright.Assertions;

namespace StudioVault.E2E.Journeys;

/// <summary>Two programs on one PostgreSQL, as two machines behind a balancer would be.</summary>
public sealed class TwoNodesTests(Chromium chromium)
{
    // A sequencer that numbers entries: it has taken the group's one lock and waits for the table this test holds.
    private const string Numbering = """
        select a.pid from pg_stat_activity a
        where a.application_name = 'studiovault-sequencer'
          and exists (select from pg_locks l where l.pid = a.pid and l.locktype = 'advisory' and l.granted)
          and exists (select from pg_locks l where l.pid = a.pid and l.relation = 'audit.leaves'::regclass and not l.granted)
        """;

    [Fact]
    public async Task Nodes_share_changes_presence_sign_ins_and_one_log_and_one_goes_on_when_the_other_is_killed_in_the_middle()
    {
        using var data = new DataFolder();
        await using var database = await SharedDatabase.StartAsync(Path.Combine(data.Path, "shared"));
        (string, string)[] settings = [.. DemoPeople.Settings, ("ConnectionStrings__Vault", database.Connection)];
        await using var first = await RunningVault.StartAsync(data.Path, 0, settings);
        var firstSequencer = await database.ListAsync<int>("select pid from pg_stat_activity where application_name = 'studiovault-sequencer'");
        await using var second = await RunningVault.StartAsync(data.Path, 0, settings);
        var hq = await chromium.Browser.SignInAsync(first.Address, "Astrid Holm", Screen.Desktop);
        var rui = await chromium.Browser.SignInAsync(first.Address, "Rui Tavares", Screen.Desktop);
        var ana = await chromium.Browser.SignInAsync(second.Address, "Ana Moreira", Screen.Desktop);
        var anasComplaints = ana.Complaints();

        // Ana's inbox is open at the second node; HQ publishes at the first.
        await ana.OpenAsync("/updates");
        await Expect(ana.GetByRole(AriaRole.Link, new() { Name = "Wedding Classic" })).ToHaveCountAsync(0);
        await ana.EvaluateAsync("window.sameDocument = true");
        await hq.OpenAsync("/hq/templates/wedding-classic/publish");
        await hq.GetByRole(AriaRole.Button, new() { Name = "Continue to blast radius" }).ClickAsync();
        await Expect(hq.GetByText("Signed agreements affected: 0")).ToBeVisibleAsync(new() { Timeout = 60_000 });
        await Expect(hq.GetByRole(AriaRole.Row, new() { Name = "Northlight Porto" })).ToContainTextAsync("A choice to make");
        await hq.GetByRole(AriaRole.Link, new() { Name = "Continue to rollout" }).ClickAsync();
        await hq.GetByRole(AriaRole.Link, new() { Name = "Continue to publish" }).ClickAsync();
        await hq.GetByLabel("Type 5 to publish version 5").FillAsync("5");
        await hq.GetByRole(AriaRole.Button, new() { Name = "Publish version 5 to" }).ClickAsync();
        var row = ana.Locator(".rows > li", new() { HasText = "Wedding Classic" });
        await Expect(row).ToContainTextAsync("1 needs your choice");
        Assert.True(await ana.EvaluateAsync<bool>("window.sameDocument === true"), "the inbox was reloaded");

        // On the same review at different nodes the two see each other.
        await row.GetByRole(AriaRole.Link).ClickAsync();
        await Expect(ana.GetByRole(AriaRole.Heading, new() { Level = 1 })).ToContainTextAsync("Wedding Classic");
        var review = new Uri(ana.Url).AbsolutePath;
        await rui.OpenAsync(review);
        await Expect(ana.GetByText("Rui Tavares is reading this update")).ToBeVisibleAsync();
        await Expect(rui.GetByText("Ana Moreira is reading this update")).ToBeVisibleAsync();

        // The first node dies while it gives numbers: to an entry it has acknowledged, in a transaction that cannot end.
        await using (await database.HoldAsync("audit.leaves"))
        {
            await chromium.Browser.SignInAsync(first.Address, "Miguel Antunes", Screen.Desktop);
            await Wait.UntilAsync(async () => firstSequencer.Intersect(await database.ListAsync<int>(Numbering)).Any(), () => $"the first node gives numbers\n{first.Output}");
            await first.KillAsync();
        }

        // Rui's next request reaches the second node, which knows him; there he is told what Ana decides.
        await rui.OpenAsync(new Uri(second.Address, review).ToString());
        await rui.EvaluateAsync("window.sameDocument = true");
        await ana.Locator("section.change", new() { HasText = "Linen album" }).GetByRole(AriaRole.Radio, new() { Name = "Keep yours" }).CheckAsync(new() { Force = true });
        await ana.GetByRole(AriaRole.Button, new() { Name = "Accept version 5", Exact = true }).ClickAsync();
        await Expect(ana.GetByRole(AriaRole.Heading, new() { Name = "Version 5 accepted in part" })).ToBeVisibleAsync();
        await Expect(rui.GetByRole(AriaRole.Alert)).ToContainTextAsync("Ana Moreira accepted in part version 5 before you did");
        Assert.True(await rui.EvaluateAsync<bool>("window.sameDocument === true"), "the page of the second manager was reloaded");
        Assert.Empty(anasComplaints);

        // One log: every entry once, no index missing, all of it signed.
        await Wait.UntilAsync(async () => (await database.ListAsync<bool>("""
            select (select count(*) from audit.entries) = (select size from audit.sequencer_state)
               and (select max(size) from audit.checkpoints) = (select size from audit.sequencer_state)
            """))[0], () => $"the second node numbered and signed everything\n{second.Output}");
        Assert.Equal([true, true], await database.ListAsync<bool>("""
            select count(*) = max(idx) + 1 and min(idx) = 0 and count(*) = (select count(*) from audit.entries) from audit.leaves
            union all
            select count(*) = max(position) and min(position) = 1 and count(*) = (select count(*) from live.outbox) from live.positions
            """));
        Assert.Equal([1L], await database.ListAsync<long>("""
            select count(*) from audit.leaves l join audit.entries e on e.id = l.entry_id
            where e.action = 'session.sign_in_demo' and e.actor_id = (select id::text from organization.people where name = 'Miguel Antunes')
            """));
    }
}
