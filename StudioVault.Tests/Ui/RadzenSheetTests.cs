using System.Text.RegularExpressions;
using StudioVault.Tests.Support;
using Xunit;

namespace StudioVault.Tests.Ui;

/// <summary>We ship a cut of Radzen's style sheet (build/radzen-css.py); what is not in it would appear undressed.</summary>
public sealed partial class RadzenSheetTests
{
    private static readonly string Header = Checkout.File("wwwroot/css/radzen.css").Split("*/")[0];

    private static readonly List<(string File, string Text)> Pages =
        [.. Directory.EnumerateFiles(Path.Combine(Checkout.Root, "StudioVault.Web"), "*.razor", SearchOption.AllDirectories).Select(f => (Path.GetFileName(f), File.ReadAllText(f)))];

    [Fact]
    public void Every_Radzen_component_in_use_is_dressed()
    {
        var dressed = Component().Matches(Header).Select(m => m.Value).ToHashSet();
        var used = Pages.SelectMany(p => Tag().Matches(p.Text).Select(m => (p.File, Name: m.Groups[1].Value))).ToList();
        Assert.NotEmpty(used);
        Assert.DoesNotContain(used, u => !dressed.Contains(u.Name));
    }

    [Fact]
    public void No_page_leans_on_the_utility_classes_that_were_cut() => Assert.DoesNotContain(Pages, p => Utility().IsMatch(p.Text));

    [Fact]
    public void The_cut_is_of_the_version_in_use() =>
        Assert.Contains($"Radzen.Blazor {Version().Match(Checkout.File("Directory.Packages.props")).Groups[1].Value} ", Header, StringComparison.Ordinal);

    [Fact]
    public void Fetches_nothing() => Assert.DoesNotContain("url(", Checkout.File("wwwroot/css/radzen.css"), StringComparison.Ordinal);

    [GeneratedRegex("Radzen[A-Z][A-Za-z]+")]
    private static partial Regex Component();

    [GeneratedRegex("<(Radzen[A-Za-z]+)")]
    private static partial Regex Tag();

    [GeneratedRegex("\\b[cC]lass=\"[^\"]*\\brz-")]
    private static partial Regex Utility();

    [GeneratedRegex("Radzen.Blazor\" Version=\"([^\"]+)\"")]
    private static partial Regex Version();
}
