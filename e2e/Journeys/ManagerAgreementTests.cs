using Microsoft.Playwright;
using StudioVault.E2E.Support;
using Xunit;
using static Microsoft.Playwright.Assertions;

namespace StudioVault.E2E.Journeys;

/// <summary>
/// A manager makes an agreement of a booked project: begins it, edits a clause, sends it, copies the client's link; sees the client
/// open and sign without a reload, verifies what was sealed, and sends an amendment of the hours whose redline she read first.
/// </summary>
public sealed class ManagerAgreementTests(Chromium chromium)
{
    [Fact]
    public async Task A_manager_begins_edits_and_sends_an_agreement_and_amends_it_once_it_is_signed()
    {
        using var data = new DataFolder();
        await using var vault = await RunningVault.StartAsync(data.Path, 0, [.. DemoPeople.Settings, ("Demo__Agreements", "0")]);
        var ana = await chromium.Browser.SignInAsync(vault.Address, "Ana Moreira", Screen.Desktop);
        await ana.Context.GrantPermissionsAsync(["clipboard-read", "clipboard-write"]);
        var complaints = ana.Complaints();

        // From the booked project.
        await ana.OpenAsync("/agreements");
        await ana.Locator("a.row-link[href^='/agreements/new']").First.ClickAsync();
        await ana.GetByLabel("Name of the client").FillAsync("Marta Sousa");
        await ana.GetByLabel("E-mail").FillAsync("marta.sousa@mail.example");
        await ana.GetByRole(AriaRole.Button, new() { Name = "Begin the draft" }).ClickAsync();

        // A clause is edited; a reload loses nothing that was typed.
        await Expect(ana.GetByText("Saved; ready to be sent")).ToBeVisibleAsync();
        await ana.Locator("#f-event-hours").FillAsync("8");
        await ana.Locator(".edit-card-open").Last.ClickAsync();
        await ana.Locator("textarea[id^='f-clauses-']").Last.FillAsync("Tell us within 60 days what is wrong, and we put it right.");
        await Expect(ana.Locator(".paper-screen")).ToContainTextAsync("within 60 days");
        await ana.WaitForFunctionAsync("Object.keys(localStorage).some(k => k.startsWith('draft:'))");
        await ana.ReloadAsync();
        await Expect(ana.GetByText("What you had not saved is back.")).ToBeVisibleAsync();
        await ana.GetByRole(AriaRole.Button, new() { Name = "Save the draft" }).ClickAsync();
        await Expect(ana.GetByText("Saved; ready to be sent")).ToBeVisibleAsync();

        // What goes to whom, then it goes.
        await ana.GetByRole(AriaRole.Button, new() { Name = "Send for signing" }).ClickAsync();
        await Expect(ana.Locator(".rz-dialog")).ToContainTextAsync("marta.sousa@mail.example");
        await ana.GetByRole(AriaRole.Button, new() { Name = "Send to Marta Sousa" }).ClickAsync();
        await Expect(ana.GetByText("Waiting for signatures").First).ToBeVisibleAsync(new() { Timeout = 60_000 });
        await ana.GetByRole(AriaRole.Button, new() { Name = "Copy the client link of Marta Sousa" }).ClickAsync();
        var link = await ana.EvaluateAsync<string>("navigator.clipboard.readText()");
        Assert.Contains("/c/", link, StringComparison.Ordinal);

        // The client opens the copied link and signs; the page follows.
        await ana.EvaluateAsync("window.sameDocument = true");
        await using var phone = await chromium.Browser.NewContextAsync(new(Screen.Phone.Options(vault.Address)) { JavaScriptEnabled = false });
        var marta = await phone.NewPageAsync();
        await marta.GotoAsync(new Uri(link).AbsolutePath);
        await Expect(ana.GetByText("Opened, not signed").First).ToBeVisibleAsync();
        await SignAsync(marta);
        await Expect(ana.GetByText("Version 1 is signed and sealed")).ToBeVisibleAsync(new() { Timeout = 60_000 });
        Assert.True(await ana.EvaluateAsync<bool>("window.sameDocument === true"), "the page was reloaded");

        // Proven in place.
        await ana.GetByRole(AriaRole.Link, new() { Name = "Verify", Exact = true }).ClickAsync();
        await Expect(ana.GetByText("Version 1 is what everybody signed")).ToBeVisibleAsync(new() { Timeout = 30_000 });
        var sealedPdf = await ana.RunAndWaitForDownloadAsync(() => ana.GetByRole(AriaRole.Link, new() { Name = "Sealed document, PDF" }).ClickAsync());
        Assert.EndsWith("-v1.pdf", sealedPdf.SuggestedFilename, StringComparison.Ordinal);

        // An amendment of the hours, read before it is sent.
        await ana.GetByRole(AriaRole.Link, new() { Name = "Start an amendment" }).ClickAsync();
        await ana.GetByRole(AriaRole.Link, new() { Name = "Hours" }).ClickAsync();
        await ana.Locator("#f-event-hours").FillAsync("10");
        await ana.Locator("#f-reason").FillAsync("The dance goes on for longer.");
        await Expect(ana.Locator(".changes")).ToContainTextAsync("10 hours");
        await ana.GetByRole(AriaRole.Button, new() { Name = "Save the draft" }).ClickAsync();
        await ana.GetByRole(AriaRole.Button, new() { Name = "Send for signing" }).ClickAsync();
        await ana.GetByRole(AriaRole.Button, new() { Name = "Send to Marta Sousa" }).ClickAsync();
        await Expect(ana.GetByText("0 of 1 have signed version 2")).ToBeVisibleAsync(new() { Timeout = 60_000 });
        await marta.GotoAsync("/demo/mail?to=marta.sousa@mail.example");
        await marta.GetByRole(AriaRole.Article).Filter(new() { HasText = "please read and sign" }).First.GetByRole(AriaRole.Link, new() { Name = "Open the link" }).ClickAsync();
        await Expect(marta.Locator(".changes")).ToContainTextAsync("10 hours");
        await SignAsync(marta);
        await Expect(ana.GetByText("Version 2 is signed and sealed")).ToBeVisibleAsync(new() { Timeout = 60_000 });
        await ana.GetByRole(AriaRole.Link, new() { Name = "As amended" }).ClickAsync();
        await Expect(ana.Locator(".amended-by").First).ToContainTextAsync("Version 2");
        Assert.Empty(complaints);
    }

    private static async Task SignAsync(IPage page)
    {
        await page.GetByRole(AriaRole.Link, new() { Name = "Review and sign" }).ClickAsync();
        await page.GetByLabel("Your full name").FillAsync("Marta Sousa");
        await page.GetByRole(AriaRole.Checkbox).CheckAsync();
        await page.GetByRole(AriaRole.Button, new() { Name = "Mail me a code" }).ClickAsync();
        await Expect(page.GetByRole(AriaRole.Heading, new() { Name = "Type the code" })).ToBeVisibleAsync();
        var step = page.Url;
        await page.GotoAsync("/demo/mail?to=marta.sousa@mail.example");
        var code = await page.Locator(".digits").First.InnerTextAsync();
        await page.GotoAsync(step);
        await page.GetByLabel("Code from the mail").FillAsync(code);
        await page.GetByRole(AriaRole.Button, new() { Name = "Sign", Exact = true }).ClickAsync();
        await Expect(page.GetByRole(AriaRole.Heading, new() { Name = "You have signed" })).ToBeVisibleAsync();
    }
}
