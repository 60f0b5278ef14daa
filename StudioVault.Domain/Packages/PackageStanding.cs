namespace StudioVault.Domain.Packages;

/// <summary>Where one field of a branch package stands: whose value it is, and what the branch may do with it.</summary>
/// <param name="Field">Label, section and format.</param>
/// <param name="Value">The branch's value; null when it took HQ's element out.</param>
/// <param name="Hq">HQ's value in the version the branch last ruled on; null where the branch added an element of its own.</param>
/// <param name="Rule">The rule that holds today, or null: simply inherited.</param>
/// <param name="Bounds">Lowest and highest value of a bounded field; null without bounds.</param>
public sealed record FieldStanding(FieldInfo Field, ContentNode? Value, ContentNode? Hq, FieldRule? Rule, (decimal? Lowest, decimal? Highest)? Bounds)
{
    public string Path => Field.Path;

    /// <summary>The branch's own: it says something else than HQ, or only one of the two has it.</summary>
    public bool IsOwn => !ContentNode.Same(Value, Hq);

    public FieldMode Mode => Rule?.Mode ?? FieldMode.Inherit;

    /// <summary>The branch may not edit it. Going to HQ's value is always allowed.</summary>
    public bool IsLocked => Mode == FieldMode.Locked;
}

/// <summary>
/// A branch package beside what HQ has in the version the branch last ruled on: every field with its mark. Pure; the package
/// page, the list and the editor say the same because they ask here.
/// </summary>
public sealed class PackageStanding
{
    private static readonly HashSet<string> NotFields = ["schema_version", "currency", "id"];

    private readonly ContentObject _mine;
    private readonly ContentObject _hq;
    private readonly ContentObject _ruling;

    private PackageStanding(ContentObject mine, ContentObject hq, FieldRules rules, ContentObject ruling) => (_mine, _hq, Rules, _ruling) = (mine, hq, rules, ruling);

    public FieldRules Rules { get; }

    /// <param name="mine">The branch's content at some revision.</param>
    /// <param name="hq">HQ's content in the branch's currency, the branch's own tax where it is local.</param>
    /// <param name="rules">HQ's rules as of today.</param>
    /// <param name="ruling">What limits are measured from, where that is another version than <paramref name="hq"/>: after a recall.</param>
    public static PackageStanding Of(PackageContent mine, PackageContent hq, FieldRules rules, PackageContent? ruling = null) => new(mine.ToTree(), hq.ToTree(), rules, (ruling ?? hq).ToTree());

    /// <summary>The same for content that is being typed and may not be readable yet.</summary>
    public static PackageStanding Of(ContentObject mine, ContentObject hq, FieldRules rules, ContentObject? ruling = null) => new(mine, hq, rules, ruling ?? hq);

    /// <summary>How many fields and whole elements the branch has otherwise than HQ, reordered lists counted once each.</summary>
    public int OwnCount => ContentDiff.Between(_hq, _mine).Count + Reordered.Count;

    /// <summary>Lists whose order is the branch's own.</summary>
    public IReadOnlyList<string> Reordered => ContentDiff.Reordered(_hq, _mine);

    /// <summary>Every field in document order; an element that only one side has is one entry, HQ's removed ones come last in their list.</summary>
    public IReadOnlyList<FieldStanding> Fields
    {
        get
        {
            var fields = new List<FieldStanding>();
            Walk("", _mine, _hq, fields);
            return fields;
        }
    }

    /// <summary>One field or element.</summary>
    public FieldStanding At(string path) => At(path, ContentTree.Find(_mine, path), ContentTree.Find(_hq, path));

    /// <summary>HQ's elements of a list (items, clauses, …) that the branch took out.</summary>
    public IReadOnlyList<FieldStanding> Missing(string listPath)
    {
        if (ContentTree.Find(_hq, listPath) is not ContentList theirs) return [];
        var own = ContentTree.Find(_mine, listPath) as ContentList ?? ContentList.Empty;
        return [.. theirs.Ids.Where(id => own.Find(id) is null).Select(id => At(TreePath.Of(listPath, id)))];
    }

    // An element with a lock inside is as locked as that field: it may not go.
    private FieldStanding At(string path, ContentNode? mine, ContentNode? hq) =>
        new(FieldCatalogue.Describe(path, _mine, _hq), mine, hq, Rules.LockAt(path) ?? Rules.For(path), Rules.BoundsOf(path, _ruling));

    private void Walk(string path, ContentContainer mine, ContentContainer hq, List<FieldStanding> fields)
    {
        foreach (var key in mine.Keys)
        {
            if (mine is ContentObject && NotFields.Contains(key)) continue;
            Visit(TreePath.Of(path, key), mine.Find(key)!, hq.Find(key), fields);
        }
        foreach (var key in hq.Keys)
        {
            if (mine.Find(key) is null) fields.Add(At(TreePath.Of(path, key), null, hq.Find(key)));
        }
    }

    private void Visit(string path, ContentNode mine, ContentNode? hq, List<FieldStanding> fields)
    {
        if (ContentNode.SameContainer(mine, hq)) Walk(path, (ContentContainer)mine, (ContentContainer)hq!, fields);
        else fields.Add(At(path, mine, hq));
    }
}
