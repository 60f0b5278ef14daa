using Microsoft.Playwright;

namespace StudioVault.E2E.Support;

/// <summary>Measures an open page.</summary>
public static class Ruler
{
    /// <summary>CSS pixels by which the page is wider than its screen; 0 when nothing scrolls sideways.</summary>
    // On a phone the window grows with what sticks out of it, hence the width that was asked for.
    public static Task<int> OverhangAsync(this IPage page) =>
        page.EvaluateAsync<int>("width => Math.max(document.documentElement.scrollWidth, innerWidth) - width", page.ViewportSize!.Width);

    /// <summary>Everything to press that is smaller than <paramref name="floor"/> in one direction, a line each.</summary>
    /// <remarks>A link in running text may be as tall as the text (WCAG 2.2, 2.5.8). A label is part of its box; a row is one with the link stretched over it.</remarks>
    public static Task<string[]> SmallTargetsAsync(this IPage page, int floor) =>
        page.EvaluateAsync<string[]>("""
            floor => {
              const inText = e => e.matches('a, .btn-link') && getComputedStyle(e).display.startsWith('inline')
                && [...e.parentNode.childNodes].some(n => n !== e && n.nodeType === Node.TEXT_NODE && /[\p{L}\d]/u.test(n.data));
              return [...document.querySelectorAll('a[href], button, input:not([type=hidden]), select, textarea, summary')].filter(e => {
                if (!e.checkVisibility({ visibilityProperty: true, contentVisibilityAuto: true }) || e.matches('.skip, [tabindex="-1"]') || inText(e)) return false;
                const parts = [e, ...(e.labels ?? [])];
                if (e.matches('.row-link')) parts.push(e.closest('.row, tr, li'));
                const boxes = parts.map(p => p.getBoundingClientRect()).filter(b => b.width);
                return boxes.length > 0 && (Math.max(...boxes.map(b => b.width)) < floor - .5 || Math.max(...boxes.map(b => b.height)) < floor - .5);
              }).map(e => {
                const box = e.getBoundingClientRect();
                return `${e.tagName.toLowerCase()}.${e.className} “${(e.ariaLabel || e.textContent).trim().slice(0, 30)}” ${Math.round(box.width)}x${Math.round(box.height)}`;
              });
            }
            """, floor);
}
