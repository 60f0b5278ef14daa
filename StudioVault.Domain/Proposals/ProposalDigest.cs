using System.Globalization;
using System.Text.Json.Nodes;
using StudioVault.Domain.Kernel;

namespace StudioVault.Domain.Proposals;

/// <summary>
/// What an approval is bound to (features row 5.1): SHA-256 over the canonical form of everything a decider relies on. The executor
/// computes it anew from what is stored, so a row that was changed behind the program's back is not carried out. It is over the plain
/// text, and with the text's salt, so it stands for what was approved after the text is erased and gives nothing of it away.
/// </summary>
public static class ProposalDigest
{
    /// <summary>64 lower-case hexadecimal digits.</summary>
    public static string Of(Proposal p, ProposalText text) => CanonicalJson.Sha256(CanonicalJson.Canonicalize(new JsonObject
    {
        ["v"] = 1,
        ["id"] = p.Id.ToString(),
        ["branch"] = p.BranchId.ToString(),
        ["salt"] = text.Salt,
        // Whoever moved these would keep a text readable that has to go.
        ["clients"] = new JsonArray([.. p.Clients.Select(c => (JsonNode)c.ToString())]),
        ["project"] = p.ProjectId?.ToString(),
        ["capability"] = p.Capability,
        ["capabilityVersion"] = p.CapabilityVersion,
        ["band"] = p.Band.ToString(),
        ["routes"] = new JsonArray([.. p.Routes.Select(r => (JsonNode)r)]),
        ["args"] = JsonNode.Parse(text.Args),
        // A stop goes by area and agent: who moved them would take a proposal out of its reach.
        ["area"] = p.Area,
        ["agent"] = p.AgentId?.ToString(),
        ["title"] = text.Title,
        ["consequence"] = text.Consequence,
        ["notes"] = JsonNode.Parse(text.Notes),
        ["replaces"] = p.Replaces?.ToString(),
        ["undoes"] = p.Undoes?.ToString(),
        ["why"] = text.Why,
        ["evidence"] = JsonNode.Parse(text.Evidence),
        ["target"] = new JsonObject { ["type"] = p.TargetType, ["id"] = p.TargetId, ["etag"] = p.TargetEtag },
        ["changes"] = JsonNode.Parse(text.Changes),
        ["chain"] = new JsonArray([.. p.Chain.Select(a => (JsonNode)new JsonObject { ["kind"] = a.Kind.ToString(), ["id"] = a.Id, ["name"] = a.Name })]),
        ["humans"] = new JsonArray([.. p.Humans.Select(h => (JsonNode)h.ToString())]),
        ["delegations"] = new JsonArray([.. p.Delegations.Select(h => (JsonNode)h.ToString())]),
        ["policies"] = JsonNode.Parse(p.Policies),
        ["rule"] = JsonNode.Parse(p.Rule),
        ["exemption"] = p.Exemption?.ToString(),
        ["approveBy"] = p.ApproveBy.UtcDateTime.ToString("yyyy-MM-dd'T'HH:mm:ss.ffffff'Z'", CultureInfo.InvariantCulture),
        ["validForSeconds"] = p.ValidForSeconds,
    }));
}
