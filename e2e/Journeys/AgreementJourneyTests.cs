using Microsoft.Playwright;
using StudioVault.E2E.Support;
using Xunit;
using static Microsoft.Playwright.Assertions;

namespace StudioVault.E2E.Journeys;

/// <summary>
/// The whole way of an agreement: a manager begins it from a booked project, edits a clause, sends it, copies a client's link; two
/// clients sign on their phones and she sees it without a reload; an amendment of the hours, read as a redline first, signed by both;
/// the agreement as amended; the sealed file verified by whoever holds it; the evidence pack opened from a disk.
/// </summary>
public sealed class AgreementJourneyTests(Chromium chromium)
{
    [Fact]
    public async Task From_a_booking_to_an_amended_agreement_that_anybody_can_verify_without_us()
    {
        using var data = new DataFolder();
        await using var vault = await RunningVault.StartAsync(data.Path, 0, DemoPeople.Settings);
        var ana = await chromium.Browser.SignInAsync(vault.Address, "Ana Moreira", Screen.Desktop);
        await ana.Context.GrantPermissionsAsync(["clipboard-read", "clipboard-write"]);
        var complaints = ana.Complaints();

        // From the booked project.
        await ana.OpenAsync("/agreements");
        await ana.Locator("a.row-link[href^='/agreements/new']").First.ClickAsync();
        await ana.GetByLabel("Name of the client").FillAsync("Marta Sousa");
        await ana.GetByLabel("E-mail").FillAsync("marta.sousa@mail.example");
        await ana.GetByRole(AriaRole.Button, new() { Name = "Another client" }).ClickAsync();
        await ana.GetByLabel("Name of client 2").FillAsync("João Reis");
        await ana.GetByLabel("E-mail of client 2").FillAsync("joao.reis@mail.example");
        await ana.GetByRole(AriaRole.Button, new() { Name = "Begin the draft" }).ClickAsync();

        // A clause is edited; a reload loses nothing that was typed.
        await Expect(ana.GetByText("Saved; ready to be sent")).ToBeVisibleAsync();
        await ana.Locator("#f-event-hours").FillAsync("8");
        await ana.Locator(".edit-card-open").Last.ClickAsync();
        await ana.Locator("textarea[id^='f-clauses-']").Last.FillAsync("Tell us within 60 days what is wrong, and we put it right.");
        await Expect(ana.Locator(".paper-screen")).ToContainTextAsync("within 60 days");
        await ana.WaitForFunctionAsync("() => Object.keys(localStorage).some(k => k.startsWith('draft:'))");
        await ana.ReloadAsync();
        await Expect(ana.GetByText("What you had not saved is back.")).ToBeVisibleAsync();
        await ana.GetByRole(AriaRole.Button, new() { Name = "Save the draft" }).ClickAsync();
        await Expect(ana.GetByText("Saved; ready to be sent")).ToBeVisibleAsync();

        // What goes to whom, then it goes.
        await ana.GetByRole(AriaRole.Button, new() { Name = "Send for signing" }).ClickAsync();
        await Expect(ana.Locator(".rz-dialog")).ToContainTextAsync("marta.sousa@mail.example");
        await ana.GetByRole(AriaRole.Button, new() { NameRegex = new("^Send to ") }).ClickAsync();
        await Expect(ana.GetByText("Waiting for signatures").First).ToBeVisibleAsync(new() { Timeout = 60_000 });
        await ana.GetByRole(AriaRole.Button, new() { Name = "Copy client link of Marta Sousa" }).ClickAsync();
        var link = await ana.EvaluateAsync<string>("navigator.clipboard.readText()");
        Assert.Contains("/c/", link, StringComparison.Ordinal);

        // One client opens the copied link, the other the mail; both sign, and the page follows.
        await ana.EvaluateAsync("window.sameDocument = true");
        await using var phone = await chromium.Browser.NewContextAsync(new(Screen.Phone.Options(vault.Address)) { JavaScriptEnabled = false });
        await using var small = await chromium.Browser.NewContextAsync(new(new Screen("small phone", 320, 640, true).Options(vault.Address, ColorScheme.Dark)) { JavaScriptEnabled = false });
        var (marta, joao) = (await phone.NewPageAsync(), await small.NewPageAsync());
        await marta.GotoAsync(new Uri(link).AbsolutePath);
        await Expect(ana.GetByText("Opened, not signed").First).ToBeVisibleAsync();
        await SignAsync(marta, "Marta Sousa", "marta.sousa@mail.example");
        await OpenMailAsync(joao, "joao.reis@mail.example");
        await SignAsync(joao, "João Reis", "joao.reis@mail.example");
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
        await ana.GetByRole(AriaRole.Button, new() { NameRegex = new("^Send to ") }).ClickAsync();
        await Expect(ana.GetByText("0 of 2 have signed version 2")).ToBeVisibleAsync(new() { Timeout = 60_000 });
        await OpenMailAsync(marta, "marta.sousa@mail.example");
        await Expect(marta.Locator(".changes")).ToContainTextAsync("10 hours");
        await SignAsync(marta, "Marta Sousa", "marta.sousa@mail.example");
        await OpenMailAsync(joao, "joao.reis@mail.example");
        await SignAsync(joao, "João Reis", "joao.reis@mail.example");
        await Expect(ana.GetByText("Version 2 is signed and sealed")).ToBeVisibleAsync(new() { Timeout = 60_000 });
        await ana.GetByRole(AriaRole.Link, new() { Name = "As amended" }).ClickAsync();
        await Expect(ana.Locator(".amended-by").First).ToContainTextAsync("Version 2");
        Assert.Empty(complaints);

        // Whoever holds the file may ask, without an account.
        await using var anybody = await chromium.Browser.NewContextAsync(Screen.Phone.Options(vault.Address));
        var stranger = await anybody.NewPageAsync();
        await stranger.GotoAsync("/verify");
        await stranger.Locator("#verify-file").SetInputFilesAsync(await sealedPdf.PathAsync());
        await Expect(stranger.Locator("#verdict-title")).ToHaveTextAsync("The original, byte for byte", new() { Timeout = 30_000 });

        // The evidence pack, from a disk and without us.
        using var folder = new DataFolder();
        await ana.OpenAsync(new Uri(ana.Url).AbsolutePath);
        var pack = await ana.RunAndWaitForDownloadAsync(() => ana.GetByRole(AriaRole.Link, new() { NameRegex = new("[Ee]vidence") }).First.ClickAsync());
        var zip = Path.Combine(folder.Path, "pack.zip");
        await pack.SaveAsAsync(zip);
        System.IO.Compression.ZipFile.ExtractToDirectory(zip, Path.Combine(folder.Path, "pack"));
        await using var offline = await chromium.Browser.NewContextAsync(new() { Offline = true });
        var verifier = await offline.NewPageAsync();
        await verifier.GotoAsync("file://" + Path.Combine(folder.Path, "pack", "verifier.html"));
        await verifier.Locator("#zip").SetInputFilesAsync(zip);
        await Expect(verifier.GetByRole(AriaRole.Heading, new() { NameRegex = new("everything fits") })).ToBeVisibleAsync(new() { Timeout = 30_000 });
    }

    private static async Task OpenMailAsync(IPage page, string mailbox)
    {
        await page.GotoAsync($"/demo/mail?to={mailbox}");
        await page.GetByRole(AriaRole.Article).Filter(new() { HasText = "please read and sign" }).First.GetByRole(AriaRole.Link, new() { Name = "Open the link" }).ClickAsync();
    }

    private static async Task SignAsync(IPage page, string name, string mailbox)
    {
        await page.GetByRole(AriaRole.Link, new() { Name = "Review and sign" }).ClickAsync();
        await page.GetByLabel("Your full name").FillAsync(name);
        await page.GetByRole(AriaRole.Checkbox).CheckAsync();
        await page.GetByRole(AriaRole.Button, new() { Name = "Mail me a code" }).ClickAsync();
        await Expect(page.GetByRole(AriaRole.Heading, new() { Name = "Type the code" })).ToBeVisibleAsync();
        var step = page.Url;
        await page.GotoAsync($"/demo/mail?to={mailbox}");
        var code = await page.Locator(".digits").First.InnerTextAsync();
        await page.GotoAsync(step);
        await page.GetByLabel("Code from the mail").FillAsync(code);
        await page.GetByRole(AriaRole.Button, new() { Name = "Sign", Exact = true }).ClickAsync();
        await Expect(page.GetByRole(AriaRole.Heading, new() { Name = "You have signed" })).ToBeVisibleAsync();
    }
}
