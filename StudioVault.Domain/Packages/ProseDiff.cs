using DiffPlex;

namespace StudioVault.Domain.Packages;

/// <summary>What happened to a stretch of words.</summary>
public enum ProseFate
{
    Same,
    Inserted,
    Deleted,
}

/// <summary>A stretch of words with one fate; the text keeps its spaces and line breaks.</summary>
public sealed record ProsePart(ProseFate Fate, string Text);

/// <summary>The difference of two texts by word, for prose only: fields that are not prose are shown before and after.</summary>
public static class ProseDiff
{
    private static readonly char[] Separators = [' ', '\n', '\t', '\r', '.', ',', ';', ':', '(', ')'];

    /// <summary>The parts in reading order; joined without the deleted ones they are the new text, without the inserted ones the old.</summary>
    public static IReadOnlyList<ProsePart> Between(string before, string after)
    {
        if (before == after) return before.Length == 0 ? [] : [new(ProseFate.Same, before)];
        var result = new Differ().CreateWordDiffs(before, after, ignoreWhitespace: false, ignoreCase: false, Separators);
        var parts = new List<ProsePart>();
        var at = 0;
        foreach (var block in result.DiffBlocks)
        {
            Add(ProseFate.Same, result.PiecesNew[at..block.InsertStartB]);
            Add(ProseFate.Deleted, result.PiecesOld[block.DeleteStartA..(block.DeleteStartA + block.DeleteCountA)]);
            Add(ProseFate.Inserted, result.PiecesNew[block.InsertStartB..(block.InsertStartB + block.InsertCountB)]);
            at = block.InsertStartB + block.InsertCountB;
        }

        Add(ProseFate.Same, result.PiecesNew[at..]);
        return Joined(parts);

        void Add(ProseFate fate, IReadOnlyList<string> pieces)
        {
            if (pieces.Count > 0) parts.Add(new ProsePart(fate, string.Concat(pieces)));
        }
    }

    /// <summary>
    /// A lone space between two changes makes a reader's eye jump: it goes to both sides, so that a changed phrase reads as one.
    /// </summary>
    private static List<ProsePart> Joined(List<ProsePart> parts)
    {
        var joined = new List<ProsePart>();
        string deleted = "", inserted = "";
        for (var i = 0; i < parts.Count; i++)
        {
            var part = parts[i];
            if (part.Fate == ProseFate.Deleted) deleted += part.Text;
            else if (part.Fate == ProseFate.Inserted) inserted += part.Text;
            else if (string.IsNullOrWhiteSpace(part.Text) && deleted.Length + inserted.Length > 0 && i + 1 < parts.Count && !part.Text.Contains('\n', StringComparison.Ordinal))
            {
                deleted += part.Text;
                inserted += part.Text;
            }
            else
            {
                Flush();
                joined.Add(part);
            }
        }

        Flush();
        return joined;

        void Flush()
        {
            if (deleted.Length > 0) joined.Add(new ProsePart(ProseFate.Deleted, deleted));
            if (inserted.Length > 0) joined.Add(new ProsePart(ProseFate.Inserted, inserted));
            (deleted, inserted) = ("", "");
        }
    }
}
