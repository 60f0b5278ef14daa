using System.Text;

namespace StudioVault.Infrastructure.Documents.Sealing;

/// <summary>
/// What sealing must know of a PDF as Chromium prints it: one revision with a classic cross-reference table (Skia writes
/// PDF 1.4), no form, not encrypted. Everything else is turned down with the reason, so that a Chromium that writes another
/// form is noticed and not half understood.
/// </summary>
internal sealed class PrintedPdf
{
    private const int DeepestPages = 32;

    private long[] _offsets = [];

    private PrintedPdf(int tableAt, PdfDictionary trailer) => (TableAt, Trailer) = (tableAt, trailer);

    /// <summary>Where the cross-reference table begins.</summary>
    public int TableAt { get; }

    public PdfDictionary Trailer { get; }

    /// <summary>One more than the highest number of an object.</summary>
    public int Size => _offsets.Length;

    public int CatalogNumber { get; private set; }

    public PdfDictionary Catalog { get; private set; } = null!;

    public int FirstPageNumber { get; private set; }

    public PdfDictionary FirstPage { get; private set; } = null!;

    /// <summary>Reads the structure of a file.</summary>
    /// <param name="pdf">As printed.</param>
    /// <param name="problem">Why it cannot be read, a sentence; null when it can.</param>
    public static PrintedPdf? Read(ReadOnlySpan<byte> pdf, out string? problem)
    {
        problem = null;
        if (!pdf.StartsWith("%PDF-1."u8)) return No("it does not begin as a PDF 1.x.", out problem);
        var end = pdf.LastIndexOf("startxref"u8);
        var tail = new PdfLexer(pdf, end + "startxref"u8.Length);
        if (end < 0 || !tail.TryInteger(out var tableAt) || tableAt >= end || !pdf[tail.Position..].Trim("\r\n"u8).SequenceEqual("%%EOF"u8))
            return No("it does not end as a PDF.", out problem);
        var lexer = new PdfLexer(pdf, (int)tableAt);
        if (!lexer.Skip("xref"u8)) return No("it has a cross-reference stream in place of a table.", out problem);

        var entries = new List<(long First, long Count, int At)>();
        while (!lexer.Skip("trailer"u8))
        {
            if (!lexer.TryInteger(out var first) || !lexer.TryInteger(out var count)) return No("its cross-reference table is not readable.", out problem);
            lexer.SkipWhite();
            entries.Add((first, count, lexer.Position));
            // Every entry is 20 bytes: 0000000015 00000 n and two for the end of the line.
            if (count > (pdf.Length - lexer.Position) / 20) return No("its cross-reference table is cut off.", out problem);
            lexer = new PdfLexer(pdf, lexer.Position + (int)count * 20);
        }

        if (PdfDictionary.Read(pdf, lexer.Position) is not { } trailer || trailer.Body.End.Value > end) return No("its trailer is not readable.", out problem);
        if (trailer.Values.Keys.FirstOrDefault(k => k is "Prev" or "XRefStm" or "Encrypt") is { } key)
            return No(key == "Encrypt" ? "it is encrypted." : "it was changed after printing (it has more than one revision).", out problem);
        if (!trailer.Values.TryGetValue("Size", out var sizeAt) || !new PdfLexer(pdf, sizeAt.Start.Value).TryInteger(out var size) || size > pdf.Length)
            return No("its trailer does not say how many objects there are.", out problem);

        var printed = new PrintedPdf((int)tableAt, trailer) { _offsets = new long[size] };
        foreach (var (first, count, at) in entries)
        {
            for (var i = 0; i < count && first + i < size; i++)
            {
                var entry = pdf.Slice(at + i * 20, 20);
                if (entry[17] == 'n' && new PdfLexer(entry, 0).TryInteger(out var offset)) printed._offsets[first + i] = offset;
            }
        }

        return printed.Find(pdf, out problem);
    }

    private PrintedPdf? Find(ReadOnlySpan<byte> pdf, out string? problem)
    {
        if (Trailer.Reference(pdf, "Root") is not { } root || Object(pdf, root) is not { } catalog) return No("its catalogue is not readable.", out problem);
        if (catalog.Values.ContainsKey("AcroForm")) return No("it holds a form already.", out problem);
        (CatalogNumber, Catalog) = (root, catalog);

        if (catalog.Reference(pdf, "Pages") is not { } node) return No("its pages are not readable.", out problem);
        for (var depth = 0; depth < DeepestPages; depth++)
        {
            if (Object(pdf, node) is not { } page) break;
            if (page.Values.TryGetValue("Kids", out var kids))
            {
                var lexer = new PdfLexer(pdf, kids.Start.Value);
                if (!lexer.Skip("["u8) || !lexer.TryReference(out node)) break;
                continue;
            }

            if (!page.Values.TryGetValue("Type", out var type) || !pdf[type].SequenceEqual("/Page"u8)) break;
            if (page.Values.TryGetValue("Annots", out var annotations) && pdf[annotations][0] != '[') return No("the notes of its first page stand elsewhere.", out problem);
            (FirstPageNumber, FirstPage, problem) = (node, page, null);
            return this;
        }

        return No("its first page is not readable.", out problem);
    }

    private PdfDictionary? Object(ReadOnlySpan<byte> pdf, int number)
    {
        if (number <= 0 || number >= _offsets.Length || _offsets[number] is not (> 0 and var offset) || offset >= TableAt) return null;
        var head = Encoding.ASCII.GetBytes($"{number} 0 obj");
        var lexer = new PdfLexer(pdf, (int)offset);
        if (!pdf[(int)offset..].StartsWith(head)) return null;
        lexer.Skip(head);
        if (PdfDictionary.Read(pdf, lexer.Position) is not { } body) return null;
        // A stream cannot be written anew with its dictionary alone.
        return new PdfLexer(pdf, body.Body.End.Value).Skip("endobj"u8) ? body : null;
    }

    private static PrintedPdf? No(string reason, out string? problem)
    {
        problem = reason;
        return null;
    }
}
