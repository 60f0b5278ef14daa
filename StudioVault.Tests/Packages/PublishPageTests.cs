using Bunit;
using Microsoft.AspNetCore.Components;
using Microsoft.Extensions.DependencyInjection;
using StudioVault.Domain.Organization;
using StudioVault.Infrastructure.Live;
using StudioVault.Infrastructure.Organization;
using StudioVault.Tests.Support;
using StudioVault.Web.Packages;
using Xunit;

namespace StudioVault.Tests.Packages;

public sealed class PublishPageTests(PostgresServer server) : PackagePageTest(server)
{
    private static readonly (string, object) Route = ("Slug", "wedding-classic");
    private const string Address = "/hq/templates/wedding-classic/publish";
    private static readonly TimeSpan Wait = TimeSpan.FromSeconds(10);

    [Fact]
    public async Task Publishes_to_the_branches_of_the_address_after_the_version_was_typed()
    {
        await DraftAsync(c => c["turnaroundDays"] = 30, "Quicker.");
        var browser = BrowserOf(Hq);
        var page = Open<PublishPage>(browser, Address + "?step=publish&to=wave&in=porto&name=South", Route);
        page.WaitForElement(".record", Wait);
        var publish = page.Find(".decision-bar .btn-primary");
        Assert.Equal("Publish version 1 to 1 branch", publish.TextContent);
        Assert.True(publish.HasAttribute("disabled"));

        page.Find("#typed-version").Input("2");
        Assert.True(page.Find(".decision-bar .btn-primary").HasAttribute("disabled"));
        page.Find("#typed-version").Input("1");
        page.WaitForAssertion(() => Assert.False(page.Find(".decision-bar .btn-primary").HasAttribute("disabled")), Wait);
        await page.Find(".decision-bar .btn-primary").ClickAsync(new());
        page.WaitForAssertion(() => Assert.EndsWith("step=done&v=1", browser.Services.GetRequiredService<NavigationManager>().Uri, StringComparison.Ordinal), Wait);
        Assert.Equal("South", await SqlAsync("select name from packages.publish_waves"));
        Assert.Equal(1L, await SqlAsync("select count(*) from packages.update_offers"));
    }

    [Fact]
    public async Task Without_a_summary_nothing_goes_on()
    {
        await DraftAsync(c => c["turnaroundDays"] = 30, "");
        var page = Open<PublishPage>(BrowserOf(Hq), Address, Route);
        page.WaitForElement(".decision-bar .btn-primary", Wait);
        await page.Find(".decision-bar .btn-primary").ClickAsync(new());
        Assert.Contains("Write what changes for the branches", page.Find(".field-error").TextContent, StringComparison.Ordinal);
    }

    [Fact]
    public async Task The_blast_radius_names_the_branch_with_the_conflict_first_and_leaves_nothing_behind()
    {
        var package = await AdoptAsync();
        Assert.Null((await EditAsync(package, c => In(c, "items", "album")["unitPrice"] = "500.00")).Refusal);
        await DraftAsync(c => In(c, "items", "album")["unitPrice"]!["EUR"] = "520.00", "The album costs more.");
        var page = Open<PublishPage>(BrowserOf(Hq), Address + "?step=radius", Route);
        page.WaitForElement(".radius-table", Wait);
        var rows = page.FindAll(".radius-table tbody tr");
        Assert.Equal(["Northlight Porto", "Northlight Berlin"], rows.Select(r => r.QuerySelector("th")!.FirstChild!.TextContent));
        Assert.Contains("A choice to make", rows[0].TextContent, StringComparison.Ordinal);
        Assert.Contains("Signed agreements affected: 0", page.Find(".check").TextContent, StringComparison.Ordinal);
        Assert.Equal(1L, await SqlAsync("select count(*) from packages.template_versions"));
    }

    [Fact]
    public async Task A_price_that_is_missing_blocks_and_links_to_its_field()
    {
        await DraftAsync(c => c["travel"]!["pricePerKm"]!.AsObject().Clear(), "No travel.");
        var page = Open<PublishPage>(BrowserOf(Hq), Address + "?step=publish", Route);
        page.WaitForElement(".blocking", Wait);
        Assert.Equal("/hq/templates/wedding-classic/edit?field=%2Ftravel%2FpricePerKm", page.Find(".blocking a").GetAttribute("href"));
        page.Find("#typed-version").Input("1");
        Assert.True(page.Find(".decision-bar .btn-primary").HasAttribute("disabled"));
    }

    [Fact]
    public async Task A_draft_changed_by_a_colleague_meanwhile_is_not_published()
    {
        await DraftAsync(c => c["turnaroundDays"] = 30, "Quicker.");
        var page = Open<PublishPage>(BrowserOf(Hq), Address + "?step=publish", Route);
        page.WaitForElement("#typed-version", Wait).Input("1");
        page.WaitForAssertion(() => Assert.False(page.Find(".decision-bar .btn-primary").HasAttribute("disabled")), Wait);
        await DraftAsync(c => c["turnaroundDays"] = 20, "Quicker still.");
        await page.Find(".decision-bar .btn-primary").ClickAsync(new());
        page.WaitForAssertion(() => Assert.Contains("refuse.package.draft_moved", page.Markup, StringComparison.Ordinal), Wait);
        Assert.Equal(0L, await SqlAsync("select count(*) from packages.template_versions"));
        Assert.Equal("", page.Find("#typed-version").GetAttribute("value") ?? "");
    }

    [Fact]
    public async Task Coming_straight_to_the_last_step_computes_the_blast_radius_and_shows_it()
    {
        var package = await AdoptAsync();
        Assert.Null((await EditAsync(package, c => In(c, "items", "album")["unitPrice"] = "500.00")).Refusal);
        await DraftAsync(c => In(c, "items", "album")["unitPrice"]!["EUR"] = "520.00", "The album costs more.");
        var page = Open<PublishPage>(BrowserOf(Hq), Address + "?step=publish", Route);
        page.WaitForAssertion(() => Assert.Contains("1 conflict in 1 branch, 0 open quotes stay as sent, 0 signed agreements affected", page.Find(".record").TextContent, StringComparison.Ordinal), Wait);
    }

    [Fact]
    public async Task A_branch_that_opens_meanwhile_asks_for_another_look()
    {
        await DraftAsync(c => c["turnaroundDays"] = 30, "Quicker.");
        var page = Open<PublishPage>(BrowserOf(Hq), Address + "?step=publish", Route);
        page.WaitForElement("#typed-version", Wait).Input("1");
        page.WaitForAssertion(() => Assert.False(page.Find(".decision-bar .btn-primary").HasAttribute("disabled")), Wait);
        Assert.Null((await new BranchCommands(Door).OpenAsync(Hq, new("ghent", "Northlight Ghent", "Ghent", "BE", "EUR", "Europe/Brussels", Ownership.Independent, "EU", "BTW", 21m, "ghent@northlight.example"), Ct)).Refusal);
        await page.Find(".decision-bar .btn-primary").ClickAsync(new());
        page.WaitForAssertion(() => Assert.Contains("refuse.package.radius_stale", page.Markup, StringComparison.Ordinal), Wait);
        Assert.Equal(0L, await SqlAsync("select count(*) from packages.template_versions"));
    }

    [Fact]
    public async Task The_result_follows_what_branches_decide()
    {
        await PublishAsync(WeddingContent());
        var page = Open<PublishPage>(BrowserOf(Hq), Address + "?step=done&v=1", Route);
        page.WaitForAssertion(() => Assert.Contains("0 of 2", page.Find(".progress").TextContent, StringComparison.Ordinal), Wait);
        Assert.Null((await AcceptAsync(Ana, Porto)).Refusal);
        Live.Publish([new LiveEvent(1, Guid.NewGuid(), Clock.GetUtcNow(), Topics.OfferChanged, "Ana", Porto, $$"""{"templateId":"{{Wedding}}"}""")]);
        page.WaitForAssertion(() => Assert.Contains("1 of 2", page.Find(".progress").TextContent, StringComparison.Ordinal), Wait);
        // The page rests a second before it looks again.
        Assert.Null((await AcceptAsync(BerlinManager, Berlin)).Refusal);
        Live.Publish([new LiveEvent(2, Guid.NewGuid(), Clock.GetUtcNow(), Topics.OfferChanged, "Ida", Berlin, $$"""{"templateId":"{{Wedding}}"}""")]);
        Assert.Contains("1 of 2", page.Find(".progress").TextContent, StringComparison.Ordinal);
        page.WaitForAssertion(() =>
        {
            Clock.Advance(TimeSpan.FromSeconds(1));
            Assert.Contains("2 of 2", page.Find(".progress").TextContent, StringComparison.Ordinal);
        }, Wait);
    }

    [Fact]
    public async Task After_a_recall_the_page_compares_with_what_was_not_called_back()
    {
        await PublishAsync(WeddingContent());
        var slip = WeddingContent();
        In(slip, "items", "album")["unitPrice"]!["EUR"] = "4800.00";
        await PublishAsync(slip);
        Assert.Null((await Yank.RunAsync(Hq, Wedding, 2, "A zero too many.", Ct)).Refusal);
        await DraftAsync(c => In(c, "items", "album")["unitPrice"]!["EUR"] = "500.00", "The album costs more.");
        var page = Open<PublishPage>(BrowserOf(Hq), Address, Route);
        page.WaitForElement("#declared", Wait);
        Assert.Equal(["Major"], page.FindAll("#declared option").Select(o => o.GetAttribute("value")));
        Assert.Contains("EUR 480.00 before, 500.00 now", page.Find(".reasons").TextContent, StringComparison.Ordinal);
        Assert.Contains("Compared with version 1", page.Markup, StringComparison.Ordinal);
        var editor = Open<TemplateEditPage>(BrowserOf(Hq), "/hq/templates/wedding-classic/edit", Route);
        editor.WaitForAssertion(() => Assert.Contains("MAJOR", editor.Markup, StringComparison.Ordinal), Wait);
    }

    private async Task DraftAsync(Action<System.Text.Json.Nodes.JsonObject> change, string summary)
    {
        var content = WeddingContent();
        change(content);
        var draft = (await Drafts.OpenAsync(Hq, Wedding, Ct)).Value;
        Assert.Null((await Drafts.SaveAsync(Hq, Wedding, draft.Revision, content.ToJsonString(), summary, Ct)).Refusal);
    }
}
