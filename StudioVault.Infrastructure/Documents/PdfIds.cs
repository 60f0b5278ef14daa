using System.Buffers.Text;
using System.Globalization;
using System.Text;

namespace StudioVault.Infrastructure.Documents;

/// <summary>
/// Chromium names the cells of tables in a tagged PDF by numbers that count whatever its process made for accessibility before,
/// so that the same document sometimes starts one higher. Counted within the document, the same document is the same bytes.
/// </summary>
public static class PdfIds
{
    private const int Digits = 8;

    private static ReadOnlySpan<byte> Opening => "(node"u8;

    /// <summary>Numbers the names from 1 on in their own order, which the tree of names is sorted by, without moving any byte.</summary>
    /// <param name="pdf">As Chromium printed it; changed in place. A parenthesis in somebody's text is escaped there and meets nothing.</param>
    public static void Renumber(Span<byte> pdf)
    {
        List<(int At, int Number)> found = [];
        for (var from = 0; pdf[from..].IndexOf(Opening) is >= 0 and var skip;)
        {
            from += skip + Opening.Length;
            if (pdf.Length > from + Digits && pdf[from + Digits] == ')' && Utf8Parser.TryParse(pdf.Slice(from, Digits), out int number, out var read, 'D') && read == Digits)
                found.Add((from, number));
        }

        var ranks = found.Select(f => f.Number).Distinct().Order().Select((number, i) => (number, i)).ToDictionary(x => x.number, x => x.i + 1);
        foreach (var (at, number) in found)
            Encoding.ASCII.GetBytes(ranks[number].ToString("D8", CultureInfo.InvariantCulture), pdf.Slice(at, Digits));
    }
}
