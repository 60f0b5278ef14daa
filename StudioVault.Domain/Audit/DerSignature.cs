using System.Formats.Asn1;

namespace StudioVault.Domain.Audit;

/// <summary>
/// The DER form of an ECDSA signature: SEQUENCE { INTEGER r, INTEGER s }. .NET reads an integer that lacks its leading zero,
/// and is therefore negative, as if it were positive; that gives one signature two encodings. Ask here before verifying.
/// </summary>
public static class DerSignature
{
    /// <summary>Whether the bytes are exactly one such sequence of two positive integers, each in its shortest form.</summary>
    public static bool IsStrict(ReadOnlySpan<byte> signature)
    {
        try
        {
            var outer = new AsnReader(signature.ToArray(), AsnEncodingRules.DER);
            var inner = outer.ReadSequence();
            outer.ThrowIfNotEmpty();
            var positive = (inner.ReadIntegerBytes().Span[0] | inner.ReadIntegerBytes().Span[0]) < 0x80;
            inner.ThrowIfNotEmpty();
            return positive;
        }
        catch (AsnContentException)
        {
            return false;
        }
    }
}
