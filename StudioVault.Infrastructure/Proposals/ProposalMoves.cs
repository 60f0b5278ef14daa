using System.Linq.Expressions;
using System.Text.Json.Nodes;
using Microsoft.EntityFrameworkCore;
using StudioVault.Domain.Kernel;
using StudioVault.Domain.Proposals;
using StudioVault.Infrastructure.Door;
using StudioVault.Infrastructure.Live;
using StudioVault.Infrastructure.Persistence;

namespace StudioVault.Infrastructure.Proposals;

/// <summary>How a proposal gets from one state to the next: one conditional update, its audit entry and its event (APP-1).</summary>
internal static class ProposalMoves
{
    /// <summary>
    /// Writes the entry, the event and the edge when the command commits. Whoever lost the race against somebody else's edge gets a
    /// <see cref="DbUpdateConcurrencyException"/>, which makes the door look again at what is there now.
    /// </summary>
    /// <param name="proposal">As it was read in this transaction.</param>
    /// <param name="payload">What the entry says beyond state and digest.</param>
    /// <param name="also">Columns that change with the state.</param>
    /// <param name="inTime">A time that has to be ahead at the very moment of the change too: the command began earlier (APP-5).</param>
    /// <param name="said">The decision that goes with it.</param>
    public static ProposalState Move(this WriteContext context, Proposal proposal, ProposalVerb verb, JsonObject? payload, Action<RowUpdate<Proposal>>? also = null, Expression<Func<Proposal, DateTimeOffset?>>? inTime = null, Decision? said = null)
    {
        var next = ProposalMachine.Next(proposal.State, verb) ?? throw new InvalidOperationException($"{verb} does not lead out of {proposal.State}.");
        context.Link = LinkOf(proposal, next);
        var entry = payload ?? [];
        entry["before"] = proposal.State.ToString();
        entry["after"] = next.ToString();
        entry["round"] = proposal.Round;
        entry["digest"] = proposal.Digest;
        context.Audit(entry);
        Change(context, proposal, next, also, inTime, said);
        return next;
    }

    /// <summary>The same now, for what may only follow when the edge is ours: the row stays taken until the commit.</summary>
    public static async Task<ProposalState> MoveNowAsync(this WriteContext context, Proposal proposal, ProposalVerb verb, JsonObject? payload, CancellationToken ct, Expression<Func<Proposal, DateTimeOffset?>>? inTime = null)
    {
        var next = context.Move(proposal, verb, payload, inTime: inTime);
        await context.WriteAuditAsync(ct);
        return next;
    }

    /// <summary>A change that is no edge of the machine, under the same conditions.</summary>
    public static void Touch(this WriteContext context, Proposal proposal, Action<RowUpdate<Proposal>>? change, Decision? said = null)
    {
        context.Link = LinkOf(proposal, proposal.State);
        context.Audit(new JsonObject { ["state"] = proposal.State.ToString(), ["digest"] = proposal.Digest });
        Change(context, proposal, proposal.State, change, null, said);
    }

    private static void Change(WriteContext context, Proposal proposal, ProposalState next, Action<RowUpdate<Proposal>>? also, Expression<Func<Proposal, DateTimeOffset?>>? inTime, Decision? said)
    {
        context.Announce(proposal, next, proposal.Version + 1);
        var update = new RowUpdate<Proposal>(context.Db.Model)
            .Set(p => p.State, next).Set(p => p.Version, proposal.Version + 1).Set(p => p.ChangedAt, context.Now)
            .Where(p => p.BranchId, proposal.BranchId).Where(p => p.Id, proposal.Id).Where(p => p.State, proposal.State).Where(p => p.Version, proposal.Version);
        also?.Invoke(update);
        if (inTime is not null)
        {
            // A condition on the clock is asked when a statement begins, not when the row it waited for is free: so the row is taken first.
            context.AtTheEnd(new("select 1 from proposals.proposals where branch_id = $1 and id = $2 for no key update") { Parameters = { new() { Value = proposal.BranchId.Value }, new() { Value = proposal.Id.Value } } });
            update.WhereAhead(inTime);
        }

        context.AtTheEnd(said is null ? update.Command() : update.CommandAnd(said));
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

    /// <summary>Who decided, and when, for whoever comes second.</summary>
    public static async Task<Refusal> WhoWasFirstAsync(this ProposalTexts texts, WriteContext context, Proposal proposal, CancellationToken ct)
    {
        if (proposal.EndCode == ProposalRefusals.ClientErased.Code) return ProposalRefusals.ClientErased;
        if (proposal is { State: ProposalState.Superseded, EndCode: Proposal.AgentBeganAnew }) return ProposalRefusals.NotOpen.With("its agent started anew");
        var last = await context.Db.Decisions.AsNoTracking().Where(d => d.ProposalId == proposal.Id).OrderByDescending(d => d.At).ThenByDescending(d => d.Id).FirstOrDefaultAsync(ct);
        return last is null || proposal.State is ProposalState.Expired or ProposalState.Superseded or ProposalState.Withdrawn or ProposalState.Killed
            ? ProposalRefusals.NotOpen.With(StateWords(proposal.State)) : ProposalRefusals.AlreadyDecided.With(Said(last, ReasonOf(last) is { } reason ? (await texts.ReaderAsync(context.Db, [proposal], ct)).Said(proposal, reason) : null));
    }

    /// <summary>The reason a sentence about a decision names, as it is stored; null where it names none.</summary>
    public static byte[]? ReasonOf(Decision d) => d.Verdict == Verdict.Approve ? null : d.SealedReason;

    /// <summary>"Ana approved it at 14:02".</summary>
    /// <param name="reason">What <see cref="ReasonOf"/> says, opened.</param>
    public static Moment Said(Decision d, string? reason)
    {
        var did = d.Verdict switch
        {
            Verdict.Approve => "approved it",
            Verdict.Reject => "rejected it",
            Verdict.Undo => "took it back before it ran",
            Verdict.SendToReview => "sent it to human review",
            Verdict.FoundDone => "found that it happened",
            Verdict.FoundNotDone => "found that it did not happen",
            Verdict.LookedAt => "looked at it afterwards",
            _ => "took it over",
        };
        return new Moment(d.At, $"{d.PersonName} {did} at ", reason is null ? "" : $" (“{reason}”)");
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
