using System.Linq.Expressions;
using System.Text.Json.Nodes;
using Microsoft.EntityFrameworkCore;
using Microsoft.EntityFrameworkCore.Query;
using StudioVault.Domain.Kernel;
using StudioVault.Domain.Proposals;
using StudioVault.Infrastructure.Door;
using StudioVault.Infrastructure.Live;

namespace StudioVault.Infrastructure.Proposals;

/// <summary>How a proposal gets from one state to the next: one conditional update, its audit entry and its event (APP-1).</summary>
internal static class ProposalMoves
{
    /// <summary>
    /// Writes the entry, the event and the edge. Whoever lost the race against somebody else's edge gets a
    /// <see cref="DbUpdateConcurrencyException"/>, which makes the door look again at what is there now.
    /// </summary>
    /// <param name="proposal">As it was read in this transaction.</param>
    /// <param name="payload">What the entry says beyond state and digest.</param>
    /// <param name="also">Columns that change with the state.</param>
    /// <param name="when">What has to hold at the very moment of the change too, for example that its time is not over: the command began earlier.</param>
    public static async Task<ProposalState> MoveAsync(this WriteContext context, Proposal proposal, ProposalVerb verb, JsonObject? payload, Action<UpdateSettersBuilder<Proposal>>? also, CancellationToken ct, Expression<Func<Proposal, bool>>? when = null)
    {
        var next = ProposalMachine.Next(proposal.State, verb) ?? throw new InvalidOperationException($"{verb} does not lead out of {proposal.State}.");
        context.Link = LinkOf(proposal, next);
        var entry = payload ?? [];
        entry["before"] = proposal.State.ToString();
        entry["after"] = next.ToString();
        entry["round"] = proposal.Round;
        entry["digest"] = proposal.Digest;
        context.Audit(entry);
        context.Announce(proposal, next, proposal.Version + 1);
        // A condition on the clock is asked when a statement begins, not when the row it waited for is free: so the row is taken first.
        await context.WriteAuditAsync(ct, when is null ? null : new("select 1 from proposals.proposals where branch_id = $1 and id = $2 for no key update") { Parameters = { new() { Value = proposal.BranchId.Value }, new() { Value = proposal.Id.Value } } });
        var there = context.Db.Proposals.Where(p => p.Id == proposal.Id && p.State == proposal.State && p.Version == proposal.Version);
        var moved = await (when is null ? there : there.Where(when)).ExecuteUpdateAsync(s =>
        {
            s.SetProperty(p => p.State, next).SetProperty(p => p.Version, proposal.Version + 1).SetProperty(p => p.ChangedAt, context.Now);
            also?.Invoke(s);
        }, ct);
        if (moved != 1) throw new DbUpdateConcurrencyException($"Somebody else changed proposal {proposal.Id} meanwhile.");
        return next;
    }

    public static void Announce(this WriteContext context, Proposal proposal, ProposalState state, int version)
    {
        var payload = PayloadOf(proposal, state, version);
        // Agents hear nothing of tests: they are about people.
        if (Decoy.Is(proposal)) payload[Topics.PeopleOnly] = true;
        context.Announce(Topics.ProposalChanged, proposal.BranchId, payload);
    }

    private static JsonObject PayloadOf(Proposal proposal, ProposalState state, int version) => new()
    {
        ["proposalId"] = proposal.Id.ToString(),
        ["state"] = state.ToString(),
        ["version"] = version,
        ["capability"] = Shown(proposal, state),
        ["band"] = proposal.Band.ToString().ToUpperInvariant(),
    };

    /// <summary>While a test of reviewers is open, the branch's entries and events name what its people see; its planting and its end say what it was.</summary>
    private static string Shown(Proposal proposal, ProposalState state) => ProposalMachine.IsOpen(state) ? Decoy.Imitated(proposal.Capability) : proposal.Capability;

    public static ProposalLink LinkOf(Proposal proposal, ProposalState state) => new(Shown(proposal, state), proposal.Id.ToString(), state.ToString(), ((string?)JsonNode.Parse(proposal.Policies)!["routing"])?.Split('+')[0]);

    /// <summary>"Ana approved it at 14:02:11 UTC", for whoever comes second.</summary>
    public static async Task<Refusal> WhoWasFirstAsync(this WriteContext context, Proposal proposal, CancellationToken ct)
    {
        var last = await context.Db.Decisions.AsNoTracking().Where(d => d.ProposalId == proposal.Id).OrderByDescending(d => d.At).ThenByDescending(d => d.Id).FirstOrDefaultAsync(ct);
        return last is null || proposal.State is ProposalState.Expired or ProposalState.Superseded or ProposalState.Withdrawn or ProposalState.Killed
            ? ProposalRefusals.NotOpen.With(StateWords(proposal.State)) : ProposalRefusals.AlreadyDecided.With(Said(last));
    }

    public static string Said(Decision d)
    {
        var did = d.Verdict switch
        {
            Verdict.Approve => "approved it",
            Verdict.Reject => "rejected it",
            Verdict.Undo => "took the approval back",
            Verdict.SendToReview => "sent it to human review",
            Verdict.FoundDone => "found that it happened",
            Verdict.FoundNotDone => "found that it did not happen",
            Verdict.Withdraw => "withdrew it",
            _ => "took it over",
        };
        var at = d.At.UtcDateTime.ToString("HH:mm:ss", System.Globalization.CultureInfo.InvariantCulture);
        return $"{d.PersonName} {did} at {at} UTC" + (d.Reason is null || d.Verdict == Verdict.Approve ? "" : $" (“{d.Reason}”)");
    }

    /// <summary>A state as people say it.</summary>
    public static string StateWords(ProposalState state) => state switch
    {
        ProposalState.Drafted => "it waits for its turn",
        ProposalState.Pending => "it waits for a decision",
        ProposalState.Claimed => "somebody is deciding",
        ProposalState.Approved => "it waits for another approval",
        ProposalState.Grace => "it was approved and runs when the time to undo is over",
        ProposalState.IntentLogged => "it is being carried out",
        ProposalState.Succeeded => "it was carried out",
        ProposalState.Failed => "it failed",
        ProposalState.UnknownOutcome => "nobody knows yet whether it happened",
        ProposalState.Rejected => "it was rejected",
        ProposalState.Expired => "its time ran out",
        ProposalState.Superseded => "another one took its place",
        ProposalState.TargetChanged => "what it was about had changed",
        ProposalState.Killed => "it was stopped",
        _ => "it was withdrawn",
    };
}
