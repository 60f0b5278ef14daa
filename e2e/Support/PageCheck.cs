using Microsoft.Playwright;

namespace StudioVault.E2E.Support;

/// <summary>What must hold of every page, whoever uses it on whatever screen.</summary>
public static class PageCheck
{
    private static readonly Screen Narrow = new("narrow", 320, 568, true);

    /// <summary>
    /// Looks at an open page on every width, from the smallest up: nothing sticks out, everything can be pressed, and axe finds
    /// nothing in either theme. Size and theme change under the open page, as they do in life.
    /// </summary>
    /// <param name="part">Selector of what axe looks at; the whole page without one.</param>
    /// <param name="thorough">Axe on every screen in both themes, not only where a page is known to differ: what one run of a page costs is too much for a hundred of them.</param>
    /// <returns>What is wrong, a line each.</returns>
    public static async Task<List<string>> LookAsync(this IPage page, string? part = null, bool thorough = false)
    {
        var found = new List<string>();
        foreach (var screen in new[] { Narrow, Screen.Phone, Screen.Tablet, Screen.Desktop })
        {
            await page.SetViewportSizeAsync(screen.Width, screen.Height);
            if (await page.OverhangAsync() is > 0 and var overhang)
                found.Add($"{screen.Name}: {overhang} pixels too wide");
            if (screen == Narrow) continue;
            found.AddRange((await page.SmallTargetsAsync(screen.Touch ? 44 : 24)).Select(t => $"{screen.Name}: small: {t}"));
            // Between phone and desktop lies nothing new for axe.
            if (screen == Screen.Tablet && !thorough) continue;
            // As tall as the page: a bar that stays on the screen covers a part of a button or not as one happens to scroll.
            var height = await page.EvaluateAsync<int>("document.documentElement.scrollHeight");
            await page.SetViewportSizeAsync(screen.Width, Math.Max(height, screen.Height));
            foreach (var scheme in screen.Touch && !thorough ? [ColorScheme.Dark] : new[] { ColorScheme.Light, ColorScheme.Dark })
            {
                await page.EmulateMediaAsync(new() { ColorScheme = scheme });
                await page.SettleAsync();
                found.AddRange((await page.AxeAsync(part, coloursOnly: !thorough && !screen.Touch && scheme == ColorScheme.Dark)).Select(v => $"{screen.Name} {scheme}: {v}"));
            }
        }

        return found;
    }

    /// <summary>Waits for fonts and for what still moves in spite of the visitor's wish, else colours and sizes are measured half way.</summary>
    public static Task SettleAsync(this IPage page) => page.EvaluateAsync("""
        async () => {
          await document.fonts.ready;
          // A new size is drawn by the second frame.
          await new Promise(done => requestAnimationFrame(() => requestAnimationFrame(done)));
          await Promise.allSettled(document.getAnimations().filter(a => a.effect.getTiming().iterations !== Infinity).map(a => a.finished));
        }
        """);
}
