using System.Text;
using StudioVault.Domain.Documents;

namespace StudioVault.Infrastructure.Documents.Sealing;

/// <summary>
/// Says what a file is to us (row 2.5). It reads the file once, of a sealed one the covered part again, and of one with
/// additions these again; it holds a small part at a time, whatever the size.
/// </summary>
public static class DocumentVerifier
{
    /// <summary>Words by which an addition is told. One that must stand alone is followed by neither letter nor digit.</summary>
    public static IReadOnlyList<AdditionMark> Marks { get; } =
    [
        // /Pages is the list of the pages, /Annots that of the notes of one: both are written anew with every note.
        new("startxref", Addition.Update, false), new("/Annot", Addition.Annotation, false), new("/AcroForm", Addition.Annotation, false), new("/ByteRange", Addition.Signature, false),
        new("/Page", Addition.Page, true), new("/JavaScript", Addition.Script, true), new("/JS", Addition.Script, true), new("/EmbeddedFile", Addition.Attachment, false),
        new("/ObjStm", Addition.Compressed, false),
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

    /// <summary>How the group's certificate begins where it stands in a file, in capitals; the serial number in it is random.</summary>
    public static string StartOf(TrustedSeal seal) => Convert.ToHexString(seal.Certificate.Span[..PdfScan.CertificateStart]);

    /// <summary>What was added behind an original, by where each mark stands last in the file.</summary>
    public static IReadOnlyList<Addition> Additions(IReadOnlyDictionary<string, long> lastPlaces, long from)
    {
        var seen = new SortedSet<Addition>(Marks.Where(m => lastPlaces.TryGetValue(m.Word, out var last) && last >= from).Select(m => m.Addition));
        return seen.Count == 0 ? [Addition.Other] : [.. seen];
    }

    private static async Task<IReadOnlyList<Addition>> AdditionsAsync(Stream file, long from, CancellationToken ct)
    {
        var seen = new SortedSet<Addition>();
        file.Position = from;
        await StreamSearch.RunAsync(file, [.. Marks.Select(m => Encoding.ASCII.GetBytes(m.Word))], (word, _, bytes) =>
        {
            var mark = Marks[word];
            if (mark.Whole && bytes.Length > mark.Word.Length && char.IsAsciiLetterOrDigit((char)bytes[mark.Word.Length])) return true;
            seen.Add(mark.Addition);
            return false;
        }, _ => { }, ct);
        return seen.Count == 0 ? [Addition.Other] : [.. seen];
    }
}

/// <summary>A word that tells what an addition is.</summary>
public sealed record AdditionMark(string Word, Addition Addition, bool Whole);
