using Microsoft.Playwright;

namespace StudioVault.E2E.Tour;

/// <summary>A page of the product in one of its states, and how a person of the demo group gets to it.</summary>
/// <param name="Name">Short, for messages and file names.</param>
/// <param name="Route">Route of the component that draws it, as written at its top.</param>
/// <param name="Person">Who visits, or null for somebody not signed in.</param>
/// <param name="Start">Address to open.</param>
/// <param name="Sees">Words that are there once the page is whole.</param>
public sealed record TourPage(string Name, string Route, string? Person, string Start, string Sees)
{
    /// <summary>Words of the row on <see cref="Start"/> whose link leads to the page; empty when Start is the page.</summary>
    public string[] Row { get; init; } = [];

    /// <summary>A query whose one value is the address, for pages no list leads to.</summary>
    public string? Sql { get; init; }

    /// <summary>Put behind the address of the row: <c>?tab=raw</c>, <c>/edit</c>.</summary>
    public string Behind { get; init; } = "";

    /// <summary>Place of the branch to switch to, for a person of several.</summary>
    public string? Branch { get; init; }

    /// <summary>Selector of what is new on this page, where the rest is on another one as well and is looked at by axe there: an open dialog or menu.</summary>
    public string? Part { get; init; }

    /// <summary>Status of the answer.</summary>
    public int Status { get; init; } = 200;

    /// <summary>What the person does there before the page is looked at.</summary>
    public Func<IPage, Task>? Then { get; init; }

    public override string ToString() => Name;
}
