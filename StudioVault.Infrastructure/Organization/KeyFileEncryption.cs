using System.Security.Cryptography;
using System.Text;
using System.Xml.Linq;
using Microsoft.AspNetCore.DataProtection.XmlEncryption;
using Microsoft.Extensions.DependencyInjection;
using StudioVault.Infrastructure.Persistence;

namespace StudioVault.Infrastructure.Organization;

/// <summary>The group's master key, 32 bytes, from a file outside the database; it encrypts the key ring (SEC-3).</summary>
public sealed class MasterKey
{
    private readonly byte[] _key;

    private MasterKey(byte[] key) => _key = key;

    /// <summary>Reads the file, or makes it where it is missing and may be made.</summary>
    /// <param name="path">Base64 of 32 bytes.</param>
    /// <param name="mayCreate">False where the database already holds keys: a silent new key would lock everybody out (F19).</param>
    /// <exception cref="StartRefusedException">Missing and may not be made, or unreadable.</exception>
    public static MasterKey Load(string path, bool mayCreate)
    {
        if (!File.Exists(path))
        {
            if (!mayCreate) throw new StartRefusedException([$"The master key file is missing ({Path.GetFileName(path)}), but the database holds keys made with it. Put the file back."]);
            SecretFiles.Write(path, Convert.ToBase64String(RandomNumberGenerator.GetBytes(32)));
        }

        try
        {
            var key = Convert.FromBase64String(File.ReadAllText(path).Trim());
            return key.Length == 32 ? new MasterKey(key) : throw new FormatException();
        }
        catch (FormatException)
        {
            throw new StartRefusedException([$"The master key file ({Path.GetFileName(path)}) does not hold 32 bytes in base64."]);
        }
    }

    /// <summary>nonce (12) || tag (16) || cipher text, AES-256-GCM.</summary>
    public byte[] Encrypt(byte[] plain)
    {
        var output = new byte[28 + plain.Length];
        RandomNumberGenerator.Fill(output.AsSpan(0, 12));
        using var aes = new AesGcm(_key, 16);
        aes.Encrypt(output.AsSpan(0, 12), plain, output.AsSpan(28), output.AsSpan(12, 16));
        return output;
    }

    public byte[] Decrypt(byte[] input)
    {
        var plain = new byte[input.Length - 28];
        using var aes = new AesGcm(_key, 16);
        aes.Decrypt(input.AsSpan(0, 12), input.AsSpan(28), input.AsSpan(12, 16), plain);
        return plain;
    }
}

/// <summary>Encrypts the secret part of each ring key with the <see cref="MasterKey"/>.</summary>
public sealed class KeyFileEncryptor(MasterKey key) : IXmlEncryptor
{
    public EncryptedXmlInfo Encrypt(XElement plaintextElement) => new(
        new XElement("studiovault", Convert.ToBase64String(key.Encrypt(Encoding.UTF8.GetBytes(plaintextElement.ToString(SaveOptions.DisableFormatting))))),
        typeof(KeyFileDecryptor));
}

/// <summary>Made by the data-protection system by name, hence the service provider.</summary>
public sealed class KeyFileDecryptor(IServiceProvider services) : IXmlDecryptor
{
    public XElement Decrypt(XElement encryptedElement) =>
        XElement.Parse(Encoding.UTF8.GetString(services.GetRequiredService<MasterKey>().Decrypt(Convert.FromBase64String(encryptedElement.Value))));
}
