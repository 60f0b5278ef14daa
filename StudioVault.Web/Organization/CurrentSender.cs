using Microsoft.AspNetCore.Components.Authorization;
using StudioVault.Infrastructure.Door;
using StudioVault.Infrastructure.Organization;

namespace StudioVault.Web.Organization;

/// <summary>The sender of this circuit or request; every page hands it to the use case it calls.</summary>
public sealed class CurrentSender(AuthenticationStateProvider authentication)
{
    public async Task<Sender> GetAsync() => PersonClaims.SenderOf((await authentication.GetAuthenticationStateAsync()).User);
}
