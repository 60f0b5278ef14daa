namespace StudioVault.Domain.Documents;

/// <summary>What reading a file once tells, whoever made it.</summary>
/// <param name="Sha256">Of all bytes, lower-case hexadecimal.</param>
/// <param name="Length">In bytes.</param>
/// <param name="Beginnings">The beginnings that end as a PDF ends, shortest first: each could be a file that something was appended to.</param>
/// <param name="PdfIds">File identifiers in it, lower-case hexadecimal, each once.</param>
/// <param name="Seal">What its embedded signatures say.</param>
public sealed record FileFacts(string Sha256, long Length, IReadOnlyList<FileBeginning> Beginnings, IReadOnlyList<string> PdfIds, SealCheck Seal)
{
    /// <summary>A file has at most this many beginnings and identifiers that are looked at; ours have two and one.</summary>
    public const int MostAsked = 32;
}

/// <summary>The first bytes of a file.</summary>
/// <param name="Length">How many.</param>
/// <param name="Sha256">Their hash, lower-case hexadecimal.</param>
public sealed record FileBeginning(long Length, string Sha256);
