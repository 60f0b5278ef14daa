using System.Text;

namespace StudioVault.Infrastructure.Documents.Sealing;

/// <summary>Where a dictionary of a PDF and the values of its keys stand in the file.</summary>
/// <param name="Body">From <c>&lt;&lt;</c> to <c>&gt;&gt;</c>, both in it.</param>
/// <param name="Values">By key, without the slash.</param>
internal sealed record PdfDictionary(Range Body, IReadOnlyDictionary<string, Range> Values)
{
    /// <summary>Reads the dictionary that begins here, or gives null where there is none, or one with a key twice.</summary>
    public static PdfDictionary? Read(ReadOnlySpan<byte> pdf, int at)
    {
        var lexer = new PdfLexer(pdf, at);
        if (!lexer.Skip("<<"u8)) return null;
        var start = lexer.Position - 2;
        var values = new Dictionary<string, Range>(StringComparer.Ordinal);
        while (!lexer.Skip(">>"u8))
        {
            if (!lexer.TryName(out var name)) return null;
            lexer.SkipWhite();
            var from = lexer.Position;
            if (!lexer.SkipValue() || !values.TryAdd(Encoding.Latin1.GetString(name), from..lexer.Position)) return null;
        }

        return new(start..lexer.Position, values);
    }

    /// <summary>The object a key refers to, or null.</summary>
    public int? Reference(ReadOnlySpan<byte> pdf, string key) =>
        Values.TryGetValue(key, out var range) && new PdfLexer(pdf[range], 0).TryReference(out var number) ? number : null;
}
