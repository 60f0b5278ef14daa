using System.Text.Json.Nodes;

namespace StudioVault.Infrastructure.Demo;

/// <summary>
/// A difference to package content, written by path. Paths are JSON pointers in which an element of a list is named by its id
/// (<c>/items/album/unitPrice</c>). Each entry has to do something: setting what is missing or already so, adding what is
/// there and removing what is not are errors of the demo files and throw <see cref="InvalidDataException"/>.
/// </summary>
/// <param name="Remove">Elements or properties that go, before anything else happens.</param>
/// <param name="Set">Values replaced by another one.</param>
/// <param name="Add">New properties, or new elements that come last in their list and carry the id the path ends with.</param>
public sealed record ContentChanges(IReadOnlyList<string>? Remove = null, IReadOnlyDictionary<string, JsonNode>? Set = null, IReadOnlyDictionary<string, JsonNode>? Add = null)
{
    /// <summary>The content after the changes; the one given stays as it is.</summary>
    public JsonObject ApplyTo(JsonObject content)
    {
        var result = (JsonObject)content.DeepClone();
        foreach (var path in Remove ?? []) RemoveAt(result, path);
        foreach (var (path, value) in Set ?? new Dictionary<string, JsonNode>()) Put(result, path, value, isNew: false);
        foreach (var (path, value) in Add ?? new Dictionary<string, JsonNode>()) Put(result, path, value, isNew: true);
        return result;
    }

    /// <summary>The node at a path, or null when there is none.</summary>
    public static JsonNode? Find(JsonNode content, string path)
    {
        JsonNode? node = content;
        foreach (var key in Keys(path))
        {
            node = node switch
            {
                JsonObject o => o[key],
                JsonArray a => Element(a, key),
                _ => null,
            };
            if (node is null) return null;
        }

        return node;
    }

    private static void Put(JsonObject content, string path, JsonNode value, bool isNew)
    {
        var (parent, key) = Parent(content, path);
        var old = parent is JsonArray list ? Element(list, key) : parent[key];
        if (isNew != (old is null)) throw Wrong(path, isNew ? "is there already" : "is missing");
        if (JsonNode.DeepEquals(old, value)) throw Wrong(path, "has that value already");

        switch (parent)
        {
            case JsonObject o:
                o[key] = value.DeepClone();
                break;
            case JsonArray a when IdOf(value) == key:
                if (old is null) a.Add(value.DeepClone());
                else a[a.IndexOf(old)] = value.DeepClone();
                break;
            default:
                throw Wrong(path, "has another id");
        }
    }

    private static void RemoveAt(JsonObject content, string path)
    {
        var (parent, key) = Parent(content, path);
        var gone = parent switch
        {
            JsonObject o => o.Remove(key),
            JsonArray a => Element(a, key) is { } element && a.Remove(element),
            _ => false,
        };
        if (!gone) throw Wrong(path, "is missing");
    }

    private static (JsonNode Parent, string Key) Parent(JsonObject content, string path)
    {
        var cut = path.LastIndexOf('/');
        return cut >= 0 && Find(content, path[..cut]) is { } parent and (JsonObject or JsonArray) ? (parent, path[(cut + 1)..]) : throw Wrong(path, "leads nowhere");
    }

    private static IEnumerable<string> Keys(string path) => path.Length == 0 ? [] : path[1..].Split('/');

    private static JsonNode? Element(JsonArray list, string id) => list.FirstOrDefault(e => IdOf(e) == id);

    private static string? IdOf(JsonNode? node) => (node as JsonObject)?["id"]?.GetValue<string>();

    private static InvalidDataException Wrong(string path, string what) => new($"{path} {what}.");
}
