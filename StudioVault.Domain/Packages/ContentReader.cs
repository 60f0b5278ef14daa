using System.Globalization;
using System.Text.RegularExpressions;
using StudioVault.Domain.Kernel;

namespace StudioVault.Domain.Packages;

/// <summary>
/// Reads typed content out of a tree, strictly: every field has to be there, be of its kind, and be known. It goes on after a
/// problem so that all of them can be shown at once; what it then returns is a placeholder.
/// </summary>
internal sealed partial class ContentReader(List<Refusal> refusals)
{
    private const int LongestNumber = 40;

    /// <summary>A decimal number as text: no plus, no leading zeros, no exponent, at most 12 digits before and 6 after the point.</summary>
    [GeneratedRegex("^-?(0|[1-9][0-9]{0,11})(\\.[0-9]{1,6})?$", RegexOptions.CultureInvariant)]
    private static partial Regex DecimalText { get; }

    public bool HasRefusals => refusals.Count > 0;

    public void Refuse(Refusal refusal) => refusals.Add(refusal);

    /// <summary>Refuses members that are not listed.</summary>
    public void Closed(ContentObject o, string path, params ReadOnlySpan<string> known)
    {
        foreach (var key in o.Keys)
        {
            if (!known.Contains(key)) Refuse(PackageRefusals.FieldUnknown.At(TreePath.Of(path, key)));
        }
    }

    public string Text(ContentObject o, string path, string key) => OptionalText(o, path, key) ?? Missing(o, path, key, "");

    public string? OptionalText(ContentObject o, string path, string key) => o.Find(key) switch
    {
        null => null,
        ContentValue { Kind: ContentValueKind.String } text => text.Text,
        _ => Shape(path, key, "a text", ""),
    };

    public bool Bool(ContentObject o, string path, string key) => o.Find(key) switch
    {
        ContentValue { Kind: ContentValueKind.True } => true,
        ContentValue { Kind: ContentValueKind.False } => false,
        null => Missing(o, path, key, false),
        _ => Shape(path, key, "true or false", false),
    };

    /// <summary>A whole JSON number.</summary>
    public int Whole(ContentObject o, string path, string key) => o.Find(key) switch
    {
        null => Missing(o, path, key, 0),
        ContentValue { Kind: ContentValueKind.Number } number when Plain(number.Text) is { } value && value == decimal.Truncate(value) && Math.Abs(value) <= int.MaxValue => (int)value,
        _ => Shape(path, key, "a whole number", 0),
    };

    /// <summary>A JSON number.</summary>
    public decimal Number(ContentObject o, string path, string key) => o.Find(key) switch
    {
        null => Missing(o, path, key, 0m),
        ContentValue { Kind: ContentValueKind.Number } number when Plain(number.Text) is { } value => value,
        _ => Shape(path, key, "a number", 0m),
    };

    /// <summary>A decimal number written as text, as money and percentages are.</summary>
    public decimal Decimal(ContentObject o, string path, string key) => OptionalDecimal(o, path, key) ?? Missing(o, path, key, 0m);

    public decimal? OptionalDecimal(ContentObject o, string path, string key) => o.Find(key) is { } node ? DecimalOf(node, TreePath.Of(path, key)) : null;

    public decimal DecimalOf(ContentNode node, string path)
    {
        if (node is ContentValue { Kind: ContentValueKind.String } text && DecimalText.IsMatch(text.Text)) return decimal.Parse(text.Text, NumberStyles.Float, CultureInfo.InvariantCulture);
        Refuse(PackageRefusals.FieldShape.At(path, "a decimal number in quotes, for example \"12.50\""));
        return 0;
    }

    public DateOnly? OptionalDate(ContentObject o, string path, string key) => OptionalText(o, path, key) is not { } text ? null
        : DateOnly.TryParseExact(text, "yyyy-MM-dd", CultureInfo.InvariantCulture, DateTimeStyles.None, out var date) ? date
        : Shape(path, key, "a day like 2026-12-31", default(DateOnly));

    /// <summary>One of the words of an enumeration, written in snake case.</summary>
    public T Word<T>(ContentObject o, string path, string key) where T : struct, Enum
    {
        if (o.Find(key) is not { } node) return Missing(o, path, key, default(T));
        return node is ContentValue { Kind: ContentValueKind.String } text && ContentWords.TryRead<T>(text.Text, out var word) ? word
            : Shape(path, key, $"one of {string.Join(", ", ContentWords.All<T>())}", default(T));
    }

    public ContentObject Object(ContentObject o, string path, string key) => o.Find(key) switch
    {
        ContentObject inner => inner,
        null => Missing(o, path, key, ContentObject.Empty),
        _ => Shape(path, key, "an object", ContentObject.Empty),
    };

    /// <summary>The elements of a list with their paths.</summary>
    public T[] List<T>(ContentObject o, string path, string key, Func<ContentObject, string, T> read)
    {
        var here = TreePath.Of(path, key);
        switch (o.Find(key))
        {
            case ContentList list:
                var elements = new T[list.Count];
                for (var i = 0; i < elements.Length; i++) elements[i] = read((ContentObject)list.Nodes[i], TreePath.Of(here, list.Keys[i]));
                return elements;
            case null:
                return Missing<T[]>(o, path, key, []);
            default:
                return Shape<T[]>(path, key, "a list of objects with ids", []);
        }
    }

    private static decimal? Plain(string text) =>
        text.Length <= LongestNumber && text.AsSpan().IndexOfAny('e', 'E') < 0 && decimal.TryParse(text, NumberStyles.Float, CultureInfo.InvariantCulture, out var value) ? value : null;

    // Inside a placeholder for something already refused nothing more is said.
    private T Missing<T>(ContentObject o, string path, string key, T placeholder)
    {
        if (!ReferenceEquals(o, ContentObject.Empty)) Refuse(PackageRefusals.FieldMissing.At(TreePath.Of(path, key)));
        return placeholder;
    }

    private T Shape<T>(string path, string key, string what, T placeholder)
    {
        Refuse(PackageRefusals.FieldShape.At(TreePath.Of(path, key), what));
        return placeholder;
    }
}
