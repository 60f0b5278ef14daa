using System.Text.Json;
using System.Text.Json.Nodes;
using System.Text.Json.Serialization;
using StudioVault.Domain.Kernel;

namespace StudioVault.Domain.Proposals;

/// <summary>
/// What a proposal says in words: everything in it that may name a client. It is stored encrypted, so that it can be read by nobody
/// once a client it is about is erased; the digest goes on standing for it.
/// </summary>
/// <param name="Args">Canonical JSON.</param>
/// <param name="Title">A sentence with amount or count.</param>
/// <param name="Consequence">Follows "Approve" on the button.</param>
/// <param name="Evidence">JSON array of <see cref="Proposals.Evidence"/>.</param>
/// <param name="Changes">JSON array of before and after by field, as shown.</param>
/// <param name="Notes">JSON array of the notes shown.</param>
/// <param name="Salt">Random: with it gone nobody can guess a text and hold it against the digest.</param>
public sealed record ProposalText(string Args, string Title, string Consequence, string Why, string Evidence, string Changes, string Notes, string Salt)
{
    /// <summary>What stands in the place of a text that is erased.</summary>
    public static readonly ProposalText Gone = new("{}", "About a client who was erased", "what was erased", "", "[]", "[]", "[]", "");

    /// <summary>What stands in the place of a text that was changed behind the program's back.</summary>
    public static readonly ProposalText Broken = Gone with { Title = "Its words cannot be read: they were changed", Consequence = "what cannot be read" };

    [JsonIgnore]
    public JsonObject ArgsObject => JsonNode.Parse(Args)!.AsObject();

    public byte[] ToBytes() => JsonSerializer.SerializeToUtf8Bytes(this, JsonSerializerOptions.Web);

    /// <exception cref="JsonException">Not what <see cref="ToBytes"/> made.</exception>
    public static ProposalText Parse(ReadOnlySpan<byte> bytes) => JsonSerializer.Deserialize<ProposalText>(bytes, JsonSerializerOptions.Web) ?? throw new JsonException("There is no text.");

    /// <summary>Arguments as they are stored.</summary>
    public static string Canonical(JsonNode node) => System.Text.Encoding.UTF8.GetString(CanonicalJson.Canonicalize(node));
}
