using System.Security.Claims;
using Microsoft.AspNetCore.Identity;
using Microsoft.Extensions.Options;
using StudioVault.Domain.Kernel;
using StudioVault.Domain.Organization;
using StudioVault.Infrastructure.Door;
using StudioVault.Infrastructure.Organization;
using StudioVault.Infrastructure.Persistence;

namespace StudioVault.Web.Organization;

/// <summary>
/// Looks a cookie up again twice a minute: whether its person may still sign in, with this stamp, and whether its session was signed
/// out of. A cookie without a session is from an older release: its person signs in once more. One that was given for a press ends
/// with the demo.
/// </summary>
public sealed class SessionValidator(IOptions<SecurityStampValidatorOptions> options, SignInManager<Person> signIn, ILoggerFactory loggers, WriteDoor door, DemoMode demo)
    : SecurityStampValidator<Person>(options, signIn, loggers)
{
    protected override async Task<Person?> VerifySecurityStamp(ClaimsPrincipal? principal)
    {
        if (await base.VerifySecurityStamp(principal) is not { } person || PersonClaims.SessionOf(principal!) is null) return null;
        if (!demo.Enabled && person is { IsDemo: true, PasswordHash: null }) return null;
        return await StillAsync(door, PersonClaims.SenderOf(principal!), CancellationToken.None) ? person : null;
    }

    /// <summary>Whether somebody is still signed in. A database that is away says nothing about the person: their commands are refused anyway.</summary>
    internal static async Task<bool> StillAsync(WriteDoor door, Sender sender, CancellationToken ct)
    {
        var result = await door.ReadAsync<Done>(sender, TenantScope.None, Access.AnySignedIn, (_, _, _) => Task.FromResult<Result<Done>>(Done.It), ct);
        return !result.IsRefused || result.Refusal.Code != KernelRefusals.SignedOut.Code;
    }
}
