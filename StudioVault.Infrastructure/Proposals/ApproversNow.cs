using System.Text.Json.Nodes;
using Microsoft.EntityFrameworkCore;
using StudioVault.Domain.Kernel;
using StudioVault.Domain.Organization;
using StudioVault.Domain.Proposals;
using StudioVault.Infrastructure.Organization;
using StudioVault.Infrastructure.Persistence;

namespace StudioVault.Infrastructure.Proposals;

/// <summary>
/// Whether everybody who approved might still do so at this moment: an approval of somebody who was dismissed in between carries
/// nothing (features rows 5.4 and 5.18). Somebody promoted since counts for what they were when they approved.
/// </summary>
internal static class ApproversNow
{
    /// <summary>Somebody whose approval stands no longer.</summary>
    /// <param name="Refusal"><c>refuse.approval.approver_gone</c>, for people.</param>
    /// <param name="Why">The same for the log, which keeps it for ever: it names nobody.</param>
    public sealed record Gone(Refusal Refusal, string Why);

    /// <summary>Null while all approvals of the round still stand.</summary>
    /// <param name="now">Database clock.</param>
    public static async Task<Gone?> GoneAsync(VaultDb db, Proposal proposal, DateTimeOffset now, CancellationToken ct)
    {
        if (proposal.RunsUnder is not null) return null;
        var approvals = await db.Decisions.AsNoTracking().Where(d => d.ProposalId == proposal.Id && d.Round == proposal.Round && d.Verdict == Verdict.Approve).OrderBy(d => d.At).ToListAsync(ct);
        var votes = new List<Vote>();
        foreach (var approval in approvals)
        {
            var hands = await Delegations.PersonAsync(db, proposal.BranchId, approval.PersonId, ct);
            if (Lost(hands) is { } lost) return new(ApprovalRefusals.ApproverGone.With(approval.PersonName, lost), lost);
            var seat = hands;
            if (approval.OnBehalfOf is { } other)
            {
                seat = await Delegations.PersonAsync(db, proposal.BranchId, other, ct);
                if (Lost(seat) is { } gone) return new(ApprovalRefusals.ApproverGone.With($"{approval.PersonName}, standing in for {seat?.Name ?? "somebody"},", gone), $"stood in for somebody who {gone}");
                var grants = await Delegations.StandInsAsync(db, proposal.BranchId, approval.PersonId, now, ct);
                if (!grants.Any(g => g.Chain.Root.Id == other.ToString() && g.Covers(proposal.Capability))) return new(ApprovalRefusals.ApproverGone.With(approval.PersonName, $"does not stand in for {seat!.Name} any more"), "does not stand in for somebody any more");
            }

            var seats = DecisionCommands.SeatsOf(seat!.Role);
            votes.Add(approval.ToVote() with { Seats = [.. approval.Seats.Where(seats.Contains)] });
        }

        if (ApprovalRule.From(JsonNode.Parse(proposal.Rule)).Value.Answer(votes) == RuleAnswer.Satisfied) return null;
        // Everybody is still there, and somebody of them is less than they were.
        for (var i = 0; i < votes.Count; i++)
            if (votes[i].Seats.Count < approvals[i].Seats.Length) return new(ApprovalRefusals.ApproverGone.With(approvals[i].PersonName, "has another role"), "has another role");
        return null;
    }

    private static string? Lost(ChainActor? person)
    {
        if (person is not { IsActive: true }) return "cannot sign in any more";
        return person.Role is null ? "is no longer of the branch" : null;
    }
}
