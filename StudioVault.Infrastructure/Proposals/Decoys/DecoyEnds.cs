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
        await EndAsync(context, proposal, ProposalVerb.Withdraw, Decoy.Missed, null, ct, decision);
        return new Decided(ProposalState.Withdrawn, null);
    }

    /// <summary>Somebody looked closely: rejected it, edited it, or asked for human review.</summary>
    public static async Task<Result<Decided>> CatchAsync(this WriteContext context, ProposalTexts texts, Proposal proposal, Verdict verdict, string reason, int? tookMs, CancellationToken ct)
    {
        var caller = context.Caller;
        if (!(await texts.CloseAsync(context.Db, proposal, reason, ct)).TryGet(out var said, out var unsaid)) return unsaid;
        var verb = verdict == Verdict.Reject ? ProposalVerb.Reject : ProposalVerb.Withdraw;
        await EndAsync(context, proposal, verb, Decoy.Caught, null, ct, Decision.Of(proposal, verdict, caller.PersonId ?? throw new InvalidOperationException("Only people decide."), caller.Chain.Acting.Name, [.. caller.Humans.Select(h => h.Value)],
            DecisionCommands.SeatsOf(caller.RoleIn(proposal.BranchId)), context.Now, said, tookMs));
        return new Decided(verdict == Verdict.Reject ? ProposalState.Rejected : ProposalState.Withdrawn, null);
    }

    /// <summary>Ends it, and says why.</summary>
    /// <param name="said">The decision it ends by; null when nobody decided.</param>
    public static async Task EndAsync(this WriteContext context, Proposal proposal, ProposalVerb verb, string code, string? why, CancellationToken ct, Decision? said = null)
    {
        var decoy = await context.Db.Decoys.AsNoTracking().SingleAsync(d => d.ProposalId == proposal.Id, ct);
        var payload = new JsonObject { ["decoy"] = true, ["result"] = code[Decoy.Prefix.Length..], ["imitates"] = decoy.Imitates, ["flaw"] = decoy.Flaw };
        if (why is not null) payload["why"] = why;
        context.Move(proposal, verb, payload, s => s.Set(p => p.EndCode, code).Set(p => p.ClaimedBy, (PersonId?)null).Set(p => p.ClaimedUntil, (DateTimeOffset?)null), said: said);
    }
}
