using System.Buffers;
using System.Runtime.InteropServices;
using System.Security.Cryptography;

namespace StudioVault.Domain.Audit;

/// <summary>
/// A node of the tree of RFC 6962 / RFC 9162: 32 bytes, held in place so that millions of them are no work for the garbage
/// collector. A leaf is SHA-256(0x00 ‖ data), an inner node SHA-256(0x01 ‖ left ‖ right): neither can pass for the other.
/// </summary>
[StructLayout(LayoutKind.Sequential)]
public readonly record struct MerkleHash
{
    /// <summary>Bytes in a hash.</summary>
    public const int Size = 32;

    private const int OnStack = 2048;

    private readonly ulong _a, _b, _c, _d;

    /// <summary>A hash from its 32 bytes.</summary>
    /// <exception cref="ArgumentException">Not 32 bytes.</exception>
    public MerkleHash(ReadOnlySpan<byte> bytes)
    {
        if (bytes.Length != Size) throw new ArgumentException($"A hash has {Size} bytes, not {bytes.Length}.", nameof(bytes));
        this = MemoryMarshal.Read<MerkleHash>(bytes);
    }

    /// <summary>The root of a tree without leaves: SHA-256 of nothing.</summary>
    public static MerkleHash Empty { get; } = new(SHA256.HashData([]));

    /// <summary>The hash of a leaf with this content.</summary>
    public static MerkleHash Leaf(ReadOnlySpan<byte> data) => Prefixed(0x00, data, []);

    /// <summary>The hash of the node above two nodes.</summary>
    public static MerkleHash Node(in MerkleHash left, in MerkleHash right)
    {
        Span<byte> input = stackalloc byte[1 + 2 * Size];
        input[0] = 0x01;
        left.CopyTo(input[1..]);
        right.CopyTo(input[(1 + Size)..]);
        return Of(input);
    }

    /// <summary>SHA-256(0x01 ‖ left ‖ right) over children of any length, as RFC 6962 writes it down.</summary>
    public static MerkleHash Node(ReadOnlySpan<byte> left, ReadOnlySpan<byte> right) => Prefixed(0x01, left, right);

    /// <summary>False unless there are exactly 32 bytes.</summary>
    public static bool TryRead(ReadOnlySpan<byte> bytes, out MerkleHash hash)
    {
        hash = bytes.Length == Size ? MemoryMarshal.Read<MerkleHash>(bytes) : default;
        return bytes.Length == Size;
    }

    /// <summary>A hash from 64 hexadecimal digits.</summary>
    /// <exception cref="FormatException">Not 64 hexadecimal digits.</exception>
    public static MerkleHash FromHex(string hex) =>
        hex.Length == 2 * Size ? new(Convert.FromHexString(hex)) : throw new FormatException($"A hash has {2 * Size} hexadecimal digits.");

    public void CopyTo(Span<byte> target) => MemoryMarshal.Write(target, in this);

    public byte[] ToArray()
    {
        var bytes = new byte[Size];
        CopyTo(bytes);
        return bytes;
    }

    public bool Equals(ReadOnlySpan<byte> bytes) => TryRead(bytes, out var other) && Equals(other);

    /// <summary>64 lower-case hexadecimal digits.</summary>
    public override string ToString()
    {
        Span<byte> bytes = stackalloc byte[Size];
        CopyTo(bytes);
        return Convert.ToHexStringLower(bytes);
    }

    private static MerkleHash Prefixed(byte prefix, ReadOnlySpan<byte> first, ReadOnlySpan<byte> second)
    {
        var length = 1 + first.Length + second.Length;
        var rented = length > OnStack ? ArrayPool<byte>.Shared.Rent(length) : null;
        var input = rented is null ? stackalloc byte[OnStack] : rented;
        input[0] = prefix;
        first.CopyTo(input[1..]);
        second.CopyTo(input[(1 + first.Length)..]);
        var hash = Of(input[..length]);
        if (rented is not null) ArrayPool<byte>.Shared.Return(rented);
        return hash;
    }

    private static MerkleHash Of(ReadOnlySpan<byte> input)
    {
        Span<byte> digest = stackalloc byte[Size];
        SHA256.HashData(input, digest);
        return MemoryMarshal.Read<MerkleHash>(digest);
    }
}
