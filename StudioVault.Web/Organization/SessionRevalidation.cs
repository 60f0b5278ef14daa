using Microsoft.AspNetCore.Components.Authorization;
using Microsoft.AspNetCore.Components.Server;
using StudioVault.Domain.Kernel;
using StudioVault.Domain.Organization;
using StudioVault.Infrastructure.Door;
using StudioVault.Infrastructure.Organization;
using StudioVault.Infrastructure.Persistence;

namespace StudioVault.Web.Organization;

/// <summary>Ends an open circuit within a minute after its person was switched off or signed out everywhere (WEB-2).</summary>
public sealed class SessionRevalidation(ILoggerFactory loggers, WriteDoor door) : RevalidatingServerAuthenticationStateProvider(loggers)
{
    protected override TimeSpan RevalidationInterval => TimeSpan.FromSeconds(30);

    protected override async Task<bool> ValidateAuthenticationStateAsync(AuthenticationState authenticationState, CancellationToken cancellationToken)
    {
        var sender = PersonClaims.SenderOf(authenticationState.User);
        var result = await door.ReadAsync<Done>(sender, TenantScope.None, Access.AnySignedIn, (_, _, _) => Task.FromResult<Result<Done>>(Done.It), cancellationToken);
        // A database that is away says nothing about the person: keep the circuit, its commands are refused anyway.
        return !result.IsRefused || result.Refusal.Code != KernelRefusals.SignedOut.Code;
    }
}
