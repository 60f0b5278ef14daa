using StudioVault.Domain.Agreements;
using StudioVault.Domain.Kernel;

namespace StudioVault.Infrastructure.Agreements;

/// <summary>A client of a project as somebody typed them.</summary>
/// <param name="PartyId">Of one who is there already; null for a new one.</param>
/// <param name="SignsFor">Place in the list, from 0, of the minor a guardian signs for; null for everybody else.</param>
public sealed record ClientInput(string? PartyId, string Name, string Email, PartyRole Role = PartyRole.Client, bool IsMinor = false, int? SignsFor = null)
{
    /// <summary>The first thing wrong with it, with the path of the field.</summary>
    /// <returns>Null when it is fine, <c>refuse.client.name_missing</c>, <c>refuse.kernel.too_long</c> or <c>refuse.client.email_invalid</c>.</returns>
    public Refusal? Problem(int place)
    {
        if (Name.Trim().Length == 0) return ClientRefusals.NameMissing.At($"/clients/{place}/name");
        if (Name.Trim().Length > Client.LongestName) return KernelRefusals.TooLong.At($"/clients/{place}/name", Client.LongestName);
        if (!IsMinor && !EmailAddress.LooksRight(Email.Trim())) return ClientRefusals.EmailInvalid.At($"/clients/{place}/email");
        return null;
    }
}
