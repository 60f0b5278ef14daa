using System.Security.Cryptography;
using System.Text;
using StudioVault.Domain.Documents;

namespace StudioVault.Infrastructure.Documents.Sealing;

/// <summary>What one pass over a file finds, PDF or not: hashes, identifiers, and where signatures say what they cover.</summary>
internal sealed class PdfScan
{
    // As many signatures as are looked at from each end: checking one may read the whole file.
    private const int MostRanges = 3;
    private const int MostIdsTried = 10_000;
    internal const int CertificateStart = 48;

    private static readonly byte[][] Words = ["%%EOF\n"u8.ToArray(), "/ID"u8.ToArray(), "/ByteRange"u8.ToArray()];

    private readonly IncrementalHash _hash = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
    private readonly Queue<long> _ends = new();
    private readonly List<FileBeginning> _beginnings = [];
    private readonly List<string> _ids = [];
    private readonly List<long> _ranges = [];
    private int _idsTried;

    private PdfScan()
    {
    }

    public string Sha256 { get; private set; } = "";

    public long Length { get; private set; }

    public IReadOnlyList<FileBeginning> Beginnings => _beginnings;

    public IReadOnlyList<string> PdfIds => _ids;

    /// <summary>Where <c>/ByteRange</c> stands, the first and the last few times.</summary>
    public IReadOnlyList<long> Ranges => _ranges;

    /// <summary>How often it does.</summary>
    public int Signatures { get; private set; }

    /// <summary>The first certificate of the group that stands anywhere in the file, readable as a signature holds it; null when none does.</summary>
    public TrustedSeal? Names { get; private set; }

    public static async Task<PdfScan> ReadAsync(Stream file, IReadOnlyList<TrustedSeal> trusted, CancellationToken ct)
    {
        var scan = new PdfScan();
        // The serial number, which is random, stands in its first bytes. A program that writes the file anew may prefer small letters.
        var starts = trusted.Select(DocumentVerifier.StartOf).ToList();
        byte[][] words = [.. Words, .. starts.Select(Encoding.ASCII.GetBytes), .. starts.Select(s => Encoding.ASCII.GetBytes(s.ToLowerInvariant()))];
        file.Position = 0;
        using (scan._hash)
        {
            await StreamSearch.RunAsync(file, words, (word, at, bytes) =>
            {
                if (word == 0) return scan.TakeEnd(at + Words[0].Length);
                if (word == 1) return scan.TakeId(bytes);
                if (word == 2) return scan.TakeRange(at);
                scan.Names ??= trusted[(word - Words.Length) % trusted.Count];
                return false;
            }, scan.Take, ct);
            scan.Sha256 = Convert.ToHexStringLower(scan._hash.GetHashAndReset());
        }

        return scan;
    }

    private void Take(ReadOnlySpan<byte> bytes)
    {
        while (_ends.TryPeek(out var end) && end <= Length + bytes.Length)
        {
            var count = (int)(_ends.Dequeue() - Length);
            _hash.AppendData(bytes[..count]);
            bytes = bytes[count..];
            Length = end;
            _beginnings.Add(new(end, Convert.ToHexStringLower(_hash.GetCurrentHash())));
        }

        _hash.AppendData(bytes);
        Length += bytes.Length;
    }

    private bool TakeEnd(long end)
    {
        _ends.Enqueue(end);
        return _ends.Count + _beginnings.Count < FileFacts.MostAsked;
    }

    private bool TakeId(ReadOnlySpan<byte> bytes)
    {
        var lexer = new PdfLexer(bytes, Words[1].Length);
        // Elements of a tagged file have an /ID of their own, thousands of them: a string, not an array.
        if (lexer.Skip("["u8))
        {
            _idsTried++;
            for (var half = 0; half < 2; half++)
            {
                lexer.SkipWhite();
                var start = lexer.Position;
                if (!lexer.SkipValue() || PdfString.Read(bytes[start..lexer.Position]) is not { Length: > 0 } value) break;
                var id = Convert.ToHexStringLower(value);
                if (_ids.Contains(id)) continue;
                // The first and the last ones: what stands in between may be words of a text.
                if (_ids.Count == FileFacts.MostAsked) _ids.RemoveAt(FileFacts.MostAsked / 2);
                _ids.Add(id);
            }
        }

        return _idsTried < MostIdsTried;
    }

    private bool TakeRange(long at)
    {
        Signatures++;
        if (_ranges.Count == 2 * MostRanges) _ranges.RemoveAt(MostRanges);
        _ranges.Add(at);
        return true;
    }
}
