using StudioVault.Domain.Documents;
using StudioVault.Domain.Kernel;

namespace StudioVault.Web.Proof;

/// <summary>What a browser read in a file (js/verify.js): hashes and identifiers, nothing of what it says.</summary>
/// <param name="Marks">By word of an addition: where it stands last.</param>
/// <param name="Seals">Fingerprints of the group's certificates that stand in the file.</param>
public sealed record VerifyFacts(string? Sha256, long Length, IReadOnlyList<FileBeginning>? Beginnings, IReadOnlyList<string>? PdfIds, IReadOnlyDictionary<string, long>? Marks, IReadOnlyList<string>? Seals)
{
    /// <summary>Only the file itself tells of its seal; nothing for people to read.</summary>
    public static readonly SealFinding NotLooked = new(SealFault.Missing, "The seal was not looked at.");

    private const int LongestId = 256;

    /// <summary>As the verdict wants them. A certificate without more is no broken seal yet: whether it is whole, only the file tells.</summary>
    /// <returns><c>refuse.document.facts_malformed</c>.</returns>
    public Result<FileFacts> ToFacts()
    {
        if (Length < 0) return Malformed("a length below zero");
        if (Sha256 is null || !IsHash(Sha256)) return Malformed("no SHA-256 of the file");
        if (Beginnings is not null && (Beginnings.Count > FileFacts.MostAsked || Beginnings.Any(b => b is null || b.Length < 0 || b.Length > Length || !IsHash(b.Sha256)))) return Malformed("a beginning that cannot be");
        if (PdfIds is not null && (PdfIds.Count > FileFacts.MostAsked || PdfIds.Any(i => i is null || i.Length is 0 or > LongestId * 2 || !i.All(char.IsAsciiHexDigitLower)))) return Malformed("an identifier that cannot be");
        if (Seals is not null && Seals.Count > FileFacts.MostAsked) return Malformed("too many seals");
        return new FileFacts(Sha256, Length, Beginnings ?? [], PdfIds ?? [], new SealCheck([NotLooked], 0, null, null));
    }

    /// <summary>64 lower-case hexadecimal digits.</summary>
    public static bool IsHash(string? text) => text is { Length: 64 } && text.All(char.IsAsciiHexDigitLower);

    private static Refusal Malformed(string what) => DocumentRefusals.FactsMalformed.With(what);
}
