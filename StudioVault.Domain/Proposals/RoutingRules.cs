using System.Globalization;
using System.Reflection;
using System.Text;
using System.Text.Json.Nodes;
using StudioVault.Domain.Kernel;

namespace StudioVault.Domain.Proposals;

/// <summary>One compliance rule.</summary>
/// <param name="Id">Stable, <c>class.name</c>.</param>
/// <param name="Class">unsafe, unlawful or infringing.</param>
/// <param name="Title">What people read about it.</param>
/// <param name="Phrases">As <see cref="RoutingRules.Plain"/> leaves them.</param>
public sealed record RoutingRule(string Id, string Class, string Title, IReadOnlyList<string> Phrases);

/// <summary>
/// Requests that may be unsafe, unlawful or infringing go to human review, whoever proposes them (seed 001, compliance thread). The
/// rules are data. They can only add review: nothing a text says can take a proposal out of it or change its band.
/// </summary>
public sealed class RoutingRules
{
    private static readonly Lazy<RoutingRules> Ours = new(() =>
    {
        using var stream = Assembly.GetExecutingAssembly().GetManifestResourceStream("StudioVault.Domain.Proposals.routing-rules.json")!;
        using var reader = new StreamReader(stream);
        return Parse(reader.ReadToEnd());
    });

    private RoutingRules(string version, string hash, IReadOnlyList<RoutingRule> rules) => (Version, Hash, Rules) = (version, hash, rules);

    /// <summary>The group's rules, as delivered with this version of StudioVault.</summary>
    public static RoutingRules Current => Ours.Value;

    public string Version { get; }

    /// <summary>SHA-256 of the canonical form: proposals are bound to it.</summary>
    public string Hash { get; }

    public IReadOnlyList<RoutingRule> Rules { get; }

    /// <exception cref="FormatException">The file is not as it has to be.</exception>
    public static RoutingRules Parse(string json)
    {
        var root = JsonNode.Parse(json)!.AsObject();
        var rules = new List<RoutingRule>();
        foreach (var node in root["rules"]!.AsArray())
        {
            var rule = new RoutingRule((string)node!["id"]!, (string)node["class"]!, (string)node["title"]!, [.. node["phrases"]!.AsArray().Select(p => Plain((string)p!))]);
            if (rule.Class is not ("unsafe" or "unlawful" or "infringing") || !rule.Id.StartsWith(rule.Class + ".", StringComparison.Ordinal)) throw new FormatException($"{rule.Id}: its class is unknown.");
            if (rule.Phrases.Count == 0 || rule.Phrases.Any(p => p.Length < 3)) throw new FormatException($"{rule.Id}: a phrase is too short.");
            if (rules.Any(r => r.Id == rule.Id)) throw new FormatException($"{rule.Id} is there twice.");
            rules.Add(rule);
        }

        return new RoutingRules((string)root["version"]!, CanonicalJson.Sha256(root), rules);
    }

    /// <summary>Ids of the rules any of the texts meets, in the file's order.</summary>
    public IReadOnlyList<string> Classify(IEnumerable<string> texts)
    {
        var plain = texts.Select(Plain).Select(t => (Spaced: $" {t} ", Words: Words(t))).ToList();
        return [.. Rules.Where(r => r.Phrases.Any(p => plain.Any(t => t.Spaced.Contains($" {p} ", StringComparison.Ordinal) || t.Spaced.Contains($" {p}s ", StringComparison.Ordinal) || Hidden(p, t.Words)))).Select(r => r.Id)];
    }

    /// <summary>The phrase written as one word, or its letters drawn apart ("w e a p o n"). Whole words beside each other are not joined: "Bruno invoice" is not "no invoice".</summary>
    private static bool Hidden(string phrase, IReadOnlyList<(string Text, bool WasApart)> words)
    {
        var joined = phrase.Replace(" ", "", StringComparison.Ordinal);
        return joined.Length >= 6 && words.Any(w => w.WasApart ? w.Text.Contains(joined, StringComparison.Ordinal) : w.Text == joined || w.Text == joined + "s");
    }

    /// <summary>The words of a plain text, runs of at least three single letters as one.</summary>
    private static List<(string Text, bool WasApart)> Words(string plain)
    {
        var words = new List<(string, bool)>();
        var apart = new StringBuilder();
        foreach (var word in plain.Split(' ', StringSplitOptions.RemoveEmptyEntries).Append(""))
        {
            if (word.Length == 1)
            {
                apart.Append(word);
                continue;
            }

            if (apart.Length >= 3) words.Add((apart.ToString(), true));
            apart.Clear();
            if (word.Length > 0) words.Add((word, false));
        }

        return words;
    }

    /// <summary>The rule's own words.</summary>
    public RoutingRule? Find(string id) => Rules.FirstOrDefault(r => r.Id == id);

    /// <summary>
    /// What a text says to the eye: compatibility forms and accents folded, invisible characters gone, letters of other scripts that
    /// look Latin read as Latin, everything but letters and digits a space.
    /// </summary>
    public static string Plain(string text)
    {
        var folded = new StringBuilder(text.Length);
        foreach (var rune in Whole(text).Normalize(NormalizationForm.FormKD).EnumerateRunes())
        {
            switch (Rune.GetUnicodeCategory(rune))
            {
                case UnicodeCategory.NonSpacingMark or UnicodeCategory.EnclosingMark or UnicodeCategory.SpacingCombiningMark or UnicodeCategory.Format:
                    continue;
                case UnicodeCategory.LowercaseLetter or UnicodeCategory.UppercaseLetter or UnicodeCategory.OtherLetter or UnicodeCategory.ModifierLetter or UnicodeCategory.TitlecaseLetter or UnicodeCategory.DecimalDigitNumber:
                    foreach (var c in Rune.ToLowerInvariant(rune).ToString()) folded.Append(Looks(c));
                    break;
                default:
                    if (folded.Length > 0 && folded[^1] != ' ') folded.Append(' ');
                    break;
            }
        }

        return folded.ToString().Trim();
    }

    /// <summary>Half characters cannot be normalized; they are a sign between words.</summary>
    private static string Whole(string text) => string.Concat(text.EnumerateRunes());

    /// <summary>Lookalikes of the Latin alphabet in Cyrillic and Greek, and the German sharp s.</summary>
    private static string Looks(char c) => c switch
    {
        'а' or 'α' => "a",
        'е' or 'ε' => "e",
        'о' or 'ο' => "o",
        'р' or 'ρ' => "p",
        'с' => "c",
        'х' or 'χ' => "x",
        'у' => "y",
        'і' or 'ι' => "i",
        'к' or 'κ' => "k",
        'м' => "m",
        'н' => "h",
        'т' or 'τ' => "t",
        'в' or 'β' => "b",
        'ѕ' => "s",
        'ј' => "j",
        'ν' => "v",
        'υ' => "u",
        'ո' => "n",
        'ß' => "ss",
        'ø' => "o",
        'ł' => "l",
        'đ' => "d",
        'æ' => "ae",
        'œ' => "oe",
        'ı' => "i",
        'һ' => "h",
        'ӏ' => "l",
        'ԁ' => "d",
        'ɡ' => "g",
        'ԛ' => "q",
        'ԝ' or 'ω' => "w",
        'η' => "n",
        'γ' => "y",
        'σ' or 'օ' => "o",
        'ս' => "u",
        'ց' => "g",
        _ => c.ToString(),
    };
}
