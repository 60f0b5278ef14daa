using System.Text.Json.Nodes;
using Microsoft.EntityFrameworkCore;
using StudioVault.Domain.Kernel;
using StudioVault.Domain.Organization;
using StudioVault.Domain.Proposals;
using StudioVault.Infrastructure.Door;
using StudioVault.Infrastructure.Persistence;

namespace StudioVault.Infrastructure.Proposals;

/// <summary>The look afterwards at what its own proposer approved (features row 5.4).</summary>
public sealed class LookCommands(WriteDoor door)
{
    /// <summary>
    /// A manager of the branch, who is neither its proposer nor its approver, looked at it; it then waits no longer. Nothing is decided
    /// or undone by it. Refused with <c>refuse.proposal.no_look_needed</c> and <c>refuse.approval.same_human</c>.
    /// </summary>
    public Task<Result<Done>> LookedAtAsync(Sender from, BranchId branch, ProposalId id, CancellationToken ct) =>
        door.RunAsync<Done>(new Command("proposal.look_at", from, TenantScope.Of(branch), Access.ManagerOf(branch), "proposal", id.ToString()), async (context, token) =>
        {
            // Held, so that of two who press at once one reads that the other was first.
            var held = await context.Db.Proposals.FromSql($"select * from proposals.proposals where branch_id = {branch.Value} and id = {id.Value} for no key update").AsNoTracking().ToListAsync(token);
            if (held is not [var proposal]) return KernelRefusals.NotFound;
            context.Link = ProposalMoves.LinkOf(proposal, proposal.State);
            if (proposal.State != ProposalState.Succeeded) return AfterlookRefusals.NotNeeded.With(ProposalMoves.StateWords(proposal.State));
            var said = await context.Db.Decisions.AsNoTracking().Where(d => d.ProposalId == id).OrderBy(d => d.At).ToListAsync(token);
            if (said.Find(d => d.Verdict == Verdict.LookedAt) is { } first) return AfterlookRefusals.NotNeeded.With($"{first.PersonName} has done so");
            if (!OwnApprovals.IsUnseen(proposal, said)) return AfterlookRefusals.NotNeeded.With("somebody else than its proposer approved it");
            var caller = context.Caller;
            var mine = caller.Humans.Select(h => h.Value).ToList();
            var eyes = FourEyes.OfCaller(caller);
            if (eyes.Of(proposal).Overlaps(mine) || said.Exists(d => d.Verdict == Verdict.Approve && eyes.Of(d).Overlaps(mine))) return ApprovalRefusals.SameHuman.With(caller.Chain.Acting.Name);
            context.Audit(new JsonObject { ["state"] = proposal.State.ToString(), ["digest"] = proposal.Digest });
            context.Announce(proposal, proposal.State, proposal.Version);
            // The proposal itself does not change: it stays where it stands in the history.
            context.Db.Decisions.Add(Decision.Of(proposal, Verdict.LookedAt, caller.PersonId!.Value, caller.Chain.Acting.Name, mine, DecisionCommands.SeatsOf(caller.RoleIn(branch)), context.Now));
            return Done.It;
        }, ct);
}
