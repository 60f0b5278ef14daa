using Microsoft.Playwright;
using StudioVault.Domain.Agreements;
using StudioVault.Domain.Packages;
using StudioVault.E2E.Support;
using Xunit;
using static Microsoft.Playwright.Assertions;

namespace StudioVault.E2E.Journeys;

/// <summary>
/// A couple signs on their phones, without script: from the mail to the sealed documents, through an amendment as well. Everything
/// they press is in reach of a thumb and in the first screen.
/// </summary>
public sealed class ClientSigningTests(Chromium chromium)
{
    private static readonly Screen Small = new("small phone", 320, 640, true);

    [Fact]
    public async Task A_couple_signs_on_two_phones_without_script_and_gets_the_sealed_documents()
    {
        using var data = new DataFolder();
        await using var vault = await RunningVault.StartAsync(data.Path, 0, DemoPeople.Settings);
        await using var studio = await StudioHands.OfAsync(data.Path, "Ana Moreira");
        var id = await studio.SendAsync(data.Path, new(null, "Marta Sousa", "marta.sousa@mail.example"), new(null, "João Reis", "joao.reis@mail.example"));
        await using var martas = await PhoneAsync(vault, Screen.Phone, ColorScheme.Light);
        await using var joaos = await PhoneAsync(vault, Small, ColorScheme.Dark);
        var (marta, joao) = (await martas.NewPageAsync(), await joaos.NewPageAsync());
        List<string>[] complaints = [marta.Complaints(), joao.Complaints()];

        await ReadAsync(marta, "marta.sousa@mail.example", "please read and sign");
        await Expect(marta.GetByRole(AriaRole.Heading, new() { Level = 1 })).ToBeVisibleAsync();
        await PictureAsync(marta, "overview");
        await SignAsync(marta, "marta.sousa@mail.example", "Marta Sousa");
        await Expect(marta.GetByText("Still to sign: João Reis.")).ToBeVisibleAsync();
        await PictureAsync(marta, "done-waiting");

        await ReadAsync(joao, "joao.reis@mail.example", "please read and sign");
        await PictureAsync(joao, "overview-small");
        await SignAsync(joao, "joao.reis@mail.example", "João Reis");
        // The page looks again by itself until the documents are there.
        await Expect(joao.GetByText("Signed by everybody and sealed.")).ToBeVisibleAsync(new() { Timeout = 60_000 });
        await PictureAsync(joao, "done-small");
        foreach (var file in new[] { "Sealed document", "Certificate of completion" })
        {
            var download = await joao.RunAndWaitForDownloadAsync(() => joao.GetByRole(AriaRole.Link, new() { Name = file }).First.ClickAsync());
            Assert.StartsWith("%PDF-", await File.ReadAllTextAsync(await download.PathAsync(), System.Text.Encoding.Latin1, TestContext.Current.CancellationToken), StringComparison.Ordinal);
        }

        await marta.ReloadAsync();
        await Expect(marta.GetByText("Signed by everybody and sealed.")).ToBeVisibleAsync();

        // The studio moves the day; what changes comes first.
        Assert.Null((await studio.Agreements.AmendAsync(studio.Manager, studio.Branch, id, 0, new(AmendmentKind.Hours, new DateOnly(2026, 12, 1), "The dance goes on for longer.", PriceBasis.None,
            [AmendmentOperation.Set("/event/hours", ContentValue.Number(10L)), AmendmentOperation.Set("/event/startsAt", "13:30")], new Dictionary<int, Precedence>()), CancellationToken.None)).Refusal);
        Assert.Null((await studio.Agreements.SendAsync(studio.Manager, studio.Branch, id, CancellationToken.None)).Refusal);
        await ReadAsync(marta, "marta.sousa@mail.example", "please read and sign");
        await Expect(marta.GetByRole(AriaRole.Heading, new() { Name = "What changes since you last signed" })).ToBeVisibleAsync();
        await Expect(marta.Locator(".changes")).ToContainTextAsync("10 hours");
        await PictureAsync(marta, "amendment");
        await SignAsync(marta, "marta.sousa@mail.example", "Marta Sousa");
        await ReadAsync(joao, "joao.reis@mail.example", "please read and sign");
        await PictureAsync(joao, "amendment-small");
        await SignAsync(joao, "joao.reis@mail.example", "João Reis");
        await Expect(joao.GetByText("Signed by everybody and sealed.")).ToBeVisibleAsync(new() { Timeout = 60_000 });
        Assert.All(complaints, c => Assert.Empty(c));

        // They change their mind within the days the law gives.
        await joao.GotoAsync(joao.Url[..^"/done".Length]);
        await joao.GetByRole(AriaRole.Link, new() { Name = "Withdraw from contract here" }).ClickAsync();
        await FitsAsync(joao, joao.GetByRole(AriaRole.Button, new() { Name = "Confirm withdrawal" }));
        await PictureAsync(joao, "withdraw-small");
        await joao.GetByRole(AriaRole.Button, new() { Name = "Confirm withdrawal" }).ClickAsync();
        await Expect(joao.GetByRole(AriaRole.Heading, new() { Name = "Your withdrawal has arrived" })).ToBeVisibleAsync();
        await Expect(joao.GetByRole(AriaRole.Link, new() { Name = "Download the receipt" })).ToBeVisibleAsync(new() { Timeout = 60_000 });
        await PictureAsync(joao, "withdrawn-small");
        var receipt = await joao.RunAndWaitForDownloadAsync(() => joao.GetByRole(AriaRole.Link, new() { Name = "Download the receipt" }).ClickAsync());
        Assert.StartsWith("withdrawal-receipt-", receipt.SuggestedFilename, StringComparison.Ordinal);

        // And what holds of every page, on those of a client.
        var address = joao.Url[..^"/withdraw".Length];
        await using var window = await chromium.Browser.NewContextAsync(new(Screen.Phone.Options(vault.Address)) { ReducedMotion = ReducedMotion.Reduce });
        foreach (var path in new[] { address, address + "/done", address + "/withdraw", "/demo/mail" })
        {
            var page = await window.NewPageAsync();
            await page.GotoAsync(path);
            var found = await page.LookAsync();
            await PictureAsync(page, "desktop" + path.Split('/')[^1][..4]);
            Assert.True(found.Count == 0, $"{path}\n{string.Join('\n', found)}");
            await page.CloseAsync();
        }
    }

    private Task<IBrowserContext> PhoneAsync(RunningVault vault, Screen screen, ColorScheme scheme) =>
        chromium.Browser.NewContextAsync(new(screen.Options(vault.Address, scheme)) { JavaScriptEnabled = false, AcceptDownloads = true });

    /// <summary>Opens the newest mail with these words in its subject and follows its link.</summary>
    private static async Task ReadAsync(IPage page, string mailbox, string subject)
    {
        await page.GotoAsync($"/demo/mail?to={mailbox}");
        await page.GetByRole(AriaRole.Article).Filter(new() { HasText = subject }).First.GetByRole(AriaRole.Link, new() { Name = "Open the link" }).ClickAsync();
        await FitsAsync(page, page.GetByRole(AriaRole.Link, new() { Name = "Review and sign" }));
    }

    private static async Task SignAsync(IPage page, string mailbox, string name)
    {
        await page.GetByRole(AriaRole.Link, new() { Name = "Review and sign" }).ClickAsync();
        await FitsAsync(page, page.GetByRole(AriaRole.Button, new() { Name = "Mail me a code" }));
        await PictureAsync(page, "sign-" + page.ViewportSize!.Width);
        await page.GetByLabel("Your full name").FillAsync(name);
        await page.GetByRole(AriaRole.Checkbox).CheckAsync();
        await page.GetByRole(AriaRole.Button, new() { Name = "Mail me a code" }).ClickAsync();
        await Expect(page.GetByRole(AriaRole.Heading, new() { Name = "Type the code" })).ToBeVisibleAsync();
        await FitsAsync(page, page.GetByRole(AriaRole.Button, new() { Name = "Sign", Exact = true }));

        // To the mailbox and back, in the same window: nothing typed before is lost.
        var step = page.Url;
        await page.GotoAsync($"/demo/mail?to={mailbox}");
        var code = await page.Locator(".digits").First.InnerTextAsync();
        await page.GotoAsync(step);
        await Expect(page.Locator(".signing-as")).ToHaveTextAsync(name);
        await page.GetByLabel("Code from the mail").FillAsync("0");
        await page.GetByLabel("Code from the mail").FillAsync(code);
        await PictureAsync(page, "code-" + page.ViewportSize!.Width);
        await page.GetByRole(AriaRole.Button, new() { Name = "Sign", Exact = true }).ClickAsync();
        await Expect(page.GetByRole(AriaRole.Heading, new() { Name = "You have signed" })).ToBeVisibleAsync();
    }

    /// <summary>The one thing to do is in the first screen, large enough for a thumb, and nothing sticks out.</summary>
    private static async Task FitsAsync(IPage page, ILocator action)
    {
        var box = await action.BoundingBoxAsync();
        Assert.NotNull(box);
        Assert.InRange(box.Y + box.Height, 0, page.ViewportSize!.Height);
        Assert.InRange(box.Height, 56, 200);
        Assert.Equal(0, await page.OverhangAsync());
        Assert.Equal(0, await page.Locator("script").CountAsync());
    }

    // For whoever wants to look: a folder in CLIENT_PICTURES.
    private static async Task PictureAsync(IPage page, string name)
    {
        if (Environment.GetEnvironmentVariable("CLIENT_PICTURES") is not { Length: > 0 } folder) return;
        await page.ScreenshotAsync(new() { Path = Path.Combine(folder, name + ".png") });
        await page.ScreenshotAsync(new() { Path = Path.Combine(folder, name + ".whole.png"), FullPage = true });
    }
}
