using StudioVault.Domain.Agreements;
using StudioVault.Domain.Kernel;

namespace StudioVault.Infrastructure.Agreements;

/// <summary>Makes the documents of papers, not sealed. The pages are drawn by the web project, hence the seam.</summary>
public interface IPaperPrinter
{
    /// <summary>A paper as a PDF.</summary>
    /// <param name="signatures">Empty before everybody has signed.</param>
    /// <param name="at">The document's own time.</param>
    /// <returns>The file, or <c>refuse.document.printer_unavailable</c>, <c>refuse.document.printer_busy</c>.</returns>
    Task<Result<byte[]>> PaperAsync(PaperText paper, IReadOnlyList<SignatureFact> signatures, DateTimeOffset at, CancellationToken ct);

    /// <summary>The certificate of completion of a sealed paper.</summary>
    /// <returns>As <see cref="PaperAsync"/>.</returns>
    Task<Result<byte[]>> CertificateAsync(CertificateFacts facts, CancellationToken ct);

    /// <summary>The receipt of a withdrawal.</summary>
    /// <returns>As <see cref="PaperAsync"/>.</returns>
    Task<Result<byte[]>> WithdrawalAsync(WithdrawalFacts facts, CancellationToken ct);

    /// <summary>An image release as it was decided.</summary>
    /// <returns>As <see cref="PaperAsync"/>.</returns>
    Task<Result<byte[]>> ReleaseAsync(ReleaseFacts facts, CancellationToken ct);
}

/// <summary>A signature as documents show it.</summary>
/// <param name="Email">Where the code went.</param>
/// <param name="Sentence">The consent that was agreed to.</param>
/// <param name="Network">Masked.</param>
public sealed record SignatureFact(AgreementParty Party, string TypedName, string Email, string Sentence, string Disclosure, string Locale, string Device, string Network,
    string ShownSha256, string EvidenceSha256, DateTimeOffset? ViewedAt, DateTimeOffset? CodeSentAt, DateTimeOffset SignedAt);

/// <summary>What a certificate of completion says.</summary>
/// <param name="DocumentSha256">Of the sealed paper.</param>
/// <param name="SealKey">Fingerprint of the certificate it is sealed with.</param>
public sealed record CertificateFacts(PaperText Paper, string DocumentSha256, long DocumentLength, string SealKey, IReadOnlyList<SignatureFact> Signatures, DateTimeOffset At);
