using System.Buffers.Binary;
using System.IO.Compression;

namespace StudioVault.Infrastructure.Demo;

/// <summary>A small landscape, drawn: the demo group has no photographs. Same seed, same picture.</summary>
internal static class DemoPicture
{
    private const int Width = 720;
    private const int Height = 480;

    private static readonly (byte R, byte G, byte B)[][] Lights =
    [
        [(253, 214, 156), (120, 146, 190)], [(247, 178, 133), (74, 88, 140)], [(221, 232, 238), (96, 148, 196)], [(250, 226, 205), (160, 120, 150)],
    ];

    /// <summary>The picture as PNG, some ten kilobytes.</summary>
    public static byte[] Draw(string seed)
    {
        var random = new DemoRandom(seed);
        var light = random.Pick(Lights);
        var (sunX, sunY, sun) = (random.Between(120, Width - 120), random.Between(90, 220), random.Between(26, 44));
        var hills = Enumerable.Range(0, 3).Select(i => (Base: 250 + i * 70, Wave: random.Between(14, 34), Length: random.Between(90, 230), Shift: random.Below(600), Shade: 0.62 - i * 0.17)).ToArray();
        var rows = new byte[(Width * 3 + 1) * Height];
        for (var y = 0; y < Height; y++)
        {
            var at = y * (Width * 3 + 1) + 1;
            var sky = Mix(light[1], light[0], Math.Min(1, y / 300.0));
            for (var x = 0; x < Width; x++, at += 3)
            {
                var colour = (x - sunX) * (x - sunX) + (y - sunY) * (y - sunY) <= sun * sun ? ((byte)255, (byte)248, (byte)228) : sky;
                foreach (var hill in hills)
                    if (y > hill.Base + hill.Wave * Math.Sin((x + hill.Shift) / (double)hill.Length * 2) + hill.Wave / 3.0 * Math.Sin((x + hill.Shift) / 31.0)) colour = Mix((24, 34, 46), sky, hill.Shade);
                (rows[at], rows[at + 1], rows[at + 2]) = colour;
            }
        }

        using var png = new MemoryStream();
        png.Write([0x89, (byte)'P', (byte)'N', (byte)'G', 13, 10, 26, 10]);
        var header = new byte[13];
        BinaryPrimitives.WriteInt32BigEndian(header, Width);
        BinaryPrimitives.WriteInt32BigEndian(header.AsSpan(4), Height);
        (header[8], header[9]) = (8, 2);
        Chunk(png, "IHDR"u8, header);
        using (var packed = new MemoryStream())
        {
            using (var zlib = new ZLibStream(packed, CompressionLevel.Optimal, leaveOpen: true)) zlib.Write(rows);
            Chunk(png, "IDAT"u8, packed.ToArray());
        }

        Chunk(png, "IEND"u8, []);
        return png.ToArray();
    }

    private static (byte, byte, byte) Mix((byte R, byte G, byte B) a, (byte R, byte G, byte B) b, double share) =>
        ((byte)(a.R + (b.R - a.R) * share), (byte)(a.G + (b.G - a.G) * share), (byte)(a.B + (b.B - a.B) * share));

    private static void Chunk(MemoryStream png, ReadOnlySpan<byte> type, ReadOnlySpan<byte> data)
    {
        Span<byte> number = stackalloc byte[4];
        BinaryPrimitives.WriteInt32BigEndian(number, data.Length);
        png.Write(number);
        png.Write(type);
        png.Write(data);
        BinaryPrimitives.WriteUInt32BigEndian(number, Crc(type, data));
        png.Write(number);
    }

    // CRC-32 as PNG asks for it (ISO 3309).
    private static uint Crc(ReadOnlySpan<byte> type, ReadOnlySpan<byte> data)
    {
        var crc = Next(Next(uint.MaxValue, type), data);
        return ~crc;

        static uint Next(uint crc, ReadOnlySpan<byte> bytes)
        {
            foreach (var b in bytes)
            {
                crc ^= b;
                for (var bit = 0; bit < 8; bit++) crc = (crc & 1) == 0 ? crc >> 1 : crc >> 1 ^ 0xEDB88320;
            }

            return crc;
        }
    }
}
