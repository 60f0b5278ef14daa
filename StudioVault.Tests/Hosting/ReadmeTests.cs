using System.Text.RegularExpressions;
using StudioVault.Tests.Support;
using StudioVault.Web.Hosting;
using Xunit;

namespace StudioVault.Tests.Hosting;

public sealed class ReadmeTests
{
    private const string Begin = "<!-- settings: written by a test, see StudioVault.Tests/Hosting/ReadmeTests.cs -->\n";
    private const string End = "<!-- end of settings -->";

    /// <summary>Run with UPDATE_README=1 in the environment to write the table anew.</summary>
    [Fact]
    public void Lists_every_setting_as_the_source_describes_it()
    {
        var readme = Checkout.File("README.md");
        var begin = readme.IndexOf(Begin, StringComparison.Ordinal) + Begin.Length;
        var end = readme.IndexOf(End, StringComparison.Ordinal);
        Assert.True(begin > Begin.Length && end >= begin, "The marks around the table are gone from README.md.");
        var table = SettingsTable.Render();
        if (Environment.GetEnvironmentVariable("UPDATE_README") == "1")
            File.WriteAllText(Path.Combine(Checkout.Root, "README.md"), readme[..begin] + table + readme[end..]);
        else
            Assert.True(readme[begin..end] == table, "The settings in README.md are out of date. Write them anew with: UPDATE_README=1 dotnet test StudioVault.Tests --filter FullyQualifiedName~ReadmeTests");
    }

    [Fact]
    public void Names_no_file_or_folder_that_is_not_there()
    {
        var readme = Checkout.File("README.md");
        var named = Regex.Matches(readme, @"\]\(((?!http)[^)]+)\)").Select(m => m.Groups[1].Value)
            .Concat(Regex.Matches(readme, @"`([\w.]*[A-Za-z][\w.]*/[\w./]*)`").Select(m => m.Groups[1].Value))
            .Where(p => p is not ".data/" and not "docs/screenshot.png" /* comes with the first finished page */ && !p.StartsWith("artifacts/", StringComparison.Ordinal)).Distinct().ToList();
        Assert.NotEmpty(named);
        Assert.All(named, p => Assert.True(Path.Exists(Path.Combine(Checkout.Root, p)), p));
    }

    [Fact]
    public void Names_only_settings_that_exist()
    {
        var known = SettingsReader.Keys().Select(k => k.Key).ToHashSet();
        var named = Regex.Matches(Checkout.File("README.md"), @"`([A-Z]\w+:[A-Z]\w+)`").Select(m => m.Groups[1].Value).ToHashSet();
        Assert.NotEmpty(named);
        Assert.Empty(named.Except(known));
    }
}
