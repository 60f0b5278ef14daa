using System.Diagnostics.CodeAnalysis;

namespace StudioVault.Domain.Packages;

/// <summary>
/// A node of package content: <see cref="ContentObject"/>, <see cref="ContentList"/> or <see cref="ContentValue"/>. Immutable,
/// so trees share what they have in common. "Missing" is a C# null and never the JSON null, which is a value.
/// </summary>
public abstract class ContentNode
{
    private protected ContentNode() { }

    /// <summary>
    /// Whether two nodes say the same. Key order in objects does not count, the order of a list does; numbers are equal when
    /// they are the same number (1 and 1.0 are), compared digit by digit so that nothing rounds. Missing equals only missing.
    /// </summary>
    public static bool Same(ContentNode? a, ContentNode? b)
    {
        if (ReferenceEquals(a, b)) return true;
        return (a, b) switch
        {
            (ContentValue x, ContentValue y) => x.SaysTheSame(y),
            (ContentObject x, ContentObject y) => SameObject(x, y),
            (ContentList x, ContentList y) => SameList(x, y),
            _ => false,
        };
    }

    /// <summary>Whether the two can be merged member by member.</summary>
    internal static bool SameContainer([NotNullWhen(true)] ContentNode? a, [NotNullWhen(true)] ContentNode? b) =>
        (a is ContentObject && b is ContentObject) || (a is ContentList && b is ContentList);

    private static bool SameObject(ContentObject a, ContentObject b)
    {
        if (a.Count != b.Count) return false;
        for (var i = 0; i < a.Count; i++)
        {
            if (b.Find(a.Keys[i], i) is not { } other || !Same(a.Nodes[i], other)) return false;
        }
        return true;
    }

    private static bool SameList(ContentList a, ContentList b)
    {
        if (a.Count != b.Count) return false;
        for (var i = 0; i < a.Count; i++)
        {
            if (a.Keys[i] != b.Keys[i] || !SameObject((ContentObject)a.Nodes[i], (ContentObject)b.Nodes[i])) return false;
        }
        return true;
    }
}

/// <summary>An object or a list: members under unique names, in document order.</summary>
public abstract class ContentContainer : ContentNode
{
    private const int IndexFrom = 12;

    private Dictionary<string, int>? _index;

    private protected ContentContainer(string[] keys, ContentNode[] nodes)
    {
        (Keys, Nodes) = (keys, nodes);
    }

    /// <summary>Keys of an object, ids of a list's elements.</summary>
    internal string[] Keys { get; }

    internal ContentNode[] Nodes { get; }

    public int Count => Keys.Length;

    /// <summary>The member of that name, or null when it is missing.</summary>
    public ContentNode? Find(string key) => Find(key, 0);

    /// <param name="guess">Where it probably stands: trees that descend from each other keep most of their order.</param>
    internal ContentNode? Find(string key, int guess)
    {
        var at = IndexOf(key, guess);
        return at < 0 ? null : Nodes[at];
    }

    internal int IndexOf(string key, int guess = 0)
    {
        if (guess < Keys.Length && Keys[guess] == key) return guess;
        if (Keys.Length < IndexFrom)
        {
            for (var i = 0; i < Keys.Length; i++)
            {
                if (Keys[i] == key) return i;
            }
            return -1;
        }
        return (_index ??= BuildIndex()).GetValueOrDefault(key, -1);
    }

    /// <summary>A key that stands twice, or null. Builds the index on the way.</summary>
    internal static string? Duplicate(string[] keys)
    {
        if (keys.Length < IndexFrom)
        {
            for (var i = 1; i < keys.Length; i++)
            {
                for (var j = 0; j < i; j++)
                {
                    if (keys[i] == keys[j]) return keys[i];
                }
            }
            return null;
        }
        var seen = new HashSet<string>(keys.Length, StringComparer.Ordinal);
        foreach (var key in keys)
        {
            if (!seen.Add(key)) return key;
        }
        return null;
    }

    private Dictionary<string, int> BuildIndex()
    {
        var index = new Dictionary<string, int>(Keys.Length, StringComparer.Ordinal);
        for (var i = 0; i < Keys.Length; i++) index[Keys[i]] = i;
        return index;
    }
}

/// <summary>A JSON object. An element of a list is one too and keeps its "id" among its members.</summary>
public sealed class ContentObject : ContentContainer
{
    public static readonly ContentObject Empty = new([], []);

    internal ContentObject(string[] keys, ContentNode[] nodes) : base(keys, nodes) { }

    /// <summary>An object of the given members; a name must not stand twice.</summary>
    public static ContentObject Of(params IReadOnlyList<(string Key, ContentNode Node)> members)
    {
        var keys = new string[members.Count];
        var nodes = new ContentNode[members.Count];
        for (var i = 0; i < keys.Length; i++) (keys[i], nodes[i]) = members[i];
        return Duplicate(keys) is { } twice ? throw new ArgumentException($"The key \"{twice}\" stands twice.", nameof(members)) : new(keys, nodes);
    }

    public IEnumerable<KeyValuePair<string, ContentNode>> Members => Keys.Zip(Nodes, KeyValuePair.Create);

    /// <summary>The id if this is an element of a list, else null.</summary>
    public string? Id => Find("id") is ContentValue { Kind: ContentValueKind.String } id ? id.Text : null;
}

/// <summary>
/// An array of objects that each carry a unique string "id". The empty array is one as well: it is equal to every other empty
/// array, and next to an array of scalars it counts as a value.
/// </summary>
public sealed class ContentList : ContentContainer
{
    public static readonly ContentList Empty = new([], []);

    internal ContentList(string[] ids, ContentNode[] elements) : base(ids, elements) { }

    /// <summary>A list of elements; each must carry an "id" of its own.</summary>
    public static ContentList Of(params IReadOnlyList<ContentObject> elements)
    {
        var ids = elements.Select(e => e.Id ?? throw new ArgumentException("An element has no id.", nameof(elements))).ToArray();
        return Duplicate(ids) is { } twice ? throw new ArgumentException($"The id \"{twice}\" stands twice.", nameof(elements)) : new(ids, [.. elements]);
    }

    public IReadOnlyList<string> Ids => Keys;

    public IEnumerable<ContentObject> Elements => Nodes.Cast<ContentObject>();
}

/// <summary>What a <see cref="ContentValue"/> holds.</summary>
public enum ContentValueKind
{
    Null,
    False,
    True,
    Number,
    String,

    /// <summary>A non-empty array of scalars, which is one value: it changes as a whole.</summary>
    Scalars,
}

/// <summary>A scalar, or an array of scalars taken as one value.</summary>
public sealed class ContentValue : ContentNode
{
    public static readonly ContentValue Null = new(ContentValueKind.Null, "null", null);
    public static readonly ContentValue True = new(ContentValueKind.True, "true", null);
    public static readonly ContentValue False = new(ContentValueKind.False, "false", null);

    private ContentValue(ContentValueKind kind, string text, ContentValue[]? items)
    {
        (Kind, Text, Items) = (kind, text, items ?? []);
    }

    public ContentValueKind Kind { get; }

    /// <summary>A string's characters, a number's digits exactly as they were written, else the JSON word.</summary>
    public string Text { get; }

    public IReadOnlyList<ContentValue> Items { get; }

    public static ContentValue String(string text) => new(ContentValueKind.String, text, null);

    public static ContentValue Number(long number) => NumberText(number.ToString(System.Globalization.CultureInfo.InvariantCulture));

    public static ContentValue Number(decimal number) => NumberText(number.ToString(System.Globalization.CultureInfo.InvariantCulture));

    public static ContentValue Bool(bool value) => value ? True : False;

    internal static ContentValue NumberText(string digits) => new(ContentValueKind.Number, digits, null);

    internal static ContentValue Scalars(ContentValue[] items) => new(ContentValueKind.Scalars, "", items);

    internal bool SaysTheSame(ContentValue other)
    {
        if (Kind != other.Kind) return false;
        switch (Kind)
        {
            case ContentValueKind.String: return Text == other.Text;
            case ContentValueKind.Number: return Text == other.Text || JsonNumber.Same(Text, other.Text);
            case ContentValueKind.Scalars:
                if (Items.Count != other.Items.Count) return false;
                for (var i = 0; i < Items.Count; i++)
                {
                    if (!Items[i].SaysTheSame(other.Items[i])) return false;
                }
                return true;
            default: return true;
        }
    }

    public override string ToString() => Kind == ContentValueKind.Scalars ? string.Join(", ", Items) : Text;
}
