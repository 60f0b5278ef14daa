using System.Text.Json.Nodes;
using AngleSharp.Dom;
using Bunit;
using Microsoft.AspNetCore.Components;
using Microsoft.AspNetCore.Components.Web;
using Microsoft.Extensions.DependencyInjection;
using StudioVault.Domain.Proposals;
using StudioVault.Infrastructure.Door;
using StudioVault.Infrastructure.Live;
using StudioVault.Infrastructure.Organization;
using StudioVault.Infrastructure.Proposals;
using StudioVault.Tests.Support;
using StudioVault.Web.Proposals;
using StudioVault.Web.Ui;
using Xunit;
using static StudioVault.Tests.Support.PageActions;

namespace StudioVault.Tests.Proposals;

/// <summary>The queue as people see it, with the real use cases on a real database.</summary>
public sealed class QueuePageTests(PostgresServer server) : ProposalsTest(server)
{
    private readonly PageBrowsers _browsers = new();
    private BunitContext? _browser;
    private BunitJSModuleInterop? _device;

    public override async ValueTask DisposeAsync()
    {
        await _browsers.DisposeAsync();
        await base.DisposeAsync();
        GC.SuppressFinalize(this);
    }

    [Fact]
    public async Task Appears_by_itself_when_somebody_proposes()
    {
        var page = OpenAt(Rui, "/queue");
        Shows(page, "Nothing to decide");

        await ProposeAsync(PortoStaff);
        Ring();

        page.WaitForAssertion(() => Assert.Single(page.FindAll(".q-row")));
        Shows(page, "AMBER");
    }

    [Theory]
    [InlineData("test.pause", "Approve ")]
    [InlineData("test.amber", "Approve ")]
    [InlineData("test.red", "Hold to approve ")]
    public async Task A_band_shows_what_it_takes(string capability, string button)
    {
        var made = await ProposeAsync(PortoStaff, capability);

        var page = OpenAt(Rui, $"/queue/{made.Id}", made.Id);

        page.WaitForAssertion(() => Assert.StartsWith(button, Said(page.Find(".q-yes")), StringComparison.Ordinal));
        Assert.False(page.Find(".q-yes").HasAttribute("disabled"));
    }

    [Fact]
    public async Task Black_has_no_approve_at_all()
    {
        var made = await ProposeAsync(PortoStaff, "test.black");

        var page = OpenAt(Rui, $"/queue/{made.Id}", made.Id);

        Shows(page, "Send to human review…");
        Assert.DoesNotContain(page.FindAll(".q-bar button"), b => Said(b).Contains("pprove", StringComparison.Ordinal));
    }

    [Fact]
    public async Task What_was_about_an_erased_client_says_so_and_offers_nothing()
    {
        var made = await ProposeAsync(PortoStaff, why: "They asked.");
        await TamperAsync("update proposals.proposals set key = '', state = 'Withdrawn', end_code = 'refuse.proposal.client_erased'");

        var page = OpenAt(Rui, $"/queue/{made.Id}", made.Id);

        Shows(page, "About a client who was erased");
        Shows(page, "propose it anew");
        Assert.DoesNotContain("They asked.", page.Markup, StringComparison.Ordinal);
        Assert.Empty(page.FindAll(".q-yes"));
        Assert.DoesNotContain(page.FindAll(".q-bar button"), b => Said(b).Contains("oll back", StringComparison.Ordinal));
    }

    [Fact]
    public async Task Approving_leaves_a_receipt_and_the_way_back_in_its_place()
    {
        var made = await ProposeAsync(PortoStaff);
        var page = OpenAt(Rui, $"/queue/{made.Id}", made.Id);
        page.WaitForElement(".q-yes");

        await page.InvokeAsync(() => page.Find(".q-yes").Click());

        Shows(page, "You approved it");
        Press(page, "Undo");
        page.WaitForAssertion(() => Assert.StartsWith("Approve ", Said(page.Find(".q-yes")), StringComparison.Ordinal));
        Assert.Equal(ProposalState.Pending, await StateAsync(made.Id));
    }

    [Fact]
    public async Task Who_comes_second_is_told_by_whom_where_the_buttons_were()
    {
        var made = await ProposeAsync(PortoStaff);
        var page = OpenAt(Rui, $"/queue/{made.Id}", made.Id);
        page.WaitForElement(".q-yes");

        Assert.Null((await ApproveAsync(Ana, made)).Refusal);
        await page.InvokeAsync(() => page.Find(".q-yes").Click());

        page.WaitForAssertion(() => Assert.Contains("Already decided: Ana", Said(page.Find(".q-bar")), StringComparison.Ordinal));
        Assert.Empty(page.FindAll(".q-yes"));
    }

    [Fact]
    public async Task Who_proposed_it_reads_why_they_cannot_approve()
    {
        var made = await ProposeAsync(Rui);

        var page = OpenAt(Rui, $"/queue/{made.Id}", made.Id);

        Shows(page, "Four eyes");
        Assert.True(page.Find(".q-yes").HasAttribute("disabled"));
        Assert.False(page.Find(".q-no").HasAttribute("disabled"));
    }

    [Fact]
    public async Task What_compliance_routed_says_so()
    {
        var made = await ProposeAsync(PortoStaff, why: "They pay cash in hand, without invoice");

        var page = OpenAt(Rui, $"/queue/{made.Id}", made.Id);

        Shows(page, "Human review: Money past the books");
    }

    [Fact]
    public async Task Staff_read_that_a_manager_closes_what_takes_human_review_and_its_proposer_is_offered_no_way_around()
    {
        var made = await ProposeAsync(PortoStaff, why: "They pay cash in hand, without invoice");

        var page = OpenAt(PortoStaff, $"/queue/{made.Id}", made.Id);
        Shows(page, "only a branch manager who has no hand in it closes it");
        Assert.True(page.Find(".q-no").HasAttribute("disabled"));
        Assert.DoesNotContain(page.FindAll("button"), b => Said(b).Contains("Withdraw it", StringComparison.Ordinal));
        page = OpenAt(Rui, $"/queue/{made.Id}", made.Id);
        page.WaitForElement(".q-yes");
        Assert.False(page.Find(".q-no").HasAttribute("disabled"));

        // RED: a colleague's approval counts, and a rejection of theirs does not.
        var red = await ProposeAsync(PortoStaff, "test.red", why: "They pay cash in hand, without invoice");
        page = OpenAt(Bia, $"/queue/{red.Id}", red.Id);
        Shows(page, "a manager with no hand in it rejects it, nobody else");
        Assert.False(page.Find(".q-yes").HasAttribute("disabled"));

        await TamperAsync("update proposals.proposals set approve_by = clock_timestamp() - interval '1 minute'");
        Shows(OpenAt(Rui, $"/queue/{made.Id}", made.Id), "Its time to be approved is over");
    }

    [Fact]
    public async Task What_no_node_has_taken_up_says_until_when_it_is_good_and_can_be_undone()
    {
        var (made, open) = (await ProposeAsync(PortoStaff), await ProposeAsync(PortoStaff, until: "2030-02-28"));
        Assert.Null((await ApproveAsync(Rui, made)).Refusal);
        await EndGraceAsync(made.Id);

        Shows(OpenAt(Rui, $"/queue/{open.Id}", open.Id), "waits for a node, good until");
        var page = OpenAt(Rui, $"/queue/{made.Id}", made.Id);
        Shows(page, "waits for a node to carry it out, good until");
        Assert.DoesNotContain("runs in", string.Join(' ', page.Nodes.Select(Said)), StringComparison.Ordinal);
        Press(page, "Undo");

        page.WaitForAssertion(() => Assert.StartsWith("Approve ", Said(page.Find(".q-yes")), StringComparison.Ordinal));
        Assert.Equal(ProposalState.Pending, await StateAsync(made.Id));
    }

    [Fact]
    public async Task An_earlier_approval_says_whether_it_was_undone_or_came_back()
    {
        var (undone, dismissed) = (await ProposeAsync(PortoStaff, until: "2030-01-31"), await ProposeAsync(PortoStaff, until: "2030-02-28"));
        Assert.Null((await ApproveAsync(Ana, undone)).Refusal);
        Assert.Null((await Decide.UndoAsync(Bia, Porto, undone.Id, Ct)).Refusal);
        Assert.Null((await ApproveAsync(Ana, dismissed)).Refusal);
        await TamperAsync("update organization.people set is_disabled = true where name = 'Ana'");
        await EndGraceAsync(dismissed.Id);
        await Executor.RunDueAsync(Ct);
        Assert.Equal(ProposalState.Pending, await StateAsync(dismissed.Id));

        Shows(OpenAt(Rui, $"/queue/{undone.Id}", undone.Id), "void since the undo");
        var page = OpenAt(Rui, $"/queue/{dismissed.Id}", dismissed.Id);
        Shows(page, "void: it came back");
        Assert.DoesNotContain("void since the undo", page.Markup, StringComparison.Ordinal);
    }

    [Fact]
    public async Task What_an_agents_earlier_start_left_says_so_and_names_nothing_that_took_its_place()
    {
        var agent = await AgentOfAsync("helper", Hq, Rui);
        var old = (await Propose.SubmitAsync(agent, Porto, Note("old") with { Epoch = 1 }, Ct)).Value;
        Assert.Null((await Propose.SubmitAsync(agent, Porto, Note("new") with { Epoch = 2 }, Ct)).Refusal);

        var page = OpenAt(Ana, $"/queue/{old.Id}", old.Id);

        Shows(page, "Its agent started anew.");
        Shows(page, "its agent started anew");
        Assert.DoesNotContain("replaced by another", page.Markup, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_row_that_was_decided_stays_while_something_is_open()
    {
        var (first, second) = (await ProposeAsync(PortoStaff, until: "2030-01-31"), await ProposeAsync(PortoStaff, until: "2030-02-28"));
        var page = OpenAt(Rui, $"/queue/{first.Id}", first.Id);
        page.WaitForAssertion(() => Assert.Equal(2, page.FindAll(".q-row").Count));

        Assert.Null((await Decide.RejectAsync(Ana, Porto, second.Id, second.Digest, "Not now", null, Ct)).Refusal);
        Ring();

        Shows(page, "rejected");
        Assert.Equal([$"/queue/{first.Id}", $"/queue/{second.Id}"], page.FindAll(".q-row").Select(r => r.GetAttribute("href")));
        Press(page, "Clear 1 that is done");
        page.WaitForAssertion(() => Assert.Single(page.FindAll(".q-row")));
    }

    [Fact]
    public async Task Equal_green_ones_are_approved_with_one_tap_and_each_says_what_became_of_it()
    {
        await ProposeAsync(PortoStaff, "test.pause", "2030-01-31");
        await ProposeAsync(PortoStaff, "test.pause", "2030-02-28");
        var page = OpenAt(Rui, "/queue");
        page.WaitForAssertion(() => Assert.Single(page.FindAll(".q-row")));
        var address = page.Find(".q-row").GetAttribute("href")!;

        page = OpenAt(Rui, address);
        Press(page, "Approve these 2");

        Shows(page, "2 of 2 approved");
    }

    [Fact]
    public async Task What_a_decider_has_to_know_stands_under_each_title_of_a_group()
    {
        await ProposeAsync(PortoStaff, "test.pause", "2030-01-31");
        var noted = await Propose.SubmitAsync(PortoStaff, Porto, new ProposalInput("test.pause", new JsonObject { ["until"] = "2030-02-28", ["note"] = "This is 300 days longer." }, "Wedding season", []), Ct);
        Assert.Null(noted.Refusal);
        var page = OpenAt(Rui, "/queue");
        page.WaitForAssertion(() => Assert.Single(page.FindAll(".q-row")));

        page = OpenAt(Rui, page.Find(".q-row").GetAttribute("href")!);

        page.WaitForAssertion(() => Assert.Equal(2, page.FindAll(".g-list li").Count));
        Assert.EndsWith("This is 300 days longer.", Said(Assert.Single(page.FindAll(".g-note"))), StringComparison.Ordinal);
        Assert.NotNull(page.Find(".g-note").Closest($"label[for='g-{noted.Value.Id}']"));
    }

    [Fact]
    public async Task A_manager_in_the_queue_is_told_when_managers_are_called_and_staff_are_not()
    {
        var made = await ProposeAsync(PortoStaff);
        var staff = OpenAt(Bia, "/queue");
        staff.WaitForAssertion(() => Assert.Single(staff.FindAll(".q-row")));
        var page = OpenAt(Rui, "/queue");
        page.WaitForAssertion(() => Assert.Single(page.FindAll(".q-row")));

        Assert.Null((await Decide.SendToReviewAsync(Ana, Porto, made.Id, "I am not sure about this", Ct)).Refusal);
        await LookAgainAsync(page);
        await LookAgainAsync(staff);

        Assert.Equal("1 proposal waits for a manager", Assert.Single(page.Services.GetRequiredService<Toasts>().Shown).Detail);
        Assert.Empty(staff.Services.GetRequiredService<Toasts>().Shown);
    }

    [Fact]
    public async Task What_somebody_approved_for_themselves_waits_in_review_until_another_manager_says_that_they_looked()
    {
        var made = await ProposeAsync(PortoStaff, "test.pause");
        Assert.Null((await ApproveAsync(PortoStaff, made)).Refusal);
        await EndGraceAsync(made.Id);
        await Executor.RunDueAsync(Ct);
        var page = OpenAt(Rui, "/queue?show=review");
        page.WaitForAssertion(() => Assert.Contains("approved by its own proposer", Said(page.Find(".q-row")), StringComparison.Ordinal));

        var staff = OpenAt(Bia, $"/queue/{made.Id}?show=review", made.Id);
        Shows(staff, "another manager of the branch has looked at it");
        Assert.DoesNotContain(staff.FindAll("button"), b => Said(b) == "Looked at it");
        page = OpenAt(Rui, $"/queue/{made.Id}?show=review", made.Id);
        Press(page, "Looked at it");

        Shows(page, "Rui looked at it afterwards");
        page.WaitForAssertion(() => Assert.Empty(page.FindAll(".q-look")));
        page = OpenAt(Rui, "/queue?show=review");
        Shows(page, "Nothing to review");
    }

    [Fact]
    public async Task The_history_is_filtered_in_the_address_and_only_managers_carry_it_away()
    {
        var (first, second) = (await ProposeAsync(PortoStaff), await ProposeAsync(PortoStaff, "test.pause", "2030-02-28"));
        foreach (var one in (Submitted[])[first, second]) Assert.Null((await Decide.RejectAsync(Ana, Porto, one.Id, one.Digest, "Not now", null, Ct)).Refusal);
        var page = OpenAt(Rui, "/queue?show=done");
        page.WaitForAssertion(() => Assert.Equal(2, page.FindAll(".q-row").Count));
        Assert.True(page.Find("#q-conditions").HasAttribute("hidden"));
        Press(page, "Filters");

        await page.InvokeAsync(() => page.Find("#q-conditions select").Change("test.amber"));

        Arrives(page, @"/queue\?show=done&capability=test\.amber$");
        page.WaitForAssertion(() => Assert.Equal($"/queue/{first.Id}?show=done&capability=test.amber", Assert.Single(page.FindAll(".q-row")).GetAttribute("href")));
        Assert.Contains(page.FindAll(".q-history a.chip"), a => a.GetAttribute("href") == "/queue/export.jsonl?show=done&capability=test.amber");
        Assert.Contains(page.FindAll(".q-history a.chip"), a => a.GetAttribute("href") == "/queue?show=done");
        Assert.Contains(page.FindAll(".q-filters a"), a => a.GetAttribute("href") == "/queue?show=all&capability=test.amber");

        await page.InvokeAsync(() => page.Find("#q-conditions input").Change("2031-01-01"));
        Shows(page, "Nothing found");

        var staff = OpenAt(Bia, "/queue?show=done");
        staff.WaitForAssertion(() => Assert.Equal(2, staff.FindAll(".q-row").Count));
        Assert.DoesNotContain(staff.FindAll("a"), a => a.GetAttribute("href")?.Contains("export", StringComparison.Ordinal) == true);
    }

    [Fact]
    public async Task Of_a_group_one_can_be_left_out_and_stays_open()
    {
        var first = await ProposeAsync(PortoStaff, "test.pause", "2030-01-31");
        await ProposeAsync(PortoStaff, "test.pause", "2030-02-28");
        var page = OpenAt(Rui, "/queue");
        page.WaitForAssertion(() => Assert.Single(page.FindAll(".q-row")));
        page = OpenAt(Rui, page.Find(".q-row").GetAttribute("href")!);
        page.WaitForAssertion(() => Assert.Equal(2, page.FindAll(".g-list input:checked").Count));

        await page.InvokeAsync(() => page.Find($"#g-{first.Id}").Change(false));
        page.WaitForAssertion(() => Assert.StartsWith("Approve pause of updates", Said(page.Find(".q-groupacts button")), StringComparison.Ordinal));
        await page.InvokeAsync(() => page.Find(".q-groupacts button").Click());

        Shows(page, "1 of 1 approved");
        Assert.Single(page.FindAll(".g-mark"));
        Assert.Equal(ProposalState.Pending, await StateAsync(first.Id));
    }

    [Fact]
    public async Task What_may_not_be_so_any_more_says_so_and_decides_nothing()
    {
        var made = await ProposeAsync(PortoStaff);
        var page = OpenAt(Rui, $"/queue/{made.Id}", made.Id);
        page.WaitForElement(".q-yes");

        // Rui's account is closed meanwhile: the list cannot be read anew.
        await PastGuardsAsync("update organization.people set is_disabled = true where id = $1", Rui.PersonId!.Value.Value);
        Ring();

        page.WaitForAssertion(() => Assert.StartsWith("Stale, last seen", Said(page.Find("[data-live-chip]")), StringComparison.Ordinal));
        Shows(page, "Nothing can be decided until it is fresh.");
        Assert.True(page.Find(".q-yes").HasAttribute("disabled"));
        Assert.True(page.Find(".q-no").HasAttribute("disabled"));
    }

    [Fact]
    public async Task A_stop_is_said_beside_the_buttons_of_what_it_covers_and_nowhere_else_on_the_page()
    {
        var made = await ProposeAsync(PortoStaff);
        Assert.Null((await Stops.ThrowAsync(Hq, StopLevel.Capability, "test.amber", "Wrong days", Ct)).Refusal);

        var page = OpenAt(Rui, $"/queue/{made.Id}", made.Id);

        Shows(page, "Helena stopped");
        Assert.Single(page.FindAll(".q-bar-stop"));
        Assert.Empty(page.FindAll(".q-stop"));

        var other = await ProposeAsync(PortoStaff, "test.pause");
        page = OpenAt(Rui, $"/queue/{other.Id}", other.Id);
        page.WaitForElement(".q-yes");
        Assert.Empty(page.FindAll(".q-bar-stop"));
    }

    [Fact]
    public async Task Decided_ones_stand_under_their_day_with_who_decided_in_the_branchs_time()
    {
        var made = await ProposeAsync(PortoStaff);
        Assert.Null((await Decide.RejectAsync(Ana, Porto, made.Id, made.Digest, "Not now", null, Ct)).Refusal);

        var page = OpenAt(Rui, "/queue?show=done");

        page.WaitForAssertion(() => Assert.Equal("Today, 1 decided", Said(page.Find(".q-day"))));
        Assert.Matches("Ana rejected it at [0-9]{2}:[0-9]{2} Lisbon time", Said(page.Find(".q-row")));
    }

    [Fact]
    public async Task Whoever_gave_their_approval_goes_on_to_the_next()
    {
        var made = await ProposeAsync(PortoStaff, "test.red");
        Assert.Null((await ApproveAsync(Ana, made, ticket: await TicketOfAsync(Ana))).Refusal);

        var page = OpenAt(Ana, $"/queue/{made.Id}", made.Id);

        Shows(page, "You approved it. It still needs");
        page.WaitForAssertion(() => Assert.Equal("To the queue", Said(page.Find(".q-yes"))));
    }

    [Fact]
    public async Task All_of_them_go_on_while_something_is_open_and_an_undecided_one_lies_on_an_older_page()
    {
        var old = await ProposeAsync(PortoStaff);
        await TamperAsync($"""
            create temp table copies as select p.* from proposals.proposals p, generate_series(1, 45);
            update copies set id = gen_random_uuid(), state = 'Rejected', end_code = 'rejected', changed_at = clock_timestamp();
            insert into proposals.proposals select * from copies;
            drop table copies
            """);
        var page = OpenAt(Rui, $"/queue/{old.Id}?show=all", old.Id);
        Press(page, "Show older");
        page.WaitForAssertion(() => Assert.Equal(46, page.FindAll(".q-row").Count));

        Assert.Null((await Decide.RejectAsync(Ana, Porto, old.Id, old.Digest, "Not now", null, Ct)).Refusal);
        await LookAgainAsync(page);

        Assert.Contains("rejected", Said(page.FindAll(".q-row")[^1]), StringComparison.Ordinal);
    }

    [Fact]
    public async Task What_is_decided_among_those_of_yesterday_stays_there_without_a_second_heading()
    {
        Submitted[] made = [await ProposeAsync(PortoStaff), await ProposeAsync(PortoStaff, until: "2030-02-28"), await ProposeAsync(PortoStaff, until: "2030-03-31"), await ProposeAsync(PortoStaff, until: "2030-04-30")];
        // Noon of the branch's days, so that no hour of the test makes another day of them; the one of today is the newest in any case.
        for (var i = 0; i < 3; i++) await TamperAsync($"update proposals.proposals set changed_at = date_trunc('day', clock_timestamp() at time zone 'Europe/Lisbon') at time zone 'Europe/Lisbon' - interval '{12 + i} hours' where id = '{made[i].Id}'");
        var page = OpenAt(Rui, $"/queue/{made[3].Id}?show=all", made[3].Id);
        page.WaitForAssertion(() => Assert.Equal(2, page.FindAll(".q-day").Count));

        Assert.Null((await Decide.RejectAsync(Ana, Porto, made[1].Id, made[1].Digest, "Not now", null, Ct)).Refusal);
        await LookAgainAsync(page);

        Assert.Contains("rejected", Said(page.FindAll(".q-row")[2]), StringComparison.Ordinal);
        Assert.Equal(["Today", "Yesterday"], page.FindAll(".q-day").Select(d => Said(d).Split(',')[0]));
    }

    [Fact]
    public async Task What_comes_to_an_open_group_is_not_approved_with_it_until_somebody_ticks_it()
    {
        await ProposeAsync(PortoStaff, "test.pause", "2030-01-31");
        await ProposeAsync(PortoStaff, "test.pause", "2030-02-28");
        var page = OpenAt(Rui, "/queue");
        page.WaitForAssertion(() => Assert.Single(page.FindAll(".q-row")));
        page = OpenAt(Rui, page.Find(".q-row").GetAttribute("href")!);
        page.WaitForAssertion(() => Assert.Equal(2, page.FindAll(".g-list input:checked").Count));

        var third = await ProposeAsync(PortoStaff, "test.pause", "2030-03-31");
        await LookAgainAsync(page);

        Shows(page, "came while you were looking");
        Assert.Equal(3, page.FindAll(".g-list li").Count);
        Press(page, "Approve these 2");
        Shows(page, "2 of 2 approved");
        Assert.Equal(ProposalState.Pending, await StateAsync(third.Id));
    }

    [Fact]
    public async Task With_nothing_ticked_a_group_says_so_and_ones_own_are_never_ticked()
    {
        await ProposeAsync(PortoStaff, "test.pause", "2030-01-31");
        await ProposeAsync(PortoStaff, "test.pause", "2030-02-28");
        var page = OpenAt(Rui, "/queue");
        page.WaitForAssertion(() => Assert.Single(page.FindAll(".q-row")));
        var address = page.Find(".q-row").GetAttribute("href")!;

        page = OpenAt(Rui, address);
        page.WaitForAssertion(() => Assert.Equal(2, page.FindAll(".g-list input:checked").Count));
        foreach (var box in page.FindAll(".g-list input").Select(b => b.Id)) await page.InvokeAsync(() => page.Find("#" + box).Change(false));
        Shows(page, "None is chosen.");

        page = OpenAt(PortoStaff, address);
        Shows(page, "These are yours");
        Assert.Empty(page.FindAll(".g-list input:checked"));
    }

    [Fact]
    public async Task An_undo_that_comes_too_late_is_said_at_the_edge_and_not_at_another_proposal()
    {
        var (running, open) = (await ProposeAsync(PortoStaff), await ProposeAsync(PortoStaff, until: "2030-02-28"));
        Assert.Null((await ApproveAsync(Rui, running)).Refusal);
        var page = OpenAt(Rui, $"/queue/{open.Id}", open.Id);
        page.WaitForElement(".q-undo button");
        await EndGraceAsync(running.Id);
        await Executor.RunDueAsync(Ct);

        await page.InvokeAsync(() => page.Find(".q-undo button").Click());

        page.WaitForAssertion(() => Assert.Contains(page.Services.GetRequiredService<Toasts>().Shown, t => t.Text.StartsWith("The time to undo is over", StringComparison.Ordinal)));
        Assert.Empty(page.FindAll(".q-bar-refusal"));
    }

    [Fact]
    public async Task A_hold_approves_only_what_was_held()
    {
        var (held, other) = (await ProposeAsync(PortoStaff), await ProposeAsync(PortoStaff, until: "2030-02-28"));
        var page = OpenAt(Rui, $"/queue/{other.Id}", other.Id);
        page.WaitForElement(".q-yes");
        var queue = page.FindComponent<QueuePage>().Instance;

        await page.InvokeAsync(() => queue.HoldDone(held.Digest));
        Assert.Equal(ProposalState.Pending, await StateAsync(other.Id));
        Assert.Equal(ProposalState.Pending, await StateAsync(held.Id));

        await page.InvokeAsync(() => queue.HoldDone(other.Digest));
        Assert.Equal(ProposalState.Grace, await StateAsync(other.Id));
    }

    [Fact]
    public async Task A_list_that_could_not_be_read_does_not_say_that_it_is_empty()
    {
        var page = OpenAt(Rui, "/queue");
        Shows(page, "Nothing to decide");
        await PastGuardsAsync("update organization.people set is_disabled = true where id = $1", Rui.PersonId!.Value.Value);

        page.Services.GetRequiredService<NavigationManager>().NavigateTo("/queue?show=done");

        page.WaitForElement(".q-scroll .refusal");
        Assert.DoesNotContain("Nothing done yet", page.Markup, StringComparison.Ordinal);
    }

    [Fact]
    public async Task However_often_it_is_read_one_timer_waits_for_the_number_of_the_receipt()
    {
        var made = await ProposeAsync(PortoStaff);
        var page = OpenAt(Rui, $"/queue/{made.Id}", made.Id);
        page.WaitForElement(".q-yes");
        await page.InvokeAsync(() => page.Find(".q-yes").Click());
        Shows(page, "being numbered");
        var timers = _browsers.Clock.Timers;

        for (var i = 0; i < 5; i++) await LookAgainAsync(page);

        Assert.True(_browsers.Clock.Timers <= timers, $"{_browsers.Clock.Timers} timers after {timers}");
    }

    [Fact]
    public async Task What_runs_under_an_exemption_says_so_and_can_be_taken_back_for_a_decision()
    {
        Assert.Null((await Exemptions.GrantAsync(Hq, "test.amber", Porto, null, "Season's rush", 7, 1, Ct)).Refusal);
        var made = await ProposeAsync(PortoStaff);

        var page = OpenAt(Bia, $"/queue/{made.Id}", made.Id);

        Shows(page, "Runs under an exemption");
        Press(page, "Let somebody decide");
        page.WaitForAssertion(() => Assert.StartsWith("Approve ", Said(page.Find(".q-yes")), StringComparison.Ordinal));
        Assert.Equal(ProposalState.Pending, await StateAsync(made.Id));
    }

    [Fact]
    public async Task A_reason_that_was_not_taken_stands_in_the_field_again()
    {
        var made = await ProposeAsync(PortoStaff);
        var page = OpenAt(Rui, $"/queue/{made.Id}", made.Id);
        Press(page, "Reject…");
        Type(page, "#reason-rejectthis", "The church is taken");
        Assert.NotNull(page.Find("#reason-rejectthis").Closest("[data-typed]"));
        Assert.Null((await Decide.ClaimAsync(Ana, Porto, made.Id, takeOver: true, Ct)).Refusal);
        Press(page, "Reject it");
        Shows(page, "Ana is deciding on this right now");
        Assert.Null((await Decide.ReleaseAsync(Ana, Porto, made.Id, Ct)).Refusal);
        await LookAgainAsync(page);

        Press(page, "Reject…");

        Assert.Equal("The church is taken", page.WaitForElement("#reason-rejectthis").GetAttribute("value"));
    }

    [Fact]
    public async Task The_keyboard_finds_the_code_field_and_an_early_enter_is_answered_in_words()
    {
        var made = await ProposeAsync(PortoStaff, "test.red");
        var page = OpenAt(Rui, $"/queue/{made.Id}", made.Id);
        page.WaitForElement(".q-hold");

        await page.InvokeAsync(() => page.Find(".q-hold").Click(new MouseEventArgs()));
        page.WaitForElement("#q-code");
        page.WaitForAssertion(() => Assert.Single(Focused()));

        await page.InvokeAsync(() => page.Find(".q-code").Submit());
        Shows(page, "Nothing was approved");
        Assert.NotEqual(ProposalState.Approved, await StateAsync(made.Id));
    }

    [Fact]
    public async Task After_a_decision_in_the_bar_the_keyboard_stands_at_what_is_left_to_do()
    {
        var made = await ProposeAsync(PortoStaff);
        var page = OpenAt(Rui, $"/queue/{made.Id}", made.Id);
        page.WaitForElement(".q-yes");

        await page.InvokeAsync(() => page.Find(".q-yes").Click());

        Shows(page, "You approved it");
        page.WaitForAssertion(() => Assert.Single(_device!.Invocations["stand"]));
    }

    [Fact]
    public async Task Red_names_who_approved_it_first_and_who_could_be_next()
    {
        var made = await ProposeAsync(PortoStaff, "test.red");
        Assert.Null((await ApproveAsync(Bia, made, ticket: await TicketOfAsync(Bia))).Refusal);

        Shows(OpenAt(Bia, $"/queue/{made.Id}", made.Id), "It still needs a branch manager (Ana or Rui).");
        Shows(OpenAt(Rui, $"/queue/{made.Id}", made.Id), "Bia approved it first; yours is the last approval it needs.");
    }

    /// <summary>Reads everything once more, and is done when that is drawn.</summary>
    private static Task LookAgainAsync(IRenderedComponent<IComponent> page) => page.InvokeAsync(() => page.FindComponent<QueuePage>().Instance.Back(0));

    private IEnumerable<JSRuntimeInvocation> Focused() => _browser!.JSInterop.Invocations.Where(i => i.Identifier == "Blazor._internal.domWrapper.focus");

    private static string Said(INode node) => PageActions.Said(node);

    private void Ring() => _browsers.Live.Publish([new LiveEvent(1, Guid.NewGuid(), DateTimeOffset.UnixEpoch, Topics.ProposalChanged, "test", Porto, "{}")]);

    private IRenderedComponent<IComponent> OpenAt(Sender who, string address, ProposalId? id = null)
    {
        var browser = _browser = _browsers.Of(who, services => services.AddSingleton(Door).AddSingleton(Dbs).AddSingleton<OrganizationQueries>().AddSingleton(Queue).AddSingleton(Decide).AddSingleton(Propose).AddSingleton(Fresh).AddSingleton(new LookCommands(Door)).AddSingleton(new QueueHistories(Door, Registry, Texts, Queue)).AddSingleton<PresenceBoard>());
        _device = browser.JSInterop.SetupModule("./Proposals/QueuePage.razor.js");
        _device.Mode = JSRuntimeMode.Loose;
        var parts = new List<(string, object)>();
        if (id is { } open) parts.Add((nameof(QueuePage.Id), open.Value));
        return Open<QueuePage>(browser, address, [.. parts]);
    }
}
