using System.Security.Claims;
using Microsoft.AspNetCore.Components.Authorization;
using StudioVault.Domain.Organization;
using StudioVault.Infrastructure.Door;

namespace StudioVault.Tests.Support;

/// <summary>A circuit of a signed-in person. Their rights are in the database; the role here only opens menus.</summary>
internal sealed class SignedIn(Sender who) : AuthenticationStateProvider
{
    public override Task<AuthenticationState> GetAuthenticationStateAsync() => Task.FromResult(new AuthenticationState(new ClaimsPrincipal(new ClaimsIdentity(
        [new Claim(ClaimTypes.NameIdentifier, who.PersonId!.Value.ToString()), new Claim("AspNet.Identity.SecurityStamp", who.SecurityStamp!), new Claim(ClaimTypes.Role, nameof(Role.Staff))], "test"))));
}
