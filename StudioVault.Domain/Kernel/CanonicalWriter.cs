using System.Buffers;
using System.Globalization;
using System.Text;

namespace StudioVault.Domain.Kernel;

/// <summary>
/// The lowest layer of <see cref="CanonicalJson"/>: a growing byte buffer that knows how RFC 8785 spells a string and a
/// number. Who writes objects through it directly must write the keys in UTF-16 order.
/// </summary>
internal sealed class CanonicalWriter(int capacity = 512)
{
    private static readonly SearchValues<char> Special = SearchValues.Create(
        [.. Enumerable.Range(0, 0x20).Select(i => (char)i), '"', '\\', .. Enumerable.Range(0xD800, 0x800).Select(i => (char)i)]);

    private byte[] _bytes = new byte[capacity];

    public int Length { get; private set; }

    public ReadOnlySpan<byte> Written => _bytes.AsSpan(0, Length);

    public void Clear() => Length = 0;

    public byte[] ToArray() => Written.ToArray();

    public void Byte(byte value)
    {
        Room(1)[0] = value;
        Length++;
    }

    public void Raw(ReadOnlySpan<byte> bytes)
    {
        bytes.CopyTo(Room(bytes.Length));
        Length += bytes.Length;
    }

    /// <summary>A quoted string (RFC 8785 §3.2.2.2): only control characters, quote and backslash are escaped.</summary>
    /// <exception cref="CanonicalJsonException">A surrogate stands alone.</exception>
    public void String(ReadOnlySpan<char> text)
    {
        Byte((byte)'"');
        while (true)
        {
            var next = text.IndexOfAny(Special);
            var plain = next < 0 ? text : text[..next];
            Length += Encoding.UTF8.GetBytes(plain, Room(Encoding.UTF8.GetMaxByteCount(plain.Length)));
            if (next < 0) break;
            text = text[next..];
            if (char.IsSurrogate(text[0]))
            {
                if (!char.IsHighSurrogate(text[0]) || text.Length < 2 || !char.IsLowSurrogate(text[1]))
                    throw new CanonicalJsonException("A string holds a surrogate without its partner.");
                Length += Encoding.UTF8.GetBytes(text[..2], Room(4));
                text = text[2..];
                continue;
            }
            Escape(text[0]);
            text = text[1..];
        }
        Byte((byte)'"');
    }

    /// <summary>A number as ECMAScript prints it.</summary>
    /// <exception cref="CanonicalJsonException">NaN or infinite.</exception>
    public void Number(double value)
    {
        Span<char> text = stackalloc char[CanonicalJson.LongestNumber];
        var length = CanonicalJson.FormatNumber(value, text);
        Length += Encoding.ASCII.GetBytes(text[..length], Room(length));
    }

    public void Integer(long value)
    {
        value.TryFormat(Room(20), out var length, default, CultureInfo.InvariantCulture);
        Length += length;
    }

    /// <summary>Replaces everything from <paramref name="start"/> on by <paramref name="parts"/> of it, parted by commas.</summary>
    public void Reorder(int start, ReadOnlySpan<(string Key, int Start, int Length)> parts)
    {
        var size = Length - start;
        var old = ArrayPool<byte>.Shared.Rent(size);
        _bytes.AsSpan(start, size).CopyTo(old);
        Length = start;
        for (var i = 0; i < parts.Length; i++)
        {
            if (i > 0) Byte((byte)',');
            Raw(old.AsSpan(parts[i].Start - start, parts[i].Length));
        }
        ArrayPool<byte>.Shared.Return(old);
    }

    private void Escape(char c)
    {
        switch (c)
        {
            case '"': Raw("\\\""u8); break;
            case '\\': Raw("\\\\"u8); break;
            case '\b': Raw("\\b"u8); break;
            case '\t': Raw("\\t"u8); break;
            case '\n': Raw("\\n"u8); break;
            case '\f': Raw("\\f"u8); break;
            case '\r': Raw("\\r"u8); break;
            default:
                Raw("\\u00"u8);
                Byte((byte)(c >> 4 == 0 ? '0' : '1'));
                Byte((byte)"0123456789abcdef"[c & 15]);
                break;
        }
    }

    private Span<byte> Room(int needed)
    {
        if (_bytes.Length - Length < needed)
            Array.Resize(ref _bytes, Math.Max(_bytes.Length * 2, checked(Length + needed)));
        return _bytes.AsSpan(Length);
    }
}
