namespace StudioVault.Domain.Documents;

/// <summary>What can be wrong with the seal of a PDF.</summary>
public enum SealFault
{
    /// <summary>There is no signature in the file.</summary>
    Missing,

    /// <summary>What the signature says it covers is not the file with the one gap for the signature itself.</summary>
    RangeMalformed,

    /// <summary>Bytes follow that the signature does not cover.</summary>
    BytesAfter,

    /// <summary>The gap holds something else than a signature in the one form we write.</summary>
    ContentsMalformed,

    /// <summary>The certificate is none of the group's, whatever name it carries.</summary>
    ForeignCertificate,

    /// <summary>The covered bytes are not those that were signed.</summary>
    BytesChanged,

    /// <summary>The signature is not by the key of its certificate.</summary>
    SignatureWrong,

    /// <summary>The time of signing lies outside the life of the certificate.</summary>
    OutsideValidity,

    /// <summary>The time of signing lies after the key was retired.</summary>
    AfterRetirement,
}

/// <summary>One thing that is wrong, as a sentence for people.</summary>
public sealed record SealFinding(SealFault Fault, string Reason);

/// <summary>What the embedded signatures of a file say. No finding means: sealed by the group, and no byte has changed since.</summary>
/// <param name="Findings">What is wrong with the seal; empty when it is intact.</param>
/// <param name="Signatures">How many signatures the file holds, ours and others'.</param>
/// <param name="CertificateSha256">Of the group's certificate that stands in the file, also in a broken seal; null when none does.</param>
/// <param name="SignedAt">The time a readable seal with a certificate of the group gives, else null. Proven only by an intact seal.</param>
public sealed record SealCheck(IReadOnlyList<SealFinding> Findings, int Signatures, string? CertificateSha256, DateTimeOffset? SignedAt)
{
    public bool IsIntact => Findings.Count == 0;

    /// <summary>True when the file holds a certificate of the group, the seal being intact or not.</summary>
    public bool NamesUs => CertificateSha256 is not null;
}
