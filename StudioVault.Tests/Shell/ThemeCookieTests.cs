using StudioVault.Web.Shell;
using Xunit;

namespace StudioVault.Tests.Shell;

public sealed class ThemeCookieTests
{
    [Theory]
    [InlineData("light", ThemeChoice.Light)]
    [InlineData("dim", ThemeChoice.Dim)]
    [InlineData("system", ThemeChoice.System)]
    [InlineData("\"><script>", ThemeChoice.System)]
    [InlineData(null, ThemeChoice.System)]
    public void Only_known_words_reach_the_page(string? cookie, ThemeChoice expected) => Assert.Equal(expected, ThemeCookie.Parse(cookie));

    [Theory]
    [InlineData("/updates?tab=all", "/updates?tab=all")]
    [InlineData("//example.org", "/")]
    [InlineData("/\\example.org", "/")]
    [InlineData("https://example.org", "/")]
    [InlineData("javascript:alert(1)", "/")]
    [InlineData("", "/")]
    [InlineData(null, "/")]
    public void The_way_back_never_leaves_the_site(string? wanted, string expected) => Assert.Equal(expected, ThemeCookie.LocalUrl(wanted));
}
