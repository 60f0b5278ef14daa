using System.Text.Json.Nodes;
using StudioVault.Domain.Kernel;

namespace StudioVault.Domain.Agreements;

/// <summary>
/// The rules a project was made under: schema rules_snapshot. "Governed by the rules of 12 May 2026" for ever: rules apply
/// prospectively, so nothing that is published, edited or switched later changes it.
/// </summary>
/// <param name="Package">The package revision, its template version and the branch's day.</param>
/// <param name="Policies">Versions of the policies in force then.</param>
/// <param name="Flags">Switches that were set then.</param>
public sealed record RulesSnapshot(AgreementRules Package, IReadOnlyList<CitedPolicy> Policies, IReadOnlyDictionary<string, bool> Flags)
{
    public static readonly PayloadSchema Schema = new("rules_snapshot", "1.0.0", ["1.0.0"]);

    /// <summary>Reads what <see cref="ToJson"/> wrote, also after PostgreSQL ordered its keys.</summary>
    /// <returns>The snapshot, or a refusal of its schema version.</returns>
    public static Result<RulesSnapshot> Parse(string json)
    {
        var node = JsonNode.Parse(json)!.AsObject();
        if (Schema.Check(node["schema_version"]?.GetValue<string>()) is { } refusal) return refusal;
        var rules = node["package"]!.AsObject();
        return new RulesSnapshot(
            new(DateOnly.ParseExact(rules["asOf"]!.GetValue<string>(), "yyyy-MM-dd", System.Globalization.CultureInfo.InvariantCulture), rules["template"]!.GetValue<string>(), rules["templateVersion"]!.GetValue<int>(),
                rules["packageRevision"]!.GetValue<int>(), rules["packageHash"]!.GetValue<string>()),
            [.. node["policies"]!.AsArray().Select(p => new CitedPolicy(p!["id"]!.GetValue<string>(), p["title"]!.GetValue<string>(), p["version"]!.GetValue<string>()))],
            node["flags"]!.AsObject().ToDictionary(f => f.Key, f => f.Value!.GetValue<bool>(), StringComparer.Ordinal));
    }

    public string ToJson() => new JsonObject
    {
        ["schema_version"] = Schema.Current,
        ["package"] = new JsonObject
        {
            ["asOf"] = AgreementContent.Day(Package.AsOf),
            ["template"] = Package.Template,
            ["templateVersion"] = Package.TemplateVersion,
            ["packageRevision"] = Package.PackageRevision,
            ["packageHash"] = Package.PackageHash,
        },
        ["policies"] = new JsonArray([.. Policies.Select(p => (JsonNode)new JsonObject { ["id"] = p.Id, ["title"] = p.Title, ["version"] = p.Version })]),
        ["flags"] = new JsonObject(Flags.OrderBy(f => f.Key, StringComparer.Ordinal).Select(f => KeyValuePair.Create(f.Key, (JsonNode?)f.Value))),
    }.ToJsonString();
}
