using System.Text;
using StudioVault.Domain.Audit;

namespace StudioVault.Infrastructure.Audit;

/// <summary>
/// Signed checkpoints outside the database, one note after another, oldest first, an empty line between two; the last five lines
/// are the newest (<c>tail -n 5</c>). Only ever appended to. Lay it where those who run the database cannot write: a log put back
/// whole to an older state is found by a checkpoint from outside and by nothing else.
/// </summary>
public sealed class CheckpointFile(string path)
{
    /// <summary>More than any few notes take.</summary>
    private const int Tail = 64 * 1024;

    private const string Signature = "\u2014 ";

    /// <summary>Writes a note on the end and waits until the device has it.</summary>
    /// <exception cref="IOException">It could not be written.</exception>
    /// <exception cref="UnauthorizedAccessException">It may not be written.</exception>
    public void Append(string note)
    {
        Directory.CreateDirectory(Path.GetDirectoryName(Path.GetFullPath(path))!);
        using var file = new FileStream(path, FileMode.OpenOrCreate, FileAccess.ReadWrite, FileShare.ReadWrite);
        file.Seek(0, SeekOrigin.End);
        if (file.Length > 0)
        {
            // A note cut off by a power cut must not swallow this one.
            file.Seek(-1, SeekOrigin.End);
            file.Write(file.ReadByte() == '\n' ? "\n"u8 : "\n\n"u8);
        }

        file.Write(Encoding.UTF8.GetBytes(note));
        file.Flush(flushToDisk: true);
    }

    /// <summary>The last note that can be read; null when there is no file or nothing in it.</summary>
    /// <exception cref="IOException">It cannot be read, or what is in it are no notes.</exception>
    public string? Newest()
    {
        if (!File.Exists(path)) return null;
        using var file = new FileStream(path, FileMode.Open, FileAccess.Read, FileShare.ReadWrite);
        if (file.Length == 0) return null;
        file.Seek(-Math.Min(Tail, file.Length), SeekOrigin.End);
        using var reader = new StreamReader(file, Encoding.UTF8);
        return Split(reader.ReadToEnd()) is [.., var newest] ? newest : throw new IOException("The file of checkpoints holds no checkpoint.");
    }

    /// <summary>The notes in a text, in their order; what is none is passed over.</summary>
    public static IReadOnlyList<string> Split(string text)
    {
        var notes = new List<string>();
        var parts = text.Split("\n\n", StringSplitOptions.RemoveEmptyEntries);
        for (var i = 1; i < parts.Length; i++)
        {
            var note = $"{parts[i - 1].TrimStart('\n')}\n\n{parts[i].TrimEnd('\n')}\n";
            if (parts[i].StartsWith(Signature, StringComparison.Ordinal) && !Checkpoint.Parse(note).IsRefused) notes.Add(note);
        }

        return notes;
    }
}
