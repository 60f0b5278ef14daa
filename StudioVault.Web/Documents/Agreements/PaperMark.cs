namespace StudioVault.Web.Documents.Agreements;

/// <summary>What stands on every page of a paper so that a single sheet is found again: whose, which, and where it is checked.</summary>
/// <param name="Studio">Name of the studio.</param>
/// <param name="Country">The studio's, ISO 3166-1: decides the paper.</param>
/// <param name="Name">"Agreement PRT-2026-0042, version 1".</param>
/// <param name="ContentHash">SHA-256 of the content, 64 hex digits.</param>
/// <param name="Site">Address of StudioVault as clients reach it, <c>https://vault.example.org</c>.</param>
public sealed record PaperMark(string Studio, string Country, string Name, string ContentHash, string Site)
{
    /// <summary>Where anybody checks the paper.</summary>
    public string VerifyAddress => $"{Site.TrimEnd('/')}/verify/{ContentHash}";

    /// <summary>Enough of the hash to tell two papers apart by eye.</summary>
    public string ShortHash => ContentHash.Length > 16 ? ContentHash[..16] : ContentHash;
}
