using Microsoft.Playwright;
using StudioVault.E2E.Support;
using Xunit;

namespace StudioVault.E2E.Shell;

/// <summary>Every part of the gallery, as the tour does it with every page.</summary>
public sealed class AccessibilityTests(Chromium chromium, GalleryVault gallery)
{
    [Theory]
    [InlineData("/dev/gallery", "")]
    [InlineData("/dev/gallery", "#open-dialog")]
    [InlineData("/dev/gallery", "#show-toast, #show-error")]
    [InlineData("/dev/gallery", ".menu-end summary")]
    [InlineData("/dev/gallery", "#break")]
    [InlineData("/dev/gallery/review", "")]
    [InlineData("/dev/gallery/login?failed=true", "")]
    public async Task Axe_finds_nothing_everything_can_be_pressed_and_nothing_sticks_out(string path, string press)
    {
        await using var context = await chromium.Browser.NewContextAsync(new(Screen.Desktop.Options(gallery.Vault.Address)) { ReducedMotion = ReducedMotion.Reduce });
        var page = await context.NewPageAsync();
        await VisitAsync(page, path, press);
        var found = await page.LookAsync(thorough: true);
        Assert.True(found.Count == 0, string.Join('\n', found));
    }

    [Theory]
    [InlineData(320, 568)]
    [InlineData(844, 390)]
    public async Task Decisions_stay_on_the_smallest_screens_and_are_56_pixels_tall(int width, int height)
    {
        await using var context = await chromium.Browser.NewContextAsync(new Screen("small", width, height, true).Options(gallery.Vault.Address));
        var page = await context.NewPageAsync();
        await VisitAsync(page, "/dev/gallery/review", "");
        Assert.Equal(0, await page.EvaluateAsync<int>("document.documentElement.scrollWidth - innerWidth"));
        foreach (var button in await page.Locator(".decision-bar .btn").AllAsync())
        {
            var box = (await button.BoundingBoxAsync())!;
            Assert.True(box.Height >= 56, $"{box.Height} pixels tall");
            Assert.True(box.Y >= 0 && box.Y + box.Height <= height, "off the screen");
        }
    }

    private static async Task VisitAsync(IPage page, string path, string press)
    {
        await page.GotoAsync(path);
        if (path is "/dev/gallery" or "/dev/gallery/review")
            await page.WaitForSelectorAsync("[data-live=true]");
        foreach (var selector in press.Split(',', StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries))
        {
            await page.ClickAsync(selector);
            await page.WaitForSelectorAsync(selector switch
            {
                "#open-dialog" => ".confirm",
                "#break" => "h1:has-text('This page broke')",
                ".menu-end summary" => ".menu-panel:visible",
                _ => ".toast",
            });
        }

        await page.SettleAsync();
    }
}
