using System.Buffers;
using System.Globalization;
using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using System.Text;
using StudioVault.Domain.Documents;

namespace StudioVault.Infrastructure.Documents.Sealing;

/// <summary>
/// Checks the seal of a PDF without a database: is it the group's, does it cover the whole file with the one gap that holds the
/// signature, has no byte changed. Only the form <see cref="PdfSeal"/> writes passes. What <c>/ByteRange</c> says is itself
/// covered, so a seal that passes cannot have been moved. Holds a small part of the file at a time; a file that is no PDF, or
/// none at all, is an answer like any other.
/// </summary>
public static class PdfSealVerifier
{
    // Between /ByteRange and the gap: our numbers and /Contents.
    private const int LongestHead = 256;
    private const int LongestGap = 4 * PdfSeal.Room;

    // We write capitals. Small letters would be the same signature in other bytes.
    private static readonly SearchValues<byte> Digits = SearchValues.Create("0123456789ABCDEF"u8);

    /// <summary>Checks the seal of a file.</summary>
    /// <param name="file">Seekable; read from its beginning.</param>
    /// <param name="trusted">Every certificate the group ever sealed with.</param>
    public static async Task<SealCheck> CheckAsync(Stream file, IReadOnlyList<TrustedSeal> trusted, CancellationToken ct) =>
        await CheckAsync(file, await PdfScan.ReadAsync(file, trusted, ct), trusted, ct);

    internal static async Task<SealCheck> CheckAsync(Stream file, PdfScan scan, IReadOnlyList<TrustedSeal> trusted, CancellationToken ct)
    {
        if (scan.Ranges.Count == 0) return new([new(SealFault.Missing, "The file holds no seal.")], 0, null, null);
        SealCheck? told = null;
        // The words of a title may look like a signature; the seal is the last one of a file that nobody touched.
        foreach (var range in scan.Ranges.Reverse())
        {
            var check = await CheckAsync(file, range, scan, trusted, ct);
            if (check.IsIntact) return check;
            if (told is null || check.NamesUs && !told.NamesUs) told = check;
        }

        return told!.NamesUs || scan.Names is null ? told : told with { CertificateSha256 = Sha256(scan.Names.Certificate.Span) };
    }

    /// <summary>The signature in a sealed file of ours and the gap it stands in, read off its last seal; null when there is none in our form.</summary>
    /// <returns>The signature as CMS in DER without the zeros behind it; bytes before the gap, where the rest begins, how long that is.</returns>
    internal static (byte[] Signature, int Gap, int After, int Length)? SignatureOf(ReadOnlySpan<byte> pdf)
    {
        var at = pdf.LastIndexOf("/ByteRange"u8);
        if (at < 0 || Numbers(pdf.Slice(at, Math.Min(LongestHead, pdf.Length - at))) is not [0, > 0 and var gap, var rest, >= 0 and var length] || rest <= gap + 4 || rest + length > pdf.Length) return null;
        var digits = pdf[((int)gap + 1)..((int)rest - 1)];
        var bytes = new byte[digits.Length / 2];
        if (Convert.FromHexString(digits, bytes, out _, out _) != OperationStatus.Done) return null;
        return System.Formats.Asn1.AsnDecoder.TryReadEncodedValue(bytes, System.Formats.Asn1.AsnEncodingRules.DER, out _, out _, out _, out var used) ? (bytes[..used], (int)gap, (int)rest, (int)length) : null;
    }

    private static async Task<SealCheck> CheckAsync(Stream file, long at, PdfScan scan, IReadOnlyList<TrustedSeal> trusted, CancellationToken ct)
    {
        var findings = new List<SealFinding>();
        var numbers = Numbers(await ReadAsync(file, at, (int)Math.Min(LongestHead, scan.Length - at), ct));
        if (numbers is not [0, > 0 and var gap, var rest, >= 0 and var length] || rest <= gap || length > scan.Length - rest)
            return No(SealFault.RangeMalformed, numbers.Count > 4
                ? "The seal leaves out more than one part of the file."
                : "The seal does not cover the file from its first byte with one gap for the signature.");
        if (rest - gap is < 4 or > LongestGap || gap - at is <= 0 or > LongestHead)
            return No(SealFault.ContentsMalformed, "The part of the file that the seal leaves out is not the signature alone.");

        var head = await ReadAsync(file, at, (int)(gap - at), ct);
        var inside = await ReadAsync(file, gap, (int)(rest - gap), ct);
        if (!IsHead(head, gap, rest, length) || Signature(inside) is not { } signature)
            return No(SealFault.ContentsMalformed, "The part of the file that the seal leaves out holds something else than a signature in the form we write.");

        if (scan.Length - rest - length is > 0 and var after)
            findings.Add(new(SealFault.BytesAfter, string.Create(CultureInfo.InvariantCulture, $"After the seal {after:#,0} byte{(after == 1 ? " follows" : "s follow")} that it does not cover.")));

        if (trusted.FirstOrDefault(t => t.Certificate.Span.SequenceEqual(signature.Certificate)) is not { } ours)
        {
            findings.Add(new(SealFault.ForeignCertificate, trusted.Any(t => HasName(t, signature.Issuer))
                ? "The signature carries the group's name, but its certificate is not one of the group's."
                : "The signature is somebody else's: its certificate is not one of the group's."));
            return new(findings, scan.Signatures, null, null);
        }

        using var certificate = X509CertificateLoader.LoadCertificate(ours.Certificate.Span);
        // First what is cheap: a file is read again only for a signature that is ours.
        if (!IsBy(signature, certificate))
            findings.Add(new(SealFault.SignatureWrong, "The signature was not made by the group's key, although the group's certificate stands beside it."));
        else if (!(await HashAsync(file, gap, rest, length, ct)).SequenceEqual(signature.Digest))
            findings.Add(new(SealFault.BytesChanged, "Bytes that the seal covers were changed after sealing."));

        if (signature.At < certificate.NotBefore.ToUniversalTime() || signature.At > certificate.NotAfter.ToUniversalTime())
            findings.Add(new(SealFault.OutsideValidity, $"It was sealed at {Time(signature.At)}, when the certificate was not valid."));
        else if (ours.RetiredAt is { } retired && signature.At > retired)
            findings.Add(new(SealFault.AfterRetirement, $"It was sealed at {Time(signature.At)}, after the group had retired the key ({Time(retired)})."));

        return new(findings, scan.Signatures, Sha256(signature.Certificate), signature.At);

        SealCheck No(SealFault fault, string reason) => new([.. findings, new(fault, reason)], scan.Signatures, null, null);
    }

    private static List<long> Numbers(ReadOnlySpan<byte> head)
    {
        var lexer = new PdfLexer(head, "/ByteRange".Length);
        var numbers = new List<long>();
        if (lexer.Skip("["u8))
            while (lexer.TryInteger(out var number)) numbers.Add(number);
        if (!lexer.Skip("]"u8)) numbers.Clear();
        return numbers;
    }

    private static bool IsHead(ReadOnlySpan<byte> head, long gap, long rest, long length)
    {
        var numbers = Encoding.ASCII.GetBytes(string.Create(CultureInfo.InvariantCulture, $"/ByteRange[0 {gap} {rest} {length}]"));
        return head.StartsWith(numbers) && head.EndsWith("/Contents"u8) && !head[numbers.Length..^"/Contents".Length].ContainsAnyExcept((byte)' ');
    }

    private static SealSignature? Signature(ReadOnlySpan<byte> inside)
    {
        if (inside[0] != '<' || inside[^1] != '>' || inside.Length % 2 != 0) return null;
        var digits = inside[1..^1];
        if (digits.ContainsAnyExcept(Digits)) return null;
        var bytes = new byte[digits.Length / 2];
        return Convert.FromHexString(digits, bytes, out _, out _) == OperationStatus.Done ? SealSignature.Read(bytes) : null;
    }

    private static bool IsBy(SealSignature signature, X509Certificate2 certificate)
    {
        using var key = certificate.GetRSAPublicKey();
        return key is not null && signature.Issuer.AsSpan().SequenceEqual(certificate.IssuerName.RawData) && signature.Serial.AsSpan().SequenceEqual(certificate.SerialNumberBytes.Span)
            && key.VerifyData(signature.Signed, signature.Value, HashAlgorithmName.SHA256, RSASignaturePadding.Pkcs1);
    }

    private static bool HasName(TrustedSeal seal, byte[] issuer)
    {
        using var certificate = X509CertificateLoader.LoadCertificate(seal.Certificate.Span);
        return certificate.SubjectName.RawData.AsSpan().SequenceEqual(issuer);
    }

    private static async Task<byte[]> ReadAsync(Stream file, long at, int count, CancellationToken ct)
    {
        var bytes = new byte[count];
        file.Position = at;
        await file.ReadExactlyAsync(bytes, ct);
        return bytes;
    }

    private static async Task<byte[]> HashAsync(Stream file, long gap, long rest, long length, CancellationToken ct)
    {
        using var hash = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
        var buffer = new byte[1 << 17];
        foreach (var (at, count) in new[] { (0L, gap), (rest, length) })
        {
            file.Position = at;
            for (var left = count; left > 0;)
            {
                var read = await file.ReadAsync(buffer.AsMemory(0, (int)Math.Min(left, buffer.Length)), ct);
                // Somebody cut the file off while it was read: then it is not what was signed either.
                if (read == 0) return [];
                hash.AppendData(buffer.AsSpan(0, read));
                left -= read;
            }
        }

        return hash.GetHashAndReset();
    }

    private static string Sha256(ReadOnlySpan<byte> bytes) => Convert.ToHexStringLower(SHA256.HashData(bytes));

    private static string Time(DateTimeOffset at) => at.UtcDateTime.ToString("yyyy-MM-dd HH:mm:ss 'UTC'", CultureInfo.InvariantCulture);
}
