using System.Text.Json.Nodes;
using Microsoft.EntityFrameworkCore;
using StudioVault.Domain.Kernel;
using StudioVault.Domain.Organization;
using StudioVault.Domain.Proposals;
using StudioVault.Infrastructure.Audit;
using StudioVault.Infrastructure.Door;
using StudioVault.Infrastructure.Organization;
using StudioVault.Infrastructure.Persistence;
using StudioVault.Infrastructure.Proposals.Decoys;

namespace StudioVault.Infrastructure.Proposals;

/// <summary>An approval as a person gives it.</summary>
/// <param name="Digest">Digest of what was on the screen; another one is refused with <c>refuse.approval.digest_mismatch</c>.</param>
/// <param name="Reason">Required for what was routed to human review.</param>
/// <param name="TookMs">Milliseconds from opening it, as the page says.</param>
/// <param name="Ticket">For RED: what <see cref="FreshSignIns.ConfirmAsync"/> answered.</param>
/// <param name="StandInFor">Whom they stand in for, or null for themselves.</param>
public sealed record Approval(string Digest, string? Reason = null, int? TookMs = null, string? Ticket = null, PersonId? StandInFor = null);

/// <summary>Where a proposal stands after a decision.</summary>
/// <param name="GraceUntil">Until when it can be undone; null while others still have to approve.</param>
public sealed record Decided(ProposalState State, DateTimeOffset? GraceUntil);

/// <summary>What people decide. Every decision is one conditional update on state and version; of two, one wins and the other reads who.</summary>
public sealed partial class DecisionCommands(WriteDoor door, ProposalTexts texts, AttemptFile? attempts = null)
{
    /// <summary>How long "I am deciding" holds.</summary>
    public static readonly TimeSpan ClaimLease = TimeSpan.FromMinutes(2);

    /// <summary>
    /// Approves. Refused with <c>refuse.proposal.already_decided</c>, <c>not_open</c>; <c>refuse.approval.digest_mismatch</c>, <c>expired</c>,
    /// <c>same_human</c>, <c>claimed</c>, <c>window_closed</c>, <c>seat_missing</c>, <c>sign_in_anew</c>, <c>human_review_only</c>, <c>rules_changed</c>; <c>refuse.capability.not_enabled</c>.
    /// </summary>
    public Task<Result<Decided>> ApproveAsync(Sender from, BranchId branch, ProposalId id, Approval approval, CancellationToken ct) =>
        ApproveAnyAsync(from, branch, id, approval, null, ct);

    /// <summary>
    /// Approves equal GREEN ones with one tap, each for itself: some may be refused while others pass. Refused whole with
    /// <c>refuse.approval.not_in_groups</c> when one of them may not be approved in a group.
    /// </summary>
    public async Task<Result<IReadOnlyList<(ProposalId Id, Result<Decided> Result)>>> ApproveGroupAsync(Sender from, BranchId branch, IReadOnlyList<(ProposalId Id, string Digest)> group, int? tookMs, CancellationToken ct)
    {
        var ids = group.Select(g => g.Id).ToList();
        var fit = await door.ReadAsync<bool>(from, TenantScope.Of(branch), Access.MemberOf(branch), async (db, _, token) =>
        {
            var found = await db.Proposals.AsNoTracking().Where(p => ids.Contains(p.Id)).Select(p => new { p.Band, p.Routes, p.ReviewAskedAt, p.Capability }).ToListAsync(token);
            return found.Count == ids.Count && found.All(f => f.Band == Band.Green && f.Routes.Length == 0 && f.ReviewAskedAt is null) && found.Select(f => f.Capability).Distinct().Count() == 1;
        }, ct);
        if (!fit.TryGet(out var fits, out var refusal)) return refusal;
        if (!fits) return ApprovalRefusals.NotInGroups;
        var groupId = Guid.CreateVersion7();
        var results = new List<(ProposalId, Result<Decided>)>();
        foreach (var (id, digest) in group)
            results.Add((id, await ApproveAnyAsync(from, branch, id, new Approval(digest, TookMs: tookMs), groupId, ct)));
        return results;
    }

    /// <summary>
    /// Says no, with a reason. Anybody of the branch may, also who proposed it; what takes human review only a manager, or who stands in for
    /// one, with no hand in it. Refused as <see cref="ApproveAsync"/> for ended ones and with <c>refuse.kernel.reason_required</c>, <c>refuse.approval.review_by_manager</c>.
    /// </summary>
    public Task<Result<Decided>> RejectAsync(Sender from, BranchId branch, ProposalId id, string digest, string reason, int? tookMs, CancellationToken ct) =>
        OnAsync("proposal.reject", from, branch, id, async (context, proposal, token) =>
        {
            if (await OpenAsync(context, proposal, token) is { } closed) return closed;
            if (Unclear(reason) is { } unclear) return unclear;
            if (digest != proposal.Digest) return ApprovalRefusals.DigestMismatch.With("the page showed another version");
            // A claim keeps double work away; it does not keep anybody from saying no after a look at who is deciding.
            if (Claimed(context, proposal) is { } claimed) return claimed;
            if (Decoy.Is(proposal)) return await context.CatchAsync(texts, proposal, Verdict.Reject, reason, tookMs, token);
            PersonId? standInFor = null;
            if (proposal.TakesReview)
            {
                if (!(await CloserAsync(context.Db, context.Caller, proposal, context.Now, token)).TryGet(out var closer, out var notMine)) return notMine;
                standInFor = closer.StandInFor;
            }

            var me = await MeAsync(context, proposal.BranchId, standInFor, token, proposal.Capability);
            if (me.Refusal is { } gone) return gone;
            if (!(await texts.CloseAsync(context.Db, proposal, reason, token)).TryGet(out var said, out var unsaid)) return unsaid;
            context.Move(proposal, ProposalVerb.Reject, new JsonObject { ["reasonLength"] = reason.Trim().Length }, s => s.Set(p => p.EndCode, "rejected"), said: Decision.Of(proposal, Verdict.Reject, me.Person, me.Name, me.Humans, me.Seats, context.Now, said, tookMs, standInFor));
            return new Decided(ProposalState.Rejected, null);
        }, ct);

    /// <summary>
    /// Takes it back until it is begun, also when the time to undo is over and no node has taken it up: approvals of this round are void,
    /// and what would have run under an exemption needs its people. Anybody of the branch may. Refused with <c>refuse.proposal.grace_over</c>.
    /// </summary>
    public Task<Result<Decided>> UndoAsync(Sender from, BranchId branch, ProposalId id, CancellationToken ct) =>
        OnAsync("proposal.undo", from, branch, id, async (context, proposal, token) =>
        {
            if (proposal.State != ProposalState.Grace) return proposal.State is ProposalState.IntentLogged or ProposalState.Succeeded or ProposalState.Failed ? ProposalRefusals.GraceOver : await texts.WhoWasFirstAsync(context, proposal, token);
            // Not the clock but state and version decide: the intent is the same conditional change, so one of the two finds the other's.
            var me = await MeAsync(context, proposal.BranchId, null, token);
            context.Move(proposal, ProposalVerb.Undo, null, s => s.Set(p => p.Round, proposal.Round + 1).Set(p => p.ApprovedAt, (DateTimeOffset?)null)
                .Set(p => p.GraceUntil, (DateTimeOffset?)null).Set(p => p.ExecuteBy, (DateTimeOffset?)null).Set(p => p.ClaimedBy, (PersonId?)null).Set(p => p.ClaimedUntil, (DateTimeOffset?)null), said: Decision.Of(proposal, Verdict.Undo, me.Person, me.Name, me.Humans, me.Seats, context.Now));
            return new Decided(ProposalState.Pending, null);
        }, ct);

    /// <summary>"I am deciding": two minutes in which others are told so. Refused with <c>refuse.approval.claimed</c> unless taken over.</summary>
    /// <param name="takeOver">Although somebody else is deciding.</param>
    public Task<Result<Decided>> ClaimAsync(Sender from, BranchId branch, ProposalId id, bool takeOver, CancellationToken ct) =>
        OnAsync(takeOver ? "proposal.take_over" : "proposal.claim", from, branch, id, async (context, proposal, token) =>
        {
            if (await OpenAsync(context, proposal, token) is { } closed) return closed;
            if (!takeOver && Claimed(context, proposal) is { } claimed) return claimed;
            var me = await MeAsync(context, proposal.BranchId, null, token);
            context.Move(proposal, ProposalVerb.Claim, null, s => s.Set(p => p.ClaimedBy, me.Person).Set(p => p.ClaimedByName, me.Name).Set(p => p.ClaimedUntil, context.Now + ClaimLease),
                said: takeOver ? Decision.Of(proposal, Verdict.TakeOver, me.Person, me.Name, me.Humans, me.Seats, context.Now) : null);
            return new Decided(ProposalState.Claimed, null);
        }, ct);

    /// <summary>Gives the claim back. Doing so twice, or too late, does nothing.</summary>
    public Task<Result<Decided>> ReleaseAsync(Sender from, BranchId branch, ProposalId id, CancellationToken ct) =>
        OnAsync("proposal.release", from, branch, id, async (context, proposal, token) =>
        {
            if (proposal.State != ProposalState.Claimed || proposal.ClaimedBy != context.Caller.PersonId) return context.Nothing(new Decided(proposal.State, proposal.GraceUntil));
            context.Move(proposal, ProposalVerb.Release, null, s => s.Set(p => p.ClaimedBy, (PersonId?)null).Set(p => p.ClaimedUntil, (DateTimeOffset?)null));
            return new Decided(ProposalState.Pending, null);
        }, ct);

    /// <summary>Hands it to human review, with a reason: managers are called. The only thing to do with a BLACK one; a manager closes it with a rejection that says what was done.</summary>
    public Task<Result<Decided>> SendToReviewAsync(Sender from, BranchId branch, ProposalId id, string reason, CancellationToken ct) =>
        OnAsync("proposal.review", from, branch, id, async (context, proposal, token) =>
        {
            if (await OpenAsync(context, proposal, token) is { } closed) return closed;
            if (Unclear(reason) is { } unclear) return unclear;
            if (Decoy.Is(proposal)) return await context.CatchAsync(texts, proposal, Verdict.SendToReview, reason, null, token);
            if (proposal.ReviewAskedAt is not null) return await texts.WhoWasFirstAsync(context, proposal, token);
            var me = await MeAsync(context, proposal.BranchId, null, token);
            if (!(await texts.CloseAsync(context.Db, proposal, reason, token)).TryGet(out var said, out var unsaid)) return unsaid;
            context.Touch(proposal, s => s.Set(p => p.ReviewAskedAt, context.Now), Decision.Of(proposal, Verdict.SendToReview, me.Person, me.Name, me.Humans, me.Seats, context.Now, said));
            return new Decided(proposal.State, null);
        }, ct);

    /// <summary>
    /// Says what became of one whose outcome nobody knew, with the evidence for it. Managers only. Refused with
    /// <c>refuse.proposal.outcome_known</c>, <c>refuse.kernel.reason_required</c>.
    /// </summary>
    /// <param name="happened">Whether it was done.</param>
    /// <param name="evidence">What it was found out from.</param>
    public async Task<Result<Decided>> ResolveAsync(Sender from, BranchId branch, ProposalId id, bool happened, string evidence, CancellationToken ct)
    {
        AttemptLine? line = null;
        var resolved = await OnAsync("proposal.resolve", from, branch, id, async (context, proposal, token) =>
        {
            if (proposal.State != ProposalState.UnknownOutcome) return ProposalRefusals.NotUnknown;
            if (Unclear(evidence) is { } unclear) return unclear;
            var me = await MeAsync(context, proposal.BranchId, null, token);
            var reader = await texts.ReaderAsync(context.Db, [proposal], token);
            if (!reader.Close(proposal, evidence).TryGet(out var said, out var unsaid)) return unsaid;
            if (!reader.Close(proposal, happened ? "A person found that it happened" : "A person found that it did not happen").TryGet(out var summary, out unsaid)) return unsaid;
            var state = context.Move(proposal, happened ? ProposalVerb.ResolveDone : ProposalVerb.ResolveNotDone, new JsonObject { ["happened"] = happened }, s => s.Set(p => p.EndCode, happened ? null : "found_not_done"),
                said: Decision.Of(proposal, happened ? Verdict.FoundDone : Verdict.FoundNotDone, me.Person, me.Name, me.Humans, me.Seats, context.Now, said));
            var execution = await context.Db.Executions.SingleAsync(x => x.ProposalId == id, token);
            execution.End(context.Now, happened ? null : "found_not_done", summary);
            line = new AttemptLine(context.Now, "outcome", id.Value, branch.Value, proposal.Capability, proposal.Digest, happened ? "succeeded" : "failed", happened ? null : "found_not_done");
            return new Decided(state, null);
        }, ct, Access.ManagerOf(branch));
        // The second sink hears how it ended from whoever found it out, too.
        if (!resolved.IsRefused && line is not null) attempts?.Append(line);
        return resolved;
    }

    /// <summary>All an approval looks at, read in one round trip.</summary>
    private sealed record ToApprove(Proposal Proposal, TimeOnly? DecideFrom, TimeOnly? DecideTo, bool MayApproveOwn, string TimeZone, int? Version, List<Decision> Before);

    private static readonly Func<VaultDb, ProposalId, Task<ToApprove?>> ReadToApprove = EF.CompileAsyncQuery((VaultDb db, ProposalId id) => (
        from p in db.Proposals.AsNoTracking()
        join b in db.Branches on p.BranchId equals b.Id
        // A test of reviewers has no card.
        from c in db.CapabilityCards.Where(c => c.Capability == p.Capability && c.Version == p.CapabilityVersion).DefaultIfEmpty()
        from s in db.Capabilities.Where(s => s.Capability == p.Capability && s.IsEnabled).DefaultIfEmpty()
        where p.Id == id
        select new ToApprove(p, c.DecideFrom, c.DecideTo, (bool?)c.MayApproveOwn ?? false, b.TimeZone, (int?)s.Version, db.Decisions.Where(d => d.ProposalId == p.Id && d.Round == p.Round && d.Verdict == Verdict.Approve).ToList())).SingleOrDefault());

    private Task<Result<Decided>> ApproveAnyAsync(Sender from, BranchId branch, ProposalId id, Approval approval, Guid? group, CancellationToken ct) =>
        door.RunAsync<Decided>(On("proposal.approve", from, branch, id), async (context, token) =>
        {
            if (await ReadToApprove(context.Db, id) is not { } found) return KernelRefusals.NotFound;
            context.Link = ProposalMoves.LinkOf(found.Proposal, found.Proposal.State);
            return Decoy.Is(found.Proposal) ? await ApproveTestAsync(context, found.Proposal, approval, token) : await ApproveOneAsync(context, found, approval, group, token);
        }, ct);

    private async Task<Result<Decided>> ApproveOneAsync(WriteContext context, ToApprove found, Approval approval, Guid? group, CancellationToken ct)
    {
        var (proposal, before) = (found.Proposal, found.Before);
        if (await OpenAsync(context, proposal, ct) is { } closed) return closed;
        // Human review keeps it open for a word about it, not for an approval after its time.
        if (context.Now >= proposal.ApproveBy) return Late(proposal);
        if (approval.Digest != proposal.Digest) return ApprovalRefusals.DigestMismatch.With("the page showed another version");
        if (RulesNow.Check(proposal, found.Version) is { } outdated) return outdated;
        if (proposal.Band == Band.Black) return ApprovalRefusals.HumanReviewOnly;
        if (Claimed(context, proposal) is { } claimed) return claimed;
        if (approval.Reason?.Length > Proposal.LongestReason) return KernelRefusals.TooLong.At("reason", Proposal.LongestReason);
        if (proposal.Routes.Length > 0 && string.IsNullOrWhiteSpace(approval.Reason)) return KernelRefusals.ReasonRequired.At("reason");
        if (CapabilityCard.Closed(found.DecideFrom, found.DecideTo, BranchClock.TimeOf(context.Now, found.TimeZone)) is { } shut) return shut;

        var me = await MeAsync(context, proposal.BranchId, approval.StandInFor, ct, proposal.Capability);
        if (me.Refusal is { } notMine) return notMine;
        var eyes = approval.StandInFor is null ? FourEyes.OfCaller(context.Caller) : await FourEyes.LookAsync(context.Db, proposal, before, ct);
        var own = eyes.Of(proposal).Overlaps(me.Humans);
        // Small things may be approved by whoever proposed them, after a longer time to undo (features row 5.4); never an agent's owner.
        if (own && !(found.MayApproveOwn && proposal is { Band: Band.Green, AgentId: null, TakesReview: false } && group is null)) return ApprovalRefusals.SameHuman.With(me.Name);
        if (proposal.Band == Band.Red && await FreshSignIns.RefusalAsync(context.Db, me.Person, approval.Ticket, context.Now, ct) is { } stale) return stale;

        if (before.Find(d => eyes.Of(d).Overlaps(me.Humans)) is { } earlier) return ApprovalRefusals.SameHuman.With(earlier.PersonName);
        var rule = ApprovalRule.From(JsonNode.Parse(proposal.Rule)).Value;
        var votes = before.ConvertAll(d => d.ToVote());
        // Somebody's approval came between our look at the proposal and at its decisions: look again at both.
        if (rule.Answer(votes) == RuleAnswer.Satisfied) throw new DbUpdateConcurrencyException($"Proposal {proposal.Id} was approved meanwhile.");
        if (!rule.Helps(votes, me.Seats)) return ApprovalRefusals.SeatMissing.With(string.Join(" and ", rule.OpenSeats(votes).Select(SeatWords)));
        if (WaitsForManager(proposal, votes, me.Seats)) return ApprovalRefusals.SeatMissing.With(SeatWords(nameof(Role.BranchManager)));
        if (!(await texts.CloseAsync(context.Db, proposal, approval.Reason, ct)).TryGet(out var said, out var unsaid)) return unsaid;
        var decision = Decision.Of(proposal, Verdict.Approve, me.Person, me.Name, me.Humans, me.Seats, context.Now, said, approval.TookMs, approval.StandInFor, group);
        votes.Add(decision.ToVote());

        context.IfTaken("ux_decisions_one_approval", ApprovalRefusals.SameHuman.With(me.Name));
        var payload = new JsonObject { ["tookMs"] = decision.TookMs, ["fast"] = decision.IsFast, ["standInFor"] = approval.StandInFor?.ToString(), ["group"] = group?.ToString() };
        if (rule.Answer(votes) != RuleAnswer.Satisfied)
        {
            context.Move(proposal, ProposalVerb.Approve, payload, s => s.Set(p => p.ClaimedBy, (PersonId?)null).Set(p => p.ClaimedUntil, (DateTimeOffset?)null), p => p.ApproveBy, decision);
            return new Decided(ProposalState.Approved, null);
        }

        var grace = context.Now + (own ? ProposalCommands.OwnGrace : ProposalCommands.Grace);
        context.Move(proposal, ProposalVerb.ApproveLast, payload, s => s.Set(p => p.ApprovedAt, context.Now).Set(p => p.GraceUntil, grace)
            .Set(p => p.ExecuteBy, grace.AddSeconds(proposal.ValidForSeconds)).Set(p => p.ClaimedBy, (PersonId?)null).Set(p => p.ClaimedUntil, (DateTimeOffset?)null), p => p.ApproveBy, decision);
        return new Decided(ProposalState.Grace, grace);
    }

    /// <summary>Null while it can be decided; the database clock decides, to the microsecond (APP-5).</summary>
    private async Task<Refusal?> OpenAsync(WriteContext context, Proposal proposal, CancellationToken ct)
    {
        if (!ProposalMachine.IsOpen(proposal.State)) return await texts.WhoWasFirstAsync(context, proposal, ct);
        return context.Now >= proposal.ApproveBy && !proposal.TakesReview ? Late(proposal) : null;
    }

    /// <summary>What somebody sent to human review takes a manager first, whatever its card says.</summary>
    internal static bool WaitsForManager(Proposal proposal, IReadOnlyList<Vote> votes, IReadOnlyList<string> seats) =>
        proposal.ReviewAskedAt is not null && !votes.Any(v => v.Seats.Contains(nameof(Role.BranchManager))) && !seats.Contains(nameof(Role.BranchManager));

    /// <summary>As whom somebody closes what takes human review.</summary>
    /// <param name="StandInFor">The manager they stand in for; null for themselves.</param>
    internal sealed record Closer(PersonId? StandInFor);

    /// <summary>A manager of the branch, or who stands in for one, with no hand in it; else <c>refuse.approval.review_by_manager</c>.</summary>
    internal static async Task<Result<Closer>> CloserAsync(VaultDb db, Caller caller, Proposal proposal, DateTimeOffset now, CancellationToken ct)
    {
        var hands = (await FourEyes.LookAsync(db, proposal, [], ct)).Of(proposal);
        if (caller.PersonId is not { } person || caller.Humans.Any(h => hands.Contains(h.Value))) return ApprovalRefusals.ReviewByManager;
        if (caller.RoleIn(proposal.BranchId) == Role.BranchManager) return new Closer(null);
        var grants = await Delegations.StandInsAsync(db, proposal.BranchId, person, now, ct);
        return grants.FirstOrDefault(g => g.RootRole == Role.BranchManager && g.Covers(proposal.Capability) && !g.Humans.Any(h => hands.Contains(h.Value))) is { } grant
            ? new Closer(new PersonId(Guid.Parse(grant.Chain.Root.Id))) : ApprovalRefusals.ReviewByManager;
    }

    private static Refusal Late(Proposal proposal) => ApprovalRefusals.Expired.With(new Moment(proposal.ApproveBy));

    private static Refusal? Claimed(WriteContext context, Proposal proposal) =>
        proposal is { State: ProposalState.Claimed, ClaimedBy: { } other, ClaimedUntil: { } until } && other != context.Caller.PersonId && context.Now < until
            ? ApprovalRefusals.Claimed.With(proposal.ClaimedByName ?? "Somebody") : null;

    private static Refusal? Unclear(string reason)
    {
        if (string.IsNullOrWhiteSpace(reason)) return KernelRefusals.ReasonRequired.At("reason");
        if (reason.Trim().Length > Proposal.LongestReason) return KernelRefusals.TooLong.At("reason", Proposal.LongestReason);
        return null;
    }

    private sealed record Me(PersonId Person, string Name, IReadOnlyList<Guid> Humans, IReadOnlyList<string> Seats, Refusal? Refusal);

    private static async Task<Me> MeAsync(WriteContext context, BranchId branch, PersonId? standInFor, CancellationToken ct, string? capability = null)
    {
        var caller = context.Caller;
        var person = caller.PersonId ?? throw new InvalidOperationException("Only people decide.");
        var name = caller.Chain.Acting.Name;
        if (standInFor is not { } other) return new Me(person, name, [.. caller.Humans.Select(h => h.Value)], SeatsOf(caller.RoleIn(branch)), null);
        var grants = await Delegations.StandInsAsync(context.Db, branch, person, context.Now, ct);
        // A stand-in counts as whom they stand in for, and as nobody else; both pairs of hands are in it.
        return grants.FirstOrDefault(g => g.Chain.Root.Id == other.ToString() && (capability is null || g.Covers(capability))) is { } grant
            ? new Me(person, name, [.. grant.Humans.Select(h => h.Value)], SeatsOf(grant.RootRole), null)
            : new Me(person, name, [], [], DelegationRefusals.None);
    }

    /// <summary>What a role counts as: itself and every lower one.</summary>
    internal static IReadOnlyList<string> SeatsOf(Role? role) => role switch
    {
        Role.BranchManager => [nameof(Role.BranchManager), nameof(Role.Staff)],
        Role.Staff => [nameof(Role.Staff)],
        _ => [],
    };

    internal static string SeatWords(string seat) => seat switch
    {
        nameof(Role.BranchManager) => "a branch manager",
        nameof(Role.Staff) => "somebody of the branch",
        _ => seat,
    };

    private static Command On(string action, Sender from, BranchId branch, ProposalId id, Access? access = null) => new(action, from, TenantScope.Of(branch), access ?? Access.MemberOf(branch), "proposal", id.ToString());

    private Task<Result<Decided>> OnAsync(string action, Sender from, BranchId branch, ProposalId id, Func<WriteContext, Proposal, CancellationToken, Task<Result<Decided>>> decide, CancellationToken ct, Access? access = null) =>
        door.RunAsync<Decided>(On(action, from, branch, id, access), async (context, token) =>
        {
            if (await context.Db.Proposals.AsNoTracking().SingleOrDefaultAsync(p => p.Id == id, token) is not { } proposal) return KernelRefusals.NotFound;
            context.Link = ProposalMoves.LinkOf(proposal, proposal.State);
            return await decide(context, proposal, token);
        }, ct);
}
