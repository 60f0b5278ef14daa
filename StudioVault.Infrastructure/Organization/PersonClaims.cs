using System.Security.Claims;
using Microsoft.AspNetCore.Identity;
using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.Options;
using StudioVault.Domain.Organization;
using StudioVault.Infrastructure.Door;
using StudioVault.Infrastructure.Persistence;

namespace StudioVault.Infrastructure.Organization;

/// <summary>
/// What the cookie says about a person: who, their stamp, and roles for menus and routes. Commands never trust the roles in it.
/// </summary>
public sealed class PersonClaims(UserManager<Person> people, IOptions<IdentityOptions> options, VaultDbs dbs)
    : UserClaimsPrincipalFactory<Person>(people, options)
{
    public const string FullName = "sv:name";

    /// <summary>Claim that holds the session's id: what a person signs out of.</summary>
    public const string Session = "sv:session";

    /// <summary>The claim of a session that begins.</summary>
    public static Claim NewSession() => new(Session, Guid.NewGuid().ToString());

    /// <summary>The session a cookie is of, or null for one from before sessions had names.</summary>
    public static Guid? SessionOf(ClaimsPrincipal user) => Guid.TryParse(user.FindFirstValue(Session), out var session) ? session : null;

    protected override async Task<ClaimsIdentity> GenerateClaimsAsync(Person user)
    {
        var identity = await base.GenerateClaimsAsync(user);
        identity.AddClaim(new Claim(FullName, user.Name));
        await using var db = dbs.Open(TenantScope.None);
        var roles = await db.Memberships.AsNoTracking().Where(m => m.PersonId == user.PersonId).Select(m => m.Role).Distinct().ToListAsync();
        foreach (var role in roles) identity.AddClaim(new Claim(identity.RoleClaimType, role.ToString()));
        return identity;
    }

    /// <summary>The sender a signed-in principal stands for, or <see cref="Sender.Nobody"/>.</summary>
    public static Sender SenderOf(ClaimsPrincipal user) =>
        user.Identity?.IsAuthenticated == true && Guid.TryParse(user.FindFirstValue(ClaimTypes.NameIdentifier), out var id)
            ? Sender.Person(new(id), user.FindFirstValue(new ClaimsIdentityOptions().SecurityStampClaimType)) with { Session = SessionOf(user) }
            : Sender.Nobody;

    /// <summary>The strongest role in the cookie, for choosing a start page.</summary>
    public static Role? StrongestRole(ClaimsPrincipal user) =>
        user.FindAll(ClaimTypes.Role).Select(c => Enum.TryParse<Role>(c.Value, out var r) ? r : (Role?)null).DefaultIfEmpty(null).Max();
}
