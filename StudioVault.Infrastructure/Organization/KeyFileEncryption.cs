using System.Security.Cryptography;
using System.Text;
using System.Xml.Linq;
using Microsoft.AspNetCore.DataProtection.XmlEncryption;
using Microsoft.Extensions.DependencyInjection;
using StudioVault.Infrastructure.Persistence;

namespace StudioVault.Infrastructure.Organization;

/// <summary>The group's master key, 32 bytes, from a file outside the database; it encrypts the key ring (SEC-3) and the keys of clients.</summary>
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
            if (!mayCreate)
            {
                throw new StartRefusedException([$"The master key file is missing ({Path.GetFileName(path)}), but the database holds keys made with it. Put the file back from a copy; " +
                    "a further node gets the first one's (keys/master.key in its data folder) and names it in Security:MasterKeyFile."]);
            }

            SecretFiles.Write(path, Convert.ToBase64String(RandomNumberGenerator.GetBytes(32)));
        }

        return Parse(File.ReadAllText(path)) ?? throw new StartRefusedException([$"The master key file ({Path.GetFileName(path)}) does not hold 32 bytes in base64."]);
    }

    /// <summary>The key in the text of its file; null when it holds none.</summary>
    public static MasterKey? Parse(string text)
    {
        var key = new byte[32];
        // One byte more would make the call fail, one less is seen in the length.
        return Convert.TryFromBase64String(text.Trim(), key, out var length) && length == key.Length ? new MasterKey(key) : null;
    }

    /// <inheritdoc cref="SecretBox.Close"/>
    public byte[] Encrypt(ReadOnlySpan<byte> plain) => SecretBox.Close(_key, plain);

    /// <inheritdoc cref="SecretBox.Open"/>
    public byte[] Decrypt(ReadOnlySpan<byte> box) => SecretBox.Open(_key, box);

    /// <summary>A key for one purpose; whoever learns it learns nothing of the others.</summary>
    /// <param name="purpose">For example <c>links</c>.</param>
    public byte[] Derive(string purpose) => HKDF.DeriveKey(HashAlgorithmName.SHA256, _key, 32, info: Encoding.UTF8.GetBytes(purpose));
}

/// <summary>Encrypts the secret part of each ring key with the <see cref="MasterKey"/>.</summary>
public sealed class KeyFileEncryptor(MasterKey key) : IXmlEncryptor
{
    /// <summary>Name of the element that stands for the closed part.</summary>
    internal const string Element = "studiovault";

    public EncryptedXmlInfo Encrypt(XElement plaintextElement) => new(
        new XElement(Element, Convert.ToBase64String(key.Encrypt(Encoding.UTF8.GetBytes(plaintextElement.ToString(SaveOptions.DisableFormatting))))),
        typeof(KeyFileDecryptor));
}

/// <summary>Made by the data-protection system by name, hence the service provider.</summary>
public sealed class KeyFileDecryptor(IServiceProvider services) : IXmlDecryptor
{
    public XElement Decrypt(XElement encryptedElement) =>
        XElement.Parse(Encoding.UTF8.GetString(services.GetRequiredService<MasterKey>().Decrypt(Convert.FromBase64String(encryptedElement.Value))));
}
