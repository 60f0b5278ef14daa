using System.Globalization;
using StudioVault.Domain.Documents;
using StudioVault.Web.Ui;

namespace StudioVault.Web.Proof;

/// <summary>How verdicts and files are called on the pages for everybody. Never "valid": that would say more than we know.</summary>
public static class VerifyWords
{
    public static string Title(Verdict verdict) => verdict switch
    {
        Verdict.Original => "The original, byte for byte",
        Verdict.Appended => "The original, with something added",
        Verdict.Tampered => "Not the original",
        _ => "Not known here",
    };

    /// <summary>What it means for whoever holds the file.</summary>
    public static string Meaning(Verdict verdict) => verdict switch
    {
        Verdict.Original => "Nothing in this file was changed since it was sealed.",
        Verdict.Appended => "What was sealed is all there, but the file goes on behind it. What a program shows may be the addition: rely on the original alone.",
        Verdict.Tampered => "It names a document of ours, and its bytes are others. That happens when somebody changes it, and also when a program saves a copy in its own way: both look the same from here.",
        _ => "That does not make it false. It may be a scan, a print or a copy made by another program, or come from somewhere else.",
    };

    public static Tone Tone(Verdict verdict) => verdict switch
    {
        Verdict.Original => Ui.Tone.Added,
        Verdict.Appended => Ui.Tone.Conflict,
        Verdict.Tampered => Ui.Tone.Removed,
        _ => Ui.Tone.Neutral,
    };

    public static string Icon(Verdict verdict) => verdict switch
    {
        Verdict.Original => "verified",
        Verdict.Appended => "add_circle",
        Verdict.Tampered => "cancel",
        _ => "help",
    };

    /// <summary>"Agreement PRT-2026-0042, version 1".</summary>
    public static string Name(DocumentFingerprint file)
    {
        var kind = file.Kind switch
        {
            "agreement" => "Agreement",
            "amendment" => "Amendment to agreement",
            "certificate" => "Certificate of completion of agreement",
            "withdrawal" => "Receipt of a withdrawal from agreement",
            "release" => "Image release beside agreement",
            var other => char.ToUpperInvariant(other[0]) + other[1..],
        };
        var number = file.Number is null ? "" : $" {file.Number}";
        return file.Version is { } version ? string.Create(CultureInfo.InvariantCulture, $"{kind}{number}, version {version}") : kind + number;
    }

    /// <summary>"12 May 2026, 13:02:11 UTC": who asks may be anywhere.</summary>
    public static string Moment(DateTimeOffset at) => at.UtcDateTime.ToString("d MMMM yyyy, HH:mm:ss 'UTC'", CultureInfo.InvariantCulture);

    /// <summary>"184,213 bytes".</summary>
    public static string Bytes(long count) => count == 1 ? "1 byte" : count.ToString("#,0", CultureInfo.InvariantCulture) + " bytes";

    /// <summary>What the content hash of a file of this kind is of.</summary>
    public static string ContentHash(DocumentFingerprint file) => file.Kind switch
    {
        "certificate" => "SHA-256 of the document it is about",
        "withdrawal" => "SHA-256 of what was declared, as printed on every page",
        _ => "SHA-256 of its content, as printed on every page",
    };
}
