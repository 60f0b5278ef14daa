using System.Text.RegularExpressions;
using Microsoft.Playwright;
using StudioVault.E2E.Support;
using Xunit;

namespace StudioVault.E2E.Tour;

/// <summary>What holds of every page, by mouse and by finger, in both themes, on every width.</summary>
public sealed partial class EveryPageTests(Chromium chromium, DemoVault vault)
{
    private static readonly Screen Narrow = new("narrow", 320, 568, true);

    public static TheoryData<string> Names => [.. Pages.All.Select(p => p.Name)];

    [Theory]
    [MemberData(nameof(Names))]
    public async Task Axe_finds_nothing_everything_can_be_pressed_and_nothing_sticks_out(string name)
    {
        var to = Pages.All.Single(p => p.Name == name);
        var found = await Task.WhenAll(LookAsync(to, [Screen.Desktop]), LookAsync(to, [Screen.Phone, Screen.Tablet, Narrow]));
        Assert.True(found.All(f => f.Count == 0), string.Join('\n', found.SelectMany(f => f)));
    }

    /// <summary>One visit; size and theme change under the open page, as they do in life.</summary>
    private async Task<List<string>> LookAsync(TourPage to, Screen[] screens)
    {
        var (page, complaints) = await vault.VisitAsync(chromium.Browser, to, screens[0]);
        var found = new List<string>();
        if (to.Status == 200 && to.Route != "/denied" && !PathOf(to.Route).IsMatch(new Uri(page.Url).AbsolutePath))
            found.Add($"{to.Route} is not the route of {page.Url}");
        if (await page.Locator("h1:visible").CountAsync() is not 1 and var headings)
            found.Add($"{headings} headings of level 1");
        if (!TitleOf().IsMatch(await page.TitleAsync()))
            found.Add($"the title is “{await page.TitleAsync()}”");
        foreach (var screen in screens)
        {
            await page.SetViewportSizeAsync(screen.Width, screen.Height);
            if (await page.OverhangAsync() is > 0 and var overhang)
                found.Add($"{screen.Name}: {overhang} pixels too wide");
            if (screen == Narrow) continue;
            found.AddRange((await page.SmallTargetsAsync(screen.Touch ? 44 : 24)).Select(t => $"{screen.Name}: small: {t}"));
            // Between phone and desktop lies nothing new for axe.
            if (screen == Screen.Tablet) continue;
            // As tall as the page: a bar that stays on the screen covers a part of a button or not as one happens to scroll.
            var height = await page.EvaluateAsync<int>("document.documentElement.scrollHeight");
            await page.SetViewportSizeAsync(screen.Width, Math.Max(height, screen.Height));
            foreach (var scheme in screen.Touch ? [ColorScheme.Dark] : new[] { ColorScheme.Light, ColorScheme.Dark })
            {
                await page.EmulateMediaAsync(new() { ColorScheme = scheme });
                await DemoVault.SettleAsync(page);
                found.AddRange((await page.AxeAsync(to.Part, coloursOnly: !screen.Touch && scheme == ColorScheme.Dark)).Select(v => $"{screen.Name} {scheme}: {v}"));
            }
        }

        found.AddRange(complaints);
        await DemoVault.LeaveAsync(to, page);
        return found;
    }

    private static Regex PathOf(string route) => new("^" + Parameter().Replace(route, "[^/]+") + "$");

    [GeneratedRegex(@"\{[^}]+\}")]
    private static partial Regex Parameter();

    [GeneratedRegex(@"^\S.* · StudioVault$")]
    private static partial Regex TitleOf();
}
