using Microsoft.Playwright;

namespace StudioVault.Bench;

/// <summary>One headless Chromium before the published product, and people of the demo group signed in to it.</summary>
internal sealed class BenchBrowser : IAsyncDisposable
{
    private readonly IPlaywright _playwright;

    private BenchBrowser(IPlaywright playwright, IBrowser chromium) => (_playwright, Chromium) = (playwright, chromium);

    public IBrowser Chromium { get; }

    public static async Task<BenchBrowser> StartAsync()
    {
        var playwright = await Playwright.CreateAsync();
        return new BenchBrowser(playwright, await playwright.Chromium.LaunchAsync(new()
        {
            ExecutablePath = "/usr/bin/chromium",
            Args = ["--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run", "--disable-background-networking", "--disable-component-update", "--disable-sync"],
        }));
    }

    /// <summary>A context of its own with one page, signed in by the demo's button.</summary>
    public async Task<IPage> SignInAsync(Uri vault, string person)
    {
        var context = await Chromium.NewContextAsync(new() { BaseURL = vault.ToString(), ViewportSize = new() { Width = 1366, Height = 900 } });
        var page = await context.NewPageAsync();
        page.SetDefaultTimeout(60_000);
        await page.GotoAsync("/login");
        await page.EvaluateAsync("document.querySelectorAll('details').forEach(d => d.open = true)");
        await page.GetByRole(AriaRole.Button, new() { NameRegex = new($@"{person}\b") }).First.ClickAsync();
        await page.WaitForSelectorAsync("[data-live=true]");
        return page;
    }

    /// <summary>A person's sign-in as a Cookie header, for clients that are no browser.</summary>
    public async Task<string> CookiesAsync(Uri vault, string person)
    {
        var page = await SignInAsync(vault, person);
        var cookies = await page.Context.CookiesAsync();
        await page.Context.CloseAsync();
        return string.Join("; ", cookies.Select(c => $"{c.Name}={c.Value}"));
    }

    public async ValueTask DisposeAsync()
    {
        await Chromium.DisposeAsync();
        _playwright.Dispose();
    }
}
