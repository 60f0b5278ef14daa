namespace StudioVault.Domain.Documents;

/// <summary>What is known of one file we made: enough to recognise it, nothing personal.</summary>
/// <param name="Sha256">Of the whole file, 64 lower-case hexadecimal digits.</param>
/// <param name="Length">In bytes.</param>
/// <param name="Kind">What it is, for example <c>agreement</c> or <c>certificate</c>.</param>
/// <param name="PdfId">The file identifier a PDF of ours carries (lower-case hexadecimal), null for other files.</param>
/// <param name="Number">Number of the agreement, null when it belongs to none.</param>
/// <param name="Version">Version of the paper in its agreement, null when it belongs to none.</param>
/// <param name="ContentHash">SHA-256 of the canonical content it was printed from, null when there is none.</param>
/// <param name="SealedAt">When it was sealed or stored.</param>
public sealed record DocumentFingerprint(
    string Sha256, long Length, string Kind, string? PdfId, string? Number, int? Version, string? ContentHash, DateTimeOffset SealedAt);

/// <summary>
/// Finds what is known about a file: every fingerprint with one of the hashes or one of the file identifiers, in any order.
/// Asked once for a file, with at most <see cref="FileFacts.MostAsked"/> of each.
/// </summary>
/// <param name="sha256">Hashes of the file and of those beginnings of it that could be a file of their own.</param>
/// <param name="pdfIds">File identifiers found in it.</param>
public delegate Task<IReadOnlyList<DocumentFingerprint>> FindFingerprints(
    IReadOnlyCollection<string> sha256, IReadOnlyCollection<string> pdfIds, CancellationToken ct);
