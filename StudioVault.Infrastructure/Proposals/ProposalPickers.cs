using Microsoft.EntityFrameworkCore;
using StudioVault.Domain.Agreements;
using StudioVault.Domain.Kernel;
using StudioVault.Domain.Organization;
using StudioVault.Infrastructure.Door;
using StudioVault.Infrastructure.Persistence;

namespace StudioVault.Infrastructure.Proposals;

/// <summary>What an id of an argument can stand for, so that people choose a name and never type an id.</summary>
public sealed class ProposalPickers(WriteDoor door)
{
    /// <summary>Rows of one list.</summary>
    public const int Most = 200;

    /// <summary>Choices for an argument by its name; null where there is no list.</summary>
    /// <param name="project">The project chosen beside it, for its clients.</param>
    public async Task<IReadOnlyList<(string Id, string Label)>?> ForAsync(Sender from, BranchId branch, string argument, Guid? project, CancellationToken ct)
    {
        var result = await door.ReadAsync<IReadOnlyList<(string, string)>?>(from, TenantScope.Of(branch), Access.MemberOf(branch), async (db, _, token) => Result.Of<IReadOnlyList<(string, string)>?>(argument switch
        {
            "projectId" => [.. (await db.Projects.AsNoTracking().Where(p => p.State != ProjectState.Cancelled && p.State != ProjectState.Lapsed).OrderByDescending(p => p.EventOn).Take(Most).Select(p => new { p.Id, p.ClientName, p.EventOn }).ToListAsync(token))
                .Select(p => (p.Id.ToString(), $"{p.ClientName}, {p.EventOn:d MMM yyyy}"))],
            "clientId" when project is { } of => [.. (await db.ProjectClients.AsNoTracking().Where(l => l.ProjectId == new ProjectId(of)).Join(db.Clients.Where(c => c.ErasedAt == null), l => l.ClientId, c => c.Id, (l, c) => new { c.Id, c.Name }).OrderBy(c => c.Name).ToListAsync(token))
                .Select(c => (c.Id.ToString(), c.Name))],
            "clientId" => [],
            "deliveryId" => [.. (await db.Deliveries.AsNoTracking().Where(d => d.RevokedAt == null).Join(db.Projects, d => d.ProjectId, p => p.Id, (d, p) => new { d.Id, d.Title, p.ClientName, d.OnlineUntil, d.OpenedAt }).OrderByDescending(d => d.OpenedAt).Take(Most).ToListAsync(token))
                .Select(d => (d.Id.ToString(), $"{d.ClientName}: {d.Title}{(d.OnlineUntil is { } until ? $", until {until:d MMM yyyy}" : "")}"))],
            "invoiceId" => [.. (await db.Invoices.AsNoTracking().Where(i => i.State != InvoiceState.Void).Join(db.Projects, i => i.ProjectId, p => p.Id, (i, p) => new { i.Id, i.Number, i.Title, p.ClientName, i.State, i.CreatedAt }).OrderByDescending(i => i.CreatedAt).Take(Most).ToListAsync(token))
                .Select(i => (i.Id.ToString(), $"{i.ClientName}: {i.Title}, {i.Number} ({(i.State == InvoiceState.Paid ? "paid" : "open")})"))],
            "personId" => [.. await PeopleAsync(db, branch, token)],
            _ => null,
        }), ct);
        return result.TryGet(out var found, out _) ? found : null;
    }

    private static async Task<List<(string, string)>> PeopleAsync(VaultDb db, BranchId branch, CancellationToken ct)
    {
        var ids = (await db.Memberships.AsNoTracking().Where(m => m.BranchId == branch).Select(m => m.PersonId).ToListAsync(ct)).ConvertAll(p => p.Value);
        return (await db.Users.AsNoTracking().Where(u => ids.Contains(u.Id) && !u.IsDisabled).OrderBy(u => u.Name).Select(u => new { u.Id, u.Name }).ToListAsync(ct)).ConvertAll(u => (u.Id.ToString(), u.Name));
    }
}
