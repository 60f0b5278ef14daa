using System.Text.RegularExpressions;
using StudioVault.Tests.Support;
using StudioVault.Web.Shell;
using Xunit;

namespace StudioVault.Tests.Ui;

/// <summary>An icon missing from the font shows as its name in letters, so every name used must be in the list.</summary>
public sealed partial class IconListTests
{
    private static readonly List<string> Known =
        [.. Checkout.File("wwwroot/fonts/icons.txt").Split('\n').Select(l => l.Split('#')[0].Trim()).Where(l => l.Length > 0)];

    [Fact]
    public void Every_icon_named_in_a_component_is_in_the_font()
    {
        var used = Directory.EnumerateFiles(Path.Combine(Checkout.Root, "StudioVault.Web"), "*.razor", SearchOption.AllDirectories)
            .SelectMany(file => Names(File.ReadAllText(file)).Select(name => $"{name} ({Path.GetFileName(file)})")).ToList();
        Assert.NotEmpty(used);
        Assert.DoesNotContain(used, u => !Known.Contains(u.Split(' ')[0]));
    }

    [Fact]
    public void Every_icon_of_the_menu_is_in_the_font() => Assert.Empty(NavModel.Items.Select(i => i.Icon).Except(Known));

    [Fact]
    public void Finds_the_names_in_every_way_of_writing_them() =>
        Assert.Equal(["save", "close", "check", "star"], Names("""<RadzenButton Icon="save" /><Icon Name="close" /><Icon Name="@(x ? "check" : "star")" /><Icon Name="@Other" Label="to" />"""));

    [Fact]
    public void The_list_names_an_icon_once() => Assert.Equal(Known.Distinct(), Known);

    private static IEnumerable<string> Names(string razor) =>
        Attribute().Matches(razor).SelectMany(m => m.Groups["plain"].Success ? [m.Groups["plain"].Value] : Literal().Matches(m.Groups["code"].Value).Select(l => l.Groups[1].Value));

    /// <summary><c>Icon="x"</c> anywhere, or <c>Name="x"</c> inside an Icon; the value plain or a C# expression in brackets.</summary>
    [GeneratedRegex("""(?:\bIcon=|<Icon\s+Name=)"(?:(?<plain>[a-z0-9_]+)"|@\((?<code>(?:[^()]|\([^()]*\))*)\)")""")]
    private static partial Regex Attribute();

    [GeneratedRegex("\"([a-z0-9_]+)\"")]
    private static partial Regex Literal();
}
