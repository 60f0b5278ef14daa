using System.Globalization;
using System.Text;

namespace StudioVault.Infrastructure.Documents;

/// <summary>
/// Chromium writes the time of printing into a PDF, twice and nowhere else. With the document's own time there instead, the
/// same document is the same bytes (for one version of Chromium and its fonts).
/// </summary>
public static class PdfDates
{
    private static readonly string[] Keys = ["/CreationDate (D:", "/ModDate (D:"];

    /// <summary>Writes a time over both dates of the file, without moving any byte.</summary>
    /// <param name="pdf">As Chromium printed it; changed in place.</param>
    /// <param name="at">The document's own time, to the second.</param>
    /// <exception cref="InvalidOperationException">The file does not hold each date once: another Chromium than we know.</exception>
    public static void Set(Span<byte> pdf, DateTimeOffset at)
    {
        // /CreationDate (D:20261121091424+00'00')
        Span<byte> date = stackalloc byte["yyyyMMddHHmmss+00'00'".Length];
        Encoding.ASCII.GetBytes(at.UtcDateTime.ToString("yyyyMMddHHmmss", CultureInfo.InvariantCulture) + "+00'00'", date);
        foreach (var key in Keys)
        {
            var name = Encoding.ASCII.GetBytes(key);
            var start = pdf.IndexOf(name) + name.Length;
            if (start < name.Length || pdf[start..].IndexOf(name) >= 0 || pdf.Length < start + date.Length || pdf[start + date.Length] != ')')
                throw new InvalidOperationException($"The printed file does not hold {key}…) exactly once in the known form.");
            date.CopyTo(pdf[start..]);
        }
    }
}
