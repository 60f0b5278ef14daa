using System.Text.RegularExpressions;
using StudioVault.E2E.Support;
using Xunit;

namespace StudioVault.E2E.Tour;

/// <summary>What holds of every page. In two halves, which run side by side.</summary>
public abstract partial class EveryPageTests(Chromium chromium, DemoVault vault)
{
    protected static TheoryData<string> Names(bool hq) => [.. Pages.All.Where(p => p.Person == Pages.Hq == hq).Select(p => p.Name)];

    protected async Task LookAsync(string name)
    {
        var to = Pages.All.Single(p => p.Name == name);
        // By mouse, but as small as a phone: whatever leads there must be within reach.
        var (page, complaints) = await vault.VisitAsync(chromium.Browser, to, Screen.Phone with { Touch = false });
        var found = new List<string>();
        if (to.Status == 200 && to.Route != "/denied" && !PathOf(to.Route).IsMatch(new Uri(page.Url).AbsolutePath))
            found.Add($"{to.Route} is not the route of {page.Url}");
        if (await page.Locator("h1:visible").CountAsync() is not 1 and var headings)
            found.Add($"{headings} headings of level 1");
        if (!TitleOf().IsMatch(await page.TitleAsync()))
            found.Add($"the title is “{await page.TitleAsync()}”");
        found.AddRange(await page.LookAsync(to.Part));
        found.AddRange(complaints);
        await DemoVault.LeaveAsync(to, page);
        Assert.True(found.Count == 0, string.Join('\n', found));
    }

    private static Regex PathOf(string route) => new("^" + Parameter().Replace(route, "[^/]+") + "$");

    [GeneratedRegex(@"\{[^}]+\}")]
    private static partial Regex Parameter();

    [GeneratedRegex(@"^\S.* · StudioVault$")]
    private static partial Regex TitleOf();
}

/// <inheritdoc/>
public sealed class HqPageTests(Chromium chromium, DemoVault vault) : EveryPageTests(chromium, vault)
{
    public static TheoryData<string> Names() => Names(hq: true);

    [Theory]
    [MemberData(nameof(Names))]
    public Task Axe_finds_nothing_everything_can_be_pressed_and_nothing_sticks_out(string name) => LookAsync(name);
}

/// <summary>Those of branches, their staff and whoever has not signed in.</summary>
public sealed class BranchPageTests(Chromium chromium, DemoVault vault) : EveryPageTests(chromium, vault)
{
    public static TheoryData<string> Names() => Names(hq: false);

    [Theory]
    [MemberData(nameof(Names))]
    public Task Axe_finds_nothing_everything_can_be_pressed_and_nothing_sticks_out(string name) => LookAsync(name);
}
