using Deque.AxeCore.Commons;
using Deque.AxeCore.Playwright;
using Microsoft.Playwright;
using StudioVault.E2E.Support;
using Xunit;

namespace StudioVault.E2E.Shell;

/// <summary>Axe and a ruler over every part, in both themes, on three screens.</summary>
public sealed class AccessibilityTests(Chromium chromium, GalleryVault gallery)
{
    private static readonly AxeRunOptions Rules = new()
    {
        RunOnly = new RunOnlyOptions { Type = "tag", Values = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"] },
    };

    public static TheoryData<string, string> Views => new()
    {
        { "/dev/gallery", "" },
        { "/dev/gallery", "#open-dialog" },
        { "/dev/gallery", "#show-toast, #show-error" },
        { "/dev/gallery", ".menu-end summary" },
        { "/dev/gallery", "#break" },
        { "/dev/gallery/review", "" },
        { "/dev/gallery/login?failed=true", "" },
        { "/login", "" },
        { "/denied", "" },
        { "/error", "" },
    };

    [Theory]
    [MemberData(nameof(Views))]
    public async Task Axe_finds_nothing(string path, string press)
    {
        var found = new List<string>();
        // One visit by mouse and one by finger; size and theme then change under the open page, as they do in life.
        foreach (var screens in Screen.All.GroupBy(s => s.Touch))
        {
            await using var context = await chromium.Browser.NewContextAsync(new(screens.First().Options(gallery.Vault.Address)) { BypassCSP = true });
            var page = await context.NewPageAsync();
            await VisitAsync(page, path, press);
            foreach (var screen in screens)
            {
                await page.SetViewportSizeAsync(screen.Width, screen.Height);
                foreach (var scheme in new[] { ColorScheme.Light, ColorScheme.Dark })
                {
                    await page.EmulateMediaAsync(new() { ColorScheme = scheme });
                    await SettleAsync(page);
                    var result = await page.RunAxe(Rules);
                    found.AddRange(result.Violations.Select(v => $"{screen.Name} {scheme}: {v.Id} at {string.Join(", ", v.Nodes.Take(3).Select(n => n.Target))}"));
                }
            }
        }

        Assert.Empty(found);
    }

    [Theory]
    [InlineData("/dev/gallery")]
    [InlineData("/dev/gallery/review")]
    [InlineData("/dev/gallery/login?failed=true")]
    public async Task Everything_to_press_is_large_enough_and_nothing_sticks_out(string path)
    {
        foreach (var screen in Screen.All)
        {
            await using var context = await chromium.Browser.NewContextAsync(screen.Options(gallery.Vault.Address));
            var page = await context.NewPageAsync();
            await VisitAsync(page, path, "");
            Assert.Equal(0, await page.EvaluateAsync<int>("document.documentElement.scrollWidth - innerWidth"));
            var small = await page.EvaluateAsync<string[]>("""
                floor => [...document.querySelectorAll('a[href], button, input:not([type=hidden]), select, textarea, summary')].filter(e => {
                  const box = e.getBoundingClientRect();
                  // Links in running text may be as tall as the text (WCAG 2.2, 2.5.8); a label makes its box larger; a stretched link covers its row.
                  if (!box.width || getComputedStyle(e).opacity === '0' || e.matches('.skip, p a, .lede a, .row-link, .check input, [tabindex="-1"]')) return false;
                  return box.width < floor - .5 || box.height < floor - .5;
                }).map(e => `${e.tagName} ${e.className} ${e.textContent.trim().slice(0, 30)} ${Math.round(e.getBoundingClientRect().width)}x${Math.round(e.getBoundingClientRect().height)}`)
                """, screen.Touch ? 44 : 24);
            Assert.True(small.Length == 0, $"{screen.Name}: {string.Join("; ", small)}");
        }
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

        await SettleAsync(page);
    }

    /// <summary>Waits for movements to end, else axe measures colours half way.</summary>
    private static Task SettleAsync(IPage page) =>
        page.EvaluateAsync("Promise.allSettled(document.getAnimations().filter(a => a.effect.getTiming().iterations !== Infinity).map(a => a.finished))");
}
