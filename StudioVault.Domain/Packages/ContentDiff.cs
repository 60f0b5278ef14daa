using Step = StudioVault.Domain.Packages.ContentTree.Step;

namespace StudioVault.Domain.Packages;

/// <summary>One difference between two trees.</summary>
/// <param name="Path">The leaf, or the highest node that was added or removed whole.</param>
/// <param name="Before">Null when it was added.</param>
/// <param name="After">Null when it was removed.</param>
public sealed record ContentChange(string Path, ContentNode? Before, ContentNode? After);

/// <summary>Two trees compared, node by node; the order of lists is not looked at.</summary>
public static class ContentDiff
{
    /// <summary>Every difference: document order of <paramref name="after"/>, inside each object or list the removed ones last.</summary>
    public static IReadOnlyList<ContentChange> Between(ContentObject before, ContentObject after)
    {
        var changes = new List<ContentChange>();
        Walk(null, before, after, (at, old, now) => changes.Add(new(Step.Path(at), old, now)));
        return changes;
    }

    /// <summary>
    /// Whether two nodes say the same whatever the order of their lists. What rules on fields go by: a lock holds what is in a list,
    /// the order of it stays the branch's, when it is edited as well as when it is judged.
    /// </summary>
    public static bool SameButOrder(ContentNode? a, ContentNode? b)
    {
        if (!ContentNode.SameContainer(a, b)) return ContentNode.Same(a, b);
        var found = false;
        Walk(null, (ContentContainer)a, (ContentContainer)b, (_, _, _) => found = true);
        return !found;
    }

    /// <summary>Lists that both trees have and whose common elements stand in another order.</summary>
    public static IReadOnlyList<string> Reordered(ContentObject before, ContentObject after)
    {
        var paths = new List<string>();
        Orders(null, before, after, paths);
        return paths;
    }

    internal static void Walk(Step? at, ContentContainer before, ContentContainer after, Action<Step, ContentNode?, ContentNode?> found)
    {
        if (ReferenceEquals(before, after)) return;
        for (var i = 0; i < after.Count; i++) Visit(after.Keys[i], before.Find(after.Keys[i], i), after.Nodes[i]);
        for (var i = 0; i < before.Count; i++)
        {
            if (after.IndexOf(before.Keys[i], i) < 0) Visit(before.Keys[i], before.Nodes[i], null);
        }

        void Visit(string key, ContentNode? old, ContentNode? now)
        {
            if (ContentNode.SameContainer(old, now)) Walk(new Step(at, key), (ContentContainer)old, (ContentContainer)now, found);
            else if (!ContentNode.Same(old, now)) found(new Step(at, key), old, now);
        }
    }

    private static void Orders(Step? at, ContentContainer before, ContentContainer after, List<string> paths)
    {
        if (ReferenceEquals(before, after)) return;
        if (after is ContentList && !ContentOrder.Agree(before, after)) paths.Add(Step.Path(at));
        for (var i = 0; i < after.Count; i++)
        {
            var old = before.Find(after.Keys[i], i);
            if (ContentNode.SameContainer(old, after.Nodes[i])) Orders(new Step(at, after.Keys[i]), (ContentContainer)old, (ContentContainer)after.Nodes[i], paths);
        }
    }
}
