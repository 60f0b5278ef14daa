namespace StudioVault.Domain.Packages;

/// <summary>Where an update offer stands (features table A2). Only accepting writes values of the branch.</summary>
public enum OfferState
{
    Offered,
    Viewed,
    Snoozed,
    Accepted,
    PartlyAccepted,
    Ignored,

    /// <summary>A newer version was offered before the branch decided; its difference holds this one's.</summary>
    Superseded,

    /// <summary>HQ called the version back before the branch decided.</summary>
    Yanked,
}
