using System.Globalization;
using System.Text;
using System.Text.RegularExpressions;
using DiffPlex;
using Markdig.Extensions.Tables;
using Markdig.Syntax;
using Markdig.Syntax.Inlines;
using StudioVault.Domain.Packages;
using StudioVault.Web.Ui;

namespace StudioVault.Web.Documents.Agreements;

/// <summary>A paragraph, heading, entry or table row of a text and what an amendment does to its words.</summary>
/// <param name="Depth">How deep in lists it stands, 0 outside of any.</param>
/// <param name="Marker">What stands before an entry: "3.", "a.", "•"; empty elsewhere.</param>
/// <param name="Fate">Same: untouched; Inserted or Deleted: as a whole; null: some of its words.</param>
public sealed record RedlineBlock(int Depth, string Marker, bool IsHeading, ProseFate? Fate, IReadOnlyList<ProsePart> Parts);

/// <summary>
/// Two texts compared as people read them and not as they are spelled: first by paragraph, then by word inside a paragraph
/// that became another one.
/// </summary>
public static partial class Redline
{
    // From this share of common words on, a paragraph counts as the other one rewritten.
    private const double Alike = 0.4;

    // Where less than this share of the shorter one stays in its place, the two one after the other read better than their shreds.
    private const double Kept = 0.5;

    private sealed record Block(int Depth, string Marker, bool IsHeading, string Text)
    {
        public string Key => $"{Depth} {(IsHeading ? "#" : "")}{Text}";
    }

    /// <summary>Every block of both texts in reading order.</summary>
    public static IReadOnlyList<RedlineBlock> Between(string before, string after)
    {
        var (old, now) = (Blocks(before), Blocks(after));
        // The differ takes an empty text for one empty line.
        if (old.Count == 0 || now.Count == 0) return [.. old.Select(b => Whole(b, ProseFate.Deleted)), .. now.Select(b => Whole(b, ProseFate.Inserted))];
        var diff = new Differ().CreateLineDiffs(Joined(old), Joined(now), ignoreWhitespace: false);
        var lines = new List<RedlineBlock>();
        var at = 0;
        foreach (var difference in diff.DiffBlocks)
        {
            lines.AddRange(now[at..difference.InsertStartB].Select(Same));
            lines.AddRange(Paired(old[difference.DeleteStartA..(difference.DeleteStartA + difference.DeleteCountA)], now[difference.InsertStartB..(difference.InsertStartB + difference.InsertCountB)]));
            at = difference.InsertStartB + difference.InsertCountB;
        }

        lines.AddRange(now[at..].Select(Same));
        return lines;
    }

    // Each new block beside the first old one it resembles; what goes stands before what comes in its place.
    private static IEnumerable<RedlineBlock> Paired(List<Block> old, List<Block> now)
    {
        var next = 0;
        foreach (var (block, twin) in now.Zip(Twins(old, now)))
        {
            var (found, before) = twin;
            foreach (var gone in old[next..before]) yield return Whole(gone, ProseFate.Deleted);
            next = before;
            if (found is null)
            {
                yield return Whole(block, ProseFate.Inserted);
                continue;
            }

            next++;
            var parts = WholeNumbers(ProseDiff.Between(found.Text, block.Text));
            if (parts.Sum(p => p.Fate == ProseFate.Same ? p.Text.Length : 0) >= Kept * Math.Min(found.Text.Length, block.Text.Length))
            {
                yield return new(block.Depth, block.Marker, block.IsHeading, null, parts);
                continue;
            }

            yield return Whole(found, ProseFate.Deleted);
            yield return Whole(block, ProseFate.Inserted);
        }

        foreach (var gone in old[next..]) yield return Whole(gone, ProseFate.Deleted);
    }

    // For each new block the old one it was, and how many of the old ones come before it or before the next that has one.
    private static (Block? Found, int Before)[] Twins(List<Block> old, List<Block> now)
    {
        var twins = new (Block?, int)[now.Count];
        var next = 0;
        for (var i = 0; i < now.Count; i++)
        {
            var found = old.FindIndex(next, o => o.IsHeading == now[i].IsHeading && Likeness(o.Text, now[i].Text) >= Alike);
            twins[i] = found < 0 ? (null, -1) : (old[found], found);
            if (found >= 0) next = found + 1;
        }

        var until = old.Count;
        for (var i = now.Count - 1; i >= 0; i--)
        {
            if (twins[i].Item1 is null) twins[i] = (null, until);
            else until = twins[i].Item2;
        }

        return twins;
    }

    // "€1,[removed: 450][added: 690].00" makes a reader put a number together; "[removed: 1,450.00][added: 1,690.00]" does not.
    private static List<ProsePart> WholeNumbers(IReadOnlyList<ProsePart> parts)
    {
        var whole = new List<ProsePart>();
        for (var i = 0; i < parts.Count;)
        {
            if (parts[i].Fate == ProseFate.Same)
            {
                whole.Add(parts[i++]);
                continue;
            }

            string deleted = "", inserted = "";
            for (; i < parts.Count && parts[i].Fate != ProseFate.Same; i++)
            {
                if (parts[i].Fate == ProseFate.Deleted) deleted += parts[i].Text;
                else inserted += parts[i].Text;
            }

            if (whole is [.., { Fate: ProseFate.Same } before] && NumberEnd().Match(before.Text) is { Success: true } head && (GoesOn().IsMatch(deleted) || GoesOn().IsMatch(inserted)))
            {
                whole[^1] = before with { Text = before.Text[..head.Index] };
                (deleted, inserted) = (head.Value + deleted, head.Value + inserted);
            }

            if (i < parts.Count && NumberStart().Match(parts[i].Text) is { Success: true } tail && (deleted is [.., >= '0' and <= '9'] || inserted is [.., >= '0' and <= '9']))
            {
                (deleted, inserted) = (deleted + tail.Value, inserted + tail.Value);
                parts = [.. parts.Take(i), parts[i] with { Text = parts[i].Text[tail.Length..] }, .. parts.Skip(i + 1)];
            }

            if (deleted.Length > 0) whole.Add(new(ProseFate.Deleted, deleted));
            if (inserted.Length > 0) whole.Add(new(ProseFate.Inserted, inserted));
        }

        return [.. whole.Where(p => p.Text.Length > 0)];
    }

    [GeneratedRegex(@"\d[\d.,:/]*$")]
    private static partial Regex NumberEnd();

    [GeneratedRegex(@"^[.,:/]?\d")]
    private static partial Regex GoesOn();

    [GeneratedRegex(@"^(\d|[.,:/]\d)+")]
    private static partial Regex NumberStart();

    private static RedlineBlock Same(Block block) => Whole(block, ProseFate.Same);

    private static RedlineBlock Whole(Block block, ProseFate fate) => new(block.Depth, block.Marker, block.IsHeading, fate, [new(fate, block.Text)]);

    private static double Likeness(string a, string b)
    {
        var (x, y) = (Words(a), Words(b));
        return x.Count + y.Count == 0 ? 1 : 2.0 * x.Count(y.Contains) / (x.Count + y.Count);
    }

    private static HashSet<string> Words(string text) => [.. text.Split([' ', ',', '.', ';', ':', '(', ')', '"', '“', '”'], StringSplitOptions.RemoveEmptyEntries)];

    private static string Joined(List<Block> blocks) => string.Join('\n', blocks.Select(b => b.Key));

    private static List<Block> Blocks(string markdown)
    {
        var blocks = new List<Block>();
        Walk(MarkdownProse.Parse(markdown), 0, "", blocks);
        return blocks;
    }

    private static void Walk(ContainerBlock container, int depth, string marker, List<Block> blocks)
    {
        foreach (var block in container)
        {
            switch (block)
            {
                case ListBlock list:
                    var place = 0;
                    foreach (var entry in list.OfType<ListItemBlock>()) Walk(entry, depth + 1, Marker(list, entry, place++), blocks);
                    break;
                case TableRow row:
                    Add(string.Join(" | ", row.OfType<TableCell>().Select(c => string.Join(' ', c.OfType<LeafBlock>().Select(Text)))), false);
                    break;
                case ContainerBlock inner:
                    Walk(inner, depth, marker, blocks);
                    break;
                case LeafBlock leaf and not LinkReferenceDefinition:
                    Add(Text(leaf), leaf is HeadingBlock);
                    break;
            }

            // The marker stands before the first paragraph of an entry only.
            marker = "";
        }

        void Add(string text, bool heading)
        {
            if (text.Length > 0) blocks.Add(new(depth, marker, heading, text));
        }
    }

    private static string Marker(ListBlock list, ListItemBlock entry, int place)
    {
        if (!list.IsOrdered) return "•";
        return list.BulletType switch
        {
            'a' or 'A' => $"{(char)(list.BulletType + (((list.OrderedStart is [var first, ..] && char.IsLetter(first) ? char.ToLowerInvariant(first) - 'a' : 0) + place) % 26))}.",
            'i' or 'I' => $"{Roman(place + 1, list.BulletType == 'I')}.",
            _ => $"{(int.TryParse(list.OrderedStart ?? list.DefaultOrderedStart, CultureInfo.InvariantCulture, out var start) ? start + place : entry.Order)}.",
        };
    }

    private static string Roman(int number, bool upper)
    {
        var text = new StringBuilder();
        foreach (var (value, letters) in new[] { (100, "c"), (90, "xc"), (50, "l"), (40, "xl"), (10, "x"), (9, "ix"), (5, "v"), (4, "iv"), (1, "i") })
        {
            for (; number >= value; number -= value) text.Append(letters);
        }

        return upper ? text.ToString().ToUpperInvariant() : text.ToString();
    }

    private static string Text(LeafBlock leaf)
    {
        var text = new StringBuilder();
        if (leaf.Inline is { } inline) Append(inline, text);
        else text.Append(leaf.Lines.ToString());
        return string.Join(' ', text.ToString().Split((char[]?)null, StringSplitOptions.RemoveEmptyEntries));
    }

    private static void Append(ContainerInline container, StringBuilder text)
    {
        foreach (var inline in container)
        {
            switch (inline)
            {
                case LiteralInline literal: text.Append(literal.Content.AsSpan()); break;
                case CodeInline code: text.Append(code.Content); break;
                case HtmlEntityInline entity: text.Append(entity.Transcoded.AsSpan()); break;
                case AutolinkInline address: text.Append(address.Url); break;
                case LineBreakInline: text.Append(' '); break;
                case LinkInline link:
                    var start = text.Length;
                    Append(link, text);
                    // Where a link leads is part of what is agreed.
                    if (!link.IsImage && MarkdownProse.IsSafe(link.Url) && text.ToString(start, text.Length - start) != link.Url) text.Append(" (").Append(link.Url).Append(')');
                    break;
                case ContainerInline inner: Append(inner, text); break;
            }
        }
    }
}
