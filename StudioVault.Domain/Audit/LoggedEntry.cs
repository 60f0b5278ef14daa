namespace StudioVault.Domain.Audit;

/// <summary>One entry of a log as a verifier gets it, in the order of the indices.</summary>
/// <param name="Index">Index as stored.</param>
/// <param name="StoredHash">Leaf hash as stored; anything but the right 32 bytes is a finding.</param>
/// <param name="Body">The entry; null when <paramref name="Canonical"/> holds its bytes instead.</param>
/// <param name="Canonical">The bytes of the leaf, for logs read from a file. Empty beside a null body: the entry is lost.</param>
/// <param name="Payload">What the entry's payload hash stands for, UTF-8; null when there is none.</param>
public readonly record struct LoggedEntry(long Index, ReadOnlyMemory<byte> StoredHash, AuditBody? Body, ReadOnlyMemory<byte> Canonical, byte[]? Payload)
{
    public LoggedEntry(long index, ReadOnlyMemory<byte> storedHash, AuditBody body, byte[]? payload = null) : this(index, storedHash, body, default, payload) { }
    public LoggedEntry(long index, ReadOnlyMemory<byte> storedHash, ReadOnlyMemory<byte> canonical, byte[]? payload = null) : this(index, storedHash, null, canonical, payload) { }

    /// <summary>A number whose entry is not there.</summary>
    public static LoggedEntry Lost(long index, ReadOnlyMemory<byte> storedHash) => new(index, storedHash, null, default, null);
}
