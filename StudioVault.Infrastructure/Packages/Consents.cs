using System.Globalization;
using System.Text;
using System.Text.Json.Nodes;
using StudioVault.Domain.Kernel;
using StudioVault.Domain.Packages;
using StudioVault.Infrastructure.Audit;

namespace StudioVault.Infrastructure.Packages;

/// <summary>The signed consent of a branch (features row 1.15): who decided what about exactly which offer and preview.</summary>
internal static class Consents
{
    /// <summary>In a decision about a change: a value of the branch's own gave way to HQ's, which HQ locked. Not there where none did.</summary>
    public const string OverrodeKey = "overrode";

    /// <summary>The decision to store, with its canonical consent and the group's signature over it.</summary>
    /// <param name="taken">Each row's decision; empty where the whole version was declined or adopted.</param>
    /// <param name="orders">Whose order each reordered list took, by the list's path.</param>
    /// <param name="before">How the package stood when it was decided, so that the decision can be taken back; null where the branch had none.</param>
    public static OfferDecision Sign(GroupKey key, UpdateOffer offer, string versionHash, string verdict, string? previewDigest, int? revision, string? reason,
        IReadOnlyList<TakenDecision> taken, IReadOnlyDictionary<string, MergeChoice> orders, DateTimeOffset at, PersonId? by, JsonObject? before = null)
    {
        var choices = new JsonObject();
        foreach (var decision in taken)
        {
            var choice = new JsonObject { ["decision"] = ContentTree.ToJsonNode(decision.Decision.ToNode()), ["case"] = decision.Case.ToString(), ["chosen"] = decision.Explicit };
            if (decision.Overrode) choice[OverrodeKey] = true;
            choices[decision.Path] = choice;
        }

        var said = new JsonObject
        {
            ["at"] = at.ToUniversalTime().ToString("O", CultureInfo.InvariantCulture),
            ["branchId"] = offer.BranchId.ToString(),
            ["by"] = by?.ToString(),
            ["decisions"] = choices,
            ["offerId"] = offer.Id.ToString(),
            ["orders"] = new JsonObject(orders.Select(o => KeyValuePair.Create<string, JsonNode?>(o.Key, o.Value == MergeChoice.Hq ? "hq" : "branch"))),
            ["previewDigest"] = previewDigest,
            ["reason"] = reason,
            ["revision"] = revision,
            ["templateId"] = offer.TemplateId.ToString(),
            ["verdict"] = verdict,
            ["version"] = offer.Version,
            ["versionHash"] = versionHash,
        };
        if (before is not null) said["before"] = before;
        var consent = CanonicalJson.Canonicalize(said);
        return OfferDecision.Of(offer.BranchId, Guid.CreateVersion7(), offer.Id, verdict, Encoding.UTF8.GetString(consent), key.Sign(consent), previewDigest, revision, reason, at, by);
    }
}
