using System.Text.Json;
using System.Text.Json.Nodes;
using Microsoft.Net.Http.Headers;
using StudioVault.Domain.Kernel;
using StudioVault.Domain.Proposals;

namespace StudioVault.Web.Api;

/// <summary>
/// A request body, read strictly: one JSON object in UTF-8, bounded, no key twice, no lone surrogate, not deeper than needed, no
/// member nobody asked for. What is wrong is said with a JSON pointer.
/// </summary>
public sealed class ApiBody
{
    public const int MostKibibytes = 64;
    public const int MostDepth = 16;

    private readonly JsonObject _root;
    private readonly List<Refusal> _wrong = [];

    private ApiBody(JsonObject root, string sha256) => (_root, Sha256) = (root, sha256);

    /// <summary>Hash of the canonical form: the same request however it is spaced.</summary>
    public string Sha256 { get; }

    /// <summary>The first thing that is wrong, or null.</summary>
    public Refusal? Problem => _wrong.Count == 0 ? null : _wrong[0];

    /// <summary>Refused with <c>refuse.api.media_type</c>, <c>too_large</c>, <c>malformed</c>.</summary>
    /// <param name="members">Every member the object may have.</param>
    public static async Task<Result<ApiBody>> ReadAsync(HttpRequest request, IReadOnlyCollection<string> members, CancellationToken ct)
    {
        if (!MediaTypeHeaderValue.TryParse(request.ContentType, out var type) || !type.MediaType.Equals("application/json", StringComparison.OrdinalIgnoreCase)
            || (type.Charset.HasValue && !type.Charset.Equals("utf-8", StringComparison.OrdinalIgnoreCase) && !type.Charset.Equals("\"utf-8\"", StringComparison.OrdinalIgnoreCase))) return ApiRefusals.MediaType;
        if (request.Headers.ContentEncoding.Count > 0) return ApiRefusals.MediaType;
        if (request.ContentLength > MostKibibytes * 1024) return ApiRefusals.TooLarge.With(MostKibibytes);
        var bytes = new byte[(MostKibibytes * 1024) + 1];
        var length = await request.Body.ReadAtLeastAsync(bytes, bytes.Length, throwOnEndOfStream: false, ct);
        return length == bytes.Length ? ApiRefusals.TooLarge.With(MostKibibytes) : Parse(bytes.AsSpan(0, length), members);
    }

    /// <summary>The same for bytes at hand.</summary>
    public static Result<ApiBody> Parse(ReadOnlySpan<byte> utf8, IReadOnlyCollection<string> members)
    {
        byte[] canonical;
        JsonNode? node;
        try
        {
            canonical = CanonicalJson.Canonicalize(utf8);
            node = JsonNode.Parse(canonical, null, new JsonDocumentOptions { MaxDepth = MostDepth });
        }
        catch (CanonicalJsonException)
        {
            return ApiRefusals.Malformed.With("it is not one JSON value in UTF-8 with every key once and every text whole");
        }
        catch (JsonException)
        {
            return ApiRefusals.Malformed.With($"it is nested deeper than {MostDepth} levels");
        }

        if (node is not JsonObject root) return ApiRefusals.Malformed.With("an object is expected");
        if (root.FirstOrDefault(m => !members.Contains(m.Key)).Key is { } unknown) return ApiRefusals.Malformed.At("/" + Pointer(unknown), $"there is no member “{Short(unknown)}”");
        return new ApiBody(root, CanonicalJson.Sha256(canonical));
    }

    /// <summary>A text that has to be there.</summary>
    public string Text(string name) => Value(_root, "", name, required: true, JsonValueKind.String)?.GetValue<string>() ?? "";

    /// <summary>A text that may be left out or null.</summary>
    public string? OptionalText(string name) => Value(_root, "", name, required: false, JsonValueKind.String)?.GetValue<string>();

    /// <summary>A whole number from 0 that may be left out or null.</summary>
    public long? OptionalWhole(string name)
    {
        if (Value(_root, "", name, required: false, JsonValueKind.Number) is not { } value) return null;
        // Through a double as canonical JSON has it: beyond 2^53 two numbers would be one.
        if (value.TryGetValue<long>(out var number) && number is >= 0 and <= 1L << 53) return number;
        _wrong.Add(ApiRefusals.Malformed.At("/" + name, "a whole number from 0 to 9007199254740992 is expected"));
        return null;
    }

    /// <summary>An object that has to be there, whatever is in it.</summary>
    public JsonObject Object(string name)
    {
        if (_root[name] is JsonObject found) return found.DeepClone().AsObject();
        _wrong.Add(ApiRefusals.Malformed.At("/" + name, "an object is expected"));
        return [];
    }

    /// <summary>The evidence, which may be left out.</summary>
    public IReadOnlyList<Evidence> Evidence(string name)
    {
        if (_root[name] is not { } node) return [];
        if (node is not JsonArray list)
        {
            _wrong.Add(ApiRefusals.Malformed.At("/" + name, "a list is expected"));
            return [];
        }

        var evidence = new List<Evidence>();
        for (var i = 0; i < list.Count; i++)
        {
            var at = $"/{name}/{i}";
            if (list[i] is not JsonObject piece)
            {
                _wrong.Add(ApiRefusals.Malformed.At(at, "an object is expected"));
                continue;
            }

            if (piece.FirstOrDefault(m => m.Key is not ("title" or "source" or "at" or "sha256")).Key is { } unknown) _wrong.Add(ApiRefusals.Malformed.At($"{at}/{Pointer(unknown)}", $"there is no member “{Short(unknown)}”"));
            var read = Value(piece, at, "at", required: false, JsonValueKind.String)?.GetValue<string>();
            DateTimeOffset? when = null;
            if (read is not null)
            {
                if (DateTimeOffset.TryParseExact(read, ["yyyy-MM-dd'T'HH:mm:ssK", "yyyy-MM-dd'T'HH:mm:ss.FFFFFFFK"], System.Globalization.CultureInfo.InvariantCulture, System.Globalization.DateTimeStyles.AssumeUniversal, out var parsed)) when = parsed.ToUniversalTime();
                else _wrong.Add(ApiRefusals.Malformed.At($"{at}/at", "an instant is expected, for example 2026-11-21T14:02:11Z"));
            }

            evidence.Add(new Evidence(Value(piece, at, "title", required: true, JsonValueKind.String)?.GetValue<string>() ?? "", Value(piece, at, "source", required: true, JsonValueKind.String)?.GetValue<string>() ?? "",
                when, Value(piece, at, "sha256", required: false, JsonValueKind.String)?.GetValue<string>()));
        }

        return evidence;
    }

    private JsonValue? Value(JsonObject from, string at, string name, bool required, JsonValueKind kind)
    {
        if (from[name] is JsonValue value && value.GetValueKind() == kind) return value;
        if (from[name] is not null || required) _wrong.Add(ApiRefusals.Malformed.At($"{at}/{name}", kind == JsonValueKind.String ? "a text is expected" : "a number is expected"));
        return null;
    }

    private static string Pointer(string name) => Short(name).Replace("~", "~0", StringComparison.Ordinal).Replace("/", "~1", StringComparison.Ordinal);

    private static string Short(string name) => name.Length <= 60 ? name : name[..60] + "…";
}
