using AngleSharp.Dom;
using Bunit;
using Microsoft.AspNetCore.Components;
using Microsoft.Extensions.DependencyInjection;
using StudioVault.Domain.Proposals;
using StudioVault.Infrastructure.Door;
using StudioVault.Infrastructure.Live;
using StudioVault.Infrastructure.Organization;
using StudioVault.Tests.Support;
using StudioVault.Web.Proposals;
using Xunit;
using static StudioVault.Tests.Support.PageActions;

namespace StudioVault.Tests.Proposals;

/// <summary>The queue as people see it, with the real use cases on a real database.</summary>
public sealed class QueuePageTests(PostgresServer server) : ProposalsTest(server)
{
    private readonly PageBrowsers _browsers = new();

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
        await SqlAsync("update organization.people set is_disabled = true where id = $1", Rui.PersonId!.Value.Value);
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

    private static string Said(INode node) => PageActions.Said(node);

    private void Ring() => _browsers.Live.Publish([new LiveEvent(1, Guid.NewGuid(), DateTimeOffset.UnixEpoch, Topics.ProposalChanged, "test", Porto, "{}")]);

    private IRenderedComponent<IComponent> OpenAt(Sender who, string address, ProposalId? id = null)
    {
        var browser = _browsers.Of(who, services => services.AddSingleton(Door).AddSingleton(Dbs).AddSingleton<OrganizationQueries>().AddSingleton(Queue).AddSingleton(Decide).AddSingleton(Propose).AddSingleton(Fresh).AddSingleton<PresenceBoard>());
        var parts = new List<(string, object)>();
        if (id is { } open) parts.Add((nameof(QueuePage.Id), open.Value));
        return Open<QueuePage>(browser, address, [.. parts]);
    }
}
