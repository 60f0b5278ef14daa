using System.Collections.Concurrent;
using System.Globalization;
using System.Text.RegularExpressions;
using Microsoft.Playwright;
using Npgsql;
using StudioVault.E2E.Support;
using StudioVault.E2E.Tour;
using Xunit;

[assembly: AssemblyFixture(typeof(DemoVault))]

namespace StudioVault.E2E.Tour;

/// <summary>
/// One program with the demo group for every test that only looks, started by the first of them, and its visitors: one sign-in
/// each, one window by mouse and one by finger. Whoever types gets a window of their own: the product keeps drafts in the browser.
/// </summary>
public sealed class DemoVault : IAsyncDisposable
{
    /// <summary>A manager who has decided everything: the demo group leaves no inbox empty. The branch is stopped, and its queue has a history.</summary>
    public const string Decided = "Miguel Antunes";

    /// <summary>A manager whose branch is in a blackout today and has paused updates: so late in the year no branch of the demo group is.</summary>
    public const string Resting = "Callum Fraser";

    /// <summary>Name of the agent that has a key.</summary>
    public const string Helper = "Tour helper";

    // Nothing in the tour is printed, so the page that says a document could not be made can be seen.
    private static readonly (string Key, string Value)[] Settings = [.. DemoPeople.Settings, ("Documents__BrowserPath", "/bin/false")];

    // The largest branch has one of everything among these; they are printed and sealed by a start before.
    private const int Agreements = 20;

    private readonly DataFolder _data = new();
    private readonly ConcurrentDictionary<string, Task<RunningVault>> _started = [];
    private readonly ConcurrentDictionary<(string? Person, string? Branch), Task<string?>> _signIns = [];
    private readonly ConcurrentDictionary<(string? Person, string? Branch, bool Touch), Task<IBrowserContext>> _windows = [];
    private readonly ConcurrentDictionary<TourPage, Task<string>> _addresses = [];

    public async ValueTask DisposeAsync()
    {
        foreach (var vault in _started.Values.Where(v => v.IsCompletedSuccessfully)) await vault.Result.DisposeAsync();
        _data.Dispose();
    }

    /// <summary>Opens a page as its person and waits until it is whole.</summary>
    /// <returns>The page, and what its browser complained about on the way; more may be added.</returns>
    public async Task<(IPage Page, List<string> Complaints)> VisitAsync(IBrowser browser, TourPage to, Screen screen)
    {
        var window = to.Then is null ? await Once(_windows, (to.Person, to.Branch, screen.Touch), _ => WindowAsync(browser, to, screen)) : await WindowAsync(browser, to, screen);
        var address = await Once(_addresses, to, _ => FindAsync(browser, to));
        var page = await window.NewPageAsync();
        await page.SetViewportSizeAsync(screen.Width, screen.Height);
        var complaints = page.Complaints();
        var answer = await page.GotoAsync(address);
        Assert.Equal(to.Status, answer!.Status);
        if (to.Status >= 400) complaints.RemoveAll(c => c.Contains($"{to.Status}", StringComparison.Ordinal));
        await WholeAsync(page);
        if (to.Then is not null)
        {
            await to.Then(page);
            await WholeAsync(page);
        }

        await Assertions.Expect(page.GetByText(to.Sees).Filter(new() { Visible = true }).First).ToBeVisibleAsync(new() { Timeout = 60_000 });
        await page.SettleAsync();
        return (page, complaints);
    }

    // A page with a circuit is whole when it answers and nothing is loading.
    private static Task WholeAsync(IPage page) => page.WaitForFunctionAsync(
        "() => (!document.querySelector('script[src*=\"blazor.web\"]') || document.querySelector('[data-live=true]')) && !document.querySelector('.skeleton')", null, new() { Timeout = 60_000 });

    private async Task<RunningVault> StartAsync(IBrowser browser)
    {
        await using (await RunningVault.StartAsync(_data.Path, 0, [.. DemoPeople.Settings, ("Demo__Agreements", $"{Agreements}")])) await AgreedAsync();
        var vault = await RunningVault.StartAsync(_data.Path, 0, Settings);
        try
        {
            await Task.WhenAll(DecideAsync(browser, vault), RestAsync(browser, vault), ProposeAsync(browser, vault), StopAsync(browser, vault));
            await ForbiddenAsync(vault);
            return vault;
        }
        catch
        {
            await vault.DisposeAsync();
            throw;
        }
    }

    // Until the demo group has its agreements and nothing of them waits to be sealed.
    private Task AgreedAsync() => AskAsync($"select 'yes' where (select count(*) from agreements.agreements) >= {Agreements} and not exists (select from agreements.papers where state = 'Sealing')", TimeSpan.FromMinutes(5));

    /// <summary>Asks the database until it answers.</summary>
    private async Task<string> AskAsync(string sql, TimeSpan patience)
    {
        await using var db = NpgsqlDataSource.Create($"Host={_data.Path}/postgres;Database=studiovault;Username=postgres;Pooling=false");
        await using var connection = await db.OpenConnectionAsync();
        string? answer = null;
        await Wait.UntilAsync(async () =>
        {
            await using var query = new NpgsqlCommand(sql, connection);
            return (answer = await query.ExecuteScalarAsync() as string) is not null;
        }, () => $"there is an answer to {sql}", patience);
        return answer!;
    }

    private static async Task DecideAsync(IBrowser browser, RunningVault vault)
    {
        var manager = await browser.SignInAsync(vault.Address, Decided, Screen.Desktop);
        await manager.OpenAsync("/updates");
        await manager.Locator(".rows a.row-link").First.ClickAsync();
        await manager.GetByRole(AriaRole.Button, new() { NameRegex = new("^Accept version") }).ClickAsync();
        await Assertions.Expect(manager.GetByRole(AriaRole.Heading, new() { NameRegex = new("accepted$") })).ToBeVisibleAsync();
        await manager.Context.DisposeAsync();
    }

    private static async Task RestAsync(IBrowser browser, RunningVault vault)
    {
        var manager = await browser.SignInAsync(vault.Address, Resting, Screen.Desktop);
        await manager.OpenAsync("/branch");
        await manager.GetByRole(AriaRole.Button, new() { NameRegex = new("^Add blackout") }).ClickAsync();
        await manager.GetByLabel("Name").FillAsync("Moving the studio");
        await manager.GetByRole(AriaRole.Button, new() { Name = "Add blackout", Exact = true }).ClickAsync();
        await Assertions.Expect(manager.GetByText("Moving the studio").First).ToBeVisibleAsync();
        await manager.GetByRole(AriaRole.Button, new() { NameRegex = new("^Pause updates") }).ClickAsync();
        await manager.GetByRole(AriaRole.Button, new() { NameRegex = new("^Pause through") }).ClickAsync();
        await Assertions.Expect(manager.GetByText("Paused through").First).ToBeVisibleAsync();
        await manager.Context.DisposeAsync();
    }

    // Three agents propose a first handful of everything; then they are silent, so that nothing changes while pages are looked at.
    private async Task ProposeAsync(IBrowser browser, RunningVault vault)
    {
        var manager = await browser.SignInAsync(vault.Address, "Rui Tavares", Screen.Desktop);
        await manager.OpenAsync("/queue");
        await manager.GetByRole(AriaRole.Button, new() { Name = "Start the simulator" }).ClickAsync();
        await Assertions.Expect(manager.Locator(".q-row.band-red").First).ToBeVisibleAsync(new() { Timeout = 60_000 });
        // The last of the handful meets a compliance rule; who stops the simulator does not stop that.
        await AskAsync("select p.id::text from proposals.proposals p where p.agent_id is not null and cardinality(p.routes) > 0 limit 1", TimeSpan.FromMinutes(1));
        await manager.GetByRole(AriaRole.Button, new() { Name = "Stop the simulator" }).ClickAsync();
        await Assertions.Expect(manager.GetByRole(AriaRole.Button, new() { Name = "Start the simulator" })).ToBeVisibleAsync();
        await manager.Context.DisposeAsync();
    }

    // A manager whose queue has a history (what was proposed was changed), and who stopped the branch.
    private static async Task StopAsync(IBrowser browser, RunningVault vault)
    {
        var manager = await browser.SignInAsync(vault.Address, Decided, Screen.Desktop);
        await manager.OpenAsync("/queue/new");
        await manager.GetByRole(AriaRole.Link, new() { Name = "Pause online booking" }).ClickAsync();
        await manager.Locator("#arg-until").FillAsync(TimeProvider.System.GetUtcNow().AddDays(9).ToString("yyyy-MM-dd", CultureInfo.InvariantCulture));
        await manager.Locator("#arg-reason").FillAsync("Every photographer is booked.");
        await SendAsync("Nobody has a free day.");
        await manager.OpenAsync(new Uri(manager.Url).AbsolutePath + "/edit");
        await SendAsync("Nobody has a free day until the week after.");
        await manager.OpenAsync("/stop");
        await manager.GetByRole(AriaRole.Button, new() { NameRegex = new("^Wrong amounts") }).ClickAsync();
        await manager.GetByRole(AriaRole.Button, new() { NameRegex = new("^See what it would stop") }).ClickAsync();
        await manager.GetByRole(AriaRole.Button, new() { NameRegex = new("^Stop everything in") }).ClickAsync();
        await Assertions.Expect(manager.GetByText("Your branch is stopped already")).ToBeVisibleAsync();
        await manager.Context.DisposeAsync();

        async Task SendAsync(string why)
        {
            await manager.Locator("#why").FillAsync(why);
            await manager.GetByRole(AriaRole.Button, new() { NameRegex = new("^See what it would write") }).ClickAsync();
            await manager.GetByRole(AriaRole.Button, new() { NameRegex = new("^Propose pausing") }).ClickAsync();
            await manager.WaitForURLAsync(new Regex("/queue/[0-9a-f-]{36}$"));
        }
    }

    // An agent with a key, and what nobody can approve.
    private async Task ForbiddenAsync(RunningVault vault)
    {
        using var agent = await AgentHands.OfAsync(_data.Path, vault.Address, Helper, Pages.Hq, "Tomás Pinto");
        var delivery = await AskAsync("select d.id::text from agreements.deliveries d join organization.branches b on b.id = d.branch_id where b.name like '%Porto' and d.revoked_at is null order by d.id limit 1", TimeSpan.FromSeconds(30));
        await agent.ProposeAsync("originals.destroy", new { deliveryId = delivery }, "The disk is four fifths full.");
    }

    private async Task<IBrowserContext> WindowAsync(IBrowser browser, TourPage to, Screen screen)
    {
        var vault = await Once(_started, "", _ => StartAsync(browser));
        var state = await Once(_signIns, (to.Person, to.Branch), key => SignInAsync(browser, vault, key.Person, key.Branch));
        return await browser.NewContextAsync(new(screen.Options(vault.Address)) { StorageState = state, ReducedMotion = ReducedMotion.Reduce });
    }

    private async Task<string?> SignInAsync(IBrowser browser, RunningVault vault, string? person, string? branch)
    {
        if (person is null) return null;
        var page = await browser.SignInAsync(vault.Address, person, Screen.Desktop);
        if (branch is not null)
        {
            await page.Locator(".menu-start summary").ClickAsync();
            await page.GetByRole(AriaRole.Button, new() { NameRegex = new(branch) }).ClickAsync();
            await Assertions.Expect(page.Locator(".menu-start summary")).ToContainTextAsync(branch);
        }

        var state = await page.Context.StorageStateAsync();
        await page.Context.DisposeAsync();
        return state;
    }

    private async Task<string> FindAsync(IBrowser browser, TourPage to)
    {
        if (to.Sql is not null) return await AskAsync(to.Sql, TimeSpan.FromSeconds(30)) + to.Behind;
        if (to.Row.Length == 0) return to.Start + to.Behind;
        var window = await Once(_windows, (to.Person, to.Branch, false), _ => WindowAsync(browser, to, Screen.Desktop));
        var page = await window.NewPageAsync();
        await page.GotoAsync(to.Start);
        await WholeAsync(page);
        var row = to.Row.Aggregate(page.Locator("main :is(li, tr)"), (rows, word) => rows.Filter(new() { HasText = word })).First;
        var address = await row.Locator("a.row-link, th a").First.GetAttributeAsync("href", new() { Timeout = 20_000 });
        await page.CloseAsync();
        return address + to.Behind;
    }

    /// <summary>Ends a visit.</summary>
    public static Task LeaveAsync(TourPage from, IPage page) => from.Then is null ? page.CloseAsync() : page.Context.CloseAsync();

    private static Task<T> Once<TKey, T>(ConcurrentDictionary<TKey, Task<T>> made, TKey key, Func<TKey, Task<T>> make)
        where TKey : notnull
    {
        lock (made)
            return made.GetOrAdd(key, make);
    }
}
