using Microsoft.Playwright;

namespace StudioVault.E2E.Support;

/// <summary>People of the demo group in browsers of their own.</summary>
public static class DemoPeople
{
    /// <summary>Settings under which the demo group is loaded at start, without agreements: printing them takes both cores for a minute.</summary>
    public static readonly (string Key, string Value)[] Settings = [("Demo__Enabled", "true"), ("Demo__LoadOnStart", "true"), ("Demo__Agreements", "0"), ("ASPNETCORE_ENVIRONMENT", "Development")];

    /// <summary>Signs in with one click on the sign-in page, in a context of its own.</summary>
    /// <param name="address">The program, or a proxy in front of it.</param>
    public static async Task<IPage> SignInAsync(this IBrowser browser, Uri address, string name, Screen screen, ColorScheme scheme = ColorScheme.Light)
    {
        var context = await browser.NewContextAsync(screen.Options(address, scheme));
        var page = await context.NewPageAsync();
        await page.GotoAsync("/login");
        // Some of them stand behind "more".
        await page.EvaluateAsync("document.querySelectorAll('details').forEach(d => d.open = true)");
        await page.GetByRole(AriaRole.Button, new() { NameRegex = new($"^(\\S+ )?{name}\\b") }).First.ClickAsync();
        await page.WaitForSelectorAsync("[data-live=true]");
        return page;
    }
}
