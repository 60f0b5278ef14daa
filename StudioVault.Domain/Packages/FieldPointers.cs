using System.Text.Json;
using System.Text.Json.Nodes;

namespace StudioVault.Domain.Packages;

/// <summary>
/// What a branch package remembers per field (features row 1.2): <c>synced_from</c>, the template version its value was last
/// taken from, and <c>decided_at</c>, the last version the branch ruled on. Both have a default and exceptions by path; an
/// exception covers everything below its path until a deeper one does. Immutable. Stored as JSON:
/// <code>{"default":{"synced_from":5,"decided_at":5,"stands_on":5},"fields":{"/items/album/unitPrice":{"synced_from":2}},"orders":{"/items":{"synced_from":3}}}</code>
/// </summary>
public sealed class FieldPointers
{
    private readonly SortedDictionary<string, int> _synced;
    private readonly SortedDictionary<string, int> _decided;
    private readonly SortedDictionary<string, int> _orders;

    private FieldPointers(int synced, int decided, int standsOn, SortedDictionary<string, int> syncedFields, SortedDictionary<string, int> decidedFields, SortedDictionary<string, int> orders)
    {
        (DefaultSyncedFrom, DefaultDecidedAt, StandsOn, _synced, _decided, _orders) = (synced, decided, standsOn, syncedFields, decidedFields, orders);
    }

    public int DefaultSyncedFrom { get; }

    /// <summary>The newest version the branch decided on.</summary>
    public int DefaultDecidedAt { get; }

    /// <summary>
    /// The newest version the branch took something of, or confirmed to have already: what it stands on in words. Ignoring a version, or
    /// declining all of it, leaves it where it was; going back to an earlier revision takes it back too. Decides nothing.
    /// </summary>
    public int StandsOn { get; }

    /// <summary>Template versions that <see cref="Base"/> and <see cref="Decided"/> will ask for.</summary>
    public IReadOnlyList<int> Versions => [.. _synced.Values.Concat(_decided.Values).Concat(_orders.Values).Append(DefaultSyncedFrom).Append(DefaultDecidedAt).Distinct().Order()];

    /// <summary>Paths with a pointer of their own, for display.</summary>
    public IReadOnlyList<string> Exceptions => [.. _synced.Keys.Concat(_decided.Keys).Concat(_orders.Keys).Distinct().Order(StringComparer.Ordinal)];

    /// <summary>Everything was just taken from one version: a package that was adopted.</summary>
    public static FieldPointers At(int version) => new(version, version, version, Empty(), Empty(), Empty());

    public int SyncedFrom(string path) => Lookup(_synced, path) ?? DefaultSyncedFrom;

    public int DecidedAt(string path) => Lookup(_decided, path) ?? DefaultDecidedAt;

    /// <summary>B: HQ's values the branch was last synced with.</summary>
    /// <param name="projection">A template version as the branch would sell it.</param>
    public ContentObject Base(Func<int, ContentObject> projection)
    {
        var tree = Overlay(projection(DefaultSyncedFrom), _synced, projection);
        foreach (var (path, version) in _orders)
        {
            if (ContentTree.Find(tree, path) is ContentList list && ContentTree.Find(projection(version), path) is ContentList then)
                tree = ContentTree.With(tree, path, ContentOrder.Arrange(list, then, list)) ?? tree;
        }
        return tree;
    }

    /// <summary>S: HQ's values the branch last ruled on.</summary>
    /// <inheritdoc cref="Base"/>
    public ContentObject Decided(Func<int, ContentObject> projection) => Overlay(projection(DefaultDecidedAt), _decided, projection);

    /// <summary>
    /// The pointers after the branch decided on everything a version offered. Taken from HQ: both move. Kept or entered: only
    /// decided_at moves. Not offered: HQ's value has not changed, so the value is the new version's too.
    /// </summary>
    /// <param name="base">B as <see cref="Base"/> gives it.</param>
    /// <param name="decided">S as <see cref="Decided"/> gives it.</param>
    /// <param name="result">The merge; nothing in it may be undecided.</param>
    /// <param name="version">The version decided on.</param>
    /// <param name="ignored">The version was ignored as a whole: synced_from moves nowhere, not even where both sides are equal.</param>
    /// <param name="staysPending">Declined fields that are asked again although nothing changes: locked ones. Their decided_at stays.</param>
    public FieldPointers After(ContentObject @base, ContentObject decided, MergeResult result, int version, Func<string, bool>? staysPending = null, bool ignored = false)
    {
        if (result.Undecided.Any()) throw new ArgumentException("A field is undecided.", nameof(result));
        var (synced, pending, orders, syncedOrders) = (Copy(_synced), Empty(), Empty(), Copy(_orders));
        if (DefaultSyncedFrom != DefaultDecidedAt)
        {
            // After going back to an earlier revision: what the default said has to be said field by field, for the default moves on.
            foreach (var change in ContentDiff.Between(@base, decided))
            {
                if (Lookup(synced, change.Path) is null) synced[change.Path] = DefaultSyncedFrom;
            }
            foreach (var path in ContentDiff.Reordered(@base, decided)) syncedOrders.TryAdd(path, DefaultSyncedFrom);
        }
        // Taking anything inside a node the branch did not have put HQ's node in whole: all of it is in step with the version.
        var before = Copy(synced);
        foreach (var field in result.Fields)
        {
            if (!ignored && field is { Missing: { } whole, Case: not MergeCase.Convergent, Taken: { Choice: MergeChoice.Hq, Value: null } }) Cover(synced, whole, version);
        }
        foreach (var field in result.Fields)
        {
            if (!ignored && Takes(field))
            {
                Cover(synced, field.Path, version);
            }
            else
            {
                var was = Lookup(before, field.Path) ?? DefaultSyncedFrom;
                if (Lookup(synced, field.Path) != was) synced[field.Path] = was;
                if (staysPending?.Invoke(field.Path) == true) pending[field.Path] = DecidedAt(field.Path);
            }
        }
        var reordered = result.Orders.ToDictionary(o => o.Path);
        foreach (var (path, was) in syncedOrders)
        {
            if (!reordered.ContainsKey(path)) orders[path] = was;
        }
        foreach (var order in result.Orders)
        {
            if (ignored || (order.Case != MergeCase.Convergent && order.Taken == MergeChoice.Branch)) orders[order.Path] = syncedOrders.GetValueOrDefault(order.Path, DefaultSyncedFrom);
        }
        var took = !ignored && ((result.NothingOffered && version > DefaultDecidedAt) || result.Fields.Any(Takes) || result.Orders.Any(o => o.Case == MergeCase.Convergent || o.Taken == MergeChoice.Hq));
        return new(version, version, took ? version : StandsOn, synced, pending, orders);
    }

    /// <summary>
    /// The pointers after going back to an earlier revision: the values are again from where they were then, what was ruled on
    /// stays ruled on.
    /// </summary>
    /// <param name="then">The pointers of that revision.</param>
    /// <param name="kept">Paths whose value did not go back, because a rule holds it: they come from where they come from now.</param>
    public FieldPointers BackTo(FieldPointers then, params IEnumerable<string> kept)
    {
        var synced = Copy(then._synced);
        foreach (var path in kept)
        {
            foreach (var deeper in synced.Keys.Where(k => TreePath.Covers(path, k)).ToArray()) synced.Remove(deeper);
            synced[path] = SyncedFrom(path);
            foreach (var (deeper, version) in _synced.Where(s => TreePath.Covers(path, s.Key))) synced[deeper] = version;
        }
        return new(then.DefaultSyncedFrom, DefaultDecidedAt, then.StandsOn, synced, _decided, then._orders);
    }

    public static FieldPointers Parse(string json)
    {
        var root = JsonNode.Parse(json)?.AsObject() ?? throw new FormatException("Field pointers are an object.");
        var (synced, decided, orders) = (Empty(), Empty(), Empty());
        foreach (var (path, pair) in root["fields"]?.AsObject() ?? [])
        {
            if (pair?["synced_from"] is { } source) synced[path] = source.GetValue<int>();
            if (pair?["decided_at"] is { } at) decided[path] = at.GetValue<int>();
        }
        foreach (var (path, pair) in root["orders"]?.AsObject() ?? []) orders[path] = Number(pair, "synced_from");
        var from = Number(root["default"], "synced_from");
        return new(from, Number(root["default"], "decided_at"), root["default"]?["stands_on"]?.GetValue<int>() ?? from, synced, decided, orders);

        static int Number(JsonNode? pair, string name) => pair?[name]?.GetValue<int>() ?? throw new FormatException($"Field pointers lack \"{name}\".");
    }

    public string ToJson() => ToJsonNode().ToJsonString(JsonSerializerOptions.Default);

    internal JsonObject ToJsonNode()
    {
        var fields = new JsonObject();
        foreach (var path in _synced.Keys.Union(_decided.Keys).Order(StringComparer.Ordinal))
        {
            var pair = new JsonObject();
            if (_synced.TryGetValue(path, out var from)) pair["synced_from"] = from;
            if (_decided.TryGetValue(path, out var at)) pair["decided_at"] = at;
            fields[path] = pair;
        }
        var orders = new JsonObject();
        foreach (var (path, version) in _orders) orders[path] = new JsonObject { ["synced_from"] = version };
        return new JsonObject
        {
            ["default"] = new JsonObject { ["synced_from"] = DefaultSyncedFrom, ["decided_at"] = DefaultDecidedAt, ["stands_on"] = StandsOn },
            ["fields"] = fields,
            ["orders"] = orders,
        };
    }

    /// <summary>Whether the branch's value is HQ's after the decision.</summary>
    private static bool Takes(OfferedField field) => field.Case == MergeCase.Convergent
        || (field.Taken is { Value: { } entered } ? ContentNode.Same(entered, field.Hq) : field.Taken is { Choice: MergeChoice.Hq });

    /// <summary>Sets a path and all below it; where the default says the same, by forgetting the exceptions.</summary>
    private static void Cover(SortedDictionary<string, int> exceptions, string path, int version)
    {
        foreach (var deeper in exceptions.Keys.Where(k => TreePath.Covers(path, k)).ToArray()) exceptions.Remove(deeper);
        if (Lookup(exceptions, path) is not null) exceptions[path] = version;
    }

    private static int? Lookup(SortedDictionary<string, int> exceptions, string path)
    {
        if (exceptions.Count == 0) return null;
        for (var at = path; at is { Length: > 0 }; at = TreePath.Parent(at))
        {
            if (exceptions.TryGetValue(at, out var version)) return version;
        }
        return null;
    }

    private static ContentObject Overlay(ContentObject tree, SortedDictionary<string, int> exceptions, Func<int, ContentObject> projection)
    {
        // An exception comes before the deeper ones it covers. Beside each other the newest first: of two elements HQ removed in
        // different versions, the older version knows where both stood.
        foreach (var (names, version) in exceptions.Select(e => (Names: TreePath.Names(e.Key)!, Version: e.Value)).OrderBy(e => e.Names.Length).ThenByDescending(e => e.Version))
            tree = (ContentObject)ContentTree.Overlay(tree, projection(version), names);
        return tree;
    }

    private static SortedDictionary<string, int> Empty() => new(StringComparer.Ordinal);

    private static SortedDictionary<string, int> Copy(SortedDictionary<string, int> exceptions) => new(exceptions, StringComparer.Ordinal);
}
