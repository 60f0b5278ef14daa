using StudioVault.Domain.Kernel;
using StudioVault.Domain.Packages;

namespace StudioVault.Infrastructure.Packages;

/// <summary>
/// What an offer puts before the branch as one difference: the versions above the one it had ruled on, up to the offered one. The one
/// answer of every place that says how grave an offer is.
/// </summary>
/// <param name="Versions">Newest first; the offered one is always among them.</param>
internal sealed record OfferSpan(IReadOnlyList<TemplateVersion> Versions)
{
    /// <summary>The version that makes the offer as grave as it is; of several the newest.</summary>
    public TemplateVersion Gravest => Versions.MaxBy(v => v.Class)!;

    /// <summary>The highest class among them: a correction of wording on top of a higher price is not wording.</summary>
    public ChangeClass Class => Gravest.Class;

    /// <param name="versions">Of the template, whole from 1 to the offered one at least, in any order.</param>
    /// <param name="ofTemplate">All offers of the template to this branch.</param>
    /// <param name="recalled">Versions HQ called back. They count only where the offered one still says what they changed.</param>
    public static OfferSpan Of(UpdateOffer offer, BranchPackage? package, IEnumerable<TemplateVersion> versions, IEnumerable<UpdateOffer> ofTemplate, IReadOnlyCollection<int> recalled)
    {
        // There is nothing to compare a package with that the branch does not have: the version speaks for itself.
        var from = offer.IsAdoption || package is null ? offer.Version - 1
            : offer.IsOpen ? package.DecidedVersion
            : ofTemplate.Where(o => o.Version < offer.Version && o.State is OfferState.Accepted or OfferState.PartlyAccepted or OfferState.Ignored).Max(o => (int?)o.Version) ?? offer.Version - 1;
        var upTo = versions.Where(v => v.Number <= offer.Version).OrderBy(v => v.Number).ToList();
        return new OfferSpan([.. upTo.Where(v => v.Number == offer.Version || (v.Number > from
            && (!recalled.Contains(v.Number) || YankTemplateVersion.FoldedInto(upTo, v.Number).Contains(offer.Version)))).Reverse()]);
    }
}
