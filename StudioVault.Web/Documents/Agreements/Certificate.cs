namespace StudioVault.Web.Documents.Agreements;

/// <summary>What the certificate of completion proves about a paper.</summary>
/// <param name="PaperName">"Agreement PRT-2026-0042, version 1".</param>
/// <param name="Title">What the paper is about.</param>
/// <param name="TimeZone">The studio's, IANA.</param>
/// <param name="SealedAt">By the clock of the database.</param>
/// <param name="SealKey">SHA-256 of the certificate of the key the documents are sealed with.</param>
/// <param name="DisclosureVersion">Of the statement on electronic consent; its words in <paramref name="Disclosure"/>.</param>
/// <param name="Disclosure">Markdown.</param>
public sealed record Certificate(PaperMark Mark, string PaperName, string Title, string TimeZone, DateTimeOffset SealedAt, string SealKey, string DisclosureVersion, string Disclosure,
    IReadOnlyList<CertifiedDocument> Documents, IReadOnlyList<SignatoryEvidence> Signatories);

/// <summary>A file of the paper.</summary>
/// <param name="Length">In bytes.</param>
public sealed record CertifiedDocument(string Name, long Length, string Sha256);

/// <summary>How one signature came about.</summary>
/// <param name="Role">"Client", "Guardian, signs for Tomás Reis".</param>
/// <param name="Address">Where link and code went, masked: m•••@sousa.example.</param>
/// <param name="ConsentSentence">What the signatory agreed to by pressing the button, word for word.</param>
/// <param name="ShownSha256">Of the file that was shown.</param>
/// <param name="Locale">Of the page.</param>
/// <param name="Device">Coarse: "Phone, Safari".</param>
/// <param name="EvidenceSha256">Of the evidence record kept for it.</param>
public sealed record SignatoryEvidence(string Name, string TypedName, string Role, string Address, DateTimeOffset? ViewedAt, DateTimeOffset? CodeSentAt, DateTimeOffset SignedAt,
    string ConsentSentence, string ShownSha256, string Locale, string Device, string EvidenceSha256);
