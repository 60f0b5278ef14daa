using System.Security.Cryptography;
using StudioVault.Domain.Kernel;

namespace StudioVault.Domain.Agreements;

/// <summary>What a stored document is.</summary>
public enum FileKind
{
    /// <summary>What signatories were shown: not sealed.</summary>
    Shown,

    /// <summary>The sealed agreement or amendment.</summary>
    Paper,

    /// <summary>The sealed certificate of completion.</summary>
    Certificate,

    /// <summary>The sealed receipt of a withdrawal, kept with version 1.</summary>
    WithdrawalReceipt,

    /// <summary>A sealed image release, kept with version 1.</summary>
    ImageRelease,
}

/// <summary>
/// A document as it was made, never made again: insert-only, named by the SHA-256 of its bytes. In PostgreSQL rather than on a
/// disk, so that it commits with the state it belongs to and travels with every backup.
/// </summary>
public sealed class StoredFile : ITenantOwned
{
    private StoredFile() { }

    public BranchId BranchId { get; private init; }
    public PaperId PaperId { get; private init; }

    /// <summary>Of the bytes before encryption; 64 lower-case hex digits.</summary>
    public string Sha256 { get; private init; } = "";

    public FileKind Kind { get; private init; }

    /// <summary>Bytes before encryption.</summary>
    public long Length { get; private init; }

    /// <summary>Encrypted with the paper's key.</summary>
    public byte[] Content { get; private init; } = [];

    public DateTimeOffset MadeAt { get; private init; }

    public static StoredFile Of(BranchId branch, PaperId paper, FileKind kind, byte[] plain, byte[] closed, DateTimeOffset at) => new()
    {
        BranchId = branch,
        PaperId = paper,
        Sha256 = Convert.ToHexStringLower(SHA256.HashData(plain)),
        Kind = kind,
        Length = plain.LongLength,
        Content = closed,
        MadeAt = at,
    };
}
