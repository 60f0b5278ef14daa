using System.Linq.Expressions;
using Microsoft.EntityFrameworkCore;
using StudioVault.Domain.Kernel;
using StudioVault.Domain.Organization;
using StudioVault.Infrastructure.Persistence;

namespace StudioVault.Infrastructure.Organization;

/// <summary>Who of headquarters can get in.</summary>
internal static class Administrators
{
    /// <summary>Accounts of administrators that can sign in now: those who chose a password and, in the demo only, demo people.</summary>
    public static async Task<IQueryable<Person>> WhoCanSignInAsync(VaultDb db, bool demo, CancellationToken ct)
    {
        var admins = (await db.Memberships.AsNoTracking().Where(m => m.Role == Role.HqAdmin).Select(m => m.PersonId).ToListAsync(ct)).ConvertAll(p => p.Value);
        return db.Users.AsNoTracking().Where(p => admins.Contains(p.Id)).Where(CanSignIn(demo));
    }

    /// <summary>Whether an account is of headquarters.</summary>
    public static Task<bool> IsOneAsync(VaultDb db, PersonId id, CancellationToken ct) => db.Memberships.AsNoTracking().AnyAsync(m => m.Role == Role.HqAdmin && m.PersonId == id, ct);

    private static Expression<Func<Person, bool>> CanSignIn(bool demo) => p => !p.IsDisabled && (p.PasswordHash != null || (demo && p.IsDemo));
}
