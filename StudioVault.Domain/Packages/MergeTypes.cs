namespace StudioVault.Domain.Packages;

/// <summary>Whose side a field takes.</summary>
public enum MergeChoice
{
    Hq,
    Branch,
}

/// <summary>What happened to one offered field: the rows of features table A1.</summary>
public enum MergeCase
{
    /// <summary>HQ changed it, the branch did not: HQ's is taken by default.</summary>
    Clean,

    /// <summary>Both say the same already: shown as "already equal", confirmed on accept.</summary>
    Convergent,

    /// <summary>Both changed it, differently: the branch's stays by default.</summary>
    Conflict,

    /// <summary>HQ added something the branch does not have.</summary>
    HqAdds,

    /// <summary>HQ added an element of the same title as one the branch keeps under another id: there is no default.</summary>
    HqAddsPossibleDuplicate,

    /// <summary>HQ removed what the branch left as it was.</summary>
    HqRemovesUnchanged,

    /// <summary>HQ removed what the branch had made its own: it stays as a local one by default.</summary>
    HqRemovesModified,

    /// <summary>HQ changed something inside what the branch had removed: it stays removed by default.</summary>
    BranchRemovedHqChanges,

    /// <summary>HQ went back to the value the branch was synced with, after the branch had ruled on another one.</summary>
    HqReturnedToOldValue,
}

/// <summary>The four trees of a merge, all of the same currency.</summary>
/// <param name="Base">B: HQ's values the branch was last synced with.</param>
/// <param name="Decided">S: HQ's values the branch last ruled on. Offered is what differs between it and <paramref name="Hq"/>.</param>
/// <param name="Branch">L: the branch's values now.</param>
/// <param name="Hq">H: HQ's values now.</param>
public sealed record MergeSides(ContentObject Base, ContentObject Decided, ContentObject Branch, ContentObject Hq)
{
    /// <summary>Sides where nothing was ever declined: base and decided are the same.</summary>
    public MergeSides(ContentObject @base, ContentObject branch, ContentObject hq) : this(@base, @base, branch, hq) { }
}

/// <summary>One decision: a side, or a value of the branch's own in place of both.</summary>
public readonly record struct MergeDecision
{
    private MergeDecision(MergeChoice choice, ContentNode? value) => (Choice, Value) = (choice, value);

    public MergeChoice Choice { get; }

    /// <summary>The entered value; null for a side.</summary>
    public ContentNode? Value { get; }

    public static MergeDecision Hq => new(MergeChoice.Hq, null);
    public static MergeDecision Branch => new(MergeChoice.Branch, null);
    public static MergeDecision Of(MergeChoice choice) => new(choice, null);
    public static MergeDecision Enter(ContentNode value) => new(MergeChoice.Branch, value);

    /// <summary>Reads <c>"hq"</c>, <c>"branch"</c> or <c>{"value": …}</c>; null for anything else.</summary>
    public static MergeDecision? Read(ContentNode node) => node switch
    {
        ContentValue { Kind: ContentValueKind.String, Text: "hq" } => Hq,
        ContentValue { Kind: ContentValueKind.String, Text: "branch" } => Branch,
        ContentObject { Count: 1 } o when o.Find("value") is { } value => Enter(value),
        _ => null,
    };

    /// <summary>The decision as <see cref="Read"/> reads it.</summary>
    public ContentNode ToNode() => Value is { } value ? ContentObject.Of(("value", value)) : ContentValue.String(Choice == MergeChoice.Hq ? "hq" : "branch");
}

/// <summary>What somebody decided: fields by path, orders of lists by the list's path.</summary>
public sealed record MergeDecisions(IReadOnlyDictionary<string, MergeDecision> Fields, IReadOnlyDictionary<string, MergeChoice> Orders)
{
    public static readonly MergeDecisions None = new(new Dictionary<string, MergeDecision>(), new Dictionary<string, MergeChoice>());

    public static MergeDecisions Of(params IEnumerable<(string Path, MergeDecision Decision)> fields) =>
        new(fields.ToDictionary(f => f.Path, f => f.Decision), new Dictionary<string, MergeChoice>());
}

/// <summary>One offered field: HQ's value differs from the one the branch last ruled on.</summary>
/// <param name="Path">The leaf, or the highest node that HQ added or removed whole.</param>
/// <param name="Case">Its row of table A1.</param>
/// <param name="IsConflict">The branch changed it too, and differently.</param>
/// <param name="Default">What happens without a decision; null when the branch has to choose.</param>
/// <param name="Taken">What was done in the merged tree; null when nothing was chosen yet.</param>
/// <param name="Base">B at the path; null = missing. The other three likewise.</param>
/// <param name="Missing">
/// Where the branch's tree ends on the way to <paramref name="Path"/>: the path of the node it removed, never had or
/// replaced. HQ's side can only be taken by putting that node in whole. A decision may name it in place of the fields inside. Else null.
/// </param>
/// <param name="DuplicateOf">The branch's element with the same title, where <paramref name="Case"/> is a possible duplicate.</param>
public sealed record OfferedField(string Path, MergeCase Case, bool IsConflict, MergeChoice? Default, MergeDecision? Taken,
    ContentNode? Base, ContentNode? Decided, ContentNode? Branch, ContentNode? Hq, string? Missing, string? DuplicateOf);

/// <summary>HQ put the elements of a list into another order.</summary>
/// <param name="Path">The list.</param>
/// <param name="Case">Clean, Convergent (the branch has that order already) or Conflict (the branch reordered too).</param>
/// <param name="Default">HQ's order unless the branch has its own.</param>
/// <param name="Taken">The order in the merged tree.</param>
public sealed record OfferedOrder(string Path, MergeCase Case, MergeChoice Default, MergeChoice Taken,
    IReadOnlyList<string> Branch, IReadOnlyList<string> Hq);

/// <summary>What came of a merge.</summary>
/// <param name="Merged">The branch's next values if it is accepted as decided.</param>
/// <param name="Fields">Everything offered: HQ's document order, inside each object or list the removed ones last.</param>
/// <param name="Orders">Lists that HQ reordered.</param>
public sealed record MergeResult(ContentObject Merged, IReadOnlyList<OfferedField> Fields, IReadOnlyList<OfferedOrder> Orders)
{
    public IEnumerable<OfferedField> Conflicts => Fields.Where(f => f.IsConflict);

    /// <summary>Fields without a default that nobody decided yet; the merged tree leaves them as the branch has them.</summary>
    public IEnumerable<OfferedField> Undecided => Fields.Where(f => f.Taken is null);

    public bool NothingOffered => Fields.Count == 0 && Orders.Count == 0;
}
