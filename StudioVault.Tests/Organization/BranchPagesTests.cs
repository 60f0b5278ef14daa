using System.Globalization;
using Bunit;
using Microsoft.AspNetCore.Components;
using Microsoft.Extensions.DependencyInjection;
using StudioVault.Domain.Kernel;
using StudioVault.Infrastructure.Door;
using StudioVault.Infrastructure.Live;
using StudioVault.Infrastructure.Organization;
using StudioVault.Tests.Support;
using StudioVault.Web.Organization.Branches;
using StudioVault.Web.Ui;
using Xunit;
using static StudioVault.Tests.Support.PageActions;

namespace StudioVault.Tests.Organization;

public sealed class BranchPagesTests(PostgresServer server) : PageTest(server)
{
    private static readonly DateOnly June = new(2099, 6, 1);

    private BranchCommands Commands => new(Door);

    [Fact]
    public void Hq_finds_a_branch_by_name_city_country_or_currency_and_the_words_stand_in_the_address()
    {
        var page = Open<BranchesPage>(Hq, "/hq/branches");
        Assert.Equal(["Northlight Berlin", "Northlight Porto"], Names(page));
        Type(page, "input[type=search]", "portugal");
        page.WaitForAssertion(() =>
        {
            // The pause after the last letter may begin after this look at the clock.
            Clock.Advance(TimeSpan.FromSeconds(1));
            Assert.Equal(["Northlight Porto"], Names(page));
        });
        Assert.EndsWith("/hq/branches?q=portugal", AddressOf(page), StringComparison.Ordinal);
        Assert.Equal(["Northlight Berlin"], Names(Open<BranchesPage>(Hq, "/hq/branches?q=german+eur")));
        Assert.Contains("No branch matches “tokyo”", Open<BranchesPage>(Hq, "/hq/branches?q=tokyo").Markup, StringComparison.Ordinal);
    }

    [Fact]
    public void The_filter_in_the_address_holds_and_its_chip_counts()
    {
        var page = Open<BranchesPage>(Hq, "/hq/branches?show=independent");
        Assert.Equal(["Northlight Berlin"], Names(page));
        Assert.Equal("Independent 1", Said(page.FindAll(".chip").Single(c => c.TextContent.StartsWith("Independent", StringComparison.Ordinal))));
        Assert.Contains("/hq/branches/berlin", page.FindAll("tbody a").Select(a => a.GetAttribute("href")));
    }

    [Fact]
    public async Task A_pause_set_at_the_branch_appears_in_hqs_open_list()
    {
        var page = Open<BranchesPage>(Hq, "/hq/branches");
        Assert.Null((await new StudioVault.Infrastructure.Packages.OfferCommands(Door).PauseAllAsync(Ana, Porto, June, Ct)).Refusal);
        Ring(Porto);
        page.WaitForAssertion(() => Assert.Contains("Paused through 1 Jun 2099", page.Find("tbody").TextContent, StringComparison.Ordinal));
    }

    [Fact]
    public void A_manager_who_forces_hqs_address_is_refused_by_the_service()
    {
        Assert.Contains("refuse.kernel.not_allowed", Open<BranchesPage>(Ana, "/hq/branches").Markup, StringComparison.Ordinal);
        var look = Open<BranchPage>(Ana, "/hq/branches/porto", ("Slug", "porto"));
        Assert.Contains("refuse.kernel.not_allowed", look.Markup, StringComparison.Ordinal);
        Assert.DoesNotContain("Northlight Porto", look.Markup, StringComparison.Ordinal);
    }

    [Fact]
    public void A_branch_that_does_not_exist_leads_back_to_the_list()
    {
        var page = Open<BranchPage>(Hq, "/hq/branches/atlantis", ("Slug", "atlantis"));
        Assert.Contains("refuse.kernel.not_found", page.Markup, StringComparison.Ordinal);
        Assert.Equal("/hq/branches", page.Find(".refusal a").GetAttribute("href"));
    }

    [Fact]
    public async Task Hqs_look_shows_the_blackouts_and_offers_no_way_to_change_them()
    {
        Assert.False((await Commands.AddBlackoutAsync(Ana, Porto, June, June, "Wedding season", Ct)).IsRefused);
        var page = Open<BranchPage>(Hq, "/hq/branches/porto", ("Slug", "porto"));
        Assert.Contains("Wedding season", page.Markup, StringComparison.Ordinal);
        Assert.Empty(page.FindAll("button[data-decides]"));
    }

    [Fact]
    public async Task A_manager_removes_a_blackout_and_takes_it_back()
    {
        Assert.False((await Commands.AddBlackoutAsync(Ana, Porto, June, June.AddDays(2), "Wedding season", Ct)).IsRefused);
        var page = Open<BranchSettingsPage>(Ana, "/branch");
        Press(page, "Remove Wedding season");
        page.WaitForAssertion(() => Assert.DoesNotContain("1 Jun to 3 Jun 2099", page.Markup, StringComparison.Ordinal));

        page.WaitForState(() => page.Services.GetRequiredService<Toasts>().Shown.Count == 1);
        var toast = page.Services.GetRequiredService<Toasts>().Shown.Single();
        Assert.Equal("Blackout “Wedding season” removed", toast.Text);
        await toast.Undo!();
        page.WaitForAssertion(() => Assert.Contains("1 Jun to 3 Jun 2099", page.Markup, StringComparison.Ordinal));
    }

    [Fact]
    public async Task A_colleagues_change_appears_on_the_open_page()
    {
        var page = Open<BranchSettingsPage>(Ana, "/branch");
        Assert.False((await Commands.AddBlackoutAsync(Rui, Porto, June, June, "Fair", Ct)).IsRefused);
        Ring(Porto);
        page.WaitForAssertion(() => Assert.Contains("Fair", page.Markup, StringComparison.Ordinal));
    }

    [Fact]
    public async Task Staff_reads_the_page_and_may_press_nothing_but_giving_away_a_power_of_their_own()
    {
        Assert.False((await Commands.AddBlackoutAsync(Ana, Porto, June, June, "Wedding season", Ct)).IsRefused);
        var page = Open<BranchSettingsPage>(PortoStaff, "/branch");
        Assert.Contains("Wedding season", page.Markup, StringComparison.Ordinal);
        page.WaitForAssertion(() => Assert.Equal(["Give somebody a power…"], page.FindAll("button[data-decides]").Select(b => Said(b))));
    }

    [Fact]
    public async Task The_dialog_says_at_the_field_why_days_are_refused_and_keeps_what_was_typed()
    {
        Assert.False((await Commands.AddBlackoutAsync(Ana, Porto, June, June, "Wedding season", Ct)).IsRefused);
        var dialog = BrowserOf(Ana).Render<BlackoutDialog>(p => p.Add(d => d.Branch, Porto).Add(d => d.Today, June.AddDays(-7)));
        Add(dialog, "", June, June);
        dialog.WaitForAssertion(() => Assert.Contains("needs a name", dialog.Find("#blackout-name-error").TextContent, StringComparison.Ordinal));
        Add(dialog, "Fair", June.AddDays(-1), June.AddDays(1));
        dialog.WaitForAssertion(() => Assert.Contains("“Wedding season”, 1 Jun 2099", dialog.Find("#blackout-from-error").TextContent, StringComparison.Ordinal));
        Assert.Equal("Fair", dialog.Find("#blackout-name").GetAttribute("value"));
        Add(dialog, "Fair", June.AddDays(1), June.AddDays(2));
        dialog.WaitForAssertion(() => Assert.Empty(dialog.FindAll(".field-error")));
        Assert.Equal(2L, await SqlAsync("select count(*) from organization.blackouts where branch_id = $1", Porto.Value));
    }

    [Theory]
    [InlineData(-1, "running, its last day")]
    [InlineData(-2, "over")]
    [InlineData(0, "running, 1 day left")]
    [InlineData(1, "from tomorrow")]
    [InlineData(12, "in 12 days")]
    public void A_blackout_of_two_days_says_where_it_stands(int startsIn, string words) =>
        Assert.Equal(words, BranchWords.Standing(new BlackoutView(Guid.Empty, June.AddDays(startsIn), June.AddDays(startsIn + 1), "x"), June));

    private static void Add(IRenderedComponent<BlackoutDialog> dialog, string name, DateOnly from, DateOnly to)
    {
        dialog.Find("#blackout-name").Input(name);
        dialog.Find("#blackout-from").Change(from.ToString("O", CultureInfo.InvariantCulture));
        dialog.Find("#blackout-to").Change(to.ToString("O", CultureInfo.InvariantCulture));
        dialog.Find(".btn-primary").Click();
    }

    /// <summary>The page as the person sees it, once it shows what it read.</summary>
    private new IRenderedComponent<IComponent> Open<TPage>(Sender who, string address, params (string Name, object Value)[] route) where TPage : IComponent
    {
        var page = base.Open<TPage>(who, address, route);
        page.WaitForState(() => page.FindAll(".skeleton").Count == 0 && page.FindAll("h1").Count > 0 && page.FindAll(".branches, .rows, .refusal, .empty, section").Count > 0);
        return page;
    }

    private static List<string> Names(IRenderedComponent<IComponent> page) => [.. page.FindAll(".branches .row-link").Select(a => a.TextContent)];

    private void Ring(BranchId branch) => Live.Publish([new LiveEvent(1, Guid.NewGuid(), Clock.GetUtcNow(), Topics.BranchChanged, "staff:x", branch, "{}")]);
}
