using System.Collections.Concurrent;
using System.Globalization;
using System.Net;
using System.Text;
using Microsoft.Playwright;
using StudioVault.E2E.Support;
using Xunit;

namespace StudioVault.E2E.Tour;

/// <summary>Takes the pictures of the tour; run by <c>build/tour.sh</c> only.</summary>
public sealed class PictureTests(Chromium chromium, DemoVault vault)
{
    private static readonly (Screen Screen, ColorScheme Scheme)[] Views =
    [
        (Screen.Desktop, ColorScheme.Light),
        (Screen.Tablet, ColorScheme.Light),
        (Screen.Phone, ColorScheme.Light),
        (Screen.Desktop, ColorScheme.Dark),
    ];

    /// <summary>A first screen of each view and, of a longer page, the whole; TOUR_PAGES narrows them by words of their names.</summary>
    [Fact(Explicit = true)]
    public async Task Every_page_in_every_view()
    {
        var words = (Environment.GetEnvironmentVariable("TOUR_PAGES") ?? "").Split(' ', StringSplitOptions.RemoveEmptyEntries);
        var pages = Pages.All.Where(p => words.Length == 0 || words.Any(w => p.Name.Contains(w, StringComparison.OrdinalIgnoreCase))).ToList();
        Assert.NotEmpty(pages);
        var folder = Directory.CreateDirectory(Path.Combine(RunningVault.Checkout(), "artifacts", "tour")).FullName;
        var missing = new ConcurrentBag<string>();
        await Parallel.ForEachAsync(pages, new ParallelOptions { MaxDegreeOfParallelism = Math.Max(2, Environment.ProcessorCount) }, async (page, _) =>
        {
            try
            {
                foreach (var views in Views.GroupBy(v => v.Screen.Touch))
                    await TakeAsync(page, [.. views], folder);
            }
            catch (Exception e) when (e is PlaywrightException or TimeoutException or Xunit.Sdk.XunitException)
            {
                // One page that cannot be reached must not cost the other pictures.
                missing.Add($"{page.Name}: {e.Message}");
            }
        });
        await File.WriteAllTextAsync(Path.Combine(folder, "index.html"), Index(folder), TestContext.Current.CancellationToken);
        Assert.Empty(missing);
    }

    private async Task TakeAsync(TourPage to, (Screen Screen, ColorScheme Scheme)[] views, string folder)
    {
        var (page, _) = await vault.VisitAsync(chromium.Browser, to, views[0].Screen);
        foreach (var (screen, scheme) in views)
        {
            await page.SetViewportSizeAsync(screen.Width, screen.Height);
            await page.EmulateMediaAsync(new() { ColorScheme = scheme });
            await page.SettleAsync();
            var file = Path.Combine(folder, $"{to.Name}.{ViewName(screen, scheme)}");
            await page.ScreenshotAsync(new() { Path = file + ".png" });
            if (await page.EvaluateAsync<bool>("document.documentElement.scrollHeight > innerHeight + 40"))
                await page.ScreenshotAsync(new() { Path = file + ".whole.png", FullPage = true });
            else
                File.Delete(file + ".whole.png");
        }

        await DemoVault.LeaveAsync(to, page);
    }

    private static string Index(string folder)
    {
        var html = new StringBuilder("""
            <!DOCTYPE html>
            <html lang="en">
            <meta charset="utf-8"><meta name="viewport" content="width=device-width"><title>StudioVault, every page</title>
            <style>
              body { margin: 2rem; font: 1rem/1.5 system-ui, sans-serif; color: #222; background: #eee }
              section { margin: 0 0 2.5rem } h2 { margin: 0; font-size: 1.1rem } p { margin: 0 0 .5rem; color: #555 }
              .views { display: flex; flex-wrap: wrap; gap: 1rem; align-items: flex-start }
              figure { margin: 0 } img { display: block; height: 20rem; border: 1px solid #bbb; background: #fff } figcaption { font-size: .8rem; color: #555 }
            </style>
            <h1>StudioVault, every page</h1>

            """);
        foreach (var page in Pages.All.Where(p => File.Exists(Path.Combine(folder, $"{p.Name}.desktop.png"))))
        {
            html.Append(CultureInfo.InvariantCulture, $"<section><h2>{Text(page.Name)}</h2><p>{Text(page.Route)}, {Text(page.Person ?? "nobody signed in")}</p><div class=\"views\">");
            foreach (var (screen, scheme) in Views)
            {
                var view = ViewName(screen, scheme);
                var file = $"{page.Name}.{view}.png";
                var whole = $"{page.Name}.{view}.whole.png";
                var full = File.Exists(Path.Combine(folder, whole)) ? whole : file;
                html.Append(CultureInfo.InvariantCulture, $"<figure><a href=\"{full}\"><img loading=\"lazy\" src=\"{file}\" alt=\"{Text(page.Name)}, {view}\"></a><figcaption>{view}{(full == whole ? ", opens the whole page" : "")}</figcaption></figure>");
            }

            html.AppendLine("</div></section>");
        }

        return html.ToString();
    }

    private static string ViewName(Screen screen, ColorScheme scheme) => scheme == ColorScheme.Dark ? screen.Name + "-dark" : screen.Name;

    private static string Text(string words) => WebUtility.HtmlEncode(words);
}
