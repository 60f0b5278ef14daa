using System.Text.Json;
using System.Text.Json.Serialization;

namespace StudioVault.Infrastructure.Agreements.Evidence;

/// <summary>What an evidence pack says of itself: <c>manifest.json</c>. Nothing in it is believed; everything is compared.</summary>
/// <param name="Agreement">Number of the agreement.</param>
/// <param name="Files">Every file but the manifest itself and the list of sums, which covers the manifest too.</param>
public sealed record EvidenceManifest(string Format, int Version, string Agreement, IReadOnlyList<EvidencePaper> Papers, EvidenceLog Audit, IReadOnlyList<EvidenceSeal> Seals, IReadOnlyList<EvidenceFile> Files)
{
    public const string FormatName = "studiovault-evidence";
    public const int FormatVersion = 1;
    public const string Path = "manifest.json";
    public const string Sums = "SHA256SUMS";
    public const string Readme = "README.txt";
    public const string Verifier = "verifier.html";

    private static readonly JsonSerializerOptions Options = new(JsonSerializerDefaults.Web)
    {
        WriteIndented = true,
        NewLine = "\n",
        RespectRequiredConstructorParameters = true,
        RespectNullableAnnotations = true,
        AllowDuplicateProperties = false,
        UnmappedMemberHandling = JsonUnmappedMemberHandling.Disallow,
        MaxDepth = 16,
    };

    // A null in a list is the one thing the serializer lets through.
    private bool HasHoles() => Papers.Any(p => p is null || p.Signatures.Any(s => s is null)) || Audit.Entries.Any(e => e is null) || Seals.Any(s => s is null) || Files.Any(f => f is null);

    public byte[] ToJson() => [.. JsonSerializer.SerializeToUtf8Bytes(this, Options), (byte)'\n'];

    /// <summary>Null when it is no manifest.</summary>
    public static EvidenceManifest? Read(byte[] json)
    {
        try
        {
            return JsonSerializer.Deserialize<EvidenceManifest>(json, Options) is { Format: FormatName, Version: FormatVersion } manifest && !manifest.HasHoles() ? manifest : null;
        }
        catch (JsonException)
        {
            return null;
        }
    }
}

/// <summary>A file of the pack.</summary>
/// <param name="Path">In the pack, with <c>/</c>.</param>
public sealed record EvidenceFile(string Path, long Length, string Sha256);

/// <summary>One executed paper.</summary>
/// <param name="Kind">What kind of amendment; null for version 1.</param>
/// <param name="BaseHash">Content hash of the paper it is written on; null for version 1.</param>
/// <param name="Content">Path of its canonical JSON, whose SHA-256 is <paramref name="ContentHash"/>.</param>
/// <param name="Shown">What the signatories were shown, not sealed.</param>
/// <param name="Document">The sealed paper.</param>
/// <param name="Certificate">The sealed certificate of completion.</param>
/// <param name="SealKey">Fingerprint of the certificate both are sealed with.</param>
public sealed record EvidencePaper(int Version, string? Kind, string ContentHash, string? BaseHash, DateOnly EffectiveOn, DateTimeOffset SealedAt, string SealKey, string Content, string Shown, EvidenceDocument Document,
    EvidenceDocument Certificate, IReadOnlyList<EvidenceSignature> Signatures);

/// <summary>A sealed PDF.</summary>
/// <param name="Signature">Path of its embedded signature as a file of its own (CMS, DER), for openssl.</param>
public sealed record EvidenceDocument(string Path, string Signature);

/// <summary>A signature on a paper.</summary>
/// <param name="Evidence">Path of what was recorded, canonical JSON; null when the person was erased since: the hash remains.</param>
public sealed record EvidenceSignature(string Party, string Disclosure, string ShownSha256, DateTimeOffset SignedAt, string EvidenceSha256, string? Evidence);

/// <summary>What the audit log says of it.</summary>
/// <param name="Checkpoint">Path of the signed tree head.</param>
/// <param name="Key">Path of the public key that signed it, PEM.</param>
public sealed record EvidenceLog(string Checkpoint, string Key, long Size, IReadOnlyList<EvidenceEntry> Entries);

/// <summary>An entry of the audit log.</summary>
/// <param name="Body">Path of the bytes whose hash is the leaf.</param>
/// <param name="Payload">Path of what changed; its SHA-256 stands in the body.</param>
/// <param name="Proof">Path of the inclusion proof: a line a step, <c>left</c> or <c>right</c> and the hash that stands there.</param>
public sealed record EvidenceEntry(long Index, string Action, string Body, string Payload, string Proof);

/// <summary>A certificate of the group.</summary>
public sealed record EvidenceSeal(string Fingerprint, string Path);
