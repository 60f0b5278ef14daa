using Microsoft.Playwright;
using StudioVault.E2E.Support;
using Xunit;

namespace StudioVault.E2E.Journeys;

/// <summary>One program with the demo group for every test of the queue, an agent that proposes, and three people of Porto, signed in once.</summary>
public sealed class QueueVault(Chromium chromium) : IAsyncLifetime
{
    private readonly DataFolder _data = new();
    private readonly Dictionary<string, string> _signedIn = [];
    private RunningVault? _vault;
    private int _day;

    public AgentHands Agent { get; private set; } = default!;

    public Uri Address => _vault!.Address;

    public async ValueTask InitializeAsync()
    {
        _vault = await RunningVault.StartAsync(_data.Path, 0, DemoPeople.Settings);
        Agent = await AgentHands.OfAsync(_data.Path, _vault.Address, "Studio planner", "Astrid Holm", "Tomás Pinto");
    }

    public async ValueTask DisposeAsync()
    {
        Agent?.Dispose();
        if (_vault is not null) await _vault.DisposeAsync();
        _data.Dispose();
    }

    /// <summary>A window of somebody, on a screen of their own.</summary>
    /// <param name="address">A proxy in front of the program, or null for the program itself.</param>
    public async Task<IPage> OpenAsync(string person, Screen screen, string path, ColorScheme scheme = ColorScheme.Dark, Uri? address = null)
    {
        if (!_signedIn.TryGetValue(person, out var state))
        {
            var first = await chromium.Browser.SignInAsync(Address, person, Screen.Desktop);
            _signedIn[person] = state = await first.Context.StorageStateAsync();
            await first.Context.DisposeAsync();
        }

        var context = await chromium.Browser.NewContextAsync(new(screen.Options(address ?? Address, scheme)) { StorageState = state });
        var page = await context.NewPageAsync();
        await page.OpenAsync(path);
        // A page that listens has not always its script yet, which knows whether the connection is there and how a finger holds.
        if (path.StartsWith("/queue", StringComparison.Ordinal)) await page.WaitForSelectorAsync("[data-watches]", new() { State = WaitForSelectorState.Attached });
        return page;
    }

    /// <summary>A day nobody else of these tests names: rows are known by it.</summary>
    public (string Spelled, string Said) NextDay()
    {
        var day = new DateOnly(2031, 3, 1).AddDays(_day++);
        return (day.ToString("yyyy-MM-dd", System.Globalization.CultureInfo.InvariantCulture), day.ToString("d MMMM yyyy", System.Globalization.CultureInfo.InvariantCulture));
    }

    /// <summary>An AMBER one: a session moves to a day of its own.</summary>
    public async Task<(string Id, string Said)> MoveAsync(int project = 0)
    {
        var day = NextDay();
        return (await Agent.ProposeAsync("session.move", new { projectId = Agent.Projects[project], to = day.Spelled }), day.Said);
    }

    /// <summary>A GREEN one: somebody is put on a session.</summary>
    public Task<string> AssignAsync(int project, int person) => Agent.ProposeAsync("session.assign", new { projectId = Agent.Projects[project], personId = Agent.People[person], task = "assistant" });
}
