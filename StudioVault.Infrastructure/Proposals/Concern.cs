using Microsoft.EntityFrameworkCore;
using StudioVault.Domain.Agreements;
using StudioVault.Domain.Kernel;
using StudioVault.Infrastructure.Persistence;

namespace StudioVault.Infrastructure.Proposals;

/// <summary>
/// Whom an intended write is about: erasing one of them makes everything it says unreadable (ADR 0011). Every capability says it;
/// nothing but these two is possible.
/// </summary>
public sealed record Concern
{
    private Concern(ProjectId? project, IReadOnlyList<ClientId> clients) => (Project, Clients) = (project, clients);

    /// <summary>A thing of the studio's own: no client is named.</summary>
    public static Concern Nobody { get; } = new(null, []);

    /// <summary>Whoever becomes its client later may be named too: a quote is called after people before they are entered.</summary>
    public ProjectId? Project { get; }

    /// <summary>Those who have a key, in order of id.</summary>
    public IReadOnlyList<ClientId> Clients { get; }

    /// <summary>The clients of a project who are not erased.</summary>
    /// <param name="also">Somebody who need not be its client any more.</param>
    public static async Task<Concern> OfProjectAsync(VaultDb db, ProjectId project, CancellationToken ct, ClientId? also = null)
    {
        var clients = await db.Clients.AsNoTracking().Where(c => c.ErasedAt == null && (c.Id == also || db.ProjectClients.Any(l => l.ProjectId == project && l.ClientId == c.Id))).Select(c => c.Id).ToListAsync(ct);
        return new Concern(project, [.. clients.OrderBy(c => c.Value)]);
    }

    /// <summary>These too: words of an earlier proposal are taken over.</summary>
    internal Concern With(IEnumerable<Guid> others) => new(Project, [.. Clients.Select(c => c.Value).Union(others).Order().Select(c => new ClientId(c))]);
}
