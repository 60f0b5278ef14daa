using Microsoft.Playwright;

namespace StudioVault.Bench;

/// <summary>What a browser with an empty cache receives when a manager opens the review of an update: headers and bodies, as they came over the wire.</summary>
internal static class FirstLoad
{
    private const double Limit = 300;

    public static async Task<IReadOnlyList<Measure>> RunAsync(bool quick)
    {
        await using var vault = await PublishedVault.StartAsync();
        using var playwright = await Playwright.CreateAsync();
        await using var browser = await playwright.Chromium.LaunchAsync(new()
        {
            ExecutablePath = "/usr/bin/chromium",
            Args = ["--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run", "--disable-background-networking", "--disable-component-update", "--disable-sync"],
        });
        var (address, state) = await ReviewOfAnaAsync(browser, vault.Address);
        // Signed in, and nothing in the cache.
        await using var context = await browser.NewContextAsync(new() { BaseURL = vault.Address.ToString(), StorageState = state });
        var page = await context.NewPageAsync();
        var files = await ReceivedAsync(context, page, address);
        var total = files.Sum(f => f.Bytes) / 1024;
        var most = files.OrderByDescending(f => f.Bytes).Take(6).Select(f => $"{f.Name} {f.Bytes / 1024:0.0}");
        return [new("first load of the review page", total, "KB", Limit, false, "", $"{files.Count} answers; the largest in KB: {string.Join(", ", most)}")];
    }

    private static async Task<(string Address, string State)> ReviewOfAnaAsync(IBrowser browser, Uri vault)
    {
        await using var context = await browser.NewContextAsync(new() { BaseURL = vault.ToString() });
        var page = await context.NewPageAsync();
        page.SetDefaultTimeout(60_000);
        await page.GotoAsync("/login");
        await page.EvaluateAsync("document.querySelectorAll('details').forEach(d => d.open = true)");
        await page.GetByRole(AriaRole.Button, new() { NameRegex = new(@"Ana Moreira\b") }).First.ClickAsync();
        await page.WaitForSelectorAsync("[data-live=true]");
        await page.GotoAsync("/updates");
        var link = page.Locator("main a[href^='/updates/'], main a[href^='updates/']").First;
        var address = await link.GetAttributeAsync("href") ?? throw new InvalidOperationException("Ana has no update to review.");
        return (address, await context.StorageStateAsync());
    }

    private sealed record Received(string Name, double Bytes);

    private static async Task<List<Received>> ReceivedAsync(IBrowserContext context, IPage page, string address)
    {
        var session = await context.NewCDPSessionAsync(page);
        var names = new Dictionary<string, string>();
        var received = new List<Received>();
        session.Event("Network.responseReceived").OnEvent += (_, e) =>
            names[e!.Value.GetProperty("requestId").GetString()!] = e.Value.GetProperty("response").GetProperty("url").GetString()!;
        session.Event("Network.loadingFinished").OnEvent += (_, e) =>
        {
            var id = e!.Value.GetProperty("requestId").GetString()!;
            received.Add(new(new Uri(names.GetValueOrDefault(id, "about:blank")).AbsolutePath, e.Value.GetProperty("encodedDataLength").GetDouble()));
        };
        await session.SendAsync("Network.enable");
        await page.GotoAsync(address);
        await page.WaitForSelectorAsync("[data-live=true]");
        await page.WaitForLoadStateAsync(LoadState.NetworkIdle);
        return received;
    }
}
