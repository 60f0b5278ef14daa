using System.Diagnostics;
using System.Text.RegularExpressions;
using Microsoft.Playwright;
using StudioVault.E2E.Support;
using StudioVault.Tests.Support;
using Xunit;
using static Microsoft.Playwright.Assertions;

namespace StudioVault.E2E.Journeys;

/// <summary>The queue under a thumb: what appears, what must not move, what a finger can hit, and what happens when the connection goes.</summary>
public sealed class QueueTabletTests(QueueVault vault) : IClassFixture<QueueVault>
{
    private const string Staff = "Inês Carvalho";
    private const string Manager = "Ana Moreira";

    private static readonly Screen Lying = new("tablet lying", 1024, 768, true);
    private static readonly Screen Standing = new("tablet standing", 768, 1024, true);

    [Fact]
    public async Task A_proposal_appears_by_itself_and_nothing_moves_under_the_finger()
    {
        await vault.MoveAsync(0);
        await vault.MoveAsync(1);
        var page = await vault.OpenAsync(Staff, Lying, "/queue");
        await Expect(page.Locator(".q-row")).Not.ToHaveCountAsync(0);
        await page.EvaluateAsync("""
            () => {
              window.moved = 0;
              window.sameDocument = true;
              new PerformanceObserver(list => { for (const entry of list.getEntries()) window.moved += entry.value; }).observe({ type: 'layout-shift' });
            }
            """);
        // A hand is on the list.
        await page.Locator(".q-row").First.FocusAsync();
        await page.Locator(".q-row").First.DispatchEventAsync("pointerdown", new { pointerType = "touch", bubbles = true });
        var before = await BoxesAsync(page);

        var clock = Stopwatch.StartNew();
        var (_, said) = await vault.MoveAsync(3);
        var asked = clock.Elapsed;
        await Expect(Row(page, said)).ToBeAttachedAsync();
        TestContext.Current.SendDiagnosticMessage("On the screen {0:0} ms after the agent asked ({1:0} ms of it until it was answered)", clock.Elapsed.TotalMilliseconds, asked.TotalMilliseconds);
        TestContext.Current.TestOutputHelper?.WriteLine($"On the screen {clock.Elapsed.TotalMilliseconds:0} ms after the agent asked, answered after {asked.TotalMilliseconds:0} ms");

        Assert.Equal(before, (await BoxesAsync(page)).Take(before.Count));
        await Expect(page.Locator("[data-pill]")).ToHaveTextAsync("1 new");
        Assert.Equal(before, (await BoxesAsync(page)).Take(before.Count));
        // Nothing anybody could see: a countdown's digit is wider than another.
        Assert.InRange(await page.EvaluateAsync<double>("window.moved"), 0, 0.001);
        Assert.True(await page.EvaluateAsync<bool>("window.sameDocument === true"), "the queue was reloaded");

        // The pill shows it; then there is nothing new any more.
        await page.Locator("[data-pill]").TapAsync();
        await Expect(page.Locator("[data-pill]")).ToHaveCountAsync(0);
        await Expect(Row(page, said)).ToBeInViewportAsync();
        await page.Context.DisposeAsync();
    }

    [Fact]
    public async Task Everything_is_as_large_as_a_thumb_lying_and_standing()
    {
        var (id, _) = await vault.MoveAsync(4);
        var found = new List<string>();
        foreach (var screen in (Screen[])[Lying, Standing])
        {
            var page = await vault.OpenAsync(Staff, screen, $"/queue/{id}");
            await Expect(Approve(page)).ToBeVisibleAsync();
            if (await page.OverhangAsync() is > 0 and var overhang) found.Add($"{screen.Name}: {overhang} pixels too wide");
            found.AddRange((await page.SmallTargetsAsync(44)).Select(t => $"{screen.Name}: {t}"));
            // What decides is larger, and on the screen without scrolling.
            foreach (var button in await page.Locator(".q-bar .q-btn").AllAsync())
            {
                await Expect(button).ToBeInViewportAsync(new() { Ratio = 1 });
                var box = await button.BoundingBoxAsync();
                Assert.True(box!.Height >= 56 && box.Width >= 56, $"{screen.Name}: {box.Width}x{box.Height}");
            }

            // No and yes lie apart.
            var (no, yes) = (await page.Locator(".q-no").BoundingBoxAsync(), await page.Locator(".q-yes").BoundingBoxAsync());
            Assert.True(yes!.X - (no!.X + no.Width) >= 12, "no and yes touch");
            await page.OpenAsync("/queue");
            found.AddRange((await page.SmallTargetsAsync(44)).Select(t => $"{screen.Name}: {t}"));
            await page.Context.DisposeAsync();
        }

        Assert.Empty(found);
    }

    [Fact]
    public async Task Without_a_connection_the_queue_is_only_read_and_says_afterwards_what_changed()
    {
        using var network = new FaultyLine(vault.Address);
        var (id, _) = await vault.MoveAsync(5);
        var page = await vault.OpenAsync(Staff, Lying, $"/queue/{id}", address: network.Address);
        await Expect(Approve(page)).ToBeEnabledAsync();
        await Expect(page.Locator("[data-live-text]")).ToHaveTextAsync("Live");

        network.Refuse();
        await Expect(page.Locator("html")).ToHaveAttributeAsync("data-connection", "lost", new() { Timeout = 30_000 });
        await Expect(page.Locator("#connection")).ToContainTextAsync("Decisions are off");
        await Expect(page.Locator("[data-live-text]")).ToHaveTextAsync(new Regex("^Last seen [0-9]{2}:[0-9]{2}$"));
        Assert.True(await page.EvaluateAsync<bool>("document.querySelector('.q-bar').inert"), "the buttons can still be pressed");
        await page.EvaluateAsync("document.querySelector('.q-yes').click()");
        await vault.AssignAsync(0, 0);
        await vault.AssignAsync(0, 1);
        await vault.AssignAsync(0, 2);

        network.Clear();
        await Expect(page.Locator("html[data-connection]")).ToHaveCountAsync(0, new() { Timeout = 30_000 });
        await Expect(page.Locator(".q-away")).ToContainTextAsync("3 changed while away", new() { Timeout = 30_000 });
        await Expect(page.Locator("[data-live-text]")).ToHaveTextAsync("Live");
        await Expect(Approve(page)).ToBeEnabledAsync();
        Assert.Equal("Pending", await vault.Agent.StateAsync(id));
        await page.Context.DisposeAsync();
    }

    [Fact]
    public async Task Equal_small_ones_are_approved_with_one_tap_and_each_can_be_undone()
    {
        string[] ids = [await vault.AssignAsync(6, 0), await vault.AssignAsync(6, 1), await vault.AssignAsync(6, 2)];
        var page = await vault.OpenAsync(Manager, Standing, "/queue", ColorScheme.Light);
        await page.Locator(".q-row.band-green").First.TapAsync();
        var doubted = page.Locator(".g-list li").Last;
        await Expect(page.Locator(".g-list input")).Not.ToHaveCountAsync(0);
        var all = await page.Locator(".g-list li").CountAsync();
        Assert.True(all >= 3, $"{all} in the group");

        // One is left out; the button counts.
        await doubted.Locator("input").UncheckAsync();
        await page.GetByRole(AriaRole.Button, new() { Name = $"Approve these {all - 1}" }).TapAsync();
        await Expect(page.Locator(".q-groupbar")).ToContainTextAsync($"{all - 1} of {all - 1} approved");
        await Expect(page.Locator(".g-mark")).ToHaveCountAsync(all - 1);
        var strip = page.Locator(".q-undo");
        await Expect(strip).ToHaveCountAsync(all - 1);

        // One of them comes back; it is open again.
        var back = (await strip.First.GetByRole(AriaRole.Link).GetAttributeAsync("href"))!.Split('/', '?')[2];
        await strip.First.GetByRole(AriaRole.Button).TapAsync();
        await Wait.UntilAsync(async () => await vault.Agent.StateAsync(back) == "Pending", () => "the first one is open again");
        // The one that was left out was never touched.
        Assert.Equal("Pending", await vault.Agent.StateAsync(ids[^1]));
        await page.Context.DisposeAsync();
    }

    [Fact]
    public async Task Two_people_approve_what_is_red_one_holding_one_by_keyboard_each_proving_who_they_are()
    {
        var id = await vault.Agent.ProposeAsync("booking.pause", new { until = TimeProvider.System.GetUtcNow().AddDays(30).ToString("yyyy-MM-dd", System.Globalization.CultureInfo.InvariantCulture), reason = "Every photographer is booked." });
        var page = await vault.OpenAsync(Staff, Lying, $"/queue/{id}");
        var hold = page.GetByRole(AriaRole.Button, new() { NameRegex = new("^Hold to approve") });
        await Expect(hold).ToBeEnabledAsync();
        var finger = await page.Context.NewCDPSessionAsync(page);

        // Too short: nothing but the ring going back.
        await TouchAsync(finger, hold);
        await page.WaitForFunctionAsync("() => parseFloat(document.querySelector('[data-hold]').style.getPropertyValue('--held')) > 0");
        await LiftAsync(finger);
        await Expect(hold).ToHaveAttributeAsync("style", new Regex("^$"));
        await Expect(page.GetByRole(AriaRole.Dialog)).ToHaveCountAsync(0);
        await Wait.UntilAsync(async () => await vault.Agent.StateAsync(id) == "Pending", () => "the claim was given back");

        // To the end: who is it?
        await TouchAsync(finger, hold);
        // The dialog opens under the finger; lifting it presses nothing there.
        await Expect(page.GetByRole(AriaRole.Dialog)).ToContainTextAsync("Is it you?");
        await LiftAsync(finger);
        await page.GetByRole(AriaRole.Button, new() { Name = "It is me, approve" }).TapAsync();
        await Expect(page.Locator(".q-bar")).ToContainTextAsync("You approved it. It still needs a branch manager");
        Assert.Equal("Approved", await vault.Agent.StateAsync(id));

        // The second one uses a keyboard, which cannot hold: a code is typed, never the same twice.
        var desk = await vault.OpenAsync(Manager, Screen.Desktop, $"/queue/{id}", ColorScheme.Light);
        await desk.GetByRole(AriaRole.Button, new() { NameRegex = new("^Hold to approve") }).FocusAsync();
        await desk.Keyboard.PressAsync("Enter");
        await Expect(desk.Locator("#q-code")).ToBeFocusedAsync();
        await desk.Locator("#q-code").FillAsync("zzzz");
        await desk.Keyboard.PressAsync("Enter");
        await Expect(desk.Locator(".q-code")).ToContainTextAsync("Nothing was approved");
        await Expect(desk.GetByRole(AriaRole.Dialog)).ToHaveCountAsync(0);
        await desk.Locator("#q-code").FillAsync(await desk.Locator(".q-code kbd").InnerTextAsync());
        await Expect(desk.Locator(".q-code .btn-primary")).ToBeEnabledAsync();
        await desk.Keyboard.PressAsync("Enter");
        await desk.GetByRole(AriaRole.Button, new() { Name = "It is me, approve" }).ClickAsync();
        await Expect(desk.Locator(".q-bar")).ToContainTextAsync("You approved it");
        await Expect(page.Locator(".q-bar")).ToContainTextAsync("runs in");

        // Taken back in time: every approval of this round is void.
        await desk.Locator(".q-bar").GetByRole(AriaRole.Button, new() { Name = "Undo" }).ClickAsync();
        await Expect(page.GetByText("0 of 2 approvals, still needs")).ToBeVisibleAsync();
        Assert.Equal("Pending", await vault.Agent.StateAsync(id));
        await page.Context.DisposeAsync();
        await desk.Context.DisposeAsync();
    }

    [Fact]
    public async Task Who_comes_second_reads_in_place_who_decided_and_when_in_the_time_of_the_branch()
    {
        var (id, said) = await vault.MoveAsync(7);
        var page = await vault.OpenAsync(Staff, Standing, $"/queue/{id}");
        await Expect(Approve(page)).ToBeEnabledAsync();
        var desk = await vault.OpenAsync(Manager, Screen.Desktop, $"/queue/{id}", ColorScheme.Light);
        await desk.GetByRole(AriaRole.Button, new() { Name = "Reject…" }).ClickAsync();
        await Expect(page.Locator(".q-bar")).ToContainTextAsync("Ana Moreira is deciding on this right now");
        await desk.GetByRole(AriaRole.Dialog).GetByRole(AriaRole.Textbox).FillAsync("The church is taken");
        await desk.GetByRole(AriaRole.Button, new() { Name = "Reject it" }).ClickAsync();

        await Expect(page.Locator(".q-bar")).ToContainTextAsync(new Regex("Ana Moreira rejected it at [0-9]{2}:[0-9]{2} Lisbon time \\(“The church is taken”\\)"));
        await Expect(Approve(page)).ToHaveCountAsync(0);
        await Expect(Row(page, said)).ToContainTextAsync("rejected");

        // It stands in the history, under today.
        await page.OpenAsync("/queue?show=done");
        await Expect(page.Locator(".q-day").First).ToContainTextAsync(new Regex("^Today, [1-9][0-9]* decided$"));
        await Expect(Row(page, said)).ToBeVisibleAsync();
        await page.Context.DisposeAsync();
        await desk.Context.DisposeAsync();
    }

    [Fact]
    public async Task A_keyboard_goes_through_the_list_and_decides()
    {
        await vault.MoveAsync(8);
        await vault.AssignAsync(8, 0);
        var page = await vault.OpenAsync(Manager, Screen.Desktop, "/queue", ColorScheme.Light);
        var rows = page.Locator(".q-row");
        await rows.First.FocusAsync();
        await page.Keyboard.PressAsync("j");
        await Expect(rows.Nth(1)).ToBeFocusedAsync();
        await page.Keyboard.PressAsync("k");
        await Expect(rows.First).ToBeFocusedAsync();

        // On an AMBER one: opened, looked at, rejected; then left as it is.
        var amber = page.Locator(".q-row.band-amber").Last;
        await amber.FocusAsync();
        await page.Keyboard.PressAsync("Enter");
        await Expect(Approve(page)).ToBeEnabledAsync();
        await amber.FocusAsync();
        await page.Keyboard.PressAsync("r");
        await Expect(page.GetByRole(AriaRole.Dialog)).ToContainTextAsync("Reject this?");
        await Expect(page.Locator(".rz-dialog :focus")).ToHaveCountAsync(1);
        await page.Keyboard.PressAsync("Escape");
        await Expect(page.GetByRole(AriaRole.Dialog)).ToHaveCountAsync(0);

        // Approved, and taken back.
        await amber.FocusAsync();
        await Expect(Approve(page)).ToBeEnabledAsync();
        await page.Keyboard.PressAsync("a");
        await Expect(page.Locator(".q-bar")).ToContainTextAsync("You approved it");
        await page.Locator("[data-entry][aria-current=true]").FocusAsync();
        await page.Keyboard.PressAsync("u");
        await Expect(Approve(page)).ToBeEnabledAsync();
        await page.Context.DisposeAsync();
    }

    [Fact]
    public async Task Quiet_while_shooting_leaves_nothing_but_the_count_until_it_is_ended()
    {
        var (_, said) = await vault.MoveAsync(10);
        var page = await vault.OpenAsync(Staff, Lying, "/queue");
        await page.Locator("summary[aria-label='Queue settings']").TapAsync();
        await page.GetByRole(AriaRole.Button, new() { NameRegex = new("^Quiet while shooting") }).TapAsync();
        await Expect(page.Locator(".q-hush-count")).ToHaveTextAsync(new Regex("^[1-9][0-9]*$"));
        var count = int.Parse(await page.Locator(".q-hush-count").InnerTextAsync(), System.Globalization.CultureInfo.InvariantCulture);
        await Expect(page.GetByText(said)).ToHaveCountAsync(0);

        // It goes on counting, and stays quiet on this device.
        await vault.AssignAsync(10, 0);
        await Expect(page.Locator(".q-hush-count")).ToHaveTextAsync($"{count + 1}");
        await page.OpenAsync("/queue");
        await Expect(page.Locator(".q-hush-count")).ToBeVisibleAsync();
        await page.GetByRole(AriaRole.Button, new() { Name = "Show them" }).TapAsync();
        await Expect(Row(page, said)).ToBeVisibleAsync();
        await page.Context.DisposeAsync();
    }

    [Fact]
    public async Task A_tablet_that_came_back_by_itself_says_that_its_tone_needs_one_tap()
    {
        var page = await vault.OpenAsync(Staff, Lying, "/queue");
        // A browser's rule, whatever this one was started with: no sound before a finger was lifted.
        await page.AddInitScriptAsync("""
            localStorage.setItem('sv-queue-sound', 'on');
            let pressed = false;
            window.voices = 0;
            addEventListener('pointerup', () => { pressed = true; }, true);
            window.AudioContext = class extends EventTarget {
              state = 'suspended';
              constructor() { super(); window.voices++; }
              resume() {
                if (!pressed) return new Promise(() => { });
                if (this.state !== 'running') { this.state = 'running'; this.dispatchEvent(new Event('statechange')); }
                return Promise.resolve();
              }
            };
            """);
        await page.OpenAsync("/queue");
        var tap = page.GetByRole(AriaRole.Button, new() { Name = "Tap once for sound" });
        await Expect(tap).ToBeVisibleAsync();
        Assert.Empty(await page.SmallTargetsAsync(44));

        // Any tap will do.
        await page.Locator(".q-name").TapAsync();
        await Expect(tap).ToBeHiddenAsync();
        Assert.Equal(1, await page.EvaluateAsync<int>("window.voices"));
        await page.Context.DisposeAsync();
    }

    private static ILocator Row(IPage page, string said) => page.Locator(".q-row", new() { HasText = said });

    private static ILocator Approve(IPage page) => page.Locator(".q-bar").GetByRole(AriaRole.Button, new() { NameRegex = new("^Approve ") });

    private static async Task<IReadOnlyList<string>> BoxesAsync(IPage page) => await page.EvaluateAsync<string[]>("""
        () => [...document.querySelectorAll('.q-row')].map(row => { const box = row.getBoundingClientRect(); return `${row.dataset.entry} ${box.x} ${box.y} ${box.width} ${box.height}`; })
        """);

    private static async Task TouchAsync(ICDPSession finger, ILocator on)
    {
        await on.ScrollIntoViewIfNeededAsync();
        var box = await on.BoundingBoxAsync();
        await finger.SendAsync("Input.dispatchTouchEvent", new() { ["type"] = "touchStart", ["touchPoints"] = new[] { new { x = box!.X + (box.Width / 2), y = box.Y + (box.Height / 2) } } });
    }

    private static Task LiftAsync(ICDPSession finger) => finger.SendAsync("Input.dispatchTouchEvent", new() { ["type"] = "touchEnd", ["touchPoints"] = Array.Empty<object>() });
}
