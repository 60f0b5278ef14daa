using StudioVault.Domain.Kernel;
using StudioVault.Domain.Organization;
using StudioVault.Infrastructure.Organization;

namespace StudioVault.Web.Organization;

/// <summary>Refusals that a form post brings back in an address, by code.</summary>
internal static class PasswordWords
{
    /// <summary>The refusal with its numbers, or null for a code nobody knows: an address says nothing of its own.</summary>
    public static Refusal? Of(string? code) => code switch
    {
        null => null,
        _ when code == PasswordRefusals.TooShort.Code => PasswordRefusals.TooShort.With(PasswordPolicy.MinLength),
        _ when code == PasswordRefusals.TooLong.Code => PasswordRefusals.TooLong.With(PasswordPolicy.MaxLength),
        _ => RefusalCatalogue.Find(code)?.With(),
    };
}
