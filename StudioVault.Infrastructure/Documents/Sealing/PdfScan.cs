using System.Buffers;
using System.Security.Cryptography;
using StudioVault.Domain.Documents;

namespace StudioVault.Infrastructure.Documents.Sealing;

/// <summary>What one pass over a file finds, PDF or not: hashes, identifiers, and where signatures say what they cover.</summary>
internal sealed class PdfScan
{
    // As many signatures as are looked at from each end: checking one reads the whole file.
    private const int MostRanges = 3;

    private static readonly byte[][] Words = ["%%EOF\n"u8.ToArray(), "/ID"u8.ToArray(), "/ByteRange"u8.ToArray()];

    private readonly List<FileBeginning> _beginnings = [];
    private readonly List<string> _ids = [];
    private readonly List<SignedRange> _ranges = [];

    private PdfScan()
    {
    }

    public string Sha256 { get; private set; } = "";

    public long Length { get; private set; }

    public IReadOnlyList<FileBeginning> Beginnings => _beginnings;

    public IReadOnlyList<string> PdfIds => _ids;

    /// <summary>The first and the last ones in order of place.</summary>
    public IReadOnlyList<SignedRange> Ranges => _ranges;

    /// <summary>How many there are.</summary>
    public int Signatures { get; private set; }

    public static async Task<PdfScan> ReadAsync(Stream file, CancellationToken ct)
    {
        var scan = new PdfScan();
        using var hash = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
        file.Position = 0;
        await StreamSearch.RunAsync(file, Words, (word, at, bytes) =>
        {
            if (word == 1) scan.TakeId(bytes);
            else if (word == 2) scan.TakeRange(at, bytes);
            else if (scan._beginnings.Count < FileFacts.MostAsked) scan._beginnings.Add(new(scan.Length, Convert.ToHexStringLower(hash.GetCurrentHash())));
        }, bytes =>
        {
            hash.AppendData(bytes);
            scan.Length += bytes.Length;
        }, ct);
        scan.Sha256 = Convert.ToHexStringLower(hash.GetHashAndReset());
        return scan;
    }

    private void TakeId(ReadOnlySpan<byte> bytes)
    {
        var lexer = new PdfLexer(bytes, Words[1].Length);
        if (!lexer.Skip("["u8)) return;
        for (var half = 0; half < 2; half++)
        {
            lexer.SkipWhite();
            var start = lexer.Position;
            if (!lexer.SkipValue() || PdfString.Read(bytes[start..lexer.Position]) is not { Length: > 0 } value) return;
            var id = Convert.ToHexStringLower(value);
            if (_ids.Count < FileFacts.MostAsked && !_ids.Contains(id)) _ids.Add(id);
        }
    }

    private void TakeRange(long at, ReadOnlySpan<byte> bytes)
    {
        Signatures++;
        var lexer = new PdfLexer(bytes, Words[2].Length);
        var numbers = new List<long>();
        if (lexer.Skip("["u8))
            while (lexer.TryInteger(out var number)) numbers.Add(number);
        if (!lexer.Skip("]"u8)) numbers.Clear();
        if (_ranges.Count == 2 * MostRanges) _ranges.RemoveAt(MostRanges);
        _ranges.Add(new(at, numbers));
    }
}

/// <summary>What a signature in a file says that it covers.</summary>
/// <param name="At">Where <c>/ByteRange</c> stands.</param>
/// <param name="Numbers">Pairs of start and length; empty when they are not readable.</param>
internal sealed record SignedRange(long At, IReadOnlyList<long> Numbers);

/// <summary>Strings of a PDF (ISO 32000-2, 7.3.4).</summary>
internal static class PdfString
{
    /// <summary>The bytes of a hexadecimal or literal string, null when it is neither.</summary>
    public static byte[]? Read(ReadOnlySpan<byte> text)
    {
        if (text.Length < 2) return null;
        return (text[0], text[^1]) switch
        {
            ((byte)'<', (byte)'>') => Hex(text[1..^1]),
            ((byte)'(', (byte)')') => Literal(text[1..^1]),
            _ => null,
        };
    }

    private static byte[]? Hex(ReadOnlySpan<byte> text)
    {
        var digits = new List<byte>(text.Length + 1);
        foreach (var c in text)
            if (!PdfLexer.IsWhite(c)) digits.Add(c);
        if (digits.Count % 2 == 1) digits.Add((byte)'0');
        var bytes = new byte[digits.Count / 2];
        return Convert.FromHexString(digits.ToArray(), bytes, out _, out _) == OperationStatus.Done ? bytes : null;
    }

    private static byte[] Literal(ReadOnlySpan<byte> text)
    {
        var bytes = new List<byte>(text.Length);
        for (var i = 0; i < text.Length; i++)
        {
            if (text[i] != '\\' || i + 1 == text.Length)
            {
                bytes.Add(text[i]);
                continue;
            }

            switch (text[++i])
            {
                case >= (byte)'0' and <= (byte)'7':
                    var value = 0;
                    var last = Math.Min(i + 3, text.Length);
                    for (; i < last && text[i] is >= (byte)'0' and <= (byte)'7'; i++) value = value * 8 + text[i] - '0';
                    i--;
                    bytes.Add((byte)value);
                    break;
                case (byte)'\r':
                    if (i + 1 < text.Length && text[i + 1] == '\n') i++;
                    break;
                case (byte)'\n':
                    break;
                case var c:
                    bytes.Add(c switch { (byte)'n' => 10, (byte)'r' => 13, (byte)'t' => 9, (byte)'b' => 8, (byte)'f' => 12, _ => c });
                    break;
            }
        }

        return [.. bytes];
    }
}
