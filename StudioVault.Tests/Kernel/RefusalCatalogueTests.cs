using System.Text.RegularExpressions;
using StudioVault.Domain.Kernel;
using Xunit;

namespace StudioVault.Tests.Kernel;

public sealed partial class RefusalCatalogueTests
{
    [Fact]
    public void Every_code_stands_once_and_has_the_agreed_shape()
    {
        Assert.NotEmpty(RefusalCatalogue.All);
        Assert.Empty(RefusalCatalogue.All.GroupBy(k => k.Code).Where(g => g.Count() > 1).Select(g => g.Key));
        Assert.All(RefusalCatalogue.All, k => Assert.Matches(Shape(), k.Code));
    }

    [Fact]
    public void Every_refusal_has_a_sentence_and_a_next_step() => Assert.All(RefusalCatalogue.All, k =>
    {
        Assert.EndsWith(".", k.NextStep, StringComparison.Ordinal);
        Assert.True(k.Sentence.EndsWith('.') || k.Sentence.EndsWith('}'), k.Code);
        Assert.InRange(k.HttpStatus, 400, 599);
    });

    // unknown_top_level_field is frozen under that name by seed 003.
    [GeneratedRegex("^(refuse(\\.[a-z][a-z_]*){2}|unknown_top_level_field)$")]
    private static partial Regex Shape();
}
