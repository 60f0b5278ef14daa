using System.Text;
using StudioVault.Domain.Documents;

namespace StudioVault.Infrastructure.Documents.Sealing;

/// <summary>
/// Says what a file is to us (row 2.5). It reads the file once, of a sealed one the covered part again, and of one with
/// additions these again; it holds a small part at a time, whatever the size.
/// </summary>
public static class DocumentVerifier
{
    private static readonly (string Word, Addition Addition)[] Marks =
    [
        ("startxref", Addition.Update), ("/Annot", Addition.Annotation), ("/AcroForm", Addition.Annotation), ("/ByteRange", Addition.Signature), ("/Page", Addition.Page),
        ("/JavaScript", Addition.Script), ("/JS", Addition.Script), ("/EmbeddedFile", Addition.Attachment), ("/ObjStm", Addition.Compressed),
    ];

    /// <summary>Judges a file.</summary>
    /// <param name="file">Seekable; read from its beginning, whatever is in it. Fails only as the stream itself does.</param>
    /// <param name="trusted">Every certificate the group ever sealed with.</param>
    /// <param name="find">What is known of files; asked once.</param>
    public static async Task<DocumentVerdict> JudgeAsync(Stream file, IReadOnlyList<TrustedSeal> trusted, FindFingerprints find, CancellationToken ct)
    {
        var scan = await PdfScan.ReadAsync(file, trusted, ct);
        var seal = await PdfSealVerifier.CheckAsync(file, scan, trusted, ct);
        var facts = new FileFacts(scan.Sha256, scan.Length, scan.Beginnings, scan.PdfIds, seal);
        var known = await find([scan.Sha256, .. scan.Beginnings.Select(b => b.Sha256).Where(h => h != scan.Sha256)], scan.PdfIds, ct);
        var verdict = DocumentVerdict.Of(facts, known);
        return verdict.Verdict == Verdict.Appended ? verdict.With(await AdditionsAsync(file, verdict.Known!.Length, ct)) : verdict;
    }

    private static async Task<IReadOnlyList<Addition>> AdditionsAsync(Stream file, long from, CancellationToken ct)
    {
        var seen = new SortedSet<Addition>();
        file.Position = from;
        await StreamSearch.RunAsync(file, [.. Marks.Select(m => Encoding.ASCII.GetBytes(m.Word))], (word, _, bytes) =>
        {
            // /Pages is the list of the pages, /Annots that of the notes of one: both are written anew with every note.
            var mark = Marks[word];
            if (bytes.Length > mark.Word.Length && char.IsAsciiLetterOrDigit((char)bytes[mark.Word.Length]) && mark.Addition is Addition.Page or Addition.Script) return true;
            seen.Add(mark.Addition);
            return false;
        }, _ => { }, ct);
        return seen.Count == 0 ? [Addition.Other] : [.. seen];
    }
}
