using System.Diagnostics;
using System.Text.Json.Nodes;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Playwright;
using StudioVault.Domain.Kernel;
using StudioVault.Domain.Packages;
using StudioVault.Infrastructure.Door;
using StudioVault.Infrastructure.Packages;
using StudioVault.Infrastructure.Proposals;

namespace StudioVault.Bench;

/// <summary>
/// What people wait for, in real browsers before the published product: a colleague's change appearing on an open page, and the
/// review of a package of 2,000 fields.
/// </summary>
internal static class InTheBrowser
{
    // From the press that causes the change, therefore a little more than from its COMMIT.
    private const string NotePress = "addEventListener('click', e => { if (e.target.closest('.rz-dialog .btn-primary')) window.pressedAt = performance.timeOrigin + performance.now() }, true)";
    private const string WaitForText = """
        text => new Promise(done => {
            const see = () => document.querySelector('main').textContent.includes(text) && (watch.disconnect(), done(performance.timeOrigin + performance.now()));
            const watch = new MutationObserver(see);
            watch.observe(document.body, { childList: true, subtree: true, characterData: true });
            see();
        })
        """;

    public static async Task<IReadOnlyList<Measure>> RunAsync(bool quick)
    {
        await using var vault = await PublishedVault.StartAsync();
        await using var browser = await BenchBrowser.StartAsync();
        var ana = await browser.SignInAsync(vault.Address, "Ana Moreira");
        var rui = await browser.SignInAsync(vault.Address, "Rui Tavares");
        await vault.QuietAsync();
        return [await VisibleAsync(ana, rui, quick ? 15 : 60), await QueueAsync(vault, rui, quick ? 10 : 40), .. await ReviewAsync(vault, ana, quick ? 3 : 15)];
    }

    private static async Task<Measure> VisibleAsync(IPage ana, IPage rui, int rounds)
    {
        foreach (var page in (IPage[])[ana, rui])
        {
            await page.GotoAsync("/branch");
            await page.WaitForSelectorAsync("[data-live=true]");
        }

        await ana.EvaluateAsync(NotePress);
        var times = new List<double>();
        for (var i = -3; i < rounds; i++)
        {
            var name = $"Fair number {i}.";
            var day = new DateOnly(2090, 1, 1).AddDays(i).ToString("O", System.Globalization.CultureInfo.InvariantCulture);
            await ana.GetByRole(AriaRole.Button, new() { Name = "Add blackout…" }).ClickAsync();
            await ana.FillAsync("#blackout-name", name);
            await ana.FillAsync("#blackout-from", day);
            await ana.FillAsync("#blackout-to", day);
            var seen = rui.EvaluateAsync<double>(WaitForText, name);
            await ana.Locator(".rz-dialog .btn-primary").ClickAsync();
            var at = await seen.WaitAsync(TimeSpan.FromSeconds(60));
            await ana.Locator(".rz-dialog").WaitForAsync(new() { State = WaitForSelectorState.Detached });
            if (i >= 0) times.Add(at - await ana.EvaluateAsync<double>("window.pressedAt"));
        }

        return new("press to visible in another signed-in browser, p95", Measure.Percentile(times, 95), "ms", 300, false, "",
            $"{times.Count} changes, from the press before the commit to the other page's DOM: median {Measure.Median(times):0} ms, most {times.Max():0} ms");
    }

    /// <summary>From the call of a submission on another node until its row stands in an open queue.</summary>
    private static async Task<Measure> QueueAsync(PublishedVault vault, IPage rui, int rounds)
    {
        await using var node = await vault.NodeAsync();
        await using var numbers = await PublishedVault.NumberAsync(node);
        var (propose, _) = await Approvals.CommandsAsync(node);
        var porto = await vault.BranchAsync("porto");
        await rui.GotoAsync("/queue");
        await rui.WaitForSelectorAsync("[data-live=true]");
        var (times, answers) = (new List<double>(), new List<double>());
        for (var i = -3; i < rounds; i++)
        {
            // Uneven gaps, so that no timer of the product keeps step with us.
            await Task.Delay(Random.Shared.Next(200, 900));
            var seen = rui.EvaluateAsync<double>("""
                count => new Promise(done => {
                    const see = () => document.querySelectorAll('.q-row').length > count && (watch.disconnect(), done(performance.timeOrigin + performance.now()));
                    const watch = new MutationObserver(see);
                    watch.observe(document.body, { childList: true, subtree: true });
                    see();
                })
                """, await rui.Locator(".q-row").CountAsync());
            var (at, clock) = (TimeProvider.System.GetUtcNow(), Stopwatch.StartNew());
            await BenchLab.MustAsync(propose.SubmitAsync(Sender.System("bench"), porto, new ProposalInput(Approvals.Nothing.Name, [], $"Bench {i}", []), default));
            var answered = clock.Elapsed.TotalMilliseconds;
            var shown = await seen.WaitAsync(TimeSpan.FromSeconds(60)) - at.ToUnixTimeMilliseconds();
            if (i < 0) continue;
            times.Add(shown);
            answers.Add(answered);
        }

        return new("submitted to a row in an open queue, p95", Measure.Percentile(times, 95), "ms", 500, false, "",
            $"{times.Count} proposals sent on another node, from the call to the page's DOM: median {Measure.Median(times):0} ms, most {times.Max():0} ms; the submission itself {Measure.Median(answers):0} ms");
    }

    private static async Task<IReadOnlyList<Measure>> ReviewAsync(PublishedVault vault, IPage ana, int rounds)
    {
        await using var node = await vault.NodeAsync();
        var hq = await vault.SenderAsync("Astrid Holm");
        var porto = await vault.BranchAsync("porto");
        var template = await BenchLab.MustAsync(node.GetRequiredService<TemplateDrafts>().CreateAsync(hq, "everything", MergeAndReview.Content("", (_, _) => false).ToJsonString(), default));
        await PublishAsync(node, hq, porto, template, null);
        await ana.GotoAsync("/updates?q=" + MergeAndReview.Name);
        await ana.GotoAsync(await ana.Locator(".rows > li a").First.GetAttributeAsync("href") ?? throw new InvalidOperationException("No offer."));
        await ana.WaitForSelectorAsync("[data-live=true]");
        await ana.GetByRole(AriaRole.Button, new() { Name = "Take it up", Exact = true }).First.ClickAsync();
        await ana.GetByText("Version 1 taken up").First.WaitForAsync();
        await PublishAsync(node, hq, porto, template, MergeAndReview.Content(" (new)", (i, _) => i % 10 == 0));
        await ana.GotoAsync("/updates?q=" + MergeAndReview.Name);
        var address = await ana.Locator(".rows > li a").First.GetAttributeAsync("href") ?? throw new InvalidOperationException("No review.");

        var (times, nodes) = (new List<double>(), new List<double>());
        for (var i = -1; i < rounds; i++)
        {
            await ana.GotoAsync("about:blank");
            await ana.GotoAsync(address, new() { WaitUntil = WaitUntilState.Commit });
            var shown = await ana.EvaluateAsync<double>("""
                () => new Promise(done => {
                    const see = () => document.querySelector('.decision-bar')?.checkVisibility() ? done(performance.now()) : requestAnimationFrame(see);
                    see();
                })
                """);
            await ana.WaitForSelectorAsync("[data-live=true]");
            await ana.EvaluateAsync("() => new Promise(done => { scrollTo(0, document.documentElement.scrollHeight); requestAnimationFrame(() => requestAnimationFrame(done)) })");
            if (i < 0) continue;
            times.Add(shown);
            nodes.Add(await ana.EvaluateAsync<double>("document.querySelectorAll('body *').length"));
        }

        return
        [
            new("review of 2,000 fields: decision bar in view", Measure.Median(times), "ms", 1000, false, "", $"from the start of the navigation, {times.Count} times, most {times.Max():0} ms"),
            new("review of 2,000 fields: elements in the page", nodes.Max(), "nodes", 600, false, "", "all of the body, after scrolling to the end"),
        ];
    }

    private static async Task PublishAsync(IServiceProvider node, Sender hq, BranchId branch, TemplateId template, JsonObject? content)
    {
        var drafts = node.GetRequiredService<TemplateDrafts>();
        var draft = await BenchLab.MustAsync(drafts.OpenAsync(hq, template, default));
        var revision = content is null ? draft.Revision : (await BenchLab.MustAsync(drafts.SaveAsync(hq, template, draft.Revision, content.ToJsonString(), "A change.", default))).Revision;
        var order = new PublishOrder(template, revision, "A change.", ChangeClass.Major, [branch], "Bench", "A benchmark.", draft.LatestVersion + 1);
        var looked = await BenchLab.MustAsync(node.GetRequiredService<BlastRadius>().ComputeAsync(hq, order, null, default));
        await BenchLab.MustAsync(node.GetRequiredService<PublishTemplateVersion>().RunAsync(hq, order with { RadiusDigest = looked.Digest }, default));
    }
}
