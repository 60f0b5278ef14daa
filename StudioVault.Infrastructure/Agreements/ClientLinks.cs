using System.Buffers.Text;
using System.Security.Cryptography;
using System.Text;
using StudioVault.Domain.Kernel;
using StudioVault.Infrastructure.Organization;

namespace StudioVault.Infrastructure.Agreements;

/// <summary>What a link lets its holder do.</summary>
public enum LinkKind
{
    /// <summary>Read and sign: /c/.</summary>
    Signing,

    /// <summary>Fetch what was delivered: /d/.</summary>
    Delivery,
}

/// <summary>Where a link leads.</summary>
public readonly record struct LinkTarget(BranchId Branch, Guid Id);

/// <summary>
/// Links for people without an account. A token names a branch and a row and proves by 128 bits of HMAC that we made it: it
/// cannot be guessed, needs no secret in the database, and can be shown again for ever.
/// </summary>
public sealed class ClientLinks(MasterKey master)
{
    private const int Mac = 16;
    private const int Length = 32 + Mac;

    private readonly byte[] _key = master.Derive("client links");

    /// <summary>The token: 64 letters, digits, - and _.</summary>
    public string TokenOf(LinkKind kind, BranchId branch, Guid id)
    {
        Span<byte> bytes = stackalloc byte[Length];
        branch.Value.TryWriteBytes(bytes, bigEndian: true, out _);
        id.TryWriteBytes(bytes[16..], bigEndian: true, out _);
        Sign(kind, bytes[..32], bytes[32..]);
        return Base64Url.EncodeToString(bytes);
    }

    /// <summary>Where a token leads; null when it is not one of ours.</summary>
    public LinkTarget? Read(LinkKind kind, string token)
    {
        Span<byte> bytes = stackalloc byte[Length];
        Span<byte> expected = stackalloc byte[Mac];
        if (token.Length != Base64Url.GetEncodedLength(Length) || !Base64Url.TryDecodeFromChars(token, bytes, out var written) || written != Length) return null;
        Sign(kind, bytes[..32], expected);
        return CryptographicOperations.FixedTimeEquals(expected, bytes[32..])
            ? new LinkTarget(new BranchId(new Guid(bytes[..16], bigEndian: true)), new Guid(bytes[16..32], bigEndian: true)) : null;
    }

    private void Sign(LinkKind kind, ReadOnlySpan<byte> target, Span<byte> mac)
    {
        Span<byte> message = stackalloc byte[64];
        var length = Encoding.ASCII.GetBytes(kind == LinkKind.Signing ? "/c/" : "/d/", message);
        target.CopyTo(message[length..]);
        Span<byte> whole = stackalloc byte[32];
        HMACSHA256.HashData(_key, message[..(length + target.Length)], whole);
        whole[..Mac].CopyTo(mac);
    }
}
