using System.Globalization;

namespace StudioVault.Domain.Documents;

/// <summary>What a file is to us (row 2.5 of the features).</summary>
public enum Verdict
{
    /// <summary>Byte for byte a file we made.</summary>
    Original,

    /// <summary>A file we made, every byte of it, and more after it.</summary>
    Appended,

    /// <summary>Its identifier or its seal is ours, its bytes are not: changed, or rewritten by a program that opened it.</summary>
    Tampered,

    /// <summary>Nothing in it that we know.</summary>
    Unknown,
}

/// <summary>What was written behind a file of ours.</summary>
public enum Addition
{
    /// <summary>Changes in the way of PDF: programs show them in place of what was there.</summary>
    Update,

    /// <summary>A note, mark, drawing or form field.</summary>
    Annotation,

    /// <summary>Another signature.</summary>
    Signature,

    /// <summary>Another content of a page, or other pages.</summary>
    Page,

    /// <summary>A script.</summary>
    Script,

    /// <summary>An attached file.</summary>
    Attachment,

    /// <summary>Objects in compressed form, in which anything can be.</summary>
    Compressed,

    /// <summary>Bytes that are no PDF.</summary>
    Other,
}

/// <summary>The answer to "did you make this file?". Never says "valid" of bytes that are not exactly ours.</summary>
/// <param name="Verdict">The answer.</param>
/// <param name="Known">The file of ours it is, begins with or claims to be; null when there is none.</param>
/// <param name="AppendedBytes">How many bytes follow the original, 0 for every other verdict.</param>
/// <param name="Additions">What those bytes are, as far as it shows; empty for every other verdict.</param>
/// <param name="Reasons">The why, sentences for people; never empty.</param>
/// <param name="Seal">What the embedded signatures say of the file as it is.</param>
public sealed record DocumentVerdict(
    Verdict Verdict, DocumentFingerprint? Known, long AppendedBytes, IReadOnlyList<Addition> Additions, IReadOnlyList<string> Reasons, SealCheck Seal)
{
    /// <summary>Judges a file by what reading it told and what is known of files like it.</summary>
    /// <param name="facts">Of the file.</param>
    /// <param name="known">Every fingerprint with one of its hashes or identifiers.</param>
    public static DocumentVerdict Of(FileFacts facts, IReadOnlyList<DocumentFingerprint> known)
    {
        if (known.FirstOrDefault(k => k.Length == facts.Length && k.Sha256 == facts.Sha256) is { } same)
            return new(Verdict.Original, same, 0, [], [$"Byte for byte the {Name(same)}."], facts.Seal);

        // The longest: of a file that was added to twice, and the first result is ours too, that is the one to compare with.
        foreach (var beginning in facts.Beginnings.OrderByDescending(b => b.Length))
        {
            if (beginning.Length >= facts.Length || known.FirstOrDefault(k => k.Length == beginning.Length && k.Sha256 == beginning.Sha256) is not { } original) continue;
            var more = facts.Length - beginning.Length;
            return new(Verdict.Appended, original, more, [],
                [$"The first {Bytes(beginning.Length)} are, byte for byte, the {Name(original)}.", more == 1 ? "1 byte was added after it was made, and is not part of it." : $"{Bytes(more)} were added after it was made, and are not part of it."], facts.Seal);
        }

        if (known.Where(k => k.PdfId is { } id && facts.PdfIds.Contains(id, StringComparer.Ordinal)).OrderByDescending(k => k.SealedAt).FirstOrDefault() is { } claimed)
            return new(Verdict.Tampered, claimed, 0, [],
                [$"The file carries the identifier of the {Name(claimed)}, but its bytes are others: {Compared(facts.Length, claimed.Length)}", .. Sealing(facts.Seal),
                    "It was changed, or saved anew by a program that opened it. Only the original proves anything."], facts.Seal);

        if (facts.Seal is { NamesUs: true, IsIntact: false })
            return new(Verdict.Tampered, null, 0, [], ["The file carries the group's seal, but its bytes are not those that were sealed.", .. Sealing(facts.Seal)], facts.Seal);

        return new(Verdict.Unknown, null, 0, [],
            facts.Seal.IsIntact
                ? ["The group's seal on this file is intact, but no file with these bytes is registered here. Ask where the file was registered."]
                : ["No file with these bytes, this beginning or this identifier was made here."], facts.Seal);
    }

    /// <summary>The same verdict, saying what the added bytes are.</summary>
    public DocumentVerdict With(IReadOnlyList<Addition> additions) =>
        this with { Additions = additions, Reasons = [.. Reasons, .. additions.Select(Words)] };

    private static IEnumerable<string> Sealing(SealCheck seal) =>
        seal.IsIntact ? ["Its seal is intact all the same: it is another file the group sealed."] : seal.Findings.Select(f => f.Reason);

    private static string Compared(long length, long original) => length == original
        ? $"as many as in the original ({Bytes(original)}), but not the same."
        : $"{Bytes(length)} in place of {Bytes(original)}.";

    // "agreement 2026-0042, version 1, sealed on 12 May 2026", "certificate of agreement 2026-0042 …", "consent record sealed on …"
    private static string Name(DocumentFingerprint file)
    {
        var what = file.Number is null ? file.Kind : file.Kind == "agreement" ? $"agreement {file.Number}" : $"{file.Kind} of agreement {file.Number}";
        var version = file.Version is { } v ? $", version {v.ToString(CultureInfo.InvariantCulture)}," : "";
        return $"{what}{version} sealed on {Day(file.SealedAt)}";
    }

    private static string Day(DateTimeOffset at) => at.UtcDateTime.ToString("d MMMM yyyy", CultureInfo.InvariantCulture);

    private static string Bytes(long count) => count.ToString("#,0", CultureInfo.InvariantCulture) + " bytes";

    private static string Words(Addition addition) => addition switch
    {
        Addition.Update => "The addition is an update in the way of PDF: a program may show it in place of what was agreed.",
        Addition.Annotation => "It holds notes, marks or form fields.",
        Addition.Signature => "It holds another signature, which is not ours.",
        Addition.Page => "It holds other content of a page.",
        Addition.Script => "It holds a script.",
        Addition.Attachment => "It holds an attached file.",
        Addition.Compressed => "Part of it is compressed, so that anything can be in it.",
        _ => "The addition is no PDF: programs leave it out.",
    };
}
