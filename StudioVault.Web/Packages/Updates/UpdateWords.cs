using StudioVault.Domain.Packages;
using StudioVault.Web.Ui;

namespace StudioVault.Web.Packages.Updates;

/// <summary>What the inbox and the review call things.</summary>
internal static class UpdateWords
{
    /// <summary>The state of an offer as the branch sees it.</summary>
    public static (string Words, Tone Tone) Of(OfferState state) => state switch
    {
        OfferState.Offered => ("New", Tone.Hq),
        OfferState.Viewed => ("Opened", Tone.Neutral),
        OfferState.Snoozed => ("Snoozed", Tone.Conflict),
        OfferState.Accepted => ("Accepted", Tone.Added),
        OfferState.PartlyAccepted => ("Accepted in part", Tone.Added),
        OfferState.Ignored => ("Ignored", Tone.Neutral),
        OfferState.Superseded => ("Replaced by a newer one", Tone.Neutral),
        _ => ("Called back by HQ", Tone.Removed),
    };

    /// <summary>"version 4 to 5", or "version 5" where the branch has none yet.</summary>
    public static string Step(int from, int to) => from == 0 ? $"version {to}" : $"version {from} to {to}";
}
