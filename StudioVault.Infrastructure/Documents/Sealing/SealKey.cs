using System.Formats.Asn1;
using System.Security.Cryptography;
using System.Security.Cryptography.Pkcs;
using System.Security.Cryptography.X509Certificates;

namespace StudioVault.Infrastructure.Documents.Sealing;

/// <summary>
/// A key the group seals documents with, and its certificate, which is signed by the key itself: nobody else vouches for it,
/// a seal is the group's when its certificate is, byte for byte, one the group kept.
/// <para>
/// RSA with PKCS #1 v1.5 and SHA-256. pdfsig accepts PSS and ECDSA P-256 as well (poppler 22.12, tried), but those came with
/// PDF 2.0 and older readers do not know them, while this form is known to all; and only it is deterministic: the same file,
/// key and time give the same seal.
/// </para>
/// </summary>
public sealed class SealKey : IDisposable
{
    /// <summary>
    /// Life of a certificate. A reader of PDF that knows no better compares it with its own clock, so it must outlast every
    /// reason to look at the document again. How long the key signs is another matter: until the group makes the next one.
    /// </summary>
    public const int Years = 50;

    /// <summary>Bits of the RSA key: the strength asked for beyond 2030 (NIST SP 800-57 part 1, table 2: 128 bits).</summary>
    public const int Bits = 3072;

    private readonly X509Certificate2 _certificate;

    private SealKey(X509Certificate2 certificate) => _certificate = certificate;

    /// <summary>The certificate, DER. Public; to be kept for ever, also of a retired key.</summary>
    public ReadOnlyMemory<byte> Certificate => _certificate.RawDataMemory;

    /// <summary>SHA-256 of the certificate, lower-case hexadecimal.</summary>
    public string Fingerprint => Convert.ToHexStringLower(SHA256.HashData(_certificate.RawDataMemory.Span));

    /// <summary>First and last moment a seal may be made with it.</summary>
    public (DateTimeOffset From, DateTimeOffset To) Life => (_certificate.NotBefore.ToUniversalTime(), _certificate.NotAfter.ToUniversalTime());

    /// <summary>Makes a new key. Rotation is a new key; what the old one sealed stays sealed.</summary>
    /// <param name="group">Name of the group as it stands in the certificate and in programs that show it.</param>
    /// <param name="from">Seals dated before this moment are neither made nor accepted: early enough for whatever clock dates the first one.</param>
    public static SealKey Make(string group, DateTimeOffset from) => Make(group, from, from.AddYears(Years));

    internal static SealKey Make(string group, DateTimeOffset from, DateTimeOffset to)
    {
        using var rsa = RSA.Create(Bits);
        var name = new X500DistinguishedNameBuilder();
        name.AddCommonName($"{group} document seal");
        name.AddOrganizationName(group);
        var request = new CertificateRequest(name.Build(), rsa, HashAlgorithmName.SHA256, RSASignaturePadding.Pkcs1);
        request.CertificateExtensions.Add(new X509BasicConstraintsExtension(false, false, 0, true));
        request.CertificateExtensions.Add(new X509KeyUsageExtension(X509KeyUsageFlags.DigitalSignature | X509KeyUsageFlags.NonRepudiation, true));
        request.CertificateExtensions.Add(new X509SubjectKeyIdentifierExtension(request.PublicKey, false));
        // 126 bits nobody can guess behind two fixed ones, so that every certificate of a group is as long as the others.
        var serial = RandomNumberGenerator.GetBytes(16);
        serial[0] = (byte)(serial[0] & 0x3F | 0x40);
        // A certificate knows whole seconds only.
        using var open = request.Create(request.SubjectName, X509SignatureGenerator.CreateForRSA(rsa, RSASignaturePadding.Pkcs1), Seconds(from), Seconds(to), serial);
        return new(open.CopyWithPrivateKey(rsa));
    }

    /// <summary>The key as it was stored.</summary>
    /// <param name="certificate">DER.</param>
    /// <param name="privateKey">PKCS #8, not encrypted.</param>
    /// <exception cref="CryptographicException">One of the two is not readable, or they do not belong together.</exception>
    public static SealKey Load(ReadOnlySpan<byte> certificate, ReadOnlySpan<byte> privateKey)
    {
        using var rsa = RSA.Create();
        rsa.ImportPkcs8PrivateKey(privateKey, out _);
        using var open = X509CertificateLoader.LoadCertificate(certificate);
        try
        {
            return new(open.CopyWithPrivateKey(rsa));
        }
        catch (ArgumentException e)
        {
            throw new CryptographicException("The private key is not that of the certificate.", e);
        }
    }

    /// <summary>The private key, PKCS #8, not encrypted: for storing under the master key, then to be overwritten.</summary>
    public byte[] PrivateKey()
    {
        using var rsa = _certificate.GetRSAPrivateKey()!;
        return rsa.ExportPkcs8PrivateKey();
    }

    /// <summary>Signs bytes: a detached CMS SignedData (RFC 5652), DER, with the certificate and the time in it.</summary>
    internal byte[] Sign(byte[] content, DateTimeOffset at)
    {
        var cms = new SignedCms(new ContentInfo(content), detached: true);
        var signer = new CmsSigner(SubjectIdentifierType.IssuerAndSerialNumber, _certificate)
        {
            DigestAlgorithm = new Oid("2.16.840.1.101.3.4.2.1"),
            IncludeOption = X509IncludeOption.EndCertOnly,
            SignaturePadding = RSASignaturePadding.Pkcs1,
        };
        signer.SignedAttributes.Add(new AsnEncodedData(new Oid("1.2.840.113549.1.9.5"), SigningTime(at)));
        cms.ComputeSignature(signer);
        return cms.Encode();
    }

    public void Dispose() => _certificate.Dispose();

    // UTCTime ends with 2049 (RFC 5652, 11.3), and Pkcs9SigningTime with it.
    private static byte[] SigningTime(DateTimeOffset at)
    {
        var writer = new AsnWriter(AsnEncodingRules.DER);
        if (at.UtcDateTime.Year < 2050) writer.WriteUtcTime(at, 2049);
        else writer.WriteGeneralizedTime(at, omitFractionalSeconds: true);
        return writer.Encode();
    }

    private static DateTimeOffset Seconds(DateTimeOffset at) => new(at.UtcTicks - at.UtcTicks % TimeSpan.TicksPerSecond, TimeSpan.Zero);
}
