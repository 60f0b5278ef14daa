using System.Globalization;
using StudioVault.Web.Audit;
using Xunit;

namespace StudioVault.Tests.Audit;

public sealed class PayloadFactsTests
{
    [Fact]
    public void A_value_before_and_after_becomes_a_comparison()
    {
        var fact = Assert.Single(Read("""{"until":{"after":"2026-12-01","before":null}}"""));
        Assert.Equal(("Until", PayloadShape.None, "1 Dec 2026"), (fact.Label, fact.Before?.Shape, fact.After.Text));
    }

    [Fact]
    public void Whole_states_are_compared_field_by_field()
    {
        var facts = Read("""{"after":{"price":"520.00","title":"Album"},"before":{"price":"480.00"}}""");
        Assert.Equal([("Price", "480.00", "520.00"), ("Title", "", "Album")], facts.Select(f => (f.Label, f.Before!.Text, f.After.Text)));
    }

    [Fact]
    public void Names_are_words_and_hashes_come_last()
    {
        var hash = new string('a', 64);
        var facts = Read($$"""{"consentSha256":"{{hash}}","preview_digest":"{{hash}}","version":5}""");
        Assert.Equal(["Version", "Consent hash", "Preview digest"], facts.Select(f => f.Label));
        Assert.Equal([PayloadShape.Text, PayloadShape.Hash, PayloadShape.Hash], facts.Select(f => f.After.Shape));
        Assert.All(facts, f => Assert.Null(f.Before));
    }

    [Theory]
    [InlineData("[1,2]")]
    [InlineData("\"text\"")]
    [InlineData("{broken")]
    [InlineData(null)]
    public void What_is_no_object_has_no_facts_and_breaks_nothing(string? payload) => Assert.Empty(Read(payload));

    [Fact]
    public void Odd_values_are_shown_as_they_are()
    {
        var facts = Read("""{"deep":{"a":[1,{"b":2}]},"fields":["/items/album/unitPrice"],"none":null,"pair":{"before":1},"safe":true}""");
        Assert.Equal(["""{"a":[1,{"b":2}]}""", "", "", """{"before":1}""", "yes"], facts.Select(f => f.After.Text));
        Assert.Equal(["/items/album/unitPrice"], facts[1].After.Items);
    }

    private static IReadOnlyList<PayloadFact> Read(string? payload) => PayloadFacts.Read(payload, CultureInfo.InvariantCulture);
}
