namespace StudioVault.Domain.Audit;

/// <summary>One entry of a log as a verifier gets it, in the order of the indices.</summary>
/// <param name="Index">Index as stored.</param>
/// <param name="StoredHash">Leaf hash as stored; anything but the right 32 bytes is a finding.</param>
/// <param name="Body">The entry; null when <paramref name="Canonical"/> holds its bytes instead.</param>
/// <param name="Canonical">The bytes of the leaf, for logs read from a file.</param>
public readonly record struct LoggedEntry(long Index, ReadOnlyMemory<byte> StoredHash, AuditBody? Body, ReadOnlyMemory<byte> Canonical)
{
    public LoggedEntry(long index, ReadOnlyMemory<byte> storedHash, AuditBody body) : this(index, storedHash, body, default) { }
    public LoggedEntry(long index, ReadOnlyMemory<byte> storedHash, ReadOnlyMemory<byte> canonical) : this(index, storedHash, null, canonical) { }
}
