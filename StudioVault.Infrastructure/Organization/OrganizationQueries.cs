using Microsoft.EntityFrameworkCore;
using StudioVault.Domain.Kernel;
using StudioVault.Domain.Organization;
using StudioVault.Infrastructure.Door;
using StudioVault.Infrastructure.Persistence;

namespace StudioVault.Infrastructure.Organization;

/// <summary>A branch as its people need it: names, currency, clock.</summary>
/// <param name="BookingPausedUntil">Last day (branch-local) on which its website takes no bookings, or null.</param>
public sealed record BranchView(BranchId Id, string Slug, string Name, string City, string Country, string Currency, string TimeZone,
    Ownership Ownership, string Jurisdiction, string TaxName, decimal TaxRatePercent, DateOnly? UpdatesPausedUntil, DateOnly? BookingPausedUntil = null, string? BookingPauseReason = null);

/// <summary>Whether a branch takes bookings online.</summary>
/// <param name="PausedUntil">Last day (branch-local) of the pause; null while it is open.</param>
public sealed record BookingView(bool IsOpen, DateOnly? PausedUntil);

/// <summary>Who is signed in and where they may work.</summary>
/// <param name="Branches">Branches they belong to, with their role, by name; empty for HQ.</param>
public sealed record SessionView(PersonId PersonId, string Name, string Title, bool IsHqAdmin, IReadOnlyList<(BranchView Branch, Role Role)> Branches)
{
    /// <summary>Other accounts that HQ says are the same person.</summary>
    public IReadOnlyList<string> SamePerson { get; init; } = [];

    /// <summary>Whether they sign in with a password; a demo person need not.</summary>
    public bool HasPassword { get; init; } = true;

    /// <summary>Whether a press stands for the password while this is a demo: a demo person without one.</summary>
    public bool IsDemoByTap { get; init; }
}

/// <summary>A demo person for one-click sign-in.</summary>
public sealed record DemoPerson(Guid Id, string Name, string Title, string Email, Role Role, string Branches);

/// <summary>Everything pages ask about people and branches.</summary>
public sealed class OrganizationQueries(WriteDoor door, VaultDbs dbs)
{
    private volatile bool _hasAdmin;

    /// <summary>The signed-in person with their branches; refuses whoever is no longer signed in.</summary>
    public Task<Result<SessionView>> SessionAsync(Sender from, CancellationToken ct) =>
        door.ReadAsync<SessionView>(from, TenantScope.None, Access.AnySignedIn, async (db, caller, token) =>
        {
            var id = caller.PersonId!.Value;
            var person = await db.Users.AsNoTracking().Where(p => p.Id == id.Value).Select(p => new { p.Name, p.Title, p.IsDemo, HasPassword = p.PasswordHash != null }).SingleAsync(token);
            var mine = caller.Roles.Where(r => r.Branch is not null).ToLookup(r => r.Branch!.Value, r => r.Role);
            var ids = mine.Select(m => m.Key).ToList();
            var branches = await db.Branches.AsNoTracking().Where(b => ids.Contains(b.Id)).OrderBy(b => b.Name).ToListAsync(token);
            return new SessionView(id, person.Name, person.Title, caller.IsHqAdmin, [.. branches.Select(b => (View(b), mine[b.Id].Max()))]) { SamePerson = await SamePersonAsync(db, id, token), HasPassword = person.HasPassword, IsDemoByTap = person.IsDemo && !person.HasPassword };
        }, ct);

    private static async Task<IReadOnlyList<string>> SamePersonAsync(VaultDb db, PersonId me, CancellationToken ct)
    {
        var human = (await db.Users.AsNoTracking().SingleAsync(p => p.Id == me.Value, ct)).Human;
        return await db.Users.AsNoTracking().Where(p => p.Id != me.Value && (p.HumanId == human || p.Id == human.Value)).OrderBy(p => p.Name).Select(p => p.Title.Length > 0 ? p.Name + ", " + p.Title : p.Name).ToListAsync(ct);
    }

    /// <summary>Whether an administrator of headquarters can sign in with a password: while none can, nobody can add anybody.</summary>
    public async Task<bool> HasAdminAsync(CancellationToken ct)
    {
        // The last one cannot be lost, so a yes holds.
        if (_hasAdmin) return true;
        await using var db = dbs.Open(TenantScope.None);
        return _hasAdmin = await (await Administrators.WhoCanSignInAsync(db, demo: false, ct)).AnyAsync(ct);
    }

    /// <summary>Every branch of the group, by name; HQ only.</summary>
    public Task<Result<IReadOnlyList<BranchView>>> BranchesAsync(Sender from, CancellationToken ct) =>
        door.ReadAsync<IReadOnlyList<BranchView>>(from, TenantScope.Hq, Access.Hq, async (db, _, token) =>
            (await db.Branches.AsNoTracking().OrderBy(b => b.Name).ToListAsync(token)).ConvertAll(View), ct);

    /// <summary>Whether a branch takes bookings online, for anybody who asks; <c>refuse.kernel.not_found</c> for an unknown short name.</summary>
    public Task<Result<BookingView>> BookingAsync(string slug, CancellationToken ct) =>
        door.ReadAsync<BookingView>(Sender.System("booking"), TenantScope.None, Access.AnySignedIn, async (db, _, token) =>
        {
            if (await db.Branches.AsNoTracking().SingleOrDefaultAsync(b => b.Slug == slug, token) is not { } branch) return KernelRefusals.NotFound;
            var now = await db.Database.SqlQuery<DateTimeOffset>($"select clock_timestamp() as \"Value\"").SingleAsync(token);
            var until = branch.OnlineBookingPausedUntil >= BranchClock.DayOf(now, branch.TimeZone) ? branch.OnlineBookingPausedUntil : null;
            return new BookingView(until is null, until);
        }, ct);

    /// <summary>The people who may be entered with one click in demo mode: HQ first, then by role, those of the largest branches first.</summary>
    public async Task<IReadOnlyList<DemoPerson>> DemoPeopleAsync(CancellationToken ct)
    {
        await using var db = dbs.Open(TenantScope.None);
        var people = await db.Users.AsNoTracking().Where(p => p.IsDemo && !p.IsDisabled).ToListAsync(ct);
        var ids = people.ConvertAll(p => p.PersonId);
        var memberships = (await db.Memberships.AsNoTracking().Where(m => ids.Contains(m.PersonId)).ToListAsync(ct)).ToLookup(m => m.PersonId);
        var branches = await db.Branches.AsNoTracking().ToDictionaryAsync(b => b.Id, b => b.Name, ct);
        var sizes = memberships.SelectMany(m => m).Where(m => m.BranchId is not null).CountBy(m => m.BranchId!.Value).ToDictionary();
        return
        [
            .. people.Where(p => memberships[p.PersonId].Any())
                .Select(p => (
                    Size: memberships[p.PersonId].Max(m => m.BranchId is { } branch ? sizes[branch] : 0),
                    Person: new DemoPerson(p.Id, p.Name, p.Title, p.Email ?? "", memberships[p.PersonId].Max(m => m.Role),
                        string.Join(", ", memberships[p.PersonId].Where(m => m.BranchId is not null).Select(m => branches[m.BranchId!.Value]).Order(StringComparer.Ordinal)))))
                .OrderByDescending(p => p.Person.Role).ThenByDescending(p => p.Size).ThenBy(p => p.Person.Branches, StringComparer.Ordinal).ThenBy(p => p.Person.Name, StringComparer.Ordinal)
                .Select(p => p.Person),
        ];
    }

    internal static BranchView View(Branch b) =>
        new(b.Id, b.Slug, b.Name, b.City, b.Country, b.Currency, b.TimeZone, b.Ownership, b.Jurisdiction, b.TaxName, b.TaxRatePercent, b.UpdatesPausedUntil, b.OnlineBookingPausedUntil, b.OnlineBookingPauseReason);
}
