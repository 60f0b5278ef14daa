using Bunit;
using StudioVault.Domain.Kernel;
using StudioVault.Domain.Organization;
using StudioVault.Domain.Packages;
using StudioVault.Infrastructure.Packages;
using StudioVault.Tests.Ui;
using StudioVault.Web.Live;
using StudioVault.Web.Packages;
using Xunit;

namespace StudioVault.Tests.Packages;

/// <summary>The parts of HQ's pages that only draw.</summary>
public sealed class TemplatePartsTests : UiTest
{
    public TemplatePartsTests() => SetRendererInfo(new("Server", isInteractive: true));

    [Fact]
    public void One_price_in_several_currencies_is_one_line_of_the_change_list()
    {
        var before = TemplateContent.From(PackageFormTests.Tree(c => c["items"]![1]!["unitPrice"]!["GBP"] = "420.00")).Value;
        var after = TemplateContent.From(PackageFormTests.Tree(c =>
        {
            c["items"]![1]!["unitPrice"]!["EUR"] = "495.00";
            c["items"]![1]!["unitPrice"]!["GBP"] = "400.00";
            c["turnaroundDays"] = 30;
        })).Value;
        var list = Render<TemplateReasons>(p => p.Add(r => r.Reasons, PackageChange.Between(before, after).Reasons));
        var lines = list.FindAll(".reasons > li");
        Assert.Equal(2, lines.Count);
        Assert.Contains("MAJOR", lines[0].TextContent, StringComparison.Ordinal);
        Assert.Equal(["EUR 480.00 → 495.00", "GBP 420.00 → 400.00"], list.FindAll(".reason-prices li").Select(l => l.TextContent.Trim()));
    }

    [Theory]
    [InlineData(null, "Porto,Berlin,Malmö,Leeds")]
    [InlineData("behind", "Berlin")]
    [InlineData("customised", "Porto")]
    [InlineData("ignored", "Berlin")]
    [InlineData("without", "Leeds")]
    [InlineData("nonsense", "Porto,Berlin,Malmö,Leeds")]
    public void The_filter_of_the_address_decides_which_branches_show(string? show, string branches)
    {
        var table = Render<TemplateAdoption>(p => p.Add(a => a.Rows, Adoption).Add(a => a.Newest, 3).Add(a => a.Show, show).Add(a => a.HrefOf, s => "?show=" + s).Add(a => a.PageHref, n => $"?page={n}"));
        Assert.Equal(branches.Split(','), table.FindAll("tbody th").Select(h => h.FirstChild!.TextContent));
    }

    [Fact]
    public void A_branch_that_ignored_shows_its_reason_and_a_snoozed_one_its_day()
    {
        var table = Render<TemplateAdoption>(p => p.Add(a => a.Rows, Adoption).Add(a => a.Newest, 3).Add(a => a.HrefOf, s => "?show=" + s).Add(a => a.PageHref, n => $"?page={n}"));
        Assert.Contains("“Prices differ here”", table.Markup, StringComparison.Ordinal);
        Assert.Contains("until 1 Dec 2026", table.Markup, StringComparison.Ordinal);
        Assert.Contains("Asked to review the recall", table.Markup, StringComparison.Ordinal);
    }

    [Fact]
    public void A_version_called_back_shows_why_and_offers_no_further_action()
    {
        VersionRow[] versions = [Version(2) with { YankedAt = Clock.GetUtcNow(), YankReason = "A price is wrong" }, Version(1)];
        var timeline = Render<TemplateTimeline>(p => p.Add(t => t.Versions, versions).Add(t => t.CanOfferMore, true));
        var first = timeline.Find("li#v2");
        Assert.Contains("A price is wrong", first.TextContent, StringComparison.Ordinal);
        Assert.DoesNotContain(first.QuerySelectorAll("button"), b => b.TextContent.Contains('…', StringComparison.Ordinal));
        Assert.Contains(timeline.Find("li#v1").QuerySelectorAll("button"), b => b.TextContent == "Call back v1…");
    }

    [Fact]
    public void Adoption_is_told_in_words_and_not_by_colour_alone()
    {
        var bar = Render<TemplateAdoptionBar>(p => p.Add(b => b.Following, 9).Add(b => b.Behind, 3).Add(b => b.OnCalledBack, 2).Add(b => b.Customised, 4).Add(b => b.Version, 5));
        Assert.Equal("9 of 14 on v5, 3 behind, 2 on one called back, 4 with own values", string.Join(' ', bar.Find(".adoption-words").TextContent.Split((char[]?)null, StringSplitOptions.RemoveEmptyEntries)));
        Assert.Equal((9, 5), (bar.FindAll(".on").Count, bar.FindAll(".off").Count));
    }

    [Fact]
    public void Choosing_a_country_adds_its_branches_and_keeps_the_others()
    {
        IReadOnlySet<BranchId>? chosen = null;
        TemplateBranchPick.Pick[] branches = [Pick("Porto", "PT"), Pick("Lisbon", "PT"), Pick("Leeds", "GB")];
        var pick = Render<TemplateBranchPick>(p => p.Add(b => b.Branches, branches).Add(b => b.Chosen, new HashSet<BranchId> { branches[2].Id }).Add(b => b.ChosenChanged, c => chosen = c));
        pick.FindAll("button").Single(b => b.TextContent == "PT").Click();
        Assert.Equal(branches.Select(b => b.Id).ToHashSet(), chosen);
    }

    [Theory]
    [InlineData(null, "Branch 001", 50, null, "?page=2")]
    [InlineData(3, "Branch 101", 20, "?page=2", null)]
    [InlineData(99, "Branch 101", 20, "?page=2", null)]
    [InlineData(-1, "Branch 001", 50, null, "?page=2")]
    public void Of_many_branches_one_page_shows(int? number, string first, int rows, string? before, string? after)
    {
        var many = Enumerable.Range(1, 120).Select(n => Row($"Branch {n:000}", 3, OfferState.Accepted)).ToArray();
        var table = Render<TemplateAdoption>(p => p.Add(a => a.Rows, many).Add(a => a.Newest, 3).Add(a => a.Page, number).Add(a => a.HrefOf, s => "?show=" + s).Add(a => a.PageHref, n => $"?page={n}"));
        var shown = table.FindAll("tbody th");
        Assert.Equal((first, rows), (shown[0].FirstChild!.TextContent, shown.Count));
        Assert.Equal((before, after), (table.FindAll(".pager a[rel=prev]").SingleOrDefault()?.GetAttribute("href"), table.FindAll(".pager a[rel=next]").SingleOrDefault()?.GetAttribute("href")));
        Assert.Equal("120", table.Find("nav.toolbar .num").TextContent);
    }

    [Fact]
    public void A_prediction_for_many_branches_begins_with_the_conflicts_and_goes_on_over_pages()
    {
        var many = Enumerable.Range(1, 60).Select(n => new BranchPrediction(BranchId.New(), $"Branch {n:00}", "EUR", false, n > 57, 1, n > 57 ? 1 : 0, 0, 0, 0, null)).ToArray();
        var report = new BlastRadiusReport(2, new string('a', 64), ChangeClass.Minor, [], 60, 57, 3, 0, 0, 0, 0, 0, 0, 40, false, many, "x");
        var first = Render<PublishRadius>(p => p.Add(r => r.Report, report).Add(r => r.PageHref, n => $"?page={n}"));
        Assert.Equal(["Branch 58", "Branch 59", "Branch 60", "Branch 01"], first.FindAll("tbody th").Take(4).Select(h => h.FirstChild!.TextContent));
        Assert.Equal(50, first.FindAll("tbody tr").Count);
        Assert.Equal("?page=2", first.Find(".pager a[rel=next]").GetAttribute("href"));
        var second = Render<PublishRadius>(p => p.Add(r => r.Report, report).Add(r => r.Page, 2).Add(r => r.PageHref, n => $"?page={n}"));
        Assert.Equal(("Branch 48", 10), (second.Find("tbody th").FirstChild!.TextContent, second.FindAll("tbody tr").Count));
        Assert.Contains("Branches 51 to 60 of 60", second.Find(".pager").TextContent, StringComparison.Ordinal);
    }

    [Fact]
    public void Of_many_branches_to_choose_some_show_and_the_others_are_searched_for()
    {
        IReadOnlySet<BranchId>? chosen = null;
        var branches = Enumerable.Range(1, 200).Select(n => Pick($"Branch {n:000}", n == 150 ? "SE" : "PT")).ToArray();
        var pick = Render<TemplateBranchPick>(p => p.Add(b => b.Branches, branches).Add(b => b.Chosen, new HashSet<BranchId> { branches[0].Id }).Add(b => b.ChosenChanged, c => chosen = c));
        Assert.Equal(TemplateBranchPick.MostShown, pick.FindAll("li").Count);
        Assert.StartsWith("140 more branches", pick.Find(".pick-more").TextContent, StringComparison.Ordinal);
        pick.Find("input[type=search]").Input(" se ");
        Assert.Equal("Branch 150", pick.Find("li span").FirstChild!.TextContent);
        Assert.Empty(pick.FindAll(".pick-more"));
        pick.Find("li input").Change(true);
        Assert.Equal([branches[0].Id, branches[149].Id], chosen!.OrderBy(c => c == branches[0].Id ? 0 : 1));
        pick.Find("input[type=search]").Input("nowhere");
        Assert.Empty(pick.FindAll("li"));
        // Few need no search.
        Assert.Empty(Render<TemplateBranchPick>(p => p.Add(b => b.Branches, branches[..5]).Add(b => b.Chosen, new HashSet<BranchId>())).FindAll("input[type=search]"));
    }

    [Fact]
    public async Task What_comes_within_a_second_after_a_reload_is_followed_together()
    {
        var loads = 0;
        using var reload = new PacedReload(Clock, () =>
        {
            loads++;
            return Task.CompletedTask;
        });
        await reload.AskAsync();
        Assert.Equal(1, loads);
        for (var n = 0; n < 5; n++) await reload.AskAsync();
        Assert.Equal(1, loads);
        Clock.Advance(PacedReload.Pace);
        Assert.Equal(2, loads);
        Clock.Advance(PacedReload.Pace);
        Assert.Equal(2, loads);
        await reload.AskAsync();
        Assert.Equal(3, loads);
        await reload.AskAsync();
        reload.Dispose();
        Clock.Advance(PacedReload.Pace);
        Assert.Equal(3, loads);
    }

    private static readonly AdoptionRow[] Adoption =
    [
        Row("Porto", 3, OfferState.Accepted) with { IsCustomised = true },
        Row("Berlin", 2, OfferState.Ignored) with { Reason = "Prices differ here" },
        Row("Malmö", 3, OfferState.Snoozed) with { SnoozedUntil = new DateOnly(2026, 12, 1), ReviewsYank = true },
        Row("Leeds", null, null),
    ];

    private static AdoptionRow Row(string name, int? version, OfferState? state) =>
        new(BranchId.New(), name, name, "XX", "EUR", Ownership.Company, version, version, false, state, state is null ? null : 3, null, null, null, null, false);

    private static VersionRow Version(int number) => new(number, new string('a', 64), $"Summary {number}", ChangeClass.Minor, null, DateTimeOffset.UnixEpoch, "Helena", null, null, 12, 5, 1, 6, []);

    private static TemplateBranchPick.Pick Pick(string name, string country) => new(BranchId.New(), name, country, "EUR", Ownership.Company, null);
}
