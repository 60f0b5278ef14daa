using Microsoft.Playwright;
using StudioVault.E2E.Support;
using Xunit;
using static Microsoft.Playwright.Assertions;

namespace StudioVault.E2E.Journeys;

/// <summary>AUD-7: a browser remembers the history it saw, and a database put back to an older state does not pass.</summary>
public sealed class WitnessTests(Chromium chromium)
{
    private const string Kept = "() => { const kept = JSON.parse(localStorage.getItem('sv-audit') ?? 'null'); return kept ? Number(kept.note.split('\\n')[1]) : 0; }";

    [Fact]
    public async Task A_database_put_back_to_an_older_state_raises_the_alarm_at_the_next_visit_of_a_browser_that_saw_more()
    {
        using var data = new DataFolder();
        await using var database = await SharedDatabase.StartAsync(Path.Combine(data.Path, "shared"));
        (string, string)[] settings = [.. DemoPeople.Settings, ("ConnectionStrings__Vault", database.Connection), ("Audit__CheckpointInterval", "100ms"), ("Demo__Agreements", "0")];
        var vault = await RunningVault.StartAsync(data.Path, 0, settings);
        var address = vault.Address;
        var page = await chromium.Browser.SignInAsync(address, "Astrid Holm", Screen.Desktop);
        await page.WaitForFunctionAsync(Kept);
        var first = await page.EvaluateAsync<int>(Kept);
        await vault.DisposeAsync();
        await database.BackUpAsync();

        // Ten minutes of work happen, and the browser sees them: a later visit follows the proof.
        vault = await RunningVault.StartAsync(data.Path, address.Port, settings);
        for (var i = 0; i < 3; i++) await chromium.Browser.SignInAsync(address, "Ana Moreira", Screen.Desktop);
        await Wait.UntilAsync(async () =>
        {
            await page.GotoAsync("/audit");
            await page.WaitForTimeoutAsync(500);
            return await page.EvaluateAsync<int>(Kept) > first + 3;
        }, () => $"the browser keeps a newer checkpoint\n{vault.Output}");
        await Expect(page.Locator("#history-alarm")).ToBeHiddenAsync();
        var seen = await page.EvaluateAsync<int>(Kept);
        await Wait.UntilAsync(async () => (await File.ReadAllTextAsync(Path.Combine(data.Path, "audit", "checkpoints.txt"))).Split('\n').Any(l => int.TryParse(l, out var size) && size > first), () => "the node notes a newer checkpoint");
        await vault.DisposeAsync();

        // Somebody puts the database back.
        await database.PutBackAsync();
        vault = await RunningVault.StartAsync(data.Path, address.Port, settings);
        try
        {
            await page.GotoAsync("/audit");
            await Expect(page.Locator("#history-alarm")).ToBeVisibleAsync();
            await Expect(page.Locator("#history-alarm")).ToContainTextAsync("This server shows an older or another history than this device has seen");
            await Expect(page.GetByText("The log shows an older or another history than was seen before").First).ToBeVisibleAsync();
            await page.GotoAsync("/hq/templates");
            await Expect(page.Locator("#history-alarm")).ToBeVisibleAsync();
            Assert.Equal(seen, await page.EvaluateAsync<int>(Kept));
            Assert.Empty(await page.AxeAsync("#history-alarm"));

            // The node's own file says so too, and balancers hear it.
            await Wait.UntilAsync(() => page.EvaluateAsync<bool>("fetch('/health/ready').then(async a => a.status === 503 && (await a.text()).includes('older or another one'))"), () => $"readiness is red\n{vault.Output}");
            Assert.Equal(["device", "file"], await database.ListAsync<string>("select distinct payload::json ->> 'source' from audit.entries where action = 'audit.alarm' order by 1"));

            // A browser that saw nothing yet has nothing to compare with; forgetting takes two presses.
            var other = await chromium.Browser.SignInAsync(address, "Rui Tavares", Screen.Desktop);
            await Expect(other.Locator("#history-alarm")).ToBeHiddenAsync();
            await page.GetByRole(AriaRole.Button, new() { Name = "Start anew on this device" }).ClickAsync();
            await Expect(page.Locator("#history-alarm")).ToBeVisibleAsync();
            await page.GetByRole(AriaRole.Button, new() { Name = "Press again: forget what this device saw" }).ClickAsync();
            await Expect(page.Locator("#history-alarm")).ToBeHiddenAsync();
        }
        finally
        {
            await vault.DisposeAsync();
        }
    }

    [Fact]
    public async Task A_server_that_lies_is_found_by_the_browser_itself()
    {
        using var data = new DataFolder();
        await using var vault = await RunningVault.StartAsync(data.Path, 0, [.. DemoPeople.Settings, ("Audit__CheckpointInterval", "100ms")]);
        var page = await chromium.Browser.SignInAsync(vault.Address, "Astrid Holm", Screen.Desktop);
        await page.WaitForFunctionAsync(Kept);
        var first = await page.EvaluateAsync<int>(Kept);
        await chromium.Browser.SignInAsync(vault.Address, "Ana Moreira", Screen.Desktop);
        await Wait.UntilAsync(async () => int.Parse((await page.EvaluateAsync<string>("fetch('/v1/audit/checkpoint').then(a => a.text())")).Split('\n')[1], System.Globalization.CultureInfo.InvariantCulture) > first, () => "there is a newer checkpoint");

        // One node of the proof is another one.
        await page.RouteAsync("**/v1/audit/witness", async route =>
        {
            var answer = await route.FetchAsync();
            var text = await answer.TextAsync();
            var at = text.IndexOf("\"proof\":[\"", StringComparison.Ordinal) + 10;
            await route.FulfillAsync(new() { Response = answer, Body = text[..at] + (text[at] == '0' ? '1' : '0') + text[(at + 1)..] });
        });
        var reported = page.WaitForResponseAsync("**/v1/audit/alarms");
        await page.GotoAsync("/audit");
        await Expect(page.Locator("#history-alarm")).ToBeVisibleAsync();
        Assert.Equal(204, (await reported).Status);

        // What was only a lie on the way is over with it.
        await page.UnrouteAsync("**/v1/audit/witness");
        await page.GotoAsync("/audit");
        await Expect(page.Locator("#history-alarm")).ToBeHiddenAsync();
    }
}
