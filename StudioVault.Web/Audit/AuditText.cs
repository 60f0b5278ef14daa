using System.Globalization;
using StudioVault.Domain.Kernel;
using StudioVault.Infrastructure.Audit;

namespace StudioVault.Web.Audit;

/// <summary>Plain words for what a line of the log says.</summary>
internal static class AuditText
{
    /// <summary>Whoever acted: a name now, a job, or somebody without one.</summary>
    public static string WhoOf(AuditWho who) => who.Kind switch
    {
        "staff" => who.Name ?? "Somebody not known any more",
        "system" => $"Job {who.Id}",
        "agent" => who.Name is { } name ? $"Agent {name}" : $"Agent {who.Id}",
        _ => "Somebody not signed in",
    };

    /// <summary>The thing by name, or by kind.</summary>
    public static string NameOf(AuditThing thing) => thing.Label ?? AuditSentences.Noun(thing.Type);

    /// <summary>The sentence after the name.</summary>
    public static IReadOnlyList<AuditWords> Said(AuditLine line) =>
        AuditSentences.Say(line.Action, line.Refused, line.Payload is { } payload ? PayloadFacts.Parse(payload) : null, CultureInfo.CurrentUICulture);

    /// <summary>The whole sentence as text: "Helena published Wedding Classic version 5".</summary>
    public static string Sentence(AuditLine line) =>
        $"{WhoOf(line.Who)} {string.Concat(Said(line).Select(w => w.IsThing ? NameOf(line.Thing) : w.Text))}";

    /// <summary>Where the reader finds the thing, or null. HQ looks at a branch's things on the branch's page.</summary>
    public static string? HrefOf(AuditLine line, bool isHq) => (line.Thing.Type, isHq) switch
    {
        ("template", true) when IsId(line) => $"/hq/templates/{line.Thing.Id}",
        ("branch", true) => line.Thing.Slug is { } slug ? $"/hq/branches/{slug}" : null,
        ("job", true) => "/hq/jobs",
        ("offer" or "package", true) => line.Place is { Slug.Length: > 0 } place ? $"/hq/branches/{place.Slug}" : null,
        ("offer", false) when IsId(line) => $"/updates/{line.Thing.Id}",
        ("package", false) when IsId(line) => $"/packages/{line.Thing.Id}",
        ("branch", false) => "/branch",
        ("proposal", false) when IsId(line) => $"/queue/{line.Thing.Id}",
        _ => null,
    };

    /// <summary>A refusal code's sentence and next step. What was filled in at the time is not kept: a part after a colon that holds it is left out, elsewhere it stands as "…".</summary>
    public static (string Sentence, string NextStep)? RefusalOf(string? code) =>
        code is not null && RefusalCatalogue.Find(code) is { } kind ? (Open(kind.Sentence), Open(kind.NextStep)) : null;

    public static string Number(long number) => number.ToString("N0", CultureInfo.CurrentCulture);

    private static bool IsId(AuditLine line) => Guid.TryParse(line.Thing.Id, out _);

    private static string Open(string text)
    {
        var blank = text.IndexOf("{0}", StringComparison.Ordinal);
        if (blank > 0 && text.LastIndexOf(": ", blank, StringComparison.Ordinal) is > 0 and var colon) return text[..colon] + ".";
        for (var at = 0; at < 4; at++) text = text.Replace($"{{{at.ToString(CultureInfo.InvariantCulture)}}}", "…", StringComparison.Ordinal);
        return text;
    }
}
