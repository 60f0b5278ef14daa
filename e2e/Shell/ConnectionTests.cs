using System.Diagnostics;
using Microsoft.Playwright;
using StudioVault.E2E.Support;
using StudioVault.Tests.Support;
using Xunit;

namespace StudioVault.E2E.Shell;

/// <summary>What happens to an open page when the network or the server goes away and comes back.</summary>
public sealed class ConnectionTests(Chromium chromium, GalleryVault gallery)
{
    [Fact]
    public async Task Says_that_the_connection_is_lost_takes_no_decision_and_comes_back_by_itself()
    {
        using var network = new FaultyLine(gallery.Vault.Address);
        await using var context = await chromium.Browser.NewContextAsync(Screen.Tablet.Options(network.Address));
        var page = await context.NewPageAsync();
        await page.OpenAsync("/dev/gallery/review");
        await page.GetByRole(AriaRole.Radio, new() { Name = "Keep yours" }).CheckAsync();
        await page.EvaluateAsync("window.sameDocument = true");

        network.Freeze();
        await Assertions.Expect(page.Locator("html")).ToHaveAttributeAsync("data-connection", "slow", new() { Timeout = 30_000 });
        await Assertions.Expect(page.Locator("html")).ToHaveAttributeAsync("data-connection", "lost", new() { Timeout = 30_000 });
        await Assertions.Expect(page.Locator("#connection")).ToContainTextAsync("Decisions are off");
        Assert.True(await page.EvaluateAsync<bool>("document.querySelector('.decision-bar').inert"));

        network.Clear();
        await Assertions.Expect(page.Locator("html[data-connection]")).ToHaveCountAsync(0, new() { Timeout = 30_000 });
        await page.GetByRole(AriaRole.Button, new() { Name = "Accept version 5" }).ClickAsync();
        await Assertions.Expect(page.GetByRole(AriaRole.Dialog)).ToBeVisibleAsync();
        Assert.True(await page.EvaluateAsync<bool>("window.sameDocument === true"), "the page was reloaded, though the server still had it");
    }

    [Fact]
    public async Task A_press_while_the_connection_is_away_is_dropped_and_never_replayed()
    {
        using var network = new FaultyLine(gallery.Vault.Address);
        await using var context = await chromium.Browser.NewContextAsync(Screen.Desktop.Options(network.Address));
        var page = await context.NewPageAsync();
        await page.OpenAsync("/dev/gallery/review");
        await page.GetByRole(AriaRole.Radio, new() { Name = "Keep yours" }).CheckAsync();

        network.Refuse();
        await Assertions.Expect(page.Locator("html")).ToHaveAttributeAsync("data-connection", "slow", new() { Timeout = 30_000 });
        // By script, because a mouse would rightly find the bar switched off a moment later.
        await page.EvaluateAsync("for (let i = 0; i < 5; i++) document.querySelector('.decision-bar .btn-primary').click()");
        network.Clear();
        await Assertions.Expect(page.Locator("html[data-connection]")).ToHaveCountAsync(0, new() { Timeout = 30_000 });

        // A round trip proves that everything sent before has arrived.
        await page.GetByRole(AriaRole.Radio, new() { Name = "Enter another" }).CheckAsync();
        await Assertions.Expect(page.GetByLabel("Another price")).ToBeVisibleAsync();
        await Assertions.Expect(page.GetByRole(AriaRole.Dialog)).ToHaveCountAsync(0);
    }

    /// <summary>F14, its first half: the server keeps what was open while it stood still, and the page finds back to it without a reload.</summary>
    [Fact]
    public async Task A_server_that_stood_still_for_twenty_seconds_still_has_the_page_and_what_was_typed()
    {
        using var data = new DataFolder();
        await using var vault = await RunningVault.StartAsync(data.Path, 0, ("ASPNETCORE_ENVIRONMENT", "Development"));
        await using var context = await chromium.Browser.NewContextAsync(Screen.Tablet.Options(vault.Address));
        var page = await context.NewPageAsync();
        await page.OpenAsync("/dev/gallery/review");
        await page.GetByRole(AriaRole.Radio, new() { Name = "Enter another" }).CheckAsync();
        await page.GetByLabel("Another price").FillAsync("655");
        await page.EvaluateAsync("window.sameDocument = true");

        var frozen = Stopwatch.StartNew();
        await vault.FreezeAsync();
        await Assertions.Expect(page.Locator("html")).ToHaveAttributeAsync("data-connection", "lost", new() { Timeout = 30_000 });
        Assert.True(await page.EvaluateAsync<bool>("document.querySelector('.decision-bar').inert"));
        // The time itself is the fault.
        if (TimeSpan.FromSeconds(20) - frozen.Elapsed is { Ticks: > 0 } rest) await Task.Delay(rest, TestContext.Current.CancellationToken);

        await vault.ThawAsync();
        await Assertions.Expect(page.Locator("html[data-connection]")).ToHaveCountAsync(0, new() { Timeout = 60_000 });
        Assert.True(await page.EvaluateAsync<bool>("window.sameDocument === true"), "the page was reloaded, though the server still had it");
        await Assertions.Expect(page.GetByLabel("Another price")).ToHaveValueAsync("655");
        // A round trip: it is the same circuit, and it works.
        await page.GetByRole(AriaRole.Button, new() { Name = "Accept version 5" }).ClickAsync();
        await Assertions.Expect(page.GetByRole(AriaRole.Dialog)).ToBeVisibleAsync();
    }

    [Fact]
    public async Task A_restarted_server_gets_the_same_address_again()
    {
        using var data = new DataFolder();
        var first = await RunningVault.StartAsync(data.Path, 0, ("ASPNETCORE_ENVIRONMENT", "Development"));
        var address = first.Address;
        await using var context = await chromium.Browser.NewContextAsync(Screen.Desktop.Options(address));
        var page = await context.NewPageAsync();
        await page.OpenAsync("/dev/gallery/review?tab=raw");
        await page.EvaluateAsync("window.sameDocument = true");

        await first.DisposeAsync();
        await using var second = await RunningVault.StartAsync(data.Path, address.Port, ("ASPNETCORE_ENVIRONMENT", "Development"));
        await page.WaitForFunctionAsync("() => window.sameDocument === undefined && document.querySelector('[data-live=true]') !== null", null, new() { Timeout = 30_000 });
        await page.GetByRole(AriaRole.Radio, new() { Name = "Enter another" }).CheckAsync();
        await Assertions.Expect(page.GetByLabel("Another price")).ToBeVisibleAsync();
        Assert.EndsWith("/dev/gallery/review?tab=raw", page.Url, StringComparison.Ordinal);
    }
}
