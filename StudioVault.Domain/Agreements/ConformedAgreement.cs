using StudioVault.Domain.Kernel;
using StudioVault.Domain.Packages;

namespace StudioVault.Domain.Agreements;

/// <summary>What an amendment says about an executed one that takes effect later and touches the same thing (features row 2.8).</summary>
public enum Precedence
{
    /// <summary>The later one stands: on its day it replaces what this amendment says.</summary>
    LaterStands,

    /// <summary>What this amendment says goes on beyond that day.</summary>
    ThisPrevails,
}

/// <summary>An executed amendment as the fold sees it.</summary>
/// <param name="Version">Its place in the chain: 2 for the first amendment.</param>
/// <param name="EffectiveOn">Branch-local day from which it holds.</param>
/// <param name="Resolutions">By the version of an executed amendment that takes effect later: the choice the parties signed.</param>
public sealed record ExecutedAmendment(int Version, DateOnly EffectiveOn, IReadOnlyList<AmendmentOperation> Operations, IReadOnlyDictionary<int, Precedence> Resolutions);

/// <summary>
/// The agreement as amended on one day: the first version with every amendment in force by then (features row 2.7). Amendments are
/// applied in the order of the days they take effect, on the same day in the order they were executed. Nothing is ever written
/// back: the first version and its amendments stay what they are.
/// </summary>
public sealed class ConformedAgreement
{
    // Where an operation was applied last: its place in the order, and the document it came from.
    private readonly Dictionary<string, (int Place, int Version)> _applied;

    private ConformedAgreement(ContentObject content, DateOnly asOf, IReadOnlyList<int> inForce, Dictionary<string, (int, int)> applied) =>
        (Content, AsOf, InForce, _applied) = (content, asOf, inForce, applied);

    /// <summary>What the parties owe each other on that day.</summary>
    public ContentObject Content { get; }

    public DateOnly AsOf { get; }

    /// <summary>Versions of the amendments in force, in the order they took effect.</summary>
    public IReadOnlyList<int> InForce { get; }

    /// <summary>Folds the family.</summary>
    /// <param name="first">Content of version 1.</param>
    /// <param name="amendments">In any order.</param>
    /// <param name="asOf">Branch-local day; <see cref="DateOnly.MaxValue"/> for everything agreed so far.</param>
    /// <returns><c>refuse.agreement.operation_misplaced</c> when an operation does not fit what it finds on its day.</returns>
    public static Result<ConformedAgreement> Fold(ContentObject first, IEnumerable<ExecutedAmendment> amendments, DateOnly asOf)
    {
        var inOrder = amendments.Where(a => a.EffectiveOn <= asOf).OrderBy(a => a.EffectiveOn).ThenBy(a => a.Version).ToList();
        var content = first;
        var applied = new Dictionary<string, (int, int)>(StringComparer.Ordinal);
        for (var i = 0; i < inOrder.Count; i++)
        {
            var amendment = inOrder[i];
            foreach (var operation in amendment.Operations)
            {
                if (IsOverruled(amendment, operation, inOrder, i)) continue;
                if (!operation.Apply(content).TryGet(out var changed, out var refusal)) return refusal;
                content = changed;
                applied[operation.Path] = (i + 1, amendment.Version);
            }
        }

        return new ConformedAgreement(content, asOf, [.. inOrder.Select(a => a.Version)], applied);
    }

    /// <summary>
    /// For every value the version of the one document it comes from. An empty list is a value as well: it comes from the
    /// document that took its last element.
    /// </summary>
    public IEnumerable<KeyValuePair<string, int>> Origins() => Values("", Content).Select(v => KeyValuePair.Create(v.Path, SourceOf(v).Version));

    /// <summary>The document a clause, line or field comes from: of everything in it, what was amended last.</summary>
    /// <returns>Its version, or null where nothing stands.</returns>
    public int? OriginOf(string path) =>
        ContentTree.Find(Content, path) is { } node ? Values(path, node).Select(SourceOf).MaxBy(s => s.Place).Version : null;

    /// <summary>
    /// Executed amendments that take effect after <paramref name="effectiveOn"/> and touch what these operations touch: the
    /// parties have to say for each of them which shall hold.
    /// </summary>
    public static IReadOnlyList<ExecutedAmendment> OutOfSequence(IEnumerable<ExecutedAmendment> executed, DateOnly effectiveOn, IReadOnlyList<AmendmentOperation> operations) =>
        [.. executed.Where(a => a.EffectiveOn > effectiveOn && a.Operations.Any(o => operations.Any(mine => mine.Touches(o.Path)))).OrderBy(a => a.EffectiveOn).ThenBy(a => a.Version)];

    // An amendment executed afterwards, in force before, of which the parties signed that it goes on.
    private static bool IsOverruled(ExecutedAmendment amendment, AmendmentOperation operation, List<ExecutedAmendment> inOrder, int place)
    {
        for (var i = 0; i < place; i++)
        {
            var earlier = inOrder[i];
            if (earlier.Version > amendment.Version && earlier.Resolutions.GetValueOrDefault(amendment.Version) == Precedence.ThisPrevails
                && earlier.Operations.Any(o => o.Touches(operation.Path))) return true;
        }

        return false;
    }

    private (int Place, int Version) SourceOf((string Path, ContentNode Node) value)
    {
        var source = (Place: 0, Version: 1);
        for (var path = value.Path; path is not null; path = TreePath.Parent(path))
        {
            if (_applied.TryGetValue(path, out var found) && found.Place > source.Place) source = found;
        }

        if (value.Node is not ContentList) return source;
        foreach (var (path, found) in _applied)
        {
            if (TreePath.Parent(path) == value.Path && found.Place > source.Place) source = found;
        }

        return source;
    }

    private static IEnumerable<(string Path, ContentNode Node)> Values(string path, ContentNode node) =>
        node is ContentContainer { Count: > 0 } container
            ? container.Keys.Zip(container.Nodes).SelectMany(child => Values(TreePath.Of(path, child.First), child.Second))
            : [(path, node)];
}
