using System.Text.Json.Nodes;
using Microsoft.EntityFrameworkCore;
using StudioVault.Domain.Kernel;
using StudioVault.Domain.Proposals;
using StudioVault.Infrastructure.Door;

namespace StudioVault.Infrastructure.Proposals.Decoys;

/// <summary>How tests end: at once, with nothing done, and with an entry that says what they were.</summary>
internal static class DecoyEnds
{
    /// <summary>Somebody approved it.</summary>
    public static async Task<Decided> MissAsync(this WriteContext context, Proposal proposal, Decision decision, CancellationToken ct)
    {
        await EndAsync(context, proposal, ProposalVerb.Withdraw, Decoy.Missed, null, ct);
        context.Db.Decisions.Add(decision);
        return new Decided(ProposalState.Withdrawn, null);
    }

    /// <summary>Somebody looked closely: rejected it, edited it, or asked for human review.</summary>
    public static async Task<Decided> CatchAsync(this WriteContext context, Proposal proposal, Verdict verdict, string reason, int? tookMs, CancellationToken ct)
    {
        var caller = context.Caller;
        var verb = verdict == Verdict.Reject ? ProposalVerb.Reject : ProposalVerb.Withdraw;
        await EndAsync(context, proposal, verb, Decoy.Caught, null, ct);
        context.Db.Decisions.Add(Decision.Of(proposal, verdict, caller.PersonId ?? throw new InvalidOperationException("Only people decide."), caller.Chain.Acting.Name, [.. caller.Humans.Select(h => h.Value)],
            DecisionCommands.SeatsOf(caller.RoleIn(proposal.BranchId)), context.Now, reason, tookMs));
        return new Decided(verdict == Verdict.Reject ? ProposalState.Rejected : ProposalState.Withdrawn, null);
    }

    /// <summary>Ends it without a decision, and says why.</summary>
    public static async Task EndAsync(this WriteContext context, Proposal proposal, ProposalVerb verb, string code, string? why, CancellationToken ct)
    {
        var decoy = await context.Db.Decoys.AsNoTracking().SingleAsync(d => d.ProposalId == proposal.Id, ct);
        var payload = new JsonObject { ["decoy"] = true, ["result"] = code[Decoy.Prefix.Length..], ["imitates"] = decoy.Imitates, ["flaw"] = decoy.Flaw };
        if (why is not null) payload["why"] = why;
        await context.MoveAsync(proposal, verb, payload, s => s.SetProperty(p => p.EndCode, code).SetProperty(p => p.ClaimedBy, (PersonId?)null).SetProperty(p => p.ClaimedUntil, (DateTimeOffset?)null), ct);
    }
}
