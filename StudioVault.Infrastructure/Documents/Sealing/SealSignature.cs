using System.Formats.Asn1;

namespace StudioVault.Infrastructure.Documents.Sealing;

/// <summary>
/// The CMS SignedData (RFC 5652) in a seal. Only the one form we write is read: DER, one certificate, one signer, SHA-256, RSA
/// with PKCS #1 v1.5, no unsigned attributes. A signature that could be written in two ways could hide something in the difference.
/// </summary>
/// <param name="Certificate">DER.</param>
/// <param name="Issuer">The name by which the signer names its certificate, DER.</param>
/// <param name="Signed">The signed attributes in the form that is signed.</param>
/// <param name="Digest">SHA-256 of the covered bytes, as signed.</param>
/// <param name="At">Time of signing, as signed.</param>
/// <param name="Value">The signature.</param>
internal sealed record SealSignature(byte[] Certificate, byte[] Issuer, byte[] Serial, byte[] Signed, byte[] Digest, DateTimeOffset At, byte[] Value)
{
    private const string SignedData = "1.2.840.113549.1.7.2";
    private const string Data = "1.2.840.113549.1.7.1";
    private const string ContentType = "1.2.840.113549.1.9.3";
    private const string MessageDigest = "1.2.840.113549.1.9.4";
    private const string SigningTime = "1.2.840.113549.1.9.5";
    private const string Sha256 = "2.16.840.1.101.3.4.2.1";
    private const string Rsa = "1.2.840.113549.1.1.1";

    private static readonly Asn1Tag First = new(TagClass.ContextSpecific, 0, true);

    /// <summary>Reads what the gap holds: a signature and nothing but zeros behind it. Null for anything else.</summary>
    public static SealSignature? Read(ReadOnlyMemory<byte> gap)
    {
        try
        {
            AsnDecoder.ReadEncodedValue(gap.Span, AsnEncodingRules.DER, out _, out _, out var length);
            if (gap.Span[length..].ContainsAnyExcept((byte)0)) return null;
            var outer = new AsnReader(gap[..length], AsnEncodingRules.DER);
            var info = outer.ReadSequence();
            Require(info.ReadObjectIdentifier() == SignedData);
            var explicitly = info.ReadSequence(First);
            info.ThrowIfNotEmpty();
            var data = explicitly.ReadSequence();
            explicitly.ThrowIfNotEmpty();

            Require(data.ReadInteger() == 1);
            var digests = data.ReadSetOf();
            Algorithm(digests, Sha256);
            digests.ThrowIfNotEmpty();
            var content = data.ReadSequence();
            Require(content.ReadObjectIdentifier() == Data);
            content.ThrowIfNotEmpty();
            var certificates = data.ReadSetOf(First);
            var certificate = certificates.ReadEncodedValue().ToArray();
            certificates.ThrowIfNotEmpty();
            var signers = data.ReadSetOf();
            data.ThrowIfNotEmpty();
            var signer = signers.ReadSequence();
            signers.ThrowIfNotEmpty();

            Require(signer.ReadInteger() == 1);
            var named = signer.ReadSequence();
            var issuer = named.ReadEncodedValue().ToArray();
            var serial = named.ReadIntegerBytes().ToArray();
            named.ThrowIfNotEmpty();
            Algorithm(signer, Sha256);
            // Signed as a SET, stored under a tag of its own (RFC 5652, 5.4).
            var signed = signer.PeekEncodedValue().ToArray();
            var attributes = signer.ReadSetOf(First);
            signed[0] = 0x31;
            Algorithm(signer, Rsa);
            var value = signer.ReadOctetString();
            signer.ThrowIfNotEmpty();

            var (digest, at) = Attributes(attributes);
            return new(certificate, issuer, serial, signed, digest, at, value);
        }
        catch (AsnContentException)
        {
            return null;
        }
    }

    private static (byte[] Digest, DateTimeOffset At) Attributes(AsnReader attributes)
    {
        byte[]? digest = null;
        DateTimeOffset? at = null;
        var typed = false;
        while (attributes.HasData)
        {
            var attribute = attributes.ReadSequence();
            var name = attribute.ReadObjectIdentifier();
            var values = attribute.ReadSetOf();
            attribute.ThrowIfNotEmpty();
            switch (name)
            {
                case ContentType when !typed:
                    typed = values.ReadObjectIdentifier() == Data;
                    break;
                case MessageDigest when digest is null:
                    digest = values.ReadOctetString();
                    break;
                case SigningTime when at is null:
                    // Up to 2049 as UTCTime, later as GeneralizedTime (RFC 5652, 11.3).
                    at = values.PeekTag().HasSameClassAndValue(Asn1Tag.UtcTime) ? values.ReadUtcTime(2049) : values.ReadGeneralizedTime();
                    break;
                default:
                    throw new AsnContentException();
            }

            values.ThrowIfNotEmpty();
        }

        return typed && digest is not null && at is { } time ? (digest, time) : throw new AsnContentException();
    }

    private static void Algorithm(AsnReader reader, string wanted)
    {
        var algorithm = reader.ReadSequence();
        Require(algorithm.ReadObjectIdentifier() == wanted);
        if (algorithm.HasData) algorithm.ReadNull();
        algorithm.ThrowIfNotEmpty();
    }

    private static void Require(bool condition)
    {
        if (!condition) throw new AsnContentException();
    }
}
