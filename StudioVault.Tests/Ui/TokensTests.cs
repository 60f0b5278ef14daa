using System.Globalization;
using System.Text.RegularExpressions;
using StudioVault.Tests.Support;
using Xunit;

namespace StudioVault.Tests.Ui;

public sealed partial class TokensTests
{
    private static readonly string Css = Checkout.File("wwwroot/css/tokens.css");
    private static readonly Dictionary<string, string> Light = Block(":root {");
    private static readonly Dictionary<string, string> Dim = Block("html[data-theme=\"dim\"] {");

    public static TheoryData<string, string> TextPairs => new()
    {
        { "ink", "paper" }, { "ink", "card" }, { "ink", "hover" }, { "ink", "sunk" },
        { "ink-2", "paper" }, { "ink-2", "card" }, { "ink-2", "hover" },
        { "cyan", "paper" }, { "cyan", "card" }, { "cyan", "cyan-tint" }, { "on-cyan", "cyan" }, { "on-cyan", "cyan-deep" },
        { "plum", "card" }, { "plum", "plum-tint" }, { "ochre", "card" }, { "ochre", "ochre-tint" },
        { "moss", "card" }, { "moss", "moss-tint" }, { "rust", "card" }, { "rust", "rust-tint" }, { "on-rust", "rust" }, { "on-rust", "rust-deep" },
    };

    [Theory]
    [MemberData(nameof(TextPairs))]
    public void Text_stands_out_six_to_one_in_both_themes(string text, string ground)
    {
        Assert.True(Contrast(Light, text, ground) >= 6, $"light {text} on {ground}: {Contrast(Light, text, ground):F2}");
        Assert.True(Contrast(Dim, text, ground) >= 6, $"dim {text} on {ground}: {Contrast(Dim, text, ground):F2}");
    }

    [Theory]
    [InlineData("paper")]
    [InlineData("card")]
    public void Borders_of_controls_stand_out_three_to_one(string ground)
    {
        Assert.True(Contrast(Light, "control", ground) >= 3, $"light: {Contrast(Light, "control", ground):F2}");
        Assert.True(Contrast(Dim, "control", ground) >= 3, $"dim: {Contrast(Dim, "control", ground):F2}");
    }

    [Fact]
    public void A_dark_device_gets_the_same_colours_as_the_dim_choice() => Assert.Equal(Dim, Block("html[data-theme=\"system\"] {"));

    [Fact]
    public void Every_token_that_is_used_exists()
    {
        var sheets = Directory.EnumerateFiles(Path.Combine(Checkout.Root, "wwwroot", "css"), "*.css")
            .Concat(Directory.EnumerateFiles(Path.Combine(Checkout.Root, "StudioVault.Web"), "*.razor.css", SearchOption.AllDirectories)
                .Where(f => !f.Contains("/obj/", StringComparison.Ordinal)));
        // --tone and --tint are set by the tone-… classes, with a fallback where a part may have none; --held by the script of the hold.
        var defined = Definition().Matches(Css).Select(m => m.Groups[1].Value).Concat(["tone", "tint", "held"]).ToHashSet();
        // A sheet may have some of its own.
        var missing = sheets.SelectMany(f => Use().Matches(File.ReadAllText(f)).Select(m => m.Groups[1].Value).Except(Definition().Matches(File.ReadAllText(f)).Select(m => m.Groups[1].Value)).Select(u => $"{u} in {Path.GetFileName(f)}"))
            .Where(u => !defined.Contains(u.Split(' ')[0]));
        Assert.Empty(missing);
    }

    [Fact]
    public void Font_files_named_in_the_tokens_and_the_document_exist()
    {
        var named = FontFile().Matches(Css + Checkout.File("StudioVault.Web/App.razor")).Select(m => m.Value).Distinct().ToList();
        Assert.NotEmpty(named);
        Assert.All(named, font => Assert.True(File.Exists(Path.Combine(Checkout.Root, "wwwroot", font)), font));
    }

    private static double Contrast(Dictionary<string, string> theme, string a, string b)
    {
        var (x, y) = (Luminance(theme[a]), Luminance(theme[b]));
        return (Math.Max(x, y) + .05) / (Math.Min(x, y) + .05);
    }

    /// <summary>Relative luminance as WCAG 2.2 defines it.</summary>
    private static double Luminance(string hex)
    {
        double Channel(int at)
        {
            var c = int.Parse(hex.AsSpan(at, 2), NumberStyles.HexNumber, CultureInfo.InvariantCulture) / 255.0;
            return c <= .04045 ? c / 12.92 : Math.Pow((c + .055) / 1.055, 2.4);
        }

        return .2126 * Channel(1) + .7152 * Channel(3) + .0722 * Channel(5);
    }

    private static Dictionary<string, string> Block(string head)
    {
        var start = Css.IndexOf(head, StringComparison.Ordinal) + head.Length;
        return Token().Matches(Css[start..Css.IndexOf('}', start)]).ToDictionary(m => m.Groups[1].Value, m => m.Groups[2].Value);
    }

    [GeneratedRegex(@"--([a-z0-9-]+):\s*([^;]+);")]
    private static partial Regex Token();

    [GeneratedRegex(@"--((?!rz-)[a-z0-9-]+):")]
    private static partial Regex Definition();

    [GeneratedRegex(@"var\(--((?!rz-)[a-z0-9-]+)")]
    private static partial Regex Use();

    [GeneratedRegex(@"fonts/[a-z0-9.-]+\.woff2")]
    private static partial Regex FontFile();
}
