using Microsoft.EntityFrameworkCore;
using StudioVault.Domain.Proposals;
using StudioVault.Infrastructure.Persistence;

namespace StudioVault.Infrastructure.Proposals;

/// <summary>
/// What was carried out because whoever proposed it approved it too (features row 5.4): a card allows that on the promise that somebody
/// looks at it afterwards, so it waits in the Review list until a second person has.
/// </summary>
internal static class OwnApprovals
{
    /// <summary>Those nobody has looked at, oldest first.</summary>
    public static async Task<List<ProposalId>> UnseenAsync(VaultDb db, IQueryable<Proposal> all, CancellationToken ct)
    {
        // Hardly any card allows it: without one, years of history are not looked through at each reading.
        var allowing = await db.CapabilityCards.AsNoTracking().Where(c => c.MayApproveOwn).Select(c => c.Capability).Distinct().ToListAsync(ct);
        if (allowing.Count == 0) return [];
        var longer = ProposalCommands.OwnGrace.TotalSeconds;
        return await all.Where(p => allowing.Contains(p.Capability) && p.State == ProposalState.Succeeded && p.Band == Band.Green && p.AgentId == null
                && db.Decisions.Any(d => d.BranchId == p.BranchId && d.ProposalId == p.Id && d.Round == p.Round && d.Verdict == Verdict.Approve
                    && (d.Humans.Any(h => p.Humans.Contains(h)) || (p.GraceUntil!.Value - p.ApprovedAt!.Value).TotalSeconds >= longer))
                && !db.Decisions.Any(d => d.BranchId == p.BranchId && d.ProposalId == p.Id && d.Verdict == Verdict.LookedAt))
            .OrderBy(p => p.ChangedAt).ThenBy(p => p.Id).Select(p => p.Id).ToListAsync(ct);
    }

    /// <summary>The same of one that is at hand.</summary>
    /// <param name="said">All decisions on it.</param>
    public static bool IsUnseen(Proposal p, IEnumerable<Decision> said) =>
        p is { State: ProposalState.Succeeded, Band: Band.Green, AgentId: null } && said.ToList() is var all
        && all.Exists(d => d.Round == p.Round && d.Verdict == Verdict.Approve && (d.Humans.Any(p.Humans.Contains) || HadLongerGrace(p)))
        && !all.Exists(d => d.Verdict == Verdict.LookedAt);

    // Two accounts may have turned out to be one person between proposing and approving: the longer time to undo says so too.
    private static bool HadLongerGrace(Proposal p) => p is { GraceUntil: { } until, ApprovedAt: { } approved } && until - approved >= ProposalCommands.OwnGrace;
}
