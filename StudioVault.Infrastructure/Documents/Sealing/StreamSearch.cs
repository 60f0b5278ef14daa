namespace StudioVault.Infrastructure.Documents.Sealing;

/// <summary>Finds words in a stream of any length while holding a small part of it.</summary>
internal static class StreamSearch
{
    /// <summary>What is shown of the bytes from a found word on, as long as the stream has them.</summary>
    public const int Ahead = 1024;

    private const int Chunk = 1 << 17;

    /// <param name="word">Which word.</param>
    /// <param name="at">Where it begins in the stream.</param>
    /// <param name="bytes">From there on, at least <see cref="Ahead"/> bytes or up to the end.</param>
    public delegate void Found(int word, long at, ReadOnlySpan<byte> bytes);

    public delegate void Passed(ReadOnlySpan<byte> bytes);

    /// <summary>Reads from the stream's position to its end.</summary>
    /// <param name="words">None is the beginning of another.</param>
    /// <param name="found">Called in order of place.</param>
    /// <param name="passed">Given every byte once, in order; when a word is reported, all bytes up to its end have been given.</param>
    public static async Task RunAsync(Stream stream, byte[][] words, Found found, Passed passed, CancellationToken ct)
    {
        var buffer = new byte[Chunk + 2 * Ahead];
        var matches = new List<(int At, int Word)>();
        var (origin, filled, given) = (stream.Position, 0, 0);
        for (var ended = false; !ended;)
        {
            var count = await stream.ReadAtLeastAsync(buffer.AsMemory(filled), buffer.Length - filled, throwOnEndOfStream: false, ct);
            ended = filled + count < buffer.Length;
            filled += count;
            var safe = ended ? filled : filled - Ahead;
            given = Report(buffer.AsSpan(0, filled), safe, given);

            // What was not searched yet goes to the front; a word's end may have been given already.
            var rest = filled - safe;
            buffer.AsSpan(safe, rest).CopyTo(buffer);
            (origin, filled, given) = (origin + safe, rest, given - safe);
        }

        int Report(ReadOnlySpan<byte> bytes, int safe, int from)
        {
            matches.Clear();
            for (var word = 0; word < words.Length; word++)
            {
                for (int at = 0, next; at < safe && (next = bytes[at..].IndexOf(words[word])) >= 0 && at + next < safe; at += next + words[word].Length)
                    matches.Add((at + next, word));
            }

            matches.Sort();
            foreach (var (at, word) in matches)
            {
                var end = at + words[word].Length;
                if (end > from) passed(bytes[from..end]);
                from = Math.Max(from, end);
                found(word, origin + at, bytes[at..]);
            }

            if (safe > from) passed(bytes[from..safe]);
            return Math.Max(from, safe);
        }
    }
}
