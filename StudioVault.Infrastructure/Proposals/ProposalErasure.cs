using Microsoft.EntityFrameworkCore;
using StudioVault.Domain.Kernel;
using StudioVault.Domain.Proposals;
using StudioVault.Infrastructure.Door;
using StudioVault.Infrastructure.Persistence;

namespace StudioVault.Infrastructure.Proposals;

/// <summary>
/// What erasing a client means for proposals: those about them, or about a project of theirs, are not carried out any more and say
/// nothing any more. They stay, with who, what, when and every hash (features row 5.5).
/// </summary>
internal static class ProposalErasure
{
    private static readonly ProposalState[] Running = [ProposalState.IntentLogged, ProposalState.UnknownOutcome];
    private static readonly ProposalState[] Alive = [ProposalState.Drafted, ProposalState.Pending, ProposalState.Claimed, ProposalState.Approved, ProposalState.Grace];

    /// <summary>
    /// Whether one about them is being carried out, or nobody knows whether it was. From here to the end of the transaction no
    /// other about them is made.
    /// </summary>
    public static async Task<bool> IsRunningAsync(VaultDb db, ClientId client, CancellationToken ct)
    {
        await db.Database.ExecuteSqlAsync($"select 1 from agreements.clients where id = {client.Value} for update", ct);
        await db.Database.ExecuteSqlAsync($"select 1 from agreements.projects p where exists (select from agreements.project_clients l where l.branch_id = p.branch_id and l.project_id = p.id and l.client_id = {client.Value}) for update of p", ct);
        return await About(db, client).AnyAsync(p => Running.Contains(p.State), ct);
    }

    /// <summary>Those that are not carried out now, for the entry of the erasure.</summary>
    public static Task<List<Proposal>> AliveAsync(VaultDb db, ClientId client, CancellationToken ct) => About(db, client).AsNoTracking().Where(p => Alive.Contains(p.State)).OrderBy(p => p.CreatedAt).ToListAsync(ct);

    /// <summary>Ends them and forgets what all of them say. The transaction's audit entry is written by this.</summary>
    /// <exception cref="DbUpdateConcurrencyException">Somebody decided on one meanwhile, or it began to be carried out: the door looks again.</exception>
    public static async Task ForgetAsync(WriteContext context, ClientId client, IReadOnlyList<Proposal> alive, CancellationToken ct)
    {
        foreach (var proposal in alive) context.Announce(proposal, ProposalState.Withdrawn, proposal.Version + 1);
        await context.WriteAuditAsync(ct);
        foreach (var proposal in alive)
        {
            var ended = await context.Db.Proposals.Where(p => p.Id == proposal.Id && p.State == proposal.State && p.Version == proposal.Version).ExecuteUpdateAsync(s => s
                .SetProperty(p => p.State, ProposalState.Withdrawn).SetProperty(p => p.Version, proposal.Version + 1).SetProperty(p => p.ChangedAt, context.Now).SetProperty(p => p.EndCode, ProposalRefusals.ClientErased.Code), ct);
            if (ended != 1) throw new DbUpdateConcurrencyException($"Somebody else changed proposal {proposal.Id} meanwhile.");
        }

        await About(context.Db, client).ExecuteUpdateAsync(s => s.SetProperty(p => p.Key, Array.Empty<byte>()), ct);
    }

    private static IQueryable<Proposal> About(VaultDb db, ClientId client) =>
        db.Proposals.Where(p => p.Clients.Contains(client.Value) || (p.ProjectId != null && db.ProjectClients.Any(l => l.ClientId == client && l.ProjectId == p.ProjectId)));
}
