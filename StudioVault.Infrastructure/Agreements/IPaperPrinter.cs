using StudioVault.Domain.Agreements;
using StudioVault.Domain.Kernel;

namespace StudioVault.Infrastructure.Agreements;

/// <summary>Makes the documents of papers. The pages are drawn by the web project, hence the seam.</summary>
public interface IPaperPrinter
{
    /// <summary>An agreement as a PDF, not sealed.</summary>
    /// <param name="signatures">Null before everybody has signed.</param>
    /// <returns>The file, <c>refuse.document.printer_unavailable</c>, <c>refuse.document.printer_busy</c>.</returns>
    Task<Result<byte[]>> AgreementAsync(AgreementContent content, IReadOnlyList<SignatureFact>? signatures, DateTimeOffset at, CancellationToken ct);

    /// <summary>The certificate of completion of a document.</summary>
    Task<Result<byte[]>> CertificateAsync(CertificateFacts facts, CancellationToken ct);
}

/// <summary>A signature as documents show it.</summary>
public sealed record SignatureFact(string PartyId, string Name, string TypedName, string Email, string Sentence, string Disclosure, string ShownSha256, string EvidenceSha256, DateTimeOffset CodeSentAt, DateTimeOffset SignedAt, string Device, string Locale);

/// <summary>What a certificate of completion says.</summary>
public sealed record CertificateFacts(string Number, int Version, string Title, string TimeZone, string Country, string ContentHash, string DocumentSha256, long DocumentLength, IReadOnlyList<SignatureFact> Signatures, DateTimeOffset At);
