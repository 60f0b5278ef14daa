using StudioVault.Domain.Documents;
using StudioVault.Web.Proof;
using Xunit;

namespace StudioVault.Tests.Documents;

/// <summary>What a browser says of a file is looked at before it is believed.</summary>
public sealed class VerifyFactsTests
{
    private static readonly string Hash = new('a', 64);

    public static TheoryData<string, VerifyFacts> Impossible => new()
    {
        { "a length below zero", new(Hash, -1, null, null, null, null) },
        { "no hash", new(null, 1, null, null, null, null) },
        { "a hash in capitals", new(new string('A', 64), 1, null, null, null, null) },
        { "a short hash", new("abc", 1, null, null, null, null) },
        { "a beginning behind the end", new(Hash, 9, [new(10, Hash)], null, null, null) },
        { "a beginning without a hash", new(Hash, 9, [new(3, "")], null, null, null) },
        { "a beginning that is null", new(Hash, 9, [null!], null, null, null) },
        { "too many beginnings", new(Hash, 99, [.. Enumerable.Range(0, 33).Select(i => new FileBeginning(i, Hash))], null, null, null) },
        { "too many identifiers", new(Hash, 9, null, [.. Enumerable.Range(0, 33).Select(i => $"{i:x4}")], null, null) },
        { "an identifier that is no hexadecimal", new(Hash, 9, null, ["'; drop"], null, null) },
        { "an endless identifier", new(Hash, 9, null, [new string('a', 600)], null, null) },
    };

    [Theory]
    [MemberData(nameof(Impossible))]
    public void Facts_that_cannot_be_are_refused(string what, VerifyFacts facts)
    {
        Assert.NotEmpty(what);
        Assert.Equal("refuse.document.facts_malformed", facts.ToFacts().Refusal?.Code);
    }

    [Fact]
    public void Facts_of_a_file_never_say_that_its_seal_is_whole() => Assert.False(new VerifyFacts(Hash, 1, null, null, null, [Hash]).ToFacts().Value.Seal.IsIntact);
}
