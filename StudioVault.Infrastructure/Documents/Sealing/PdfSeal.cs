using System.Globalization;
using System.Text;
using StudioVault.Domain.Documents;
using StudioVault.Domain.Kernel;

namespace StudioVault.Infrastructure.Documents.Sealing;

/// <summary>
/// Seals a printed PDF: names it by its content, then adds one update with an invisible signature over the whole file (ISO
/// 32000-2, 12.8). The same printed bytes, content hash, key and time give the same sealed bytes.
/// </summary>
public static class PdfSeal
{
    /// <summary>Room for the signature in the file, bytes; one of ours takes about 2,200 and grows with the group's name only.</summary>
    internal const int Room = 6144;

    // /ByteRange[0 1234567890 1234567890 1234567890], the numbers known only when everything else is written.
    private const int RangeWidth = 46;

    /// <summary>Seals a file.</summary>
    /// <param name="printed">As <see cref="DocumentPrinter"/> gave it.</param>
    /// <param name="contentHash">SHA-256 of the canonical content, 64 hexadecimal digits: becomes the file's identifier.</param>
    /// <param name="key">The group's key of now.</param>
    /// <param name="group">Who seals, as programs show it.</param>
    /// <param name="reason">What is sealed, for example "Agreement 2026-0042, version 2".</param>
    /// <param name="at">Time of sealing, to the second.</param>
    /// <returns>The sealed file, or <c>refuse.document.unsealable</c>.</returns>
    public static Result<byte[]> Apply(byte[] printed, string contentHash, SealKey key, string group, string reason, DateTimeOffset at)
    {
        var id = PdfId(contentHash);
        if (PrintedPdf.Read(printed, out var problem) is not { } pdf) return DocumentRefusals.Unsealable.With(problem);
        if (at < key.Life.From || at > key.Life.To) return DocumentRefusals.Unsealable.With("the certificate of the key does not cover the time of sealing.");

        var file = new Writer(printed.Length + 4 * Room);
        var ids = $"/ID[<{id}><{id}>]";
        // The table stays where it is: only what comes behind it moves.
        var trailer = Without(printed, pdf.Trailer, "ID");
        file.Put(printed.AsSpan(0, pdf.Trailer.Body.Start.Value)).Put(trailer.AsSpan(..^2)).Put(ids).Put(">>\nstartxref\n").Put(pdf.TableAt).Put("\n%%EOF\n");

        var (signature, field) = (pdf.Size, pdf.Size + 1);
        var objects = new SortedDictionary<int, int> { [signature] = file.Length };
        file.Put($"{signature} 0 obj\n<</Type/Sig/Filter/Adobe.PPKLite/SubFilter/adbe.pkcs7.detached/Name{Text(group)}/Reason{Text(reason)}/M(D:{at.UtcDateTime.ToString("yyyyMMddHHmmss", CultureInfo.InvariantCulture)}Z)");
        var range = file.Length;
        file.Put(new string(' ', RangeWidth)).Put("/Contents");
        var gap = file.Length;
        file.Put("<").Put(new string('0', Room * 2)).Put(">");
        var rest = file.Length;
        file.Put(">>\nendobj\n");

        objects[field] = file.Length;
        // Locked and printed, without a place on the page: a reader lists it, the page does not show it.
        file.Put($"{field} 0 obj\n<</Type/Annot/Subtype/Widget/FT/Sig/T(Seal)/F 132/Rect[0 0 0 0]/P {pdf.FirstPageNumber} 0 R/V {signature} 0 R>>\nendobj\n");

        objects[pdf.FirstPageNumber] = file.Length;
        file.Put($"{pdf.FirstPageNumber} 0 obj\n").Put(WithNote(printed, pdf.FirstPage, field)).Put("\nendobj\n");

        objects[pdf.CatalogNumber] = file.Length;
        var version = pdf.Catalog.Values.ContainsKey("Version") ? "" : "/Version/1.7";
        file.Put($"{pdf.CatalogNumber} 0 obj\n").Put(printed.AsSpan(pdf.Catalog.Body)[..^2]).Put($"{version}/AcroForm<</Fields[{field} 0 R]/SigFlags 3>>>>\nendobj\n");

        var table = file.Length;
        file.Put("xref\n");
        foreach (var (number, offset) in objects) file.Put($"{number} 1\n{offset:D10} 00000 n \n");
        file.Put("trailer\n").Put(Without(printed, pdf.Trailer, "ID", "Size").AsSpan(..^2)).Put($"/Size {field + 1}/Prev {pdf.TableAt}{ids}>>\nstartxref\n{table}\n%%EOF\n");

        var bytes = file.ToArray();
        Encoding.ASCII.GetBytes($"/ByteRange[0 {gap} {rest} {bytes.Length - rest}]".PadRight(RangeWidth), bytes.AsSpan(range));
        var cms = key.Sign([.. bytes.AsSpan(0, gap), .. bytes.AsSpan(rest)], at);
        if (cms.Length > Room) return DocumentRefusals.Unsealable.With("the certificate of the key is too large.");
        Encoding.ASCII.GetBytes(Convert.ToHexString(cms), bytes.AsSpan(gap + 1));
        return bytes;
    }

    /// <summary>The identifier a file with this content carries, lower-case hexadecimal: the hash itself, so that anybody can compare the two.</summary>
    /// <param name="contentHash">64 hexadecimal digits.</param>
    public static string PdfId(string contentHash) =>
        contentHash.Length == 64 && contentHash.All(char.IsAsciiHexDigit) ? contentHash.ToLowerInvariant()
            : throw new ArgumentException("A content hash is 64 hexadecimal digits.", nameof(contentHash));

    private static byte[] WithNote(ReadOnlySpan<byte> pdf, PdfDictionary page, int field)
    {
        var body = pdf[page.Body];
        var note = Encoding.ASCII.GetBytes($"{field} 0 R]");
        if (!page.Values.TryGetValue("Annots", out var notes)) return [.. body[..^2], .. "/Annots["u8, .. note, .. ">>"u8];
        var end = notes.End.Value - page.Body.Start.Value - 1;
        return [.. body[..end], (byte)' ', .. note, .. body[(end + 1)..]];
    }

    private static byte[] Without(ReadOnlySpan<byte> pdf, PdfDictionary dictionary, params string[] keys)
    {
        var kept = new Writer(dictionary.Body.End.Value - dictionary.Body.Start.Value).Put("<<");
        foreach (var (key, value) in dictionary.Values)
            if (!keys.Contains(key)) kept.Put($"/{key} ").Put(pdf[value]);
        return kept.Put(">>").ToArray();
    }

    // Printable ASCII as it is, everything else as UTF-16 in hexadecimal (ISO 32000-2, 7.9.2.2).
    private static string Text(string text) => text.All(c => c is >= ' ' and <= '~')
        ? $"({text.Replace("\\", "\\\\", StringComparison.Ordinal).Replace("(", "\\(", StringComparison.Ordinal).Replace(")", "\\)", StringComparison.Ordinal)})"
        : $"<FEFF{Convert.ToHexString(Encoding.BigEndianUnicode.GetBytes(text))}>";

    private sealed class Writer(int room)
    {
        private readonly List<byte> _bytes = new(room);

        public int Length => _bytes.Count;

        public Writer Put(ReadOnlySpan<byte> bytes)
        {
            _bytes.AddRange(bytes);
            return this;
        }

        public Writer Put(string text) => Put(Encoding.Latin1.GetBytes(text));

        public Writer Put(int number) => Put(number.ToString(CultureInfo.InvariantCulture));

        public byte[] ToArray() => [.. _bytes];
    }
}
