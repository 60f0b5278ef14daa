using System.Text.Json.Nodes;
using StudioVault.Domain.Kernel;
using StudioVault.Domain.Packages;
using StudioVault.Tests.Support;

namespace StudioVault.Tests.Packages;

/// <summary>A review without a database: version 1 of the small wedding template, the branch's edits of it, HQ's version 2.</summary>
internal static class ReviewScenario
{
    public static UpdateReview Of(Action<JsonObject> branchEdits, Action<JsonObject> hqEdits)
    {
        var first = PackagesTest.WeddingContent();
        var second = PackagesTest.WeddingContent();
        hqEdits(second);
        var v1 = TemplateContent.Parse(first.ToJsonString()).Value;
        var mine = JsonNode.Parse(v1.ProjectTo("EUR").Value.ToJson())!.AsObject();
        branchEdits(mine);
        var branch = PackageContent.Parse(mine.ToJsonString()).Value;
        return UpdateReview.Of(new ReviewRequest(TemplateId.New(), [Version(1, v1), Version(2, TemplateContent.Parse(second.ToJsonString()).Value)], 2,
            FieldPointers.At(1), branch, branch.Hash(), new DateOnly(2026, 11, 21))).Value;
    }

    private static PublishedVersion Version(int number, TemplateContent content) =>
        new(number, new DateTimeOffset(2026, number, 1, 9, 0, 0, TimeSpan.Zero), $"Version {number}.", CanonicalJson.Sha256(new JsonObject { ["v"] = number }), content);
}
