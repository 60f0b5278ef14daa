using Microsoft.EntityFrameworkCore;
using StudioVault.Domain.Kernel;
using StudioVault.Domain.Proposals;
using StudioVault.Infrastructure.Door;
using StudioVault.Infrastructure.Proposals.Decoys;

namespace StudioVault.Infrastructure.Proposals;

public sealed partial class DecisionCommands
{
    /// <summary>
    /// Somebody approves a test of reviewers (features row 5.12): it is refused as the proposal it imitates would be, and else ends at
    /// once, with nothing done. There is no time to undo: nothing happens that could be undone.
    /// </summary>
    private async Task<Result<Decided>> ApproveTestAsync(WriteContext context, Proposal proposal, Approval approval, CancellationToken ct)
    {
        if (await OpenAsync(context, proposal, ct) is { } closed) return closed;
        if (context.Now >= proposal.ApproveBy) return Late(proposal);
        if (approval.Digest != proposal.Digest) return ApprovalRefusals.DigestMismatch.With("the page showed another version");
        if (Claimed(context, proposal) is { } claimed) return claimed;
        if (approval.Reason?.Length > Proposal.LongestReason) return KernelRefusals.TooLong.At("reason", Proposal.LongestReason);
        var me = await MeAsync(context, proposal.BranchId, approval.StandInFor, ct, Decoy.Imitated(proposal.Capability));
        if (me.Refusal is { } notMine) return notMine;
        var decoy = await context.Db.Decoys.AsNoTracking().SingleAsync(d => d.ProposalId == proposal.Id, ct);
        if (decoy.ShownHumans.Any(me.Humans.Contains)) return ApprovalRefusals.SameHuman.With(me.Name);
        var rule = ApprovalRule.From(System.Text.Json.Nodes.JsonNode.Parse(proposal.Rule)).Value;
        if (!rule.Helps([], me.Seats)) return ApprovalRefusals.SeatMissing.With(string.Join(" and ", rule.OpenSeats([]).Select(SeatWords)));
        if (!(await texts.CloseAsync(context.Db, proposal, approval.Reason, ct)).TryGet(out var said, out var unsaid)) return unsaid;
        return await context.MissAsync(proposal, Decision.Of(proposal, Verdict.Approve, me.Person, me.Name, me.Humans, me.Seats, context.Now, said, approval.TookMs, approval.StandInFor), ct);
    }
}
