namespace StudioVault.Domain.Packages;

/// <summary>What a record of the consent ledger says (<see cref="OfferDecision.Verdict"/>), as it is stored and signed.</summary>
public static class DecisionVerdict
{
    /// <summary>All of HQ's side was taken.</summary>
    public const string Accepted = "accepted";

    /// <summary>Some of it was taken, or a value entered.</summary>
    public const string PartlyAccepted = "partly_accepted";

    /// <summary>The version was declined as a whole.</summary>
    public const string Ignored = "ignored";

    /// <summary>The decision before it was taken back.</summary>
    public const string Undone = "undone";

    /// <summary>The verdict of an offer that was closed by accepting it.</summary>
    public static string Of(OfferState taken) => taken == OfferState.Accepted ? Accepted : PartlyAccepted;
}
