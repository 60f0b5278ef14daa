using System.Net;
using System.Net.Http.Headers;
using System.Net.Http.Json;
using System.Text.Json;
using System.Text.RegularExpressions;
using Microsoft.Playwright;
using StudioVault.E2E.Support;
using Xunit;
using static Microsoft.Playwright.Assertions;

namespace StudioVault.E2E.Journeys;

/// <summary>
/// Two tablets and an agent: it proposes by the API, both tablets show it, one approves, the other is told by whom; undone, approved
/// again, carried out, proved in the audit. Then everything is stopped, nothing runs, and two people lift it.
/// </summary>
public sealed class ProposalJourneyTests(Chromium chromium)
{
    [Fact]
    public async Task An_agent_proposes_people_decide_and_a_stop_holds()
    {
        using var data = new DataFolder();
        await using var vault = await RunningVault.StartAsync(data.Path, 0, DemoPeople.Settings);
        var astrid = await chromium.Browser.SignInAsync(vault.Address, "Astrid Holm", Screen.Desktop);
        var ana = await chromium.Browser.SignInAsync(vault.Address, "Ana Moreira", Screen.Desktop);
        var tablet = Screen.All.Single(s => s.Name == "tablet");
        var ines = await chromium.Browser.SignInAsync(vault.Address, "Inês Carvalho", tablet);
        var rui = await chromium.Browser.SignInAsync(vault.Address, "Rui Tavares", tablet, ColorScheme.Dark);
        List<string>[] complaints = [astrid.Complaints(), ana.Complaints(), ines.Complaints(), rui.Complaints()];

        // HQ registers an agent and makes its key, which is shown once.
        await astrid.OpenAsync("/hq/agents");
        await astrid.GetByRole(AriaRole.Button, new() { Name = "New agent…" }).First.ClickAsync();
        await astrid.GetByLabel("Name", new() { Exact = true }).FillAsync("Calendar keeper");
        await astrid.GetByLabel("Short name").FillAsync("calendar-keeper");
        await astrid.GetByLabel("What it does").FillAsync("Keeps days from colliding.");
        await ChooseAsync(astrid.GetByLabel("Who answers for it"), "Astrid Holm");
        await astrid.GetByRole(AriaRole.Button, new() { Name = "Register the agent" }).ClickAsync();
        await astrid.GetByRole(AriaRole.Link, new() { Name = "Calendar keeper" }).ClickAsync();
        await astrid.GetByRole(AriaRole.Button, new() { Name = "New key…" }).ClickAsync();
        await astrid.GetByLabel("Where it is used").FillAsync("Night batch");
        await astrid.GetByRole(AriaRole.Button, new() { Name = "Make the key" }).ClickAsync();
        var key = await astrid.GetByLabel("The key", new() { Exact = true }).InputValueAsync();
        Assert.StartsWith("svk_", key, StringComparison.Ordinal);
        await astrid.GetByLabel("I have copied it").CheckAsync();
        await astrid.GetByRole(AriaRole.Button, new() { Name = "Done, never show it again" }).ClickAsync();

        // Porto's manager lets it propose there.
        await ana.OpenAsync("/branch");
        await ana.GetByRole(AriaRole.Button, new() { Name = "Give somebody a power…" }).ClickAsync();
        await ChooseAsync(ana.GetByLabel("To whom"), "Calendar keeper");
        await ana.GetByLabel("Why", new() { Exact = true }).FillAsync("Helps with the calendar");
        await ana.GetByRole(AriaRole.Button, new() { Name = "Give it" }).ClickAsync();
        await Expect(ana.GetByText("Calendar keeper").First).ToBeVisibleAsync();

        // The tablets lie open on the queue.
        await ines.OpenAsync("/queue");
        await rui.OpenAsync("/queue");
        foreach (var page in (IPage[])[ines, rui]) await page.EvaluateAsync("window.sameDocument = true");

        // The agent asks to move a session; the answer is 202 and says where to look.
        await ana.OpenAsync("/projects");
        var project = Regex.Match(await ana.Locator("a[href^='/projects/']:not([href='/projects/new'])").First.GetAttributeAsync("href") ?? "", "[0-9a-f-]{36}").Value;
        using var agent = new HttpClient { BaseAddress = vault.Address };
        agent.DefaultRequestHeaders.Authorization = new AuthenticationHeaderValue("Bearer", key);
        var first = await ProposeAsync(agent, project, "2031-05-17");
        Assert.Equal(HttpStatusCode.Accepted, first.StatusCode);
        Assert.NotNull(first.Headers.Location);

        // Both tablets show it by themselves.
        foreach (var page in (IPage[])[ines, rui])
        {
            await Expect(page.Locator(".q-row").First).ToContainTextAsync("17 May 2031");
            Assert.True(await page.EvaluateAsync<bool>("window.sameDocument === true"), "the queue was reloaded");
        }

        // Inês approves; Rui, who has it open, is told by whom.
        await rui.Locator(".q-row").First.ClickAsync();
        await ines.Locator(".q-row").First.ClickAsync();
        await Approve(ines).ClickAsync();
        await Expect(ines.GetByText("You approved it")).ToBeVisibleAsync();
        await Expect(rui.Locator(".q-bar")).ToContainTextAsync("Inês Carvalho approved it");

        // Undone, and approved again: it runs when the time to undo is over.
        await ines.Locator(".q-bar").GetByRole(AriaRole.Button, new() { NameRegex = new("^Undo") }).ClickAsync();
        await Expect(Approve(ines)).ToBeEnabledAsync();
        await Expect(Approve(rui)).ToBeVisibleAsync();
        await Approve(ines).ClickAsync();
        await Expect(ines.Locator(".q-bar")).ToContainTextAsync("Carried out", new() { Timeout = 40_000 });
        await Expect(rui.Locator(".q-bar")).ToContainTextAsync("Carried out");
        await ana.OpenAsync($"/projects/{project}");
        await Expect(ana.GetByText("17 May 2031").First).ToBeVisibleAsync();
        Assert.Equal("Succeeded", await StateAsync(agent, first));

        // Its entry in the audit, proved.
        await rui.Locator("summary", new() { HasText = "Record, " }).ClickAsync();
        await rui.Locator("li", new() { HasText = "proposal.execute" }).GetByRole(AriaRole.Link).ClickAsync();
        await Expect(rui).ToHaveURLAsync(new Regex("/audit/[0-9]+"));
        await rui.GetByRole(AriaRole.Link, new() { Name = "Verify step by step" }).ClickAsync();
        await Expect(rui.Locator(".check-result.tone-added")).ToBeVisibleAsync();

        // HQ stops everything; what is approved now is not carried out.
        await astrid.OpenAsync("/hq/stop");
        await astrid.GetByLabel("Why, for everybody to read").FillAsync("Wrong days in the calendar");
        await astrid.GetByRole(AriaRole.Button, new() { Name = "See what it would stop…" }).ClickAsync();
        await astrid.GetByRole(AriaRole.Button, new() { Name = "Stop everything" }).ClickAsync();
        await Expect(ines.GetByText("Stopped").First).ToBeVisibleAsync();
        var second = await ProposeAsync(agent, project, "2031-05-24");
        Assert.Equal(HttpStatusCode.Accepted, second.StatusCode);
        await ines.OpenAsync(QueuePageOf(second));
        await Approve(ines).ClickAsync();
        await Expect(ines.Locator(".q-bar")).ToContainTextAsync("stopped", new() { IgnoreCase = true, Timeout = 40_000 });
        // The bar says so beforehand too; it is stopped when its time to undo is over.
        await Wait.UntilAsync(async () =>
        {
            // An agent that asks more often is told to wait.
            await Task.Delay(500, TestContext.Current.CancellationToken);
            return await StateAsync(agent, second) == "Killed";
        }, () => "the stop ended it", TimeSpan.FromMinutes(1));

        // One person cannot lift it; two can.
        await astrid.GetByRole(AriaRole.Button, new() { NameRegex = new("^Ask to lift") }).ClickAsync();
        await astrid.GetByRole(AriaRole.Dialog).GetByRole(AriaRole.Textbox).FillAsync("The calendar is mended");
        await astrid.GetByRole(AriaRole.Dialog).GetByRole(AriaRole.Button, new() { NameRegex = new("^Ask") }).ClickAsync();
        await Expect(astrid.GetByText("You asked. Somebody else has to lift it")).ToBeVisibleAsync();
        var jonas = await chromium.Browser.SignInAsync(vault.Address, "Jonas Kjær", Screen.Desktop);
        await jonas.OpenAsync("/hq/stop");
        await jonas.GetByRole(AriaRole.Button, new() { NameRegex = new("^Lift…") }).ClickAsync();
        await jonas.GetByRole(AriaRole.Dialog).GetByRole(AriaRole.Button, new() { NameRegex = new("^Lift") }).ClickAsync();
        await Expect(jonas.GetByText("Nothing is stopped", new() { Exact = true })).ToBeVisibleAsync();

        var third = await ProposeAsync(agent, project, "2031-05-31");
        await ines.OpenAsync(QueuePageOf(third));
        await Approve(ines).ClickAsync();
        await Expect(ines.Locator(".q-bar")).ToContainTextAsync("Carried out", new() { Timeout = 40_000 });
        foreach (var list in complaints) Assert.Empty(list);
    }

    /// <summary>The choice that begins with a name.</summary>
    private static async Task ChooseAsync(ILocator list, string name) =>
        await list.SelectOptionAsync(await list.Locator("option", new() { HasText = name }).First.GetAttributeAsync("value") ?? "");

    private static ILocator Approve(IPage page) => page.Locator(".q-bar").GetByRole(AriaRole.Button, new() { NameRegex = new("^Approve ") });

    private static string QueuePageOf(HttpResponseMessage answer) => "/queue/" + answer.Headers.Location!.OriginalString.Split('/')[^1];

    private static Task<HttpResponseMessage> ProposeAsync(HttpClient agent, string project, string to)
    {
        var request = new HttpRequestMessage(HttpMethod.Post, "/v1/proposals")
        {
            Content = JsonContent.Create(new { branch = "porto", capability = "session.move", args = new { projectId = project, to }, why = "Two weddings on one Saturday: the second photographer is at both." }),
        };
        request.Headers.Add("Idempotency-Key", Guid.NewGuid().ToString());
        return agent.SendAsync(request, TestContext.Current.CancellationToken);
    }

    private static async Task<string?> StateAsync(HttpClient agent, HttpResponseMessage answer)
    {
        using var body = JsonDocument.Parse(await agent.GetStringAsync(answer.Headers.Location, TestContext.Current.CancellationToken));
        return body.RootElement.GetProperty("state").GetString();
    }
}
