namespace StudioVault.Web.Documents.Agreements;

/// <summary>That a party has signed.</summary>
/// <param name="PartyId">Of the party in the content.</param>
/// <param name="TypedName">As it was typed.</param>
/// <param name="SignedAt">By the clock of the database.</param>
public sealed record PaperSignature(string PartyId, string TypedName, DateTimeOffset SignedAt);
