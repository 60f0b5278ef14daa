using System.Globalization;
using System.Numerics;
using System.Runtime.InteropServices;
using System.Security.Cryptography;
using System.Text.Json;
using System.Text.Json.Nodes;
using System.Text.Unicode;

namespace StudioVault.Domain.Kernel;

/// <summary>
/// Canonical JSON after RFC 8785 (JCS): one byte sequence per JSON value, so that a SHA-256 of it names the value. Keys are
/// sorted by UTF-16 code units, strings are raw UTF-8, and every number goes through an IEEE double and comes out as
/// ECMAScript prints it. Anything a double cannot hold exactly (money, ids, large counters) therefore travels as a string.
/// </summary>
public static class CanonicalJson
{
    /// <summary>How many arrays and objects may stand inside each other.</summary>
    public const int MaxDepth = 256;

    /// <summary>Characters the longest number takes: sign, "0.00000", 17 digits.</summary>
    internal const int LongestNumber = 32;

    private static readonly JsonReaderOptions ReaderOptions = new() { MaxDepth = MaxDepth, CommentHandling = JsonCommentHandling.Disallow };

    /// <summary>The canonical UTF-8 bytes of a node; <c>null</c> is JSON null.</summary>
    /// <exception cref="CanonicalJsonException">A lone surrogate, NaN or infinity, a duplicate key, or too deep.</exception>
    public static byte[] Canonicalize(JsonNode? node)
    {
        var pass = new Pass();
        try
        {
            pass.Node(node, 0);
        }
        catch (ArgumentException e)
        {
            // A JsonObject parsed from text notices a duplicate key only when it is first read.
            throw new CanonicalJsonException("An object holds the same key twice.", e);
        }
        return pass.Output.ToArray();
    }

    /// <summary>The canonical bytes of JSON text. Strict: exactly one value, no comments, no trailing commas, no byte order mark.</summary>
    /// <exception cref="CanonicalJsonException">
    /// Not JSON, invalid UTF-8, a lone surrogate, a duplicate key, a number beyond a double, or deeper than <see cref="MaxDepth"/>.
    /// </exception>
    public static byte[] Canonicalize(ReadOnlySpan<byte> utf8Json)
    {
        if (!Utf8.IsValid(utf8Json)) throw new CanonicalJsonException("The text is not valid UTF-8.");
        var reader = new Utf8JsonReader(utf8Json, ReaderOptions);
        var pass = new Pass();
        try
        {
            reader.Read();
            pass.Value(ref reader);
            reader.Read();
        }
        catch (JsonException e)
        {
            throw new CanonicalJsonException(e.Message, e);
        }
        return pass.Output.ToArray();
    }

    /// <summary>The digest of a node: SHA-256 of its canonical bytes, 64 lower-case hexadecimal digits.</summary>
    /// <exception cref="CanonicalJsonException">As for <see cref="Canonicalize(JsonNode?)"/>.</exception>
    public static string Sha256(JsonNode? node) => Sha256(Canonicalize(node).AsSpan());

    /// <summary>SHA-256 of bytes that are canonical already, 64 lower-case hexadecimal digits.</summary>
    public static string Sha256(ReadOnlySpan<byte> canonical) => Convert.ToHexStringLower(SHA256.HashData(canonical));

    /// <summary>A double as ECMAScript's Number::toString prints it (RFC 8785 §3.2.2.3).</summary>
    /// <exception cref="CanonicalJsonException">NaN or infinite.</exception>
    public static string FormatNumber(double value)
    {
        Span<char> text = stackalloc char[LongestNumber];
        return new string(text[..FormatNumber(value, text)]);
    }

    /// <summary>As <see cref="FormatNumber(double)"/>, into <paramref name="text"/>; answers the length.</summary>
    internal static int FormatNumber(double value, Span<char> text)
    {
        if (!double.IsFinite(value)) throw new CanonicalJsonException("NaN and infinity have no JSON form.");
        if (value == 0)
        {
            text[0] = '0';
            return 1;
        }

        Span<char> scientific = stackalloc char[LongestNumber];
        var written = ShortestDigits(value, scientific);
        Span<char> digits = stackalloc char[LongestNumber];
        var count = 0;
        var point = 0;
        var seenPoint = false;
        var exponent = 0;
        for (var i = value < 0 ? 1 : 0; i < written; i++)
        {
            var c = scientific[i];
            if (c == 'E')
            {
                exponent = int.Parse(scientific[(i + 1)..written], NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture);
                break;
            }
            if (c == '.')
            {
                seenPoint = true;
                continue;
            }
            if (count == 0 && c == '0')
            {
                if (seenPoint) point--;
                continue;
            }
            digits[count++] = c;
            if (!seenPoint) point++;
        }
        while (digits[count - 1] == '0') count--;

        var used = digits[..count];
        var n = point + exponent; // the decimal point stands after the n-th digit
        var output = new Cursor(text);
        if (value < 0) output.Add('-');
        if (n is > 0 and <= 21)
        {
            output.Add(used[..Math.Min(n, count)]);
            for (var i = count; i < n; i++) output.Add('0');
            if (count > n)
            {
                output.Add('.');
                output.Add(used[n..]);
            }
        }
        else if (n is > -6 and <= 0)
        {
            output.Add("0.");
            for (var i = n; i < 0; i++) output.Add('0');
            output.Add(used);
        }
        else
        {
            output.Add(used[0]);
            if (count > 1)
            {
                output.Add('.');
                output.Add(used[1..]);
            }
            output.Add('e');
            output.Add(n > 0 ? '+' : '-');
            output.Add(Math.Abs(n - 1));
        }
        return output.Length;
    }

    /// <summary>
    /// The fewest digits that read back as the same double, the closest of them, the even one of two equally close
    /// (ECMA-262, Number::toString). .NET's own "R" does that except at powers of two, where the gap to the neighbour below is
    /// half as wide: there it can stop one digit early (2^-25 as 2.980232238769531E-08, which reads back as another number).
    /// </summary>
    private static int ShortestDigits(double value, Span<char> text)
    {
        value.TryFormat(text, out var written, "R", CultureInfo.InvariantCulture);
        if ((BitConverter.DoubleToUInt64Bits(value) & 0x000F_FFFF_FFFF_FFFF) != 0) return written;
        return double.Parse(text[..written], CultureInfo.InvariantCulture) == value ? written : ExactDigits(value, text);
    }

    // Rare (a few dozen of the 2046 powers of two), so plain big-number arithmetic will do.
    private static int ExactDigits(double value, Span<char> text)
    {
        var power = (int)((BitConverter.DoubleToUInt64Bits(value) >> 52) & 0x7FF) - 1023;
        var numerator = BigInteger.One << Math.Max(power, 0);
        var denominator = BigInteger.One << Math.Max(-power, 0);
        var leading = (int)Math.Floor(power * Math.Log10(2));
        var written = 0;
        for (var precision = 1; precision <= 17; precision++)
        {
            var scale = precision - 1 - leading;
            var over = numerator * BigInteger.Pow(10, Math.Max(scale, 0));
            var under = denominator * BigInteger.Pow(10, Math.Max(-scale, 0));
            var below = BigInteger.DivRem(over, under, out var rest);
            var twice = (2 * rest).CompareTo(under);
            var upFirst = twice > 0 || (twice == 0 && !below.IsEven);
            if (Reads(upFirst ? below + 1 : below, text, out written) || Reads(upFirst ? below : below + 1, text, out written)) break;

            bool Reads(BigInteger digits, Span<char> target, out int length)
            {
                var candidate = string.Create(CultureInfo.InvariantCulture, $"{(value < 0 ? "-" : "")}{digits}E{-scale}");
                candidate.CopyTo(target);
                length = candidate.Length;
                return double.Parse(candidate, CultureInfo.InvariantCulture) == value;
            }
        }
        return written;
    }

    private ref struct Cursor(Span<char> text)
    {
        private readonly Span<char> _text = text;

        public int Length;

        public void Add(char c) => _text[Length++] = c;

        public void Add(scoped ReadOnlySpan<char> chars)
        {
            chars.CopyTo(_text[Length..]);
            Length += chars.Length;
        }

        public void Add(int number)
        {
            number.TryFormat(_text[Length..], out var written, default, CultureInfo.InvariantCulture);
            Length += written;
        }
    }

    /// <summary>
    /// One canonicalization. Members are written in the order they come and moved afterwards only when that order was not
    /// the canonical one; what was canonical already is copied through once.
    /// </summary>
    private sealed class Pass
    {
        private readonly List<(string Key, int Start, int Length)> _members = [];

        public CanonicalWriter Output { get; } = new();

        public void Value(ref Utf8JsonReader reader)
        {
            switch (reader.TokenType)
            {
                case JsonTokenType.StartObject:
                    var (first, start) = Open();
                    while (reader.Read() && reader.TokenType != JsonTokenType.EndObject)
                    {
                        var memberStart = Begin(first, Text(ref reader));
                        reader.Read();
                        Value(ref reader);
                        End(memberStart);
                    }
                    Close(first, start);
                    break;
                case JsonTokenType.StartArray:
                    Output.Byte((byte)'[');
                    for (var i = 0; reader.Read() && reader.TokenType != JsonTokenType.EndArray; i++)
                    {
                        if (i > 0) Output.Byte((byte)',');
                        Value(ref reader);
                    }
                    Output.Byte((byte)']');
                    break;
                case JsonTokenType.String: Output.String(Text(ref reader)); break;
                case JsonTokenType.Number: Number(reader.GetDouble()); break;
                case JsonTokenType.True: Output.Raw("true"u8); break;
                case JsonTokenType.False: Output.Raw("false"u8); break;
                default: Output.Raw("null"u8); break;
            }
        }

        public void Node(JsonNode? node, int depth)
        {
            if (depth >= MaxDepth && node is JsonObject or JsonArray)
                throw new CanonicalJsonException($"More than {MaxDepth} arrays and objects stand inside each other.");
            switch (node)
            {
                case null:
                    Output.Raw("null"u8);
                    break;
                case JsonObject members:
                    var (first, start) = Open();
                    foreach (var (key, value) in members)
                    {
                        var memberStart = Begin(first, key);
                        Node(value, depth + 1);
                        End(memberStart);
                    }
                    Close(first, start);
                    break;
                case JsonArray elements:
                    Output.Byte((byte)'[');
                    for (var i = 0; i < elements.Count; i++)
                    {
                        if (i > 0) Output.Byte((byte)',');
                        Node(elements[i], depth + 1);
                    }
                    Output.Byte((byte)']');
                    break;
                case JsonValue value:
                    Scalar(value);
                    break;
            }
        }

        private void Scalar(JsonValue value)
        {
            switch (value.GetValueKind())
            {
                case JsonValueKind.String when Try<string>(value, out var text): Output.String(text); break;
                case JsonValueKind.Number when value.TryGetValue<JsonElement>(out var element): Number(element.GetDouble()); break;
                case JsonValueKind.Number when value.TryGetValue<double>(out var number): Number(number); break;
                case JsonValueKind.Number when value.TryGetValue<long>(out var number): Number(number); break;
                case JsonValueKind.Number when value.TryGetValue<int>(out var number): Number(number); break;
                case JsonValueKind.True: Output.Raw("true"u8); break;
                case JsonValueKind.False: Output.Raw("false"u8); break;
                case JsonValueKind.Null: Output.Raw("null"u8); break;
                default:
                    // Decimals, floats, Guids, dates and wrapped objects: whatever they would say as JSON text counts.
                    byte[] json;
                    try
                    {
                        json = JsonSerializer.SerializeToUtf8Bytes(value);
                    }
                    catch (ArgumentException e)
                    {
                        throw new CanonicalJsonException("NaN and infinity have no JSON form.", e);
                    }
                    Output.Raw(Canonicalize(json));
                    break;
            }
        }

        private static bool Try<T>(JsonValue value, out T? result)
        {
            try
            {
                return value.TryGetValue(out result);
            }
            catch (InvalidOperationException e)
            {
                throw new CanonicalJsonException("A string holds a surrogate without its partner.", e);
            }
        }

        private static string Text(ref Utf8JsonReader reader)
        {
            try
            {
                return reader.GetString()!;
            }
            catch (InvalidOperationException e)
            {
                throw new CanonicalJsonException("A string holds a surrogate without its partner.", e);
            }
        }

        private void Number(double value)
        {
            if (double.IsInfinity(value)) throw new CanonicalJsonException("A number is larger than a double can hold.");
            Output.Number(value);
        }

        private (int First, int Start) Open()
        {
            Output.Byte((byte)'{');
            return (_members.Count, Output.Length);
        }

        private int Begin(int first, string key)
        {
            if (_members.Count > first) Output.Byte((byte)',');
            var start = Output.Length;
            Output.String(key);
            Output.Byte((byte)':');
            _members.Add((key, start, 0));
            return _members.Count - 1;
        }

        private void End(int member)
        {
            var (key, start, _) = _members[member];
            _members[member] = (key, start, Output.Length - start);
        }

        private void Close(int first, int start)
        {
            var members = CollectionsMarshal.AsSpan(_members)[first..];
            var ordered = true;
            for (var i = 1; i < members.Length && ordered; i++)
                ordered = string.CompareOrdinal(members[i - 1].Key, members[i].Key) < 0;
            if (!ordered)
            {
                members.Sort((a, b) => string.CompareOrdinal(a.Key, b.Key));
                for (var i = 1; i < members.Length; i++)
                {
                    if (members[i - 1].Key == members[i].Key)
                        throw new CanonicalJsonException($"An object holds the key \"{Shorten(members[i].Key)}\" twice.");
                }
                Output.Reorder(start, members);
            }
            _members.RemoveRange(first, members.Length);
            Output.Byte((byte)'}');
        }

        private static string Shorten(string key) => key.Length <= 40 ? key : key[..40] + "…";
    }
}
