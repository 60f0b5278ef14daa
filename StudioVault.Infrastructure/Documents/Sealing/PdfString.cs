using System.Buffers;

namespace StudioVault.Infrastructure.Documents.Sealing;

/// <summary>Strings of a PDF (ISO 32000-2, 7.3.4).</summary>
internal static class PdfString
{
    /// <summary>The bytes of a hexadecimal or literal string, null when it is neither.</summary>
    public static byte[]? Read(ReadOnlySpan<byte> text)
    {
        if (text.Length < 2) return null;
        return (text[0], text[^1]) switch
        {
            ((byte)'<', (byte)'>') => Hex(text[1..^1]),
            ((byte)'(', (byte)')') => Literal(text[1..^1]),
            _ => null,
        };
    }

    private static byte[]? Hex(ReadOnlySpan<byte> text)
    {
        var digits = new List<byte>(text.Length + 1);
        foreach (var c in text)
            if (!PdfLexer.IsWhite(c)) digits.Add(c);
        if (digits.Count % 2 == 1) digits.Add((byte)'0');
        var bytes = new byte[digits.Count / 2];
        return Convert.FromHexString(digits.ToArray(), bytes, out _, out _) == OperationStatus.Done ? bytes : null;
    }

    private static byte[] Literal(ReadOnlySpan<byte> text)
    {
        var bytes = new List<byte>(text.Length);
        for (var i = 0; i < text.Length; i++)
        {
            if (text[i] != '\\' || i + 1 == text.Length)
            {
                bytes.Add(text[i]);
                continue;
            }

            switch (text[++i])
            {
                case >= (byte)'0' and <= (byte)'7':
                    var value = 0;
                    var last = Math.Min(i + 3, text.Length);
                    for (; i < last && text[i] is >= (byte)'0' and <= (byte)'7'; i++) value = value * 8 + text[i] - '0';
                    i--;
                    bytes.Add((byte)value);
                    break;
                case (byte)'\r':
                    if (i + 1 < text.Length && text[i + 1] == '\n') i++;
                    break;
                case (byte)'\n':
                    break;
                case var c:
                    bytes.Add(c switch { (byte)'n' => 10, (byte)'r' => 13, (byte)'t' => 9, (byte)'b' => 8, (byte)'f' => 12, _ => c });
                    break;
            }
        }

        return [.. bytes];
    }
}
