using Markdig;
using Markdig.Extensions.Tables;
using Markdig.Renderers;
using Markdig.Renderers.Html;
using Markdig.Syntax;
using Markdig.Syntax.Inlines;

namespace StudioVault.Web.Ui;

/// <summary>Turns stored Markdown into HTML that is safe to put on a page, whoever wrote it.</summary>
public static class MarkdownProse
{
    private static readonly MarkdownPipeline Pipeline = new MarkdownPipelineBuilder()
        .DisableHtml().UsePipeTables().UseEmphasisExtras().UseListExtras().UseAutoLinks().Build();

    /// <summary>
    /// Raw HTML comes out as text; links keep only web and mail addresses; images become their words, since a text
    /// must not make a reader's browser call somewhere. Headings start right below <paramref name="headingLevel"/>,
    /// whichever level the text itself starts with.
    /// </summary>
    /// <param name="markdown">The stored text.</param>
    /// <param name="headingLevel">Level of the heading above the prose, 1 to 5.</param>
    public static string ToHtml(string markdown, int headingLevel)
    {
        var document = Parse(markdown);
        var headings = document.Descendants<HeadingBlock>().ToList();
        var top = headings.Count == 0 ? 1 : headings.Min(h => h.Level);
        foreach (var heading in headings)
            heading.Level = Math.Min(6, heading.Level - top + 1 + headingLevel);
        foreach (var link in document.Descendants<LinkInline>().ToList())
        {
            if (link.IsImage || !IsSafe(link.Url))
                Unwrap(link);
            else
                link.GetAttributes().AddPropertyIfNotExist("rel", "noopener noreferrer");
        }

        foreach (var link in document.Descendants<AutolinkInline>().Where(l => !l.IsEmail && !IsSafe(l.Url)).ToList())
            link.ReplaceBy(new LiteralInline(link.Url));

        foreach (var block in document.Descendants<Block>().Where(b => (b is ParagraphBlock or HeadingBlock or ListBlock or Table) && IsRightToLeft(b)))
            block.GetAttributes().AddPropertyIfNotExist("dir", "rtl");

        using var writer = new StringWriter();
        var renderer = new HtmlRenderer(writer);
        Pipeline.Setup(renderer);
        renderer.Render(document);
        return writer.ToString();
    }

    /// <summary>The text taken apart as every page of ours reads it.</summary>
    internal static MarkdownDocument Parse(string markdown) => Markdown.Parse(markdown, Pipeline);

    internal static bool IsSafe(string? url) =>
        url is ['/' or '#', ..] && !url.StartsWith("//", StringComparison.Ordinal) ||
        Uri.TryCreate(url, UriKind.Absolute, out var address) && address.Scheme is "https" or "http" or "mailto";

    /// <summary>Whether the first letter of a block belongs to a script that runs to the left.</summary>
    private static bool IsRightToLeft(Block block)
    {
        var words = block is LeafBlock leaf ? leaf.Inline?.Descendants<LiteralInline>() ?? [] : block.Descendants<LiteralInline>();
        var text = words.SelectMany(l => l.Content.ToString()).FirstOrDefault(char.IsLetter);
        return text is >= '\u0590' and <= '\u08FF' or >= '\uFB1D' and <= '\uFDFF' or >= '\uFE70' and <= '\uFEFF';
    }

    /// <summary>Puts a link's or an image's own words in its place.</summary>
    private static void Unwrap(ContainerInline link)
    {
        while (link.FirstChild is { } child)
        {
            child.Remove();
            link.InsertBefore(child);
        }

        link.Remove();
    }
}
