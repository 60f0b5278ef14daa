using Microsoft.Playwright;

namespace StudioVault.Bench;

/// <summary>What a browser with an empty cache receives when a manager opens the review of an update: headers and bodies, as they came over the wire.</summary>
internal static class FirstLoad
{
    private const double Limit = 300;

    public static async Task<IReadOnlyList<Measure>> RunAsync(bool quick)
    {
        await using var vault = await PublishedVault.StartAsync();
        await using var browser = await BenchBrowser.StartAsync();
        var ana = await browser.SignInAsync(vault.Address, "Ana Moreira");
        await ana.GotoAsync("/updates");
        var address = await ana.Locator(".rows > li a").First.GetAttributeAsync("href") ?? throw new InvalidOperationException("Ana has no update to review.");
        // Signed in, and nothing in the cache.
        await using var context = await browser.Chromium.NewContextAsync(new() { BaseURL = vault.Address.ToString(), StorageState = await ana.Context.StorageStateAsync() });
        var page = await context.NewPageAsync();
        var files = await ReceivedAsync(context, page, address);
        var total = files.Sum(f => f.Bytes) / 1024;
        var most = files.OrderByDescending(f => f.Bytes).Take(6).Select(f => $"{f.Name} {f.Bytes / 1024:0.0}");
        return [new("first load of the review page", total, "KB", Limit, false, "", $"{files.Count} answers; the largest in KB: {string.Join(", ", most)}")];
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
