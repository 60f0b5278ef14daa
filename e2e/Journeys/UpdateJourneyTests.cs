using Microsoft.Playwright;
using StudioVault.E2E.Support;
using Xunit;
using static Microsoft.Playwright.Assertions;

namespace StudioVault.E2E.Journeys;

/// <summary>
/// The heart of the product, in real browsers on the demo group: HQ publishes a version, it appears at the branch by itself, the
/// manager reviews it field by field, keeps an edit of their own and takes the rest, and nothing was overwritten.
/// </summary>
public sealed class UpdateJourneyTests(Chromium chromium)
{
    public static TheoryData<string> Screens => ["desktop", "tablet"];

    [Theory]
    [MemberData(nameof(Screens))]
    public async Task A_version_travels_from_hq_to_a_branch_and_keeps_what_the_branch_made_its_own(string name)
    {
        var screen = Screen.All.Single(s => s.Name == name);
        using var data = new DataFolder();
        await using var vault = await RunningVault.StartAsync(data.Path, 0, DemoPeople.Settings);
        var hq = await chromium.Browser.SignInAsync(vault.Address, "Astrid Holm", Screen.Desktop);
        var ana = await chromium.Browser.SignInAsync(vault.Address, "Ana Moreira", screen);
        var rui = await chromium.Browser.SignInAsync(vault.Address, "Rui Tavares", screen);
        List<string>[] complaints = [hq.Complaints(), ana.Complaints(), rui.Complaints()];

        // Ana has her inbox open; the offer is not there yet.
        await ana.OpenAsync("/updates");
        await Expect(ana.GetByRole(AriaRole.Link, new() { Name = "Wedding Classic" })).ToHaveCountAsync(0);
        await ana.EvaluateAsync("window.sameDocument = true");

        // HQ looks at the blast radius and publishes the prepared version 5.
        await hq.OpenAsync("/hq/templates/wedding-classic/publish");
        await hq.GetByRole(AriaRole.Button, new() { Name = "Continue to blast radius" }).ClickAsync();
        await Expect(hq.GetByText("Signed agreements affected: 0")).ToBeVisibleAsync(new() { Timeout = 60_000 });
        await Expect(hq.GetByRole(AriaRole.Row, new() { Name = "Northlight Porto" })).ToContainTextAsync("A choice to make");
        await hq.GetByRole(AriaRole.Link, new() { Name = "Continue to rollout" }).ClickAsync();
        await hq.GetByRole(AriaRole.Link, new() { Name = "Continue to publish" }).ClickAsync();
        await hq.GetByLabel("Type 5 to publish version 5").FillAsync("5");
        await hq.GetByRole(AriaRole.Button, new() { Name = "Publish version 5 to" }).ClickAsync();

        // It appears in the open inbox by itself, and asks for one choice.
        var row = ana.Locator(".rows > li", new() { HasText = "Wedding Classic" });
        await Expect(row).ToContainTextAsync("1 needs your choice", new() { Timeout = 60_000 });
        Assert.True(await ana.EvaluateAsync<bool>("window.sameDocument === true"), "the inbox was reloaded");
        await Expect(hq.GetByRole(AriaRole.Heading, new() { Name = "Version 5 is published" })).ToBeVisibleAsync();

        // Two managers on the same review see each other.
        await row.GetByRole(AriaRole.Link).ClickAsync();
        await Expect(ana.GetByRole(AriaRole.Heading, new() { Level = 1 })).ToContainTextAsync("Wedding Classic");
        var review = new Uri(ana.Url).AbsolutePath;
        await rui.OpenAsync(review);
        await Expect(ana.GetByText("Rui Tavares is reading this update")).ToBeVisibleAsync();

        // Nothing can be accepted before the one choice is made.
        await Expect(ana.GetByRole(AriaRole.Button, new() { Name = "Accept version 5, 1 choice left" })).ToBeDisabledAsync();
        await Expect(ana.Locator(".counts")).ToContainTextAsync("11");
        var album = ana.Locator("section.change", new() { HasText = "Linen album" });
        await Expect(album).ToContainTextAsync("€480.00");
        await album.GetByRole(AriaRole.Radio, new() { Name = "Keep yours" }).CheckAsync(new() { Force = true });
        await Expect(ana.GetByRole(AriaRole.Button, new() { Name = "Accept version 5", Exact = true })).ToBeEnabledAsync();

        // The choice is still there after a reload.
        await ana.WaitForFunctionAsync("() => Object.keys(localStorage).some(k => k.startsWith('review:'))");
        await ana.ReloadAsync();
        await ana.WaitForSelectorAsync("[data-live=true]");
        await Expect(album.GetByRole(AriaRole.Radio, new() { Name = "Keep yours" })).ToBeCheckedAsync();
        await Expect(ana.GetByRole(AriaRole.Button, new() { Name = "Accept version 5", Exact = true })).ToBeEnabledAsync();

        // The result is what she will sell: her price, HQ's radius.
        await ana.GetByRole(AriaRole.Link, new() { Name = "Result" }).ClickAsync();
        await Expect(ana.Locator(".preview")).ToContainTextAsync("up to 60 km");
        await Expect(ana.Locator(".preview-total")).ToContainTextAsync("€2,620.00");

        // She decides; Rui, who was about to, is told by whom and what, without a reload.
        await rui.Locator("section.change", new() { HasText = "Linen album" }).GetByRole(AriaRole.Radio, new() { Name = "Take HQ" }).CheckAsync(new() { Force = true });
        await rui.EvaluateAsync("window.sameDocument = true");
        await ana.GetByRole(AriaRole.Button, new() { Name = "Accept version 5", Exact = true }).ClickAsync();
        await Expect(ana.GetByRole(AriaRole.Heading, new() { Name = "Version 5 accepted in part" })).ToBeVisibleAsync();
        await Expect(ana.GetByRole(AriaRole.Row, new() { Name = "Linen album" })).ToContainTextAsync("Kept yours");
        await Expect(rui.GetByRole(AriaRole.Alert)).ToContainTextAsync("Ana Moreira accepted in part version 5 before you did");
        Assert.True(await rui.EvaluateAsync<bool>("window.sameDocument === true"), "the page of the second manager was reloaded");
        await Expect(rui.GetByRole(AriaRole.Button, new() { NameRegex = new("^Accept") })).ToHaveCountAsync(0);

        // HQ's result page followed by itself.
        await Expect(hq.GetByRole(AriaRole.Row, new() { Name = "Northlight Porto" })).ToContainTextAsync("Accepted in part");

        // The package holds her price and her other edits, and HQ's changes; quotes stand where they stood.
        await ana.GetByRole(AriaRole.Link, new() { Name = "Wedding Classic", Exact = true }).ClickAsync();
        await Expect(ana).ToHaveURLAsync(new System.Text.RegularExpressions.Regex("/packages/"));
        await Expect(ana.Locator("main")).ToContainTextAsync("€520.00");
        await Expect(ana.Locator("main")).ToContainTextAsync("60");
        Assert.All(complaints, c => Assert.Empty(c));
    }
}
