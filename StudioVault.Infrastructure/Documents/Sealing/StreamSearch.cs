namespace StudioVault.Infrastructure.Documents.Sealing;

/// <summary>Finds words in a stream of any length while holding a small part of it.</summary>
internal static class StreamSearch
{
    /// <summary>What is shown of the bytes from a found word on, as long as the stream has them.</summary>
    public const int Ahead = 1024;

    private const int Chunk = 1 << 17;

    /// <param name="word">Which word.</param>
    /// <param name="at">Where it begins in the stream.</param>
    /// <param name="bytes">From there on, <see cref="Ahead"/> bytes or up to the end.</param>
    /// <returns>False when this word need not be looked for any more.</returns>
    public delegate bool Found(int word, long at, ReadOnlySpan<byte> bytes);

    public delegate void Passed(ReadOnlySpan<byte> bytes);

    /// <summary>Reads from the stream's position to its end.</summary>
    /// <param name="found">Called for each word in order of place.</param>
    /// <param name="passed">Given every byte once, in order, after the words that begin in these bytes were reported.</param>
    public static async Task RunAsync(Stream stream, byte[][] words, Found found, Passed passed, CancellationToken ct)
    {
        var buffer = new byte[Chunk + Ahead];
        var wanted = new bool[words.Length];
        Array.Fill(wanted, true);
        var (origin, filled) = (stream.Position, 0);
        for (var ended = false; !ended;)
        {
            var count = await stream.ReadAtLeastAsync(buffer.AsMemory(filled), buffer.Length - filled, throwOnEndOfStream: false, ct);
            ended = filled + count < buffer.Length;
            filled += count;
            var safe = ended ? filled : filled - Ahead;
            Report(buffer.AsSpan(0, filled), safe);
            passed(buffer.AsSpan(0, safe));
            // What was not searched yet goes to the front.
            buffer.AsSpan(safe, filled - safe).CopyTo(buffer);
            (origin, filled) = (origin + safe, filled - safe);
        }

        void Report(ReadOnlySpan<byte> bytes, int safe)
        {
            for (var word = 0; word < words.Length; word++)
            {
                for (int at = 0, next; wanted[word] && at < safe && (next = bytes[at..].IndexOf(words[word])) >= 0 && at + next < safe; at += next + words[word].Length)
                    wanted[word] = found(word, origin + at + next, bytes.Slice(at + next, Math.Min(Ahead, bytes.Length - at - next)));
            }
        }
    }
}
