using System.Text.Json.Nodes;
using Bunit;
using Microsoft.AspNetCore.Components;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging.Abstractions;
using Npgsql;
using StudioVault.Domain.Kernel;
using StudioVault.Domain.Organization;
using StudioVault.Infrastructure.Audit;
using StudioVault.Infrastructure.Door;
using StudioVault.Infrastructure.Live;
using StudioVault.Infrastructure.Persistence;
using StudioVault.Tests.Support;
using StudioVault.Web.Audit;
using Xunit;
using static StudioVault.Tests.Support.PageActions;

namespace StudioVault.Tests.Audit;

public sealed class AuditLogPageTests(PostgresServer server) : PageTest(server)
{
    [Fact]
    public async Task A_line_reads_as_a_sentence()
    {
        await AddAsync(Ana, Porto, "Wedding season");
        await AddAsync(Rui, Porto, "Move", refuse: true);
        Assert.Equal(["Rui tried to add a blackout This needs a reason, so that people can understand the decision later. Refused", "Ana added the blackout “Wedding season” Done"],
            Lines(Open(Ana, "/audit")));
    }

    [Fact]
    public async Task The_filter_in_the_address_holds_and_a_press_on_a_chip_changes_the_address()
    {
        await AddAsync(Ana, Porto, "Wedding season");
        await AddAsync(Rui, Porto, "Move", refuse: true);
        var page = Open(Ana, "/audit?outcome=refused");
        Assert.StartsWith("Rui tried", Assert.Single(Lines(page)), StringComparison.Ordinal);
        Assert.Equal("/audit", page.FindAll(".chip").Single(c => c.TextContent == "Only refusals").GetAttribute("href"));

        _ = page.InvokeAsync(() => page.Find("select").Change("blackout.remove"));
        Arrives(page, @"/audit\?action=blackout\.remove&outcome=refused$");
        page.WaitForAssertion(() => Assert.Contains("No entry fits", page.Markup, StringComparison.Ordinal));
    }

    [Fact]
    public async Task The_open_entry_stands_in_the_address_and_closing_it_keeps_the_filter()
    {
        await AddAsync(Ana, Porto, "Wedding season");
        var page = Open(Hq, "/audit?who=" + Ana.PersonId);
        var href = page.Find(".row-link").GetAttribute("href")!;
        page.Services.GetRequiredService<NavigationManager>().NavigateTo(href);
        page.WaitForAssertion(() => Assert.Equal("Ana added the blackout “Wedding season”", Said(page.Find(".audit-side h2"))));
        Assert.Equal("/audit?who=" + Ana.PersonId, page.Find(".detail-close").GetAttribute("href"));
        Assert.Contains("Wedding season", page.Find(".payload").TextContent, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_new_entry_is_announced_and_nothing_moves_until_the_reader_asks()
    {
        await AddAsync(Ana, Porto, "First");
        var page = Open(Ana, "/audit");
        await AddAsync(Rui, Porto, "Second");
        Ring(Porto);
        page.WaitForAssertion(() => Assert.Contains("1 new", page.Find(".audit-arrived").TextContent, StringComparison.Ordinal));
        Assert.Single(Lines(page));
        Click(page, ".audit-pill");
        page.WaitForAssertion(() => Assert.Equal(2, Lines(page).Count));
        Assert.Empty(page.FindAll(".audit-pill"));
    }

    [Fact]
    public async Task Entries_are_checked_step_by_step_and_the_range_stands_in_the_address()
    {
        await AddAsync(Ana, Porto, "Wedding season");
        await NumberAsync();
        var page = Open(Hq, "/audit?check=0-1");
        page.WaitForAssertion(() => Assert.Contains("2 entries, 0 to 1, are what was recorded", page.Find(".check-result").TextContent, StringComparison.Ordinal));
        Assert.Equal(6, page.FindAll(".check-step").Count);
        Assert.Contains(page.FindAll(".check-do a"), a => a.GetAttribute("href") == "/audit/check.json?from=0&to=1");

        page.FindAll(".check-field input")[1].Change("0");
        await page.InvokeAsync(() => page.Find(".check-form").Submit());
        Arrives(page, @"/audit\?check=0$");
        page.WaitForAssertion(() => Assert.Contains(page.FindAll(".check-do a"), a => a.GetAttribute("href") == "/audit/0/proof.json"));
    }

    [Fact]
    public async Task A_changed_entry_is_named_with_its_number()
    {
        await AddAsync(Ana, Porto, "Wedding season");
        await NumberAsync();
        await SqlAsync("alter table audit.entries disable trigger user");
        await SqlAsync("update audit.entries set actor_id = 'rui' where id = (select entry_id from audit.leaves where idx = 1)");
        var page = Open(Hq, "/audit?check=0-1");
        page.WaitForAssertion(() => Assert.Contains("Entry 1 is the first that is not what was recorded", page.Find(".check-result").TextContent, StringComparison.Ordinal));
        Assert.Contains(page.FindAll(".check-do a"), a => a.GetAttribute("href") == "/audit/1");
    }

    [Fact]
    public void The_whole_log_is_carried_away_by_hq_alone()
    {
        Assert.Contains(Open(Hq, "/audit").FindAll("a.chip"), a => a.GetAttribute("href") == "/audit?export=1");
        Assert.DoesNotContain(Open(Ana, "/audit").FindAll("a.chip"), a => a.GetAttribute("href") == "/audit?export=1");
    }

    [Fact]
    public async Task An_alarm_about_the_history_is_told_before_anything_else()
    {
        var browser = BrowserOf(Hq);
        await browser.Services.GetRequiredService<AuditAlarms>().RaiseAsync(new AuditAlarm("rolled_back", AuditAlarm.File, "it had 625 entries and now has 25", 625, "a", 25, "b"), Ct);
        var page = PageActions.Open<AuditLogPage>(browser, "/audit");
        page.WaitForAssertion(() => Assert.Contains("it had 625 entries and now has 25", page.Find(".audit-alarm").TextContent, StringComparison.Ordinal));
    }

    [Fact]
    public async Task An_entry_without_an_event_is_noticed_too()
    {
        await AddAsync(Ana, Porto, "First");
        var page = Open(Ana, "/audit");
        await AddAsync(Rui, Porto, "Second");
        Clock.Advance(TimeSpan.FromSeconds(5));
        page.WaitForAssertion(() => Assert.Contains("1 new", page.Find(".audit-arrived").TextContent, StringComparison.Ordinal));
    }

    [Fact]
    public async Task Who_follows_sees_new_entries_at_once()
    {
        await AddAsync(Ana, Porto, "First");
        var page = Open(Ana, "/audit?follow=1");
        await AddAsync(Rui, Porto, "Second");
        Ring(Porto);
        page.WaitForAssertion(() => Assert.Equal(2, Lines(page).Count));
    }

    [Fact]
    public async Task Events_of_other_branches_do_not_wake_a_managers_page()
    {
        await AddAsync(Ana, Porto, "First");
        var page = Open(Ana, "/audit");
        var hq = Open(Hq, "/audit");
        // Headquarters' page hears the same and looks as long: when it has looked twice, the manager's would have looked once.
        var said = Said(hq.Find(".audit-arrived"));
        foreach (var (label, ring) in new[] { ("Second", (BranchId?)Berlin), ("Third", null) })
        {
            await AddAsync(Rui, Porto, label);
            Ring(ring);
            hq.WaitForAssertion(() => Assert.NotEqual(said, Said(hq.Find(".audit-arrived"))));
            said = Said(hq.Find(".audit-arrived"));
        }

        Assert.DoesNotContain("new", page.Find(".audit-arrived").TextContent, StringComparison.Ordinal);
        Ring(Porto);
        page.WaitForAssertion(() => Assert.Contains("2 new", page.Find(".audit-arrived").TextContent, StringComparison.Ordinal));
    }

    [Fact]
    public void Staff_are_told_that_it_takes_a_manager() =>
        Assert.Contains("refuse.kernel.not_allowed", Open(PortoStaff, "/audit").Markup, StringComparison.Ordinal);

    [Fact]
    public async Task An_entry_of_another_branch_is_refused_beside_the_list()
    {
        await AddAsync(BerlinManager, Berlin, "Theirs");
        await AddAsync(Ana, Porto, "Ours");
        var foreign = await SqlAsync("select id from audit.entries where branch_id = $1", Berlin.Value);
        var page = Open(Ana, $"/audit?entry={foreign}");
        Assert.Contains("refuse.kernel.not_found", page.Find(".audit-side").TextContent, StringComparison.Ordinal);
        Assert.Single(Lines(page));
    }

    [Fact]
    public async Task A_page_that_was_left_listens_no_more()
    {
        await AddAsync(Ana, Porto, "First");
        var browser = BrowserOf(Ana);
        browser.Render<AuditLogPage>();
        Assert.Equal(1, Live.Count);
        await browser.DisposeComponentsAsync();
        Assert.Equal(0, Live.Count);
    }

    private IRenderedComponent<IComponent> Open(Sender who, string address)
    {
        var page = Open<AuditLogPage>(who, address);
        page.WaitForState(() => page.FindAll(".audit-body, .refusal").Count > 0);
        return page;
    }

    private static List<string> Lines(IRenderedComponent<IComponent> page) =>
        [.. page.FindAll(".audit-line").Select(l => $"{Said(l.QuerySelector(".audit-text")!)} {Said(l.QuerySelector(".audit-outcome")!)}")];

    private void Ring(BranchId? branch) => Live.Publish([new LiveEvent(1, Guid.NewGuid(), Clock.GetUtcNow(), Topics.BranchChanged, "staff:x", branch, "{}")]);

    private Task<Result<Done>> AddAsync(Sender from, BranchId branch, string label, bool refuse = false) =>
        Door.RunAsync<Done>(new Command("blackout.add", from, TenantScope.Of(branch), Access.ManagerOf(branch), "branch", branch.ToString()), (context, _) =>
        {
            if (refuse) return Task.FromResult<Result<Done>>(KernelRefusals.ReasonRequired);
            context.Audit(new JsonObject { ["label"] = label });
            return Task.FromResult<Result<Done>>(Done.It);
        }, Ct);

    private async Task NumberAsync()
    {
        await using var source = NpgsqlDataSource.Create(Server.For(Database, VaultRoles.Default.Sequencer));
        await new Sequencer(new SequencerSource(source), Wake, AuditPages.Key, new LiveOptions(), new SequencerOptions { CheckpointInterval = TimeSpan.Zero }, NullLogger<Sequencer>.Instance).NumberAsync(Ct);
    }
}
