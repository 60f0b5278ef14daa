using StudioVault.Domain.Kernel;
using StudioVault.Domain.Packages;

namespace StudioVault.Domain.Agreements;

/// <summary>What an operation does to the node at its path.</summary>
public enum OperationKind
{
    /// <summary>Puts another value, or a whole element, in the place of the one that is there.</summary>
    Set,

    /// <summary>Adds an element to a list.</summary>
    Add,

    /// <summary>Takes an element out of a list.</summary>
    Remove,
}

/// <summary>
/// One thing an amendment changes (features row 2.6). It says what shall be, not how to get there, so that it means the same
/// whenever it takes effect.
/// </summary>
/// <param name="Path">The node, an element of a list named by its id (see <see cref="TreePath"/>).</param>
/// <param name="Value">What shall stand there; null for <see cref="OperationKind.Remove"/>.</param>
/// <param name="After">For <see cref="OperationKind.Add"/>: the id of the element it follows; null = it comes last.</param>
public sealed record AmendmentOperation(OperationKind Kind, string Path, ContentNode? Value = null, string? After = null)
{
    public static AmendmentOperation Set(string path, ContentNode value) => new(OperationKind.Set, path, value);

    public static AmendmentOperation Set(string path, string text) => Set(path, ContentValue.String(text));

    public static AmendmentOperation Add(string list, ContentObject element, string? after = null) =>
        new(OperationKind.Add, TreePath.Of(list, element.Id ?? throw new ArgumentException("The element has no id.", nameof(element))), element, after);

    public static AmendmentOperation Remove(string path) => new(OperationKind.Remove, path);

    /// <summary>True when the two concern the same node or one lies inside the other.</summary>
    public bool Touches(string path) => TreePath.Covers(Path, path) || TreePath.Covers(path, Path);

    /// <summary>The tree with this done.</summary>
    /// <returns><c>refuse.agreement.operation_misplaced</c> when there is nothing to change at the path, or something stands where one is added.</returns>
    public Result<ContentObject> Apply(ContentObject tree)
    {
        var there = ContentTree.Find(tree, Path);
        if (there is null == (Kind != OperationKind.Add)) return AgreementRefusals.OperationMisplaced.At(Path);
        var changed = Kind == OperationKind.Add ? Insert(tree) : ContentTree.With(tree, Path, Value);
        return changed is null ? AgreementRefusals.OperationMisplaced.At(Path) : changed;
    }

    private ContentObject? Insert(ContentObject tree)
    {
        var list = TreePath.Parent(Path)!;
        if (ContentTree.Find(tree, list) is not ContentList old || Value is not ContentObject element || TreePath.Of(list, element.Id ?? "") != Path) return null;
        var elements = old.Elements.ToList();
        var after = After is null ? -1 : elements.FindIndex(e => e.Id == After);
        // The one it follows may have gone by the day this takes effect: it then comes last.
        elements.Insert(after < 0 ? elements.Count : after + 1, element);
        return ContentTree.With(tree, list, ContentList.Of(elements));
    }
}
