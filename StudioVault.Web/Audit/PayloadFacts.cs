using System.Globalization;
using System.Text.Encodings.Web;
using System.Text.Json;
using System.Text.Json.Nodes;
using System.Text.RegularExpressions;

namespace StudioVault.Web.Audit;

/// <summary>How a value of a payload is shown.</summary>
public enum PayloadShape
{
    /// <summary>Nothing: there was no value.</summary>
    None,
    Text,

    /// <summary>A machine fact: a path, an id, a nested object.</summary>
    Code,

    /// <summary>A SHA-256 in hex.</summary>
    Hash,
    List,
}

/// <summary>One value of a payload.</summary>
/// <param name="Items">For a list, its entries.</param>
public sealed record PayloadValue(PayloadShape Shape, string Text, IReadOnlyList<string> Items)
{
    public static readonly PayloadValue Nothing = new(PayloadShape.None, "", []);
}

/// <summary>One line of what an entry recorded: a value, or a value before and after.</summary>
/// <param name="Before">Null where only one value was recorded.</param>
public sealed record PayloadFact(string Label, PayloadValue? Before, PayloadValue After);

/// <summary>
/// Turns the payload of an entry into lines for people. A member with <c>before</c> and <c>after</c> becomes a comparison, as
/// does a payload that has both itself; everything else is a plain fact.
/// </summary>
public static partial class PayloadFacts
{
    private static readonly JsonSerializerOptions Readable = new() { Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping };

    public static IReadOnlyList<PayloadFact> Read(string? payload, CultureInfo culture)
    {
        if (payload is null || Parse(payload) is not JsonObject members) return [];
        var facts = new List<PayloadFact>();
        if (members.ContainsKey("before") && members.ContainsKey("after"))
            facts.AddRange(Compare("Change", members["before"], members["after"], culture));
        foreach (var (key, value) in members)
        {
            if (key is "before" or "after" && members.ContainsKey("before") && members.ContainsKey("after")) continue;
            facts.AddRange(value is JsonObject pair && pair.Count == 2 && pair.ContainsKey("before") && pair.ContainsKey("after")
                ? Compare(Label(key), pair["before"], pair["after"], culture)
                : [new PayloadFact(Label(key), null, Show(value, culture))]);
        }

        // What people read comes first, hashes last.
        return [.. facts.OrderBy(f => f.After.Shape == PayloadShape.Hash)];
    }

    /// <summary>The payload as an object, or null when it is none.</summary>
    public static JsonObject? Parse(string payload)
    {
        try
        {
            return JsonNode.Parse(payload) as JsonObject;
        }
        catch (JsonException)
        {
            return null;
        }
    }

    private static IEnumerable<PayloadFact> Compare(string label, JsonNode? before, JsonNode? after, CultureInfo culture)
    {
        if (before is not JsonObject b || after is not JsonObject a) return [new PayloadFact(label, Show(before, culture), Show(after, culture))];
        return b.Select(m => m.Key).Union(a.Select(m => m.Key)).Select(key => new PayloadFact(Label(key), Show(b[key], culture), Show(a[key], culture)));
    }

    private static PayloadValue Show(JsonNode? node, CultureInfo culture) => node switch
    {
        null => PayloadValue.Nothing,
        JsonArray list when list.All(i => i is JsonValue) => new PayloadValue(PayloadShape.List, "", [.. list.Select(i => i!.ToString())]),
        JsonValue value when value.GetValueKind() == JsonValueKind.True => new PayloadValue(PayloadShape.Text, "yes", []),
        JsonValue value when value.GetValueKind() == JsonValueKind.False => new PayloadValue(PayloadShape.Text, "no", []),
        JsonValue value => Scalar(value.ToString(), culture),
        _ => new PayloadValue(PayloadShape.Code, node.ToJsonString(Readable), []),
    };

    private static PayloadValue Scalar(string text, CultureInfo culture)
    {
        if (Sha256().IsMatch(text)) return new PayloadValue(PayloadShape.Hash, text, []);
        if (Guid.TryParseExact(text, "D", out _) || text.StartsWith('/')) return new PayloadValue(PayloadShape.Code, text, []);
        return DateOnly.TryParseExact(text, "O", CultureInfo.InvariantCulture, DateTimeStyles.None, out var day)
            ? new PayloadValue(PayloadShape.Text, day.ToString("d MMM yyyy", culture), [])
            : new PayloadValue(PayloadShape.Text, text, []);
    }

    /// <summary>"previewDigest" → "Preview digest".</summary>
    private static string Label(string key)
    {
        var words = WordStart().Replace(key.Replace('_', ' '), " ").ToLowerInvariant();
        return words.Length == 0 ? key : char.ToUpperInvariant(words[0]) + words[1..].Replace("sha256", "hash", StringComparison.Ordinal);
    }

    [GeneratedRegex("^[0-9a-f]{64}$")]
    private static partial Regex Sha256();

    [GeneratedRegex("(?<=[a-z0-9])(?=[A-Z])")]
    private static partial Regex WordStart();
}
