namespace StudioVault.Web.Documents.Agreements;

/// <summary>What somebody in the pictures allows; a document of its own that can be taken back (features row 2.16).</summary>
/// <param name="Mark">Its name, for example "Image release PRT-2026-0042-R1", and the hash of its content.</param>
/// <param name="Person">Who is in the pictures.</param>
/// <param name="Guardian">Who decides for a minor; null for adults.</param>
/// <param name="Occasion">Which pictures.</param>
/// <param name="Terms">Markdown; empty when the purposes say all.</param>
/// <param name="WithdrawAddress">Link under which it is taken back.</param>
/// <param name="Signature">Null while it is not given.</param>
public sealed record ImageRelease(PaperMark Mark, string TimeZone, string Person, string? Guardian, string Occasion, IReadOnlyList<ReleasePurpose> Purposes, string Terms, string WithdrawAddress,
    PaperSignature? Signature);

/// <summary>A purpose, allowed or not: each is a decision of its own.</summary>
/// <param name="Title">"Portfolio on the studio's website".</param>
/// <param name="Until">Last day, null = until taken back.</param>
public sealed record ReleasePurpose(string Title, bool Allowed, DateOnly? Until);
