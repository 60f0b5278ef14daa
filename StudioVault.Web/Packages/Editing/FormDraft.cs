using System.Text.Json;
using System.Text.Json.Nodes;
using StudioVault.Domain.Packages;

namespace StudioVault.Web.Packages.Editing;

/// <summary>
/// What somebody typed and did not save, as differences from the revision they started from: small, whatever the package's size.
/// What cannot be read yet is in it as typed.
/// </summary>
/// <param name="Revision">The revision it started from.</param>
/// <param name="Set">New and changed nodes by path, whole where they are new.</param>
/// <param name="Gone">Paths of what was taken out.</param>
/// <param name="Orders">Ids of every list in another order, in the new one.</param>
public sealed record FormDraft(int Revision, IReadOnlyList<KeyValuePair<string, JsonNode?>> Set, IReadOnlyList<string> Gone, IReadOnlyDictionary<string, IReadOnlyList<string>> Orders)
{
    public bool IsEmpty => Set.Count == 0 && Gone.Count == 0 && Orders.Count == 0;

    public static FormDraft Of(int revision, ContentObject from, ContentObject typed)
    {
        var changes = ContentDiff.Between(from, typed);
        // New elements come last when they are put in, so a list that got one needs its order too.
        var lists = ContentDiff.Reordered(from, typed).Concat(changes.Where(c => c.Before is null).Select(c => TreePath.Parent(c.Path)!)).Distinct(StringComparer.Ordinal);
        return new(revision,
            [.. changes.Where(c => c.After is not null).Select(c => KeyValuePair.Create(c.Path, ContentTree.ToJsonNode(c.After)))],
            [.. changes.Where(c => c.After is null).Select(c => c.Path)],
            lists.Select(path => (path, List: ContentTree.Find(typed, path) as ContentList)).Where(x => x.List is not null).ToDictionary(x => x.path, x => x.List!.Ids, StringComparer.Ordinal));
    }

    /// <summary>The typed content again. What does not fit the tree any more is left out.</summary>
    public ContentObject On(ContentObject from)
    {
        var tree = from;
        foreach (var (path, json) in Set)
        {
            if (NodeOf(json) is { } node) tree = ContentTree.With(tree, path, node) ?? tree;
        }

        foreach (var path in Gone) tree = ContentTree.With(tree, path, null) ?? tree;
        foreach (var (path, ids) in Orders)
        {
            if (ContentTree.Find(tree, path) is not ContentList list) continue;
            var ordered = list.Elements.OrderBy(e => ids.IndexOf(e.Id) is var at && at < 0 ? int.MaxValue : at).ToList();
            tree = ContentTree.With(tree, path, ContentList.Of(ordered)) ?? tree;
        }

        return tree;
    }

    public string ToJson() => JsonSerializer.Serialize(this);

    /// <summary>Reads a kept draft; null when it is none.</summary>
    public static FormDraft? Parse(string? json)
    {
        try
        {
            return json is null ? null : JsonSerializer.Deserialize<FormDraft>(json) is { Set: not null, Gone: not null, Orders: not null } draft ? draft : null;
        }
        catch (JsonException)
        {
            return null;
        }
    }

    /// <summary>A node out of its JSON: the tree reader only reads whole objects.</summary>
    private static ContentNode? NodeOf(JsonNode? json) =>
        ContentTree.From(new JsonObject { ["node"] = json?.DeepClone() }).TryGet(out var tree, out _) ? tree.Find("node") : null;
}

file static class Lists
{
    public static int IndexOf(this IReadOnlyList<string> ids, string? id)
    {
        for (var i = 0; i < ids.Count; i++)
        {
            if (ids[i] == id) return i;
        }

        return -1;
    }
}
