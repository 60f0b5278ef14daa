using System.Security.Cryptography;

namespace StudioVault.Infrastructure.Persistence;

/// <summary>AES-256-GCM with the nonce in front: nonce (12) ‖ tag (16) ‖ cipher text. The one way secrets are kept in the database.</summary>
public static class SecretBox
{
    private const int Head = 28;

    /// <summary>A new random key.</summary>
    public static byte[] NewKey() => RandomNumberGenerator.GetBytes(32);

    public static byte[] Close(ReadOnlySpan<byte> key, ReadOnlySpan<byte> plain)
    {
        var box = new byte[Head + plain.Length];
        RandomNumberGenerator.Fill(box.AsSpan(0, 12));
        using var aes = new AesGcm(key, 16);
        aes.Encrypt(box.AsSpan(0, 12), plain, box.AsSpan(Head), box.AsSpan(12, 16));
        return box;
    }

    /// <exception cref="CryptographicException">Another key's, or changed since.</exception>
    public static byte[] Open(ReadOnlySpan<byte> key, ReadOnlySpan<byte> box)
    {
        if (box.Length < Head) throw new CryptographicException("This is no closed box.");
        var plain = new byte[box.Length - Head];
        using var aes = new AesGcm(key, 16);
        aes.Decrypt(box[..12], box[Head..], box[12..Head], plain);
        return plain;
    }
}
