using System.Diagnostics.CodeAnalysis;
using System.Text.RegularExpressions;
using AngleSharp.Dom;
using Bunit;
using Microsoft.AspNetCore.Components;
using Microsoft.AspNetCore.Components.Sections;
using Microsoft.Extensions.DependencyInjection;
using Radzen.Blazor;
using Xunit;

namespace StudioVault.Tests.Support;

/// <summary>What a person does with a page, and what they read there.</summary>
internal static class PageActions
{
    /// <summary>Opens a page in a browser, with the frame's dialogs, decision bar and right column.</summary>
    /// <param name="route">What the address's own parts mean.</param>
    public static IRenderedComponent<IComponent> Open<TPage>(BunitContext browser, string address, params (string Name, object Value)[] route) where TPage : IComponent
    {
        browser.Services.GetRequiredService<NavigationManager>().NavigateTo(address);
        return browser.Render(builder =>
        {
            builder.OpenComponent<TPage>(0);
            foreach (var (name, value) in route) builder.AddComponentParameter(1, name, value);
            builder.CloseComponent();
            foreach (var section in (string[])["consequences", "decision"])
            {
                builder.OpenComponent<SectionOutlet>(2);
                builder.AddComponentParameter(3, nameof(SectionOutlet.SectionName), section);
                builder.CloseComponent();
            }

            builder.OpenComponent<RadzenComponents>(4);
            builder.CloseComponent();
        });
    }

    /// <summary>Waits until the page shows a text.</summary>
    public static void Shows(IRenderedComponent<IComponent> page, string text) =>
        page.WaitForAssertion(() => Assert.Contains(text, string.Join(' ', page.Nodes.Select(Said)), StringComparison.Ordinal));

    /// <summary>Waits for the button or link with this text and presses it, in one turn of the renderer: a redraw in between would leave the press without its handler.</summary>
    public static void Press(IRenderedComponent<IComponent> page, string text)
    {
        page.WaitForAssertion(() => Assert.Contains(page.FindAll("button,a"), b => Said(b) == text));
        InOneTurn(page, () => page.FindAll("button,a").First(b => Said(b) == text).Click());
    }

    /// <summary>Waits for a field and types into it, in one turn of the renderer.</summary>
    public static void Type(IRenderedComponent<IComponent> page, string field, string text)
    {
        page.WaitForElement(field);
        InOneTurn(page, () => page.Find(field).Input(text));
    }

    /// <summary>Waits for a field and changes it, in one turn of the renderer.</summary>
    public static void Change<T>(IRenderedComponent<IComponent> page, string field, T value)
    {
        page.WaitForElement(field);
        InOneTurn(page, () => page.Find(field).Change(value));
    }

    /// <summary>Waits for an element and presses it, in one turn of the renderer.</summary>
    public static void Click(IRenderedComponent<IComponent> page, string element)
    {
        page.WaitForElement(element);
        InOneTurn(page, () => page.Find(element).Click());
    }

    /// <summary>Waits for a form and sends it, in one turn of the renderer.</summary>
    public static void Submit(IRenderedComponent<IComponent> page, string form)
    {
        page.WaitForElement(form);
        InOneTurn(page, () => page.Find(form).Submit());
    }

    /// <summary>Leaves for another address, as by a link. What the page still does before it goes may take longer.</summary>
    public static void Go(IRenderedComponent<IComponent> page, string address) =>
        InOneTurn(page, () => page.Services.GetRequiredService<NavigationManager>().NavigateTo(address));

    /// <summary>Waits until the page has gone to an address; bUnit's own waits look only when something was drawn, and a page that has left draws no more.</summary>
    public static void Arrives(IRenderedComponent<IComponent> page, [StringSyntax(StringSyntaxAttribute.Regex)] string address) =>
        Assert.True(SpinWait.SpinUntil(() => Regex.IsMatch(AddressOf(page), address), BunitContext.DefaultWaitTimeout), $"The page stays at {AddressOf(page)} and does not get to {address}.");

    // Done when this returns, though not what the page does about it: a test may move the clock on.
    private static void InOneTurn(IRenderedComponent<IComponent> page, Action action) =>
        Assert.True(page.InvokeAsync(action).Wait(BunitContext.DefaultWaitTimeout), "The page was busy for too long.");

    /// <summary>What the pages of a browser left in its storage, by key.</summary>
    public static IReadOnlyDictionary<string, string> StorageOf(BunitContext browser)
    {
        var kept = new Dictionary<string, string>(StringComparer.Ordinal);
        foreach (var call in browser.JSInterop.Invocations.ToList())
        {
            if (call.Identifier == "localStorage.setItem") kept[(string)call.Arguments[0]!] = (string)call.Arguments[1]!;
            if (call.Identifier == "localStorage.removeItem") kept.Remove((string)call.Arguments[0]!);
        }

        return kept;
    }

    /// <summary>The same browser after a reload, or in the hands of the next person: a new circuit that finds what was left in its storage.</summary>
    public static void TakeOver(BunitContext browser, BunitContext from)
    {
        foreach (var (key, value) in StorageOf(from)) browser.JSInterop.Setup<string?>("localStorage.getItem", key).SetResult(value);
    }

    /// <summary>Where the page has gone.</summary>
    public static string AddressOf(IRenderedComponent<IComponent> page) => page.Services.GetRequiredService<NavigationManager>().Uri;

    /// <summary>The words of an element as they are read: one space between parts, no icons.</summary>
    public static string Said(INode node) => string.Join(' ', node.GetDescendantsAndSelf().OfType<IText>()
        .Where(t => t.ParentElement?.ClassList.Contains("icon") != true).SelectMany(t => t.Data.Split((char[]?)null, StringSplitOptions.RemoveEmptyEntries)));
}
