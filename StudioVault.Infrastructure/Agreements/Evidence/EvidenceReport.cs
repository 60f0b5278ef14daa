namespace StudioVault.Infrastructure.Agreements.Evidence;

/// <summary>One thing that is wrong with a pack.</summary>
/// <param name="Code">Stable, in small letters, for programs.</param>
/// <param name="Path">The file concerned, or null.</param>
/// <param name="Reason">A sentence for people.</param>
public sealed record EvidenceFinding(string Code, string? Path, string Reason);

/// <summary>What checking a pack found.</summary>
/// <param name="Agreement">Number of the agreement, as far as it could be read.</param>
/// <param name="Papers">How many papers it proves.</param>
/// <param name="KeyFingerprint">SHA-256 of the public key that signed the checkpoint (SubjectPublicKeyInfo), null when none could be read.</param>
/// <param name="IsKeyKnown">True when whoever asked brought a key of their own and it is the one. Else the pack vouches for itself.</param>
public sealed record EvidenceReport(string? Agreement, int Papers, int Signatures, int Entries, long LogSize, string? KeyFingerprint, bool IsKeyKnown, IReadOnlyList<EvidenceFinding> Findings)
{
    public bool IsGood => Findings.Count == 0;
}
