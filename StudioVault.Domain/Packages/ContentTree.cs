using System.Buffers;
using System.Text;
using System.Text.Encodings.Web;
using System.Text.Json;
using System.Text.Json.Nodes;
using StudioVault.Domain.Kernel;

namespace StudioVault.Domain.Packages;

/// <summary>
/// Reads, writes and edits trees of package content. A tree is a JSON object of objects, scalars, arrays of scalars and arrays
/// of objects whose elements carry a unique string "id"; everything else is refused with the path of the offender.
/// </summary>
public static class ContentTree
{
    /// <summary>How many objects and arrays may stand inside each other.</summary>
    public const int MaxDepth = 1000;

    internal static readonly JsonReaderOptions ReaderOptions = new() { MaxDepth = 1_000_000, CommentHandling = JsonCommentHandling.Disallow };

    private static readonly JsonWriterOptions WriterOptions = new()
    {
        Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping,
        SkipValidation = true,
        MaxDepth = MaxDepth + 16,
    };

    /// <summary>Reads a tree from UTF-8 JSON; a byte order mark is allowed.</summary>
    /// <returns>
    /// The root, or <c>refuse.package.not_json</c>, <c>refuse.package.root_not_object</c>, <c>refuse.package.duplicate_key</c>,
    /// <c>refuse.package.element_without_id</c>, <c>refuse.package.duplicate_id</c>, <c>refuse.package.mixed_array</c>,
    /// <c>refuse.package.too_deep</c>.
    /// </returns>
    public static Result<ContentObject> Parse(ReadOnlySpan<byte> utf8)
    {
        if (utf8.StartsWith("\uFEFF"u8)) utf8 = utf8[3..];
        try
        {
            var reader = new Utf8JsonReader(utf8, ReaderOptions);
            if (!reader.Read()) return PackageRefusals.NotJson.With("it is empty.");
            var root = Read(ref reader);
            if (reader.Read()) return PackageRefusals.NotJson.With("something follows after the end.");
            return root is ContentObject tree ? tree : PackageRefusals.RootNotObject;
        }
        catch (ContentShapeException e)
        {
            return e.Refusal;
        }
        catch (Exception e) when (e is JsonException or InvalidOperationException)
        {
            return NotJson(e);
        }
    }

    /// <inheritdoc cref="Parse(ReadOnlySpan{byte})"/>
    public static Result<ContentObject> Parse(string json) => Parse(Encoding.UTF8.GetBytes(json));

    /// <inheritdoc cref="Parse(ReadOnlySpan{byte})"/>
    public static Result<ContentObject> From(JsonNode? node) => Parse(JsonSerializer.SerializeToUtf8Bytes(node));

    /// <summary>The tree as JSON text: numbers as they were written, letters as they are.</summary>
    public static string ToJson(ContentNode node) => Encoding.UTF8.GetString(ToUtf8(node));

    /// <inheritdoc cref="ToJson"/>
    public static byte[] ToUtf8(ContentNode node)
    {
        var buffer = new ArrayBufferWriter<byte>(1024);
        using (var writer = new Utf8JsonWriter(buffer, WriterOptions)) Write(writer, node);
        return buffer.WrittenSpan.ToArray();
    }

    /// <summary>The tree as a <see cref="JsonNode"/>, for canonical JSON and digests. Missing becomes null.</summary>
    public static JsonNode? ToJsonNode(ContentNode? node) =>
        node is null ? null : JsonNode.Parse(ToUtf8(node), documentOptions: new JsonDocumentOptions { MaxDepth = MaxDepth + 16 });

    /// <summary>The node at a path, or null when it is missing there or the text is not a path.</summary>
    public static ContentNode? Find(ContentNode? root, string path)
    {
        if (TreePath.Names(path) is not { } names) return null;
        foreach (var name in names)
        {
            root = (root as ContentContainer)?.Find(name);
            if (root is null) return null;
        }
        return root;
    }

    /// <summary>
    /// The tree with a node put at a path, or taken away when <paramref name="node"/> is null. What is new comes last. Null when
    /// the way there does not exist, or an element would get another id than the path says.
    /// </summary>
    public static ContentObject? With(ContentObject root, string path, ContentNode? node) =>
        TreePath.Names(path) is { Length: > 0 } names ? (ContentObject?)With(root, names, node) : path.Length == 0 ? node as ContentObject : null;

    internal static ContentNode? With(ContentNode root, ReadOnlySpan<string> names, ContentNode? node)
    {
        if (root is not ContentContainer container) return null;
        var at = container.IndexOf(names[0]);
        var old = at < 0 ? null : container.Nodes[at];
        var child = node;
        if (names.Length > 1)
        {
            if (old is null) return null;
            child = With(old, names[1..], node);
            if (child is null) return null;
        }
        if (ReferenceEquals(child, old)) return root;
        if (container is ContentList && child is not null && (child as ContentObject)?.Id != names[0]) return null;
        return Replace(container, at, names[0], child);
    }

    /// <summary>
    /// The tree with the node at a path as another tree has it there, missing included; what is new follows what it follows in
    /// the other tree. Unchanged when the way there does not exist here.
    /// </summary>
    internal static ContentNode Overlay(ContentNode root, ContentNode? source, ReadOnlySpan<string> names)
    {
        if (root is not ContentContainer container) return root;
        var from = source as ContentContainer;
        var at = container.IndexOf(names[0]);
        var old = at < 0 ? null : container.Nodes[at];
        var child = from?.Find(names[0]);
        if (names.Length > 1)
        {
            if (old is null) return root;
            child = Overlay(old, child, names[1..]);
        }
        if (ReferenceEquals(child, old) || (child is not null && from is not null && from.GetType() != container.GetType())) return root;
        var result = Replace(container, at, names[0], child);
        return old is null && from is not null ? ContentOrder.Arrange(result, container, from) : result;
    }

    internal static ContentContainer Replace(ContentContainer container, int at, string key, ContentNode? child)
    {
        string[] keys;
        ContentNode[] nodes;
        if (child is null)
        {
            keys = [.. container.Keys[..at], .. container.Keys[(at + 1)..]];
            nodes = [.. container.Nodes[..at], .. container.Nodes[(at + 1)..]];
        }
        else if (at < 0)
        {
            keys = [.. container.Keys, key];
            nodes = [.. container.Nodes, child];
        }
        else
        {
            keys = container.Keys;
            nodes = [.. container.Nodes];
            nodes[at] = child;
        }
        return container is ContentList ? new ContentList(keys, nodes) : new ContentObject(keys, nodes);
    }

    internal static void Write(Utf8JsonWriter writer, ContentNode? node)
    {
        switch (node)
        {
            case ContentObject o:
                writer.WriteStartObject();
                for (var i = 0; i < o.Count; i++)
                {
                    writer.WritePropertyName(o.Keys[i]);
                    Write(writer, o.Nodes[i]);
                }
                writer.WriteEndObject();
                break;
            case ContentList list:
                writer.WriteStartArray();
                foreach (var element in list.Nodes) Write(writer, element);
                writer.WriteEndArray();
                break;
            case ContentValue { Kind: ContentValueKind.Scalars } scalars:
                writer.WriteStartArray();
                foreach (var item in scalars.Items) Write(writer, item);
                writer.WriteEndArray();
                break;
            case ContentValue { Kind: ContentValueKind.String } text:
                writer.WriteStringValue(text.Text);
                break;
            case ContentValue { Kind: ContentValueKind.Number } number:
                writer.WriteRawValue(number.Text, skipInputValidation: true);
                break;
            case ContentValue { Kind: ContentValueKind.True }:
                writer.WriteBooleanValue(true);
                break;
            case ContentValue { Kind: ContentValueKind.False }:
                writer.WriteBooleanValue(false);
                break;
            default:
                writer.WriteNullValue();
                break;
        }
    }

    /// <summary>Reads the value the reader stands on.</summary>
    /// <exception cref="ContentShapeException">It is JSON, but no tree.</exception>
    internal static ContentNode Read(ref Utf8JsonReader reader) => Read(ref reader, 0, null);

    internal static Refusal NotJson(Exception e) => PackageRefusals.NotJson.With(e is JsonException { BytePositionInLine: { } at }
        ? $"the trouble begins at byte {at + 1}." : "a text in it is not valid Unicode.");

    private static ContentNode Read(ref Utf8JsonReader reader, int depth, Step? where)
    {
        if (depth > MaxDepth) throw new ContentShapeException(PackageRefusals.TooDeep.With(MaxDepth));
        return reader.TokenType switch
        {
            JsonTokenType.StartObject => ReadObject(ref reader, depth, where),
            JsonTokenType.StartArray => ReadArray(ref reader, depth, where),
            _ => ReadScalar(ref reader),
        };
    }

    private static ContentObject ReadObject(ref Utf8JsonReader reader, int depth, Step? where)
    {
        var keys = new List<string>();
        var nodes = new List<ContentNode>();
        while (reader.Read() && reader.TokenType != JsonTokenType.EndObject)
        {
            var key = reader.GetString()!;
            reader.Read();
            keys.Add(key);
            nodes.Add(Read(ref reader, depth + 1, new Step(where, key)));
        }
        var names = keys.ToArray();
        return ContentContainer.Duplicate(names) is { } twice
            ? throw new ContentShapeException(PackageRefusals.DuplicateKey.At(Step.Path(where), twice))
            : new ContentObject(names, [.. nodes]);
    }

    private static ContentNode ReadArray(ref Utf8JsonReader reader, int depth, Step? where)
    {
        var objects = new List<ContentNode>();
        var scalars = new List<ContentValue>();
        while (reader.Read() && reader.TokenType != JsonTokenType.EndArray)
        {
            if (reader.TokenType == JsonTokenType.StartArray) throw new ContentShapeException(PackageRefusals.MixedArray.At(Step.Path(where)));
            if (reader.TokenType == JsonTokenType.StartObject) objects.Add(Read(ref reader, depth + 1, new Step(where, "-")));
            else scalars.Add(ReadScalar(ref reader));
            if (objects.Count > 0 && scalars.Count > 0) throw new ContentShapeException(PackageRefusals.MixedArray.At(Step.Path(where)));
        }
        if (scalars.Count > 0) return ContentValue.Scalars([.. scalars]);
        if (objects.Count == 0) return ContentList.Empty;

        var ids = new string[objects.Count];
        for (var i = 0; i < ids.Length; i++)
        {
            ids[i] = ((ContentObject)objects[i]).Id
                ?? throw new ContentShapeException(PackageRefusals.ElementWithoutId.At(Step.Path(where), i + 1));
        }
        return ContentContainer.Duplicate(ids) is { } twice
            ? throw new ContentShapeException(PackageRefusals.DuplicateId.At(Step.Path(where), twice))
            : new ContentList(ids, [.. objects]);
    }

    private static ContentValue ReadScalar(ref Utf8JsonReader reader) => reader.TokenType switch
    {
        JsonTokenType.String => ContentValue.String(reader.GetString()!),
        JsonTokenType.Number => ContentValue.NumberText(Encoding.ASCII.GetString(reader.ValueSpan)),
        JsonTokenType.True => ContentValue.True,
        JsonTokenType.False => ContentValue.False,
        _ => ContentValue.Null,
    };

    /// <summary>The way down, kept as links so that a path is only spelled when somebody needs it.</summary>
    internal sealed class Step(Step? up, string name)
    {
        public Step? Up { get; } = up;

        public string Name { get; } = name;

        public static string Path(Step? step)
        {
            if (step is null) return "";
            var names = new List<string>();
            for (var at = step; at is not null; at = at.Up) names.Add(at.Name);
            names.Reverse();
            return TreePath.Of(names);
        }
    }
}

/// <summary>JSON that is no content tree; leaves this module only as its refusal.</summary>
internal sealed class ContentShapeException(Refusal refusal) : Exception(refusal.Sentence)
{
    public Refusal Refusal { get; } = refusal;
}
