using System.Buffers.Text;

namespace StudioVault.Infrastructure.Documents.Sealing;

/// <summary>Walks over the objects of a PDF (ISO 32000-2, 7.2 and 7.3) without building them; never reads beyond the bytes, never throws.</summary>
internal ref struct PdfLexer(ReadOnlySpan<byte> bytes, int at)
{
    private const int Deepest = 64;

    private readonly ReadOnlySpan<byte> _bytes = bytes;

    public int Position { get; private set; } = at;

    /// <summary>Goes over white space and comments.</summary>
    public void SkipWhite()
    {
        for (; Position < _bytes.Length; Position++)
        {
            if (_bytes[Position] == '%')
                while (Position + 1 < _bytes.Length && _bytes[Position + 1] is not ((byte)'\r' or (byte)'\n')) Position++;
            else if (!IsWhite(_bytes[Position])) return;
        }
    }

    /// <summary>Goes over a word that must come next.</summary>
    public bool Skip(ReadOnlySpan<byte> word)
    {
        SkipWhite();
        if (Position > _bytes.Length || !_bytes[Position..].StartsWith(word)) return false;
        Position += word.Length;
        return true;
    }

    /// <summary>Goes over the digits of a number that is not negative.</summary>
    public bool TryInteger(out long value)
    {
        value = 0;
        SkipWhite();
        if (Position >= _bytes.Length || !char.IsAsciiDigit((char)_bytes[Position]) || !Utf8Parser.TryParse(_bytes[Position..], out value, out var count)) return false;
        Position += count;
        return true;
    }

    /// <summary>Goes over a reference to an object of generation 0, <c>12 0 R</c>.</summary>
    public bool TryReference(out int number)
    {
        var start = Position;
        if (TryInteger(out var n) && n <= int.MaxValue && TryInteger(out var generation) && generation == 0 && Skip("R"u8))
        {
            number = (int)n;
            return true;
        }

        (Position, number) = (start, 0);
        return false;
    }

    /// <summary>Goes over a name, <c>/Type</c>; what is given back lacks the slash.</summary>
    public bool TryName(out ReadOnlySpan<byte> name)
    {
        name = default;
        SkipWhite();
        if (Position >= _bytes.Length || _bytes[Position] != '/') return false;
        var start = ++Position;
        while (Position < _bytes.Length && IsRegular(_bytes[Position])) Position++;
        name = _bytes[start..Position];
        return true;
    }

    /// <summary>Goes over any one object: a number, reference, name, string, array, dictionary or word.</summary>
    public bool SkipValue(int depth = 0)
    {
        SkipWhite();
        if (Position >= _bytes.Length || depth > Deepest) return false;
        if (TryReference(out _)) return true;
        switch (_bytes[Position])
        {
            case (byte)'/':
                return TryName(out _);
            case (byte)'(':
                return SkipLiteral();
            case (byte)'<' when Position + 1 < _bytes.Length && _bytes[Position + 1] == '<':
                Position += 2;
                while (!Skip(">>"u8))
                    if (!TryName(out _) || !SkipValue(depth + 1)) return false;
                return true;
            case (byte)'<':
                var end = _bytes[Position..].IndexOf((byte)'>');
                Position += end + 1;
                return end >= 0;
            case (byte)'[':
                Position++;
                while (!Skip("]"u8))
                    if (!SkipValue(depth + 1)) return false;
                return true;
            default:
                var start = Position;
                while (Position < _bytes.Length && IsRegular(_bytes[Position])) Position++;
                return Position > start;
        }
    }

    private bool SkipLiteral()
    {
        for (var open = 0; Position < _bytes.Length; Position++)
        {
            switch (_bytes[Position])
            {
                case (byte)'\\':
                    Position++;
                    break;
                case (byte)'(':
                    open++;
                    break;
                case (byte)')' when --open == 0:
                    Position++;
                    return true;
            }
        }

        return false;
    }

    public static bool IsWhite(byte b) => b is 0 or 9 or 10 or 12 or 13 or 32;

    private static bool IsRegular(byte b) =>
        !IsWhite(b) && b is not ((byte)'(' or (byte)')' or (byte)'<' or (byte)'>' or (byte)'[' or (byte)']' or (byte)'{' or (byte)'}' or (byte)'/' or (byte)'%');
}
