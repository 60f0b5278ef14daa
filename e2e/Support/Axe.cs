using Deque.AxeCore.Commons;
using Microsoft.Playwright;

namespace StudioVault.E2E.Support;

/// <summary>
/// Axe inside the page itself: once injected it answers again after every change of size or theme, and the page keeps its
/// content security policy. Deque's own call opens a blank page for each run and needs the policy switched off.
/// </summary>
public static class Axe
{
    private static readonly string Script = new BundledAxeScriptProvider().GetScript();

    /// <summary>What axe finds on the page as it stands: rule and places, a line each.</summary>
    /// <param name="part">Selector to look at that part only.</param>
    /// <param name="coloursOnly">The same page in another theme: nothing but colours can be different.</param>
    public static async Task<string[]> AxeAsync(this IPage page, string? part = null, bool coloursOnly = false)
    {
        if (!await page.EvaluateAsync<bool>("'axe' in window"))
            await page.EvaluateAsync(Script);
        return await page.EvaluateAsync<string[]>("""
            async ([part, coloursOnly]) => {
              const run = await axe.run(part ?? document, {
                runOnly: coloursOnly ? ['color-contrast', 'link-in-text-block'] : { type: 'tag', values: ['wcag2a', 'wcag2aa', 'wcag21a', 'wcag21aa', 'wcag22aa', 'best-practice'] },
                resultTypes: ['violations'],
              });
              return run.violations.map(v => `${v.id} at ${v.nodes.slice(0, 3).map(n => n.target.join(' ')).join(' | ')}${v.nodes.length > 3 ? ` and ${v.nodes.length - 3} more` : ''}`);
            }
            """, new object?[] { part, coloursOnly });
    }
}
