using System.Security.Cryptography;
using System.Text.Json;
using Microsoft.AspNetCore.DataProtection;
using StudioVault.Domain.Agreements;

namespace StudioVault.Web.Agreements.Client;

/// <summary>What was typed in the first step of signing, carried in the address of the second so that leaving for the mail app loses nothing.</summary>
/// <param name="Hash">Content hash of what was read.</param>
/// <param name="Disclosure">Version of the statement that was on the page.</param>
internal sealed record SignState(string Name, string Hash, string Disclosure)
{
    /// <summary>Closed with the keys of this installation: a name is not for address bars and proxies, and nobody puts another in.</summary>
    public string Close(IDataProtectionProvider protection, SigningId signing) => Protector(protection, signing).Protect(JsonSerializer.Serialize(this));

    /// <summary>Null when it is not ours or belongs to another signing.</summary>
    public static SignState? Open(IDataProtectionProvider protection, SigningId signing, string? closed)
    {
        if (string.IsNullOrEmpty(closed)) return null;
        try
        {
            return JsonSerializer.Deserialize<SignState>(Protector(protection, signing).Unprotect(closed));
        }
        catch (Exception e) when (e is CryptographicException or JsonException)
        {
            return null;
        }
    }

    private static IDataProtector Protector(IDataProtectionProvider protection, SigningId signing) => protection.CreateProtector("client signing", signing.ToString());
}
