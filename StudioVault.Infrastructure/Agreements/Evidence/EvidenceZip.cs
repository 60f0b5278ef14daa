using System.Globalization;
using System.IO.Compression;
using StudioVault.Domain.Agreements;
using StudioVault.Domain.Kernel;

namespace StudioVault.Infrastructure.Agreements.Evidence;

/// <summary>Packs as ZIP files. Written in one way only, so that the same files are the same bytes; read as if an enemy had made them.</summary>
public static class EvidenceZip
{
    public const int MostFiles = 4_000;
    public const long MostBytes = 512L << 20;
    public const long LargestFile = 200L << 20;

    private const int LongestName = 200;

    // CRC-32 as ZIP has it (reflected, polynomial 0xEDB88320).
    private static readonly uint[] Table = [.. Enumerable.Range(0, 256).Select(n => Enumerable.Range(0, 8).Aggregate((uint)n, (c, _) => (c >> 1) ^ ((c & 1) * 0xEDB88320)))];

    // A ZIP knows no earlier time; packs of one state must not differ by when they were fetched.
    private static readonly DateTimeOffset Epoch = new(1980, 1, 1, 0, 0, 0, TimeSpan.Zero);

    /// <summary>Writes files in order of their names. Not compressed: what weighs is so already, and no two packers compress alike.</summary>
    public static byte[] Write(IReadOnlyDictionary<string, byte[]> files)
    {
        using var output = new MemoryStream();
        using (var zip = new ZipArchive(output, ZipArchiveMode.Create, leaveOpen: true))
        {
            foreach (var (name, bytes) in files.OrderBy(f => f.Key, StringComparer.Ordinal))
            {
                var entry = zip.CreateEntry(name, CompressionLevel.NoCompression);
                entry.LastWriteTime = Epoch;
                entry.ExternalAttributes = 0b1_000_000_110_100_100 << 16;
                using var stream = entry.Open();
                stream.Write(bytes);
            }
        }

        return output.ToArray();
    }

    /// <summary>Reads a ZIP into memory and nowhere else.</summary>
    /// <param name="input">Seekable.</param>
    /// <returns>By name; or <c>refuse.evidence.not_a_pack</c>, <c>unsafe_name</c>, <c>name_twice</c>, <c>too_large</c>.</returns>
    public static Result<IReadOnlyDictionary<string, byte[]>> Read(Stream input)
    {
        if (input.Length > MostBytes) return EvidenceRefusals.TooLarge.With($"{Megabytes(input.Length)} MB");
        try
        {
            using var zip = new ZipArchive(input, ZipArchiveMode.Read, leaveOpen: true);
            if (zip.Entries.Count > MostFiles) return EvidenceRefusals.TooLarge.With($"{zip.Entries.Count.ToString(CultureInfo.InvariantCulture)} files");
            var files = new Dictionary<string, byte[]>(StringComparer.OrdinalIgnoreCase);
            var total = 0L;
            foreach (var entry in zip.Entries)
            {
                if (!IsSafe(entry.FullName)) return EvidenceRefusals.UnsafeName.With(Shown(entry.FullName));
                if (entry.FullName.EndsWith('/') && entry.Length == 0) continue;
                total += entry.Length;
                if (entry.Length > LargestFile || total > MostBytes) return EvidenceRefusals.TooLarge.With($"{Megabytes(total)} MB");
                if (files.ContainsKey(entry.FullName)) return EvidenceRefusals.NameTwice.With(Shown(entry.FullName));
                // As long as it says and not a byte more, whatever unpacking would give: a bomb goes off in no memory.
                using var stream = entry.Open();
                var bytes = new byte[entry.Length];
                if (stream.ReadAtLeast(bytes, bytes.Length, throwOnEndOfStream: false) != bytes.Length || stream.ReadByte() >= 0 || Crc32(bytes) != entry.Crc32)
                    return EvidenceRefusals.NotAPack.With($"{Shown(entry.FullName)} is not what it says");
                files.Add(entry.FullName, bytes);
            }

            return new Dictionary<string, byte[]>(files, StringComparer.Ordinal);
        }
        catch (Exception e) when (e is InvalidDataException or NotSupportedException or EndOfStreamException or ArgumentException or OverflowException or IOException)
        {
            return EvidenceRefusals.NotAPack.With("it is damaged, encrypted or something else");
        }
    }

    // ZipArchive stops at the length a file claims and does not look at its sum: another program might read on.
    private static uint Crc32(ReadOnlySpan<byte> bytes)
    {
        var crc = uint.MaxValue;
        foreach (var b in bytes) crc = (crc >> 8) ^ Table[(byte)(crc ^ b)];
        return ~crc;
    }

    /// <summary>A plain relative path, also to programs of other systems.</summary>
    private static bool IsSafe(string name) =>
        name.Length is > 0 and <= LongestName && !name.Any(c => c is '\\' or ':' or < ' ' or '\u007F') && name[0] != '/'
        && name.TrimEnd('/').Split('/').All(part => part is not ("" or "." or ".."));

    // Names are the enemy's: no more of one than fits a line, nothing that moves a cursor.
    private static string Shown(string name) => new([.. name.Take(80).Select(c => char.IsControl(c) ? '?' : c)]);

    private static string Megabytes(long bytes) => (bytes >> 20).ToString("#,0", CultureInfo.InvariantCulture);
}
