using System.Buffers.Text;
using System.Security.Cryptography;
using System.Text;

namespace StudioVault.Web.Api;

/// <summary>Where a list goes on: opaque, and good for the list it was given for alone.</summary>
public static class ApiCursor
{
    private const int MarkBytes = 8;

    /// <param name="list">Everything that makes the list what it is: whose, which filters.</param>
    public static string Of(Guid last, string list)
    {
        Span<byte> bytes = stackalloc byte[16 + MarkBytes];
        last.TryWriteBytes(bytes, bigEndian: true, out _);
        Mark(last, list).CopyTo(bytes[16..]);
        return Base64Url.EncodeToString(bytes);
    }

    /// <summary>False when it was given for another list, or not by us.</summary>
    public static bool TryRead(string cursor, string list, out Guid last)
    {
        last = default;
        Span<byte> bytes = stackalloc byte[16 + MarkBytes];
        if (cursor.Length != Base64Url.GetEncodedLength(bytes.Length) || !Base64Url.IsValid(cursor) || !Base64Url.TryDecodeFromChars(cursor, bytes, out var length) || length != bytes.Length) return false;
        last = new Guid(bytes[..16], bigEndian: true);
        return bytes[16..].SequenceEqual(Mark(last, list));
    }

    private static byte[] Mark(Guid last, string list) => SHA256.HashData(Encoding.UTF8.GetBytes($"{last:N} {list}"))[..MarkBytes];
}
