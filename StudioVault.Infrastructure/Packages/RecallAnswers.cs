using Microsoft.EntityFrameworkCore;
using StudioVault.Domain.Organization;
using StudioVault.Domain.Packages;
using StudioVault.Infrastructure.Door;

namespace StudioVault.Infrastructure.Packages;

/// <summary>
/// HQ's request to look at a called-back version again is answered by taking a later one that mends it, where nothing of the one called
/// back is left in the package. Where anything of it stays, the question does too.
/// </summary>
internal static class RecallAnswers
{
    /// <summary>Answers what the acceptance of a version settles.</summary>
    /// <param name="merged">The package after it.</param>
    /// <returns>The offers whose question is answered, each with the versions it was about.</returns>
    public static async Task<IReadOnlyList<(UpdateOffer Offer, IReadOnlyList<int> Recalled)>> SettleAsync(WriteContext context, ReviewCase review, PackageContent merged, CancellationToken ct)
    {
        var template = review.Offer.TemplateId;
        var asked = await context.Db.UpdateOffers.Where(o => o.TemplateId == template && o.Version < review.Offer.Version && o.ReviewRevertAskedAt != null && o.RevertReviewedAt == null).ToListAsync(ct);
        if (asked.Count == 0) return [];
        var recalled = await context.Db.TemplateYanks.AsNoTracking().Where(y => y.TemplateId == template).Select(y => y.Number).ToListAsync(ct);
        var versions = review.Versions.ToList();
        var folded = recalled.Where(r => r < review.Offer.Version).Order().ToDictionary(r => r, r => YankTemplateVersion.FoldedInto(versions, r));
        var settled = new List<(UpdateOffer, IReadOnlyList<int>)>();
        foreach (var offer in asked)
        {
            // A question can be about more than one: what the branch took in this offer, of all that was called back since.
            var about = folded.Where(f => f.Key == offer.Version || f.Value.Contains(offer.Version)).Select(f => f.Key).ToList();
            if (about.Count == 0 || about.Exists(r => folded[r].Contains(review.Offer.Version) || IsLeft(review.Studio, versions, r, merged))) continue;
            offer.RevertReviewed(context.Now);
            OfferCommands.Announce(context, offer);
            settled.Add((offer, about));
        }
        return settled;
    }

    /// <summary>Whether the package still says something that the version called back had changed, or still has what it added.</summary>
    private static bool IsLeft(Branch studio, List<TemplateVersion> versions, int recalled, PackageContent merged)
    {
        var mine = merged.ToTree();
        var (before, after) = (Tree(recalled - 1), Tree(recalled));
        return ContentDiff.Between(before, after).Any(c => ContentTree.Find(mine, c.Path) is var now && (c.Before is null ? now is not null : ContentDiff.SameButOrder(now, c.After)))
            || ContentDiff.Reordered(before, after).Except(ContentDiff.Reordered(after, mine)).Any();

        // A version without a price in the branch's currency was never the branch's.
        ContentObject Tree(int number) => versions.Find(v => v.Number == number) is { } version && TemplateContent.Parse(version.Content).Value is var content
            && content.ProjectTo(studio.Currency, PackageCommands.TaxTermsOf(studio, content)).TryGet(out var projected, out _) ? projected.ToTree() : ContentObject.Empty;
    }
}
