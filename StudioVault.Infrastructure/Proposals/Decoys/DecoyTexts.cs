using System.Text.Json;

namespace StudioVault.Infrastructure.Proposals.Decoys;

/// <summary>A piece of evidence of a test.</summary>
/// <param name="Of">own: the page of the project it is about; other: that of another client.</param>
public sealed record DecoyEvidence(string Title, string Of);

/// <summary>What a test is made from: texts with places for the branch's own data, and the flaw.</summary>
/// <param name="Imitates">Name of the capability it looks like.</param>
/// <param name="Invoice">paid or open.</param>
/// <param name="Other">Whether it needs a second client.</param>
/// <param name="Flaw">Follows "This was a test: "; without a name, for it stands in the audit.</param>
public sealed record DecoyText(string Id, string Imitates, string Invoice, bool Other, string Why, string Reason, IReadOnlyList<DecoyEvidence> Evidence, string Flaw);

/// <summary>The texts tests are made from.</summary>
public static class DecoyTexts
{
    private static readonly JsonSerializerOptions Json = new(JsonSerializerDefaults.Web);

    private static readonly Lazy<IReadOnlyList<DecoyText>> Ours = new(() =>
    {
        using var stream = typeof(DecoyTexts).Assembly.GetManifestResourceStream("proposals/decoy-texts.json")!;
        return JsonSerializer.Deserialize<List<DecoyText>>(stream, Json)!;
    });

    public static IReadOnlyList<DecoyText> All => Ours.Value;

    /// <summary>A text with its places filled in.</summary>
    internal static string Fill(string text, IReadOnlyDictionary<string, string> values) => values.Aggregate(text, (t, v) => t.Replace("{" + v.Key + "}", v.Value, StringComparison.Ordinal));
}
