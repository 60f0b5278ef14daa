using AngleSharp.Html.Parser;
using StudioVault.Web.Ui;
using Xunit;

namespace StudioVault.Tests.Ui;

public sealed class MarkdownProseTests
{
    [Theory]
    [InlineData("<script>alert(1)</script>")]
    [InlineData("text <img src=x onerror=alert(1)> text")]
    [InlineData("<style>body{display:none}</style>")]
    [InlineData("<iframe src='https://example.org'></iframe>")]
    [InlineData("<a href='javascript:alert(1)'>x</a>")]
    [InlineData("[x](javascript:alert(1))")]
    [InlineData("[x](JaVaScRiPt:alert(1))")]
    [InlineData("[x](data:text/html,<script>alert(1)</script>)")]
    [InlineData("[x](//example.org/elsewhere)")]
    [InlineData("<javascript:alert(1)>")]
    [InlineData("![x](https://example.org/pixel.png)")]
    [InlineData("[![x](https://example.org/p.png)](vbscript:x)")]
    public void Lets_nothing_through_that_runs_or_calls_out(string markdown)
    {
        var page = new HtmlParser().ParseDocument(MarkdownProse.ToHtml(markdown, 2));
        Assert.Empty(page.QuerySelectorAll("script, style, iframe, img, object, embed, form, link, meta"));
        Assert.DoesNotContain(page.All, e => e.Attributes.Any(a => a.Name.StartsWith("on", StringComparison.OrdinalIgnoreCase)));
        Assert.DoesNotContain(page.QuerySelectorAll("[href]"), e => !IsWebOrMail(e.GetAttribute("href")!));
    }

    [Fact]
    public void Keeps_the_words_of_what_it_takes_out()
    {
        Assert.Contains("alert(1)", MarkdownProse.ToHtml("<script>alert(1)</script>", 2), StringComparison.Ordinal);
        Assert.Equal("<p>see the terms</p>\n", MarkdownProse.ToHtml("see [the **terms**](javascript:x)", 2).Replace("<strong>", "", StringComparison.Ordinal).Replace("</strong>", "", StringComparison.Ordinal));
        Assert.Equal("<p>a plan of the room</p>\n", MarkdownProse.ToHtml("![a plan of the room](https://example.org/p.png)", 2));
    }

    [Theory]
    [InlineData("[x](https://example.org/a?b=c)", "https://example.org/a?b=c")]
    [InlineData("[x](mailto:studio@example.org)", "mailto:studio@example.org")]
    [InlineData("[x](/packages/1)", "/packages/1")]
    [InlineData("<https://example.org/>", "https://example.org/")]
    public void Keeps_ordinary_links(string markdown, string href) =>
        Assert.Equal(href, new HtmlParser().ParseDocument(MarkdownProse.ToHtml(markdown, 2)).QuerySelector("a")?.GetAttribute("href"));

    [Fact]
    public void Continues_below_the_heading_of_its_page() =>
        Assert.Equal("<h4>Terms</h4>\n<h6>Small</h6>\n", MarkdownProse.ToHtml("# Terms\n\n##### Small", 3));

    [Fact]
    public void Leaves_no_level_out_when_the_text_starts_with_a_deeper_one() =>
        Assert.Equal("<h4>Access</h4>\n<h5>Small</h5>\n", MarkdownProse.ToHtml("### Access\n\n#### Small", 3));

    [Fact]
    public void Knows_the_lettered_lists_of_legal_texts()
    {
        var page = new HtmlParser().ParseDocument(MarkdownProse.ToHtml("1. Payment\n   a. the deposit;\n   b. the balance.", 2));
        Assert.Equal(["the deposit;", "the balance."], page.QuerySelectorAll("ol[type=a] > li").Select(l => l.TextContent));
    }

    [Theory]
    [InlineData("ניתן לבטל", "p", "rtl")]
    [InlineData("- ניתן לבטל", "ul", "rtl")]
    [InlineData("30 يوما", "p", "rtl")]
    [InlineData("In writing: ניתן לבטל", "p", null)]
    public void A_text_that_runs_to_the_left_says_so(string markdown, string element, string? direction) =>
        Assert.Equal(direction, new HtmlParser().ParseDocument(MarkdownProse.ToHtml(markdown, 2)).QuerySelector(element)!.GetAttribute("dir"));

    private static bool IsWebOrMail(string href) =>
        href.StartsWith("https:", StringComparison.Ordinal) || href.StartsWith("http:", StringComparison.Ordinal) || href.StartsWith("mailto:", StringComparison.Ordinal)
        || (href.StartsWith('/') && !href.StartsWith("//", StringComparison.Ordinal));
}
