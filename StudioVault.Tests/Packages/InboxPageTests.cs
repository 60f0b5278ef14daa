using System.Text.Json.Nodes;
using Bunit;
using Microsoft.AspNetCore.Components;
using StudioVault.Domain.Packages;
using StudioVault.Tests.Support;
using StudioVault.Web.Packages.Updates;
using Xunit;
using static StudioVault.Tests.Support.PageActions;

namespace StudioVault.Tests.Packages;

/// <summary>The update inbox and accepting several at once, drawn on a real database.</summary>
public sealed class InboxPageTests(PostgresServer server) : PackagePageTest(server)
{
    [Fact]
    public async Task The_tab_stands_in_the_address_and_shows_what_was_decided()
    {
        await AdoptAsync();
        await PublishAsync(Wider(), "Wider radius.");
        Assert.Null((await Decide.IgnoreAsync(Ana, Porto, await OpenOfferAsync(Porto), "Too far for us.", Ct)).Refusal);

        var ignored = Inbox("/updates?tab=ignored");
        Shows(ignored, "Wider radius.");
        Shows(ignored, "“Too far for us.”");
        var accepted = Inbox("/updates?tab=accepted");
        Shows(accepted, "The first one.");
        Assert.DoesNotContain("Wider radius.", accepted.Markup, StringComparison.Ordinal);
        var all = Inbox("/updates?tab=all");
        Shows(all, "Wider radius.");
        Shows(all, "The first one.");
        Shows(Inbox("/updates?tab=snoozed"), "Nothing is put off");
        Assert.Equal(["/updates", "/updates?tab=snoozed", "/updates?tab=ignored", "/updates?tab=accepted", "/updates?tab=all"],
            ignored.FindAll(".inbox-tools nav.tabs a").Select(a => new Uri(new Uri("http://localhost"), a.GetAttribute("href")).PathAndQuery).Distinct());
    }

    [Fact]
    public async Task Searching_goes_by_name_stands_in_the_address_and_says_when_nothing_has_it()
    {
        await AdoptAsync();
        await PublishAsync(Wider(), "Wider radius.");
        Shows(Inbox("/updates?q=wedding"), "Wider radius.");

        var none = Inbox("/updates?q=portrait");
        Shows(none, "No update here has “portrait” in its name");
        Assert.DoesNotContain("Wider radius.", none.Markup, StringComparison.Ordinal);
        Assert.Equal("/updates", new Uri(new Uri("http://localhost"), none.FindAll("a").Single(a => Said(a) == "Show all of them").GetAttribute("href")).PathAndQuery);

        var typed = Inbox("/updates?tab=all");
        typed.WaitForElement("input[type=search]");
        await typed.InvokeAsync(() => typed.Find("input[type=search]").Input("baby"));
        Clock.Advance(TimeSpan.FromSeconds(1));
        Arrives(typed, @"/updates\?tab=all&q=baby$");
    }

    [Fact]
    public async Task The_foot_names_the_packages_that_are_on_hqs_newest_version()
    {
        await AdoptAsync();
        Shows(Inbox("/updates"), "On HQ’s newest version: Wedding Classic.");
        await PublishAsync(Wider(), "Wider radius.");
        var behind = Inbox("/updates");
        Shows(behind, "Wider radius.");
        Assert.DoesNotContain("On HQ’s newest version", behind.Markup, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Every_change_of_every_chosen_update_is_on_the_screen_before_any_is_written()
    {
        var package = await AdoptAsync();
        await AdoptSecondAsync();
        var second = Wider();
        second["clauses"]!.AsArray()[0]!["body"] = "Originals are kept for 90 days after delivery.";
        foreach (var n in Enumerable.Range(1, 12)) second["items"]!.AsArray().Add(Line(n));
        await PublishAsync(second, "Much more.");
        await PublishSecondAsync();
        var page = Inbox("/updates");
        Press(page, "Choose all 2 without conflict");
        Press(page, "Accept 2 updates…");

        Shows(page, "Travel radius included: 40 km to 60 km");
        foreach (var n in Enumerable.Range(1, 12)) Shows(page, $"Line {n}: added");
        Shows(page, "reworded");
        page.WaitForAssertion(() => Assert.Contains("90", page.Find(".rz-dialog ins").TextContent, StringComparison.Ordinal));
        Assert.DoesNotContain(" more", Said(page.Find(".rz-dialog .safe")), StringComparison.Ordinal);
        Assert.Equal(1, (await CurrentAsync(package)).Revision);

        Press(page, "Accept 2 updates");
        page.WaitForAssertion(() => Assert.Equal(["Accepted", "Accepted"], page.FindAll(".rz-dialog .status").Select(Said)));
        Press(page, "To the inbox");
        Shows(page, "Nothing to decide");
        Assert.Equal(2, (await CurrentAsync(package)).Revision);
    }

    [Fact]
    public async Task One_that_somebody_decided_meanwhile_is_said_and_the_others_are_written()
    {
        var package = await AdoptAsync();
        await AdoptSecondAsync();
        await PublishAsync(Wider(), "Wider radius.");
        var offer = await OpenOfferAsync(Porto);
        await PublishSecondAsync();
        var page = Inbox("/updates");
        Press(page, "Choose all 2 without conflict");
        Press(page, "Accept 2 updates…");
        Shows(page, "Travel radius included: 40 km to 60 km");
        Assert.Null((await Decide.IgnoreAsync(Rui, Porto, offer, "No.", Ct)).Refusal);

        Press(page, "Accept 2 updates");
        Shows(page, "Rui ignored version 2 before you did");
        Shows(page, "Not accepted");
        Assert.Equal(1, (await CurrentAsync(package)).Revision);
        Assert.Equal(1L, await SqlAsync("select count(*) from packages.update_offers where branch_id = $1 and version = 2 and state = 'Accepted'", Porto.Value));
    }

    [Fact]
    public async Task An_update_with_more_changes_than_anybody_reads_in_a_list_is_left_to_its_own_page()
    {
        var package = await AdoptAsync();
        await AdoptSecondAsync();
        var second = Wider();
        foreach (var n in Enumerable.Range(1, 101)) second["items"]!.AsArray().Add(Line(n));
        await PublishAsync(second, "Very much more.");
        await PublishSecondAsync();
        var page = Inbox("/updates");
        Press(page, "Choose all 2 without conflict");
        Press(page, "Accept 2 updates…");
        Shows(page, "This update has to be looked at by hand: 102 changes.");
        Press(page, "Accept 1 update");
        Shows(page, "Accepted");
        Assert.Equal(1, (await CurrentAsync(package)).Revision);
    }

    private IRenderedComponent<IComponent> Inbox(string address) => Open<InboxPage>(Ana, address);

    private static JsonObject Wider()
    {
        var content = WeddingContent();
        content["travel"]!["radiusKm"] = 60;
        return content;
    }

    private static JsonObject Line(int n) => new()
    {
        ["id"] = $"line-{n}",
        ["title"] = $"Line {n}",
        ["kind"] = "product",
        ["quantity"] = 1,
        ["unitPrice"] = new JsonObject { ["EUR"] = "10.00" },
        ["inclusion"] = "add_on",
        ["deliverables"] = new JsonArray(),
    };

    private TemplateId _second;

    /// <summary>A second package of the branch.</summary>
    private async Task AdoptSecondAsync()
    {
        var content = WeddingContent();
        content["name"] = "Baby Steps";
        _second = (await Drafts.CreateAsync(Hq, "baby-steps", content.ToJsonString(), Ct)).Value;
        await PublishSecondAsync(1, content);
        Assert.Null((await AcceptAsync(Ana, Porto)).Refusal);
    }

    private async Task PublishSecondAsync(int version = 2, JsonObject? content = null)
    {
        if (content is null)
        {
            content = Wider();
            content["name"] = "Baby Steps";
        }

        var draft = (await Drafts.OpenAsync(Hq, _second, Ct)).Value;
        var saved = (await Drafts.SaveAsync(Hq, _second, draft.Revision, content.ToJsonString(), "Second.", Ct)).Value;
        Assert.Null((await RunPublishAsync(new(_second, saved.Revision, "Second.", StudioVault.Domain.Kernel.ChangeClass.Major, null, null, "test", version))).Refusal);
    }
}
