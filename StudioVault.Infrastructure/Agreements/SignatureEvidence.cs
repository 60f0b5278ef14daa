using System.Globalization;
using System.Text.Json.Nodes;
using StudioVault.Domain.Agreements;
using StudioVault.Domain.Kernel;

namespace StudioVault.Infrastructure.Agreements;

/// <summary>What is kept of a signature, as canonical JSON (features rows 2.11, 2.12).</summary>
internal static class SignatureEvidence
{
    /// <summary>The bytes whose SHA-256 the signature names.</summary>
    /// <param name="person">The signatory, with the name and address of this moment.</param>
    public static byte[] Of(AgreementPaper paper, Signing signing, Client person, SignatureInput input, DateTimeOffset at) => CanonicalJson.Canonicalize(new JsonObject
    {
        ["codeSentAt"] = Spelled(signing.CodeSentAt),
        ["codeSentTo"] = person.Email,
        ["contentHash"] = paper.ContentHash,
        ["device"] = input.Device,
        ["disclosure"] = input.Disclosure,
        ["issue"] = signing.Issue,
        ["locale"] = input.Locale,
        ["name"] = person.Name,
        ["network"] = input.Network,
        ["paperId"] = paper.Id.ToString(),
        ["party"] = signing.PartyId,
        ["sentence"] = input.Sentence,
        ["shownSha256"] = paper.ShownSha256,
        ["signedAt"] = Spelled(at),
        ["typedName"] = input.TypedName.Trim(),
        ["viewedAt"] = Spelled(signing.ViewedAt),
    });

    private static string? Spelled(DateTimeOffset? at) => at?.ToUniversalTime().ToString("O", CultureInfo.InvariantCulture);
}
