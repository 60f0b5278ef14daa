using System.Collections.Concurrent;
using System.Diagnostics;
using System.Text.Json.Nodes;
using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.Logging;
using StudioVault.Domain.Audit;
using StudioVault.Domain.Kernel;
using StudioVault.Domain.Organization;
using StudioVault.Domain.Proposals;
using StudioVault.Infrastructure.Audit;
using StudioVault.Infrastructure.Door;
using StudioVault.Infrastructure.Live;
using StudioVault.Infrastructure.Organization;
using StudioVault.Infrastructure.Persistence;
using StudioVault.Infrastructure.Scheduling;

namespace StudioVault.Infrastructure.Proposals;

/// <summary>
/// The only thing that carries proposals out. When the time to undo is over it writes the intent and commits it; then, in one more
/// transaction, it looks at everything an approval rests on again, does exactly what was approved and writes the outcome. Of two
/// nodes the first to write the intent does it.
/// </summary>
public sealed partial class ProposalExecutor(WriteDoor door, CapabilityRegistry registry, Leases leases, NodeIdentity node, ProposalTexts texts, ILogger<ProposalExecutor> log, AttemptFile? attempts = null) : NodeService
{
    /// <summary>Name it acts under in the audit.</summary>
    public const string Name = "executor";

    /// <summary>How often an atomic capability that a crash cut off is taken up again.</summary>
    private const int MostAttempts = 3;

    private const int AtOnce = 4;
    private const int Batch = 100;
    private static readonly TimeSpan Look = TimeSpan.FromMilliseconds(250);

    /// <summary>How often it looks for what was begun and not ended, by this node or one that is gone.</summary>
    private static readonly TimeSpan LookBack = TimeSpan.FromSeconds(5);

    /// <summary>Where tests let a process die (APP-9); nothing in the product sets it.</summary>
    internal Action<string> At { get; set; } = static _ => { };

    /// <summary>What this process is at just now; anything else it began and did not end was cut off.</summary>
    private readonly ConcurrentDictionary<ProposalId, byte> _running = [];

    private sealed record Due(BranchId Branch, ProposalId Id);

    /// <summary>What is being carried out, and what the second sink is told of it.</summary>
    private sealed record Work(Due Due, string Capability, string Digest, long Fence);

    /// <summary>How a step left it.</summary>
    /// <param name="At">Database clock.</param>
    /// <param name="State">Null where somebody else had ended it: then they tell of it.</param>
    private sealed record Ended(DateTimeOffset At, ProposalState? State);

    /// <summary>How far one try came, as only this process knows.</summary>
    private sealed class Attempt
    {
        /// <summary>When it began, by the database's clock.</summary>
        public DateTimeOffset At { get; set; }

        /// <summary>The no that was decided here; another one came from the storage.</summary>
        public Refusal? Answer { get; set; }

        /// <summary>An effect outside our database may have happened: no rollback takes it back.</summary>
        public bool OutsideBegun { get; set; }

        /// <summary>The capability itself said no, and so left nothing behind.</summary>
        public bool Refused { get; set; }
    }

    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        using var timer = new PeriodicTimer(Look);
        var lookedBack = Stopwatch.GetTimestamp();
        while (await TickAsync(timer, stoppingToken))
        {
            try
            {
                await RunDueAsync(stoppingToken);
                if (Stopwatch.GetElapsedTime(lookedBack) < LookBack) continue;
                lookedBack = Stopwatch.GetTimestamp();
                await RecoverAsync(stoppingToken);
            }
            catch (Exception e) when (e is not OperationCanceledException)
            {
                LogFailed(e);
            }
        }
    }

    /// <summary>Carries out everything that is due now; answers how many it took up.</summary>
    public async Task<int> RunDueAsync(CancellationToken ct)
    {
        if (leases.Fence == 0) return 0;
        var due = await DueAsync(ct);
        await Parallel.ForEachAsync(due, new ParallelOptions { MaxDegreeOfParallelism = AtOnce, CancellationToken = ct }, async (one, token) => await RunOneAsync(one, token));
        return due.Count;
    }

    /// <summary>
    /// Looks after what this node or one that is gone began and left: an atomic one is begun again, of any other nobody knows whether it
    /// happened. Every node asks for itself: a database that was away for a moment interrupts each of them. Answers how many it was.
    /// </summary>
    public async Task<int> RecoverAsync(CancellationToken ct)
    {
        var fence = leases.Fence;
        if (fence == 0) return 0;
        var lost = await door.ReadAsync<List<Due>>(Sender.System(Name), TenantScope.Hq, Access.Hq, async (db, _, token) =>
            // Whoever began it has lost its lease, or had lost it in between: it will not come back to it. Or it was this process, and
            // the database went away before the end.
            await (from p in db.Proposals.AsNoTracking()
                   join x in db.Executions.AsNoTracking() on new { p.BranchId, p.Id } equals new { x.BranchId, Id = x.ProposalId }
                   where p.State == ProposalState.IntentLogged && ((x.Node == node.Name && x.Fence == fence) || !db.ExecutorLeases.Any(l => l.Node == x.Node && l.Fence == x.Fence && l.Until > DatabaseNow.Now()))
                   orderby x.IntentAt
                   select new Due(p.BranchId, p.Id)).Take(Batch).ToListAsync(token), ct);
        if (!lost.TryGet(out var found, out _)) return 0;
        var count = 0;
        await Parallel.ForEachAsync(found, new ParallelOptions { MaxDegreeOfParallelism = AtOnce, CancellationToken = ct }, async (one, token) =>
        {
            if (await OnceAsync(one, () => RecoverOneAsync(one, token))) Interlocked.Increment(ref count);
        });
        return count;
    }

    private async Task<List<Due>> DueAsync(CancellationToken ct)
    {
        var due = await door.ReadAsync<List<Due>>(Sender.System(Name), TenantScope.Hq, Access.Hq, async (db, _, token) =>
            await db.Proposals.AsNoTracking().Where(p => p.State == ProposalState.Grace && p.GraceUntil <= DatabaseNow.Now()).OrderBy(p => p.GraceUntil).Select(p => new Due(p.BranchId, p.Id)).Take(Batch).ToListAsync(token), ct);
        return due.TryGet(out var found, out _) ? found : [];
    }

    /// <summary>One proposal, from the intent to the outcome.</summary>
    internal async Task RunOneAsync(BranchId branch, ProposalId id, CancellationToken ct) => await RunOneAsync(new Due(branch, id), ct);

    private Task<bool> RunOneAsync(Due due, CancellationToken ct) => OnceAsync(due, async () =>
    {
        var fence = leases.Fence;
        At("before-intent");
        var begun = await BeginAsync(due, fence, ct);
        At("after-intent");
        if (!begun.TryGet(out var what, out _) || what.Step == Step.Nothing) return false;
        if (what.Step == Step.Return)
        {
            await ReturnAsync(due, ct);
            return true;
        }

        NoteIntent(what);
        await CarryOutAsync(what.Work!, ct);
        return true;
    });

    /// <summary>
    /// What an execution of the drill would be told at this moment, by the very check that every execution passes and in the scope of a
    /// branch; nothing remains of it. Null: it would be carried out.
    /// </summary>
    internal async Task<Refusal?> DrillAsync(CancellationToken ct)
    {
        At("drill");
        var branches = await door.ReadAsync<List<BranchId>>(Sender.System(Name), TenantScope.Hq, Access.Hq, async (db, _, token) => await db.Branches.AsNoTracking().OrderBy(b => b.Name).Select(b => b.Id).Take(1).ToListAsync(token), ct);
        if (!branches.TryGet(out var found, out var refusal)) return refusal;
        var (scope, access) = found is [var branch] ? (TenantScope.Of(branch), Access.MemberOf(branch)) : (TenantScope.Hq, Access.Hq);
        var aim = new StopGuard.Aim(Stop.DrillKey, Stop.DrillKey, found.FirstOrDefault(), [], HoldsBack: false);
        var tried = await door.RehearseAsync<Done>(new Command("stop.drill", Sender.System(Name), scope, access, "stop", Stop.DrillKey), async (context, token) =>
        {
            if (await StopGuard.MayRunAsync(context, aim, node.Name, leases.Fence, token) is { } no) return no;
            return Done.It;
        }, ct);
        return tried.Refusal;
    }

    /// <summary>The second sink (features row 5.8): beside the database, which has it already. What it is told was read when the database was written.</summary>
    private void Note(Work work, string phase, DateTimeOffset at, string? outcome, string? code) =>
        attempts?.Append(new AttemptLine(at, phase, work.Due.Id.Value, work.Due.Branch.Value, work.Capability, work.Digest, outcome, code));

    private void NoteIntent(Begun begun) => Note(begun.Work!, "intent", begun.At, null, null);

    /// <summary>Nothing where it has not ended: whoever recovers it tells how it did.</summary>
    private void NoteOutcome(Work work, Result<Ended> result, string? code)
    {
        if (result.TryGet(out var ended, out _) && ended.State is { } state)
            Note(work, "outcome", ended.At, state switch { ProposalState.Succeeded => "succeeded", ProposalState.UnknownOutcome => "unknown", ProposalState.Failed => "failed", _ => "refused" }, code);
    }

    /// <summary>Not twice at a time in this process; false when it is at it already, or found nothing to do.</summary>
    private async Task<bool> OnceAsync(Due due, Func<Task<bool>> work)
    {
        if (!_running.TryAdd(due.Id, 0)) return false;
        try
        {
            return await work();
        }
        finally
        {
            _running.TryRemove(due.Id, out _);
        }
    }

    private enum Step
    {
        /// <summary>It ended here, or somebody else does it.</summary>
        Nothing,
        Go,

        /// <summary>Its approvals stand no longer.</summary>
        Return,

        /// <summary>Nobody knows whether it happened.</summary>
        Lost,
    }

    /// <param name="Work">What goes on, or was lost.</param>
    /// <param name="At">Database clock.</param>
    private sealed record Begun(Step Step, Work? Work = null, DateTimeOffset At = default);

    /// <summary>Writes the intent, unless it ends here instead. Somebody quicker is a refusal nobody has to hear of.</summary>
    private Task<Result<Begun>> BeginAsync(Due due, long fence, CancellationToken ct) =>
        door.RunAsync<Begun>(new Command("proposal.intent", Sender.System(Name), TenantScope.Of(due.Branch), Access.MemberOf(due.Branch), "proposal", due.Id.ToString()), async (context, token) =>
        {
            // Not even an intent comes after a stop.
            await StopGuard.ShareAsync(context, token);
            var proposal = await context.Db.Proposals.AsNoTracking().SingleAsync(p => p.Id == due.Id, token);
            context.Link = ProposalMoves.LinkOf(proposal, proposal.State);
            if (proposal.State != ProposalState.Grace || context.Now < proposal.GraceUntil) return context.Nothing(new Begun(Step.Nothing));
            if (context.Now >= proposal.ExecuteBy)
            {
                context.Move(proposal, ProposalVerb.Expire, null, s => s.Set(p => p.EndCode, ApprovalRefusals.Expired.Code));
                return new Begun(Step.Nothing);
            }

            if (await StopGuard.CoveringAsync(context.Db, registry, proposal, token) is { } stop)
            {
                context.Move(proposal, ProposalVerb.Kill, new JsonObject { ["stopId"] = stop.Id.ToString() }, s => s.Set(p => p.EndCode, CapabilityRefusals.Killed.Code));
                return new Begun(Step.Nothing);
            }

            // Somebody who approved has lost the role or the account since: people look at it again.
            if (await ApproversNow.GoneAsync(context.Db, proposal, context.Now, token) is not null) return context.Nothing(new Begun(Step.Return));
            // Four times a second for each that is due: no refusal to put on record.
            if (await StopGuard.LeaseAsync(context, node.Name, fence, token) is not null) return context.Nothing(new Begun(Step.Nothing));
            context.Move(proposal, ProposalVerb.LogIntent, new JsonObject { ["node"] = node.Name, ["fence"] = fence }, null);
            context.Db.Executions.Add(Execution.Begin(proposal, node.Name, fence, context.Now));
            return new Begun(Step.Go, new Work(due, proposal.Capability, proposal.Digest, fence), context.Now);
        }, ct);

    /// <summary>Back to the queue, with every approval of this round void; its reason stands in the entry.</summary>
    private Task<Result<Done>> ReturnAsync(Due due, CancellationToken ct) =>
        door.RunAsync<Done>(new Command("proposal.return", Sender.System(Name), TenantScope.Of(due.Branch), Access.MemberOf(due.Branch), "proposal", due.Id.ToString()), async (context, token) =>
        {
            var proposal = await context.Db.Proposals.AsNoTracking().SingleAsync(p => p.Id == due.Id, token);
            context.Link = ProposalMoves.LinkOf(proposal, proposal.State);
            if (proposal.State != ProposalState.Grace || await ApproversNow.GoneAsync(context.Db, proposal, context.Now, token) is not { } gone) return context.Nothing(Done.It);
            context.Move(proposal, ProposalVerb.Return, new JsonObject { ["code"] = gone.Refusal.Code, ["why"] = $"somebody who had approved it {gone.Why}" }, s => s.Set(p => p.Round, proposal.Round + 1).Set(p => p.ApprovedAt, (DateTimeOffset?)null)
                .Set(p => p.GraceUntil, (DateTimeOffset?)null).Set(p => p.ExecuteBy, (DateTimeOffset?)null));
            return Done.It;
        }, ct);

    private async Task CarryOutAsync(Work work, CancellationToken ct)
    {
        Result<Ended> result;
        var attempt = new Attempt();
        try
        {
            result = await DoAsync(work, attempt, ct);
        }
        catch (Exception e) when (e is not OperationCanceledException)
        {
            // A bug in a capability: nothing of it was committed here.
            LogThrew(e, work.Due.Id);
            result = ExecutionRefusals.Broke;
        }

        At("after-commit");
        if (result.Refusal is not { } refusal)
            NoteOutcome(work, result, null);
        else if (attempt is { OutsideBegun: true, Refused: false })
            // What it did elsewhere is not taken back with our transaction: a human finds out.
            NoteOutcome(work, await LoseTrackAsync(work.Due, refusal, ct), refusal.Code);
        else if (!IsInterrupted(refusal, attempt))
            NoteOutcome(work, await EndAsync(work.Due, refusal, ct), refusal.Code);
        else if (refusal.Kind == KernelRefusals.OutcomeUnknown)
            // Whether it was committed is seen by whoever recovers; if it was, nobody comes back to this line.
            Note(work, "outcome", attempt.At, "unknown", refusal.Code);
    }

    /// <summary>
    /// Nobody decided that it ends: the storage failed or the lease is lost. It did not happen, or its row says that it did; whoever
    /// recovers goes on from there.
    /// </summary>
    private static bool IsInterrupted(Refusal refusal, Attempt attempt) => refusal.Kind == CapabilityRefusals.NoLease
        || (!ReferenceEquals(refusal, attempt.Answer) && (refusal.Kind == KernelRefusals.StorageUnavailable || refusal.Kind == KernelRefusals.OutcomeUnknown || refusal.Kind == KernelRefusals.StorageFull
            || refusal.Kind == KernelRefusals.StaleWrite || refusal.Kind == AuditRefusals.Unavailable));

    private async Task<Result<Ended>> DoAsync(Work work, Attempt attempt, CancellationToken ct)
    {
        var due = work.Due;
        var chain = await door.ReadAsync<IReadOnlyList<Actor>>(Sender.System(Name), TenantScope.Of(due.Branch), Access.MemberOf(due.Branch), async (db, _, token) =>
            Result.Of((await db.Proposals.AsNoTracking().SingleAsync(p => p.Id == due.Id, token)).Chain), ct);
        if (!chain.TryGet(out var onBehalfOf, out var refusal)) return refusal;
        var self = Sender.System(Name) with { OnBehalfOf = onBehalfOf };
        return await door.RunAsync<Ended>(new Command("proposal.execute", self, TenantScope.Of(due.Branch), Access.MemberOf(due.Branch), "proposal", due.Id.ToString()), async (context, token) =>
        {
            (attempt.At, attempt.Answer) = (context.Now, null);
            var result = await DoAsync(context, work, attempt, token);
            attempt.Answer = result.Refusal;
            return result;
        }, ct);
    }

    private async Task<Result<Ended>> DoAsync(WriteContext context, Work work, Attempt attempt, CancellationToken token)
    {
        var due = work.Due;
        // The door tries again what lost a race; what may have left our database is not done twice.
        if (attempt.OutsideBegun) return ExecutionRefusals.Broke;
        var db = context.Db;
        var proposal = await db.Proposals.AsNoTracking().SingleAsync(p => p.Id == due.Id, token);
        context.Link = ProposalMoves.LinkOf(proposal, proposal.State);
        if (proposal.State != ProposalState.IntentLogged) return context.Nothing(new Ended(context.Now, null));
        if (await StopGuard.MayRunAsync(context, StopGuard.Aim.Of(registry, proposal), node.Name, work.Fence, token) is { } stopped) return stopped;
        if (context.Now >= proposal.ExecuteBy) return ApprovalRefusals.Expired.With(new Moment(proposal.ExecuteBy!.Value));
        if (await Delegations.CheckAsync(db, due.Branch, proposal.Chain[0], [.. proposal.Delegations.Select(d => new DelegationId(d))], proposal.Capability, context.Now, token) is { } gone) return gone;
        var reader = await texts.ReaderAsync(db, [proposal], token);
        if (!reader.Text(proposal).TryGet(out var text, out var unreadable)) return unreadable;
        if (ProposalDigest.Of(proposal, text) is var digest && digest != proposal.Digest) return ApprovalRefusals.DigestMismatch.With("its content is not what its digest says");
        var approvals = await db.Decisions.AsNoTracking().Where(d => d.ProposalId == due.Id && d.Round == proposal.Round && d.Verdict == Verdict.Approve).OrderBy(d => d.At).ToListAsync(token);
        if (await NotApprovedAsync(db, proposal, approvals, token) is { } unapproved) return unapproved;
        if (await ApproversNow.GoneAsync(db, proposal, context.Now, token) is { } dismissed) return dismissed.Refusal;
        var version = await db.Capabilities.AsNoTracking().Where(c => c.Capability == proposal.Capability && c.IsEnabled).Select(c => (int?)c.Version).SingleOrDefaultAsync(token);
        if (RulesNow.Check(proposal, version) is { } outdated) return outdated;
        // Of a test of reviewers there is neither: no capability can be called so.
        if (!registry.TryFind(proposal.Capability, out var capability)) return CapabilityRefusals.NotEnabled.With(proposal.Capability);

        var call = new CapabilityCall(due.Branch, text.ArgsObject, context.Now, approvals.Count > 0 ? approvals[^1].PersonId : null, text.Why);
        var prepared = await capability.PrepareAsync(db, call, token);
        if (!prepared.TryGet(out var intended, out var impossible)) return impossible;
        if (intended.Target.Etag != proposal.TargetEtag || intended.Target.Id != proposal.TargetId) return ApprovalRefusals.TargetChanged;

        await context.MoveNowAsync(proposal, ProposalVerb.Succeed, new JsonObject { ["target"] = new JsonObject { ["type"] = proposal.TargetType, ["id"] = proposal.TargetId }, ["approvals"] = approvals.Count, ["exemption"] = proposal.Exemption?.ToString() }, token, p => p.ExecuteBy);
        At("before-effect");
        attempt.OutsideBegun = !capability.Definition.IsAtomic;
        var done = await capability.ExecuteAsync(context, call, token);
        if (!done.TryGet(out var effect, out var no))
        {
            attempt.Refused = true;
            context.Link = ProposalMoves.LinkOf(proposal, proposal.State);
            return no;
        }

        // The card says what takes it back; nobody is offered anything else.
        if (effect.Undo is { } left && !capability.Definition.UndoneBy.Contains(left.Capability)) throw new InvalidOperationException($"{proposal.Capability} left {left.Capability}, which its definition does not name.");
        var execution = await db.Executions.SingleAsync(x => x.ProposalId == due.Id, token);
        if (!reader.Close(proposal, effect.Summary).TryGet(out var summary, out unreadable)) return unreadable;
        byte[]? undoArgs = null;
        if (effect.Undo is { } undo && !reader.Close(proposal, ProposalText.Canonical(undo.Args)).TryGet(out undoArgs, out unreadable)) return unreadable;
        execution.Succeed(context.Now, summary, effect.Href, effect.Undo?.Capability, undoArgs);
        At("before-commit");
        return new Ended(context.Now, ProposalState.Succeeded);
    }

    /// <summary>Approvals are counted again: each bound to this digest, by people whose hands are not in it, as many as the rule asks for.</summary>
    private static async Task<Refusal?> NotApprovedAsync(VaultDb db, Proposal proposal, List<Decision> approvals, CancellationToken ct)
    {
        if (proposal.RunsUnder is { } exemption)
        {
            if (await db.Exemptions.AsNoTracking().AnyAsync(x => x.Id == exemption && x.EndedAt == null && x.ExpiresAt > DatabaseNow.Now(), ct)) return null;
            return ExemptionRefusals.Ended;
        }

        if (approvals.Any(a => a.Digest != proposal.Digest)) return ApprovalRefusals.DigestMismatch.With("an approval was given for something else");
        var eyes = await FourEyes.LookAsync(db, proposal, approvals, ct);
        for (var i = 0; i < approvals.Count; i++)
        {
            var hands = eyes.Of(approvals[i]);
            for (var j = 0; j < i; j++)
                if (hands.Overlaps(eyes.Of(approvals[j]))) return ApprovalRefusals.SameHuman.With(approvals[i].PersonName);
            if (!hands.Overlaps(eyes.Of(proposal))) continue;
            var mayOwn = proposal is { Band: Band.Green, AgentId: null, TakesReview: false }
                && await db.CapabilityCards.AsNoTracking().AnyAsync(c => c.Capability == proposal.Capability && c.Version == proposal.CapabilityVersion && c.MayApproveOwn, ct);
            if (!mayOwn) return ApprovalRefusals.SameHuman.With(approvals[i].PersonName);
        }

        if (ApprovalRule.From(JsonNode.Parse(proposal.Rule)).Value.Answer(approvals.ConvertAll(a => a.ToVote())) == RuleAnswer.Satisfied) return null;
        return ApprovalRefusals.DigestMismatch.With("the approvals are not all there");
    }

    /// <summary>It did not happen: says so and why.</summary>
    private Task<Result<Ended>> EndAsync(Due due, Refusal why, CancellationToken ct) =>
        door.RunAsync<Ended>(new Command("proposal.end", Sender.System(Name), TenantScope.Of(due.Branch), Access.MemberOf(due.Branch), "proposal", due.Id.ToString()), async (context, token) =>
        {
            var proposal = await context.Db.Proposals.AsNoTracking().SingleAsync(p => p.Id == due.Id, token);
            context.Link = ProposalMoves.LinkOf(proposal, proposal.State);
            if (proposal.State != ProposalState.IntentLogged) return context.Nothing(new Ended(context.Now, null));
            var verb = why.Kind == CapabilityRefusals.Killed ? ProposalVerb.Kill
                : why.Kind == ApprovalRefusals.Expired || why.Kind == ExemptionRefusals.Ended ? ProposalVerb.Expire
                // Recomputed, it can be decided on anew; what is off until HQ switches it on, then.
                : why.Kind == ApprovalRefusals.TargetChanged || why.Kind == ApprovalRefusals.RulesChanged || why.Kind == CapabilityRefusals.NotEnabled ? ProposalVerb.FindChanged
                // Whoever asked for it may no longer have it done.
                : why.Code.StartsWith("refuse.delegation.", StringComparison.Ordinal) || why.Kind == ProposalRefusals.ClientErased ? ProposalVerb.Withdraw
                : ProposalVerb.Fail;
            // Where nobody can read it any more, its code says enough.
            (await texts.CloseAsync(context.Db, proposal, why.Sentence, token)).TryGet(out var sentence, out _);
            var state = context.Move(proposal, verb, new JsonObject { ["code"] = why.Code }, s => s.Set(p => p.EndCode, why.Code));
            (await context.Db.Executions.SingleAsync(x => x.ProposalId == due.Id, token)).End(context.Now, why.Code, sentence);
            return new Ended(context.Now, state);
        }, ct);

    /// <summary>Nobody knows whether it happened.</summary>
    private Task<Result<Ended>> LoseTrackAsync(Due due, Refusal why, CancellationToken ct) =>
        door.RunAsync<Ended>(new Command("proposal.lose_track", Sender.System(Name), TenantScope.Of(due.Branch), Access.MemberOf(due.Branch), "proposal", due.Id.ToString()), async (context, token) =>
        {
            var proposal = await context.Db.Proposals.AsNoTracking().SingleAsync(p => p.Id == due.Id, token);
            context.Link = ProposalMoves.LinkOf(proposal, proposal.State);
            if (proposal.State != ProposalState.IntentLogged) return context.Nothing(new Ended(context.Now, null));
            return new Ended(context.Now, context.Move(proposal, ProposalVerb.LoseTrack, new JsonObject { ["code"] = why.Code }, s => s.Set(p => p.EndCode, "unknown_outcome")));
        }, ct);

    private async Task<bool> RecoverOneAsync(Due due, CancellationToken ct)
    {
        var fence = leases.Fence;
        var begun = await door.RunAsync<Begun>(new Command("proposal.recover", Sender.System(Name), TenantScope.Of(due.Branch), Access.MemberOf(due.Branch), "proposal", due.Id.ToString()), async (context, token) =>
        {
            var proposal = await context.Db.Proposals.AsNoTracking().SingleAsync(p => p.Id == due.Id, token);
            context.Link = ProposalMoves.LinkOf(proposal, proposal.State);
            var execution = await context.Db.Executions.SingleAsync(x => x.ProposalId == due.Id, token);
            var mine = execution.Node == node.Name && execution.Fence == fence;
            if (proposal.State != ProposalState.IntentLogged || (!mine && await StopGuard.LeaseAsync(context, execution.Node, execution.Fence, token) is null)) return context.Nothing(new Begun(Step.Nothing));
            if (await StopGuard.LeaseAsync(context, node.Name, fence, token) is not null) return context.Nothing(new Begun(Step.Nothing));
            var work = new Work(due, proposal.Capability, proposal.Digest, fence);
            if (registry.TryFind(proposal.Capability, out var capability) && capability.Definition.IsAtomic && execution.Attempts < MostAttempts)
            {
                // Its outcome would be in the same transaction as its effect: it did not happen.
                context.Touch(proposal, null);
                execution.BeginAgain(node.Name, fence, context.Now);
                return new Begun(Step.Go, work, context.Now);
            }

            context.Move(proposal, ProposalVerb.LoseTrack, new JsonObject { ["attempts"] = execution.Attempts }, s => s.Set(p => p.EndCode, "unknown_outcome"));
            return new Begun(Step.Lost, work, context.Now);
        }, ct);
        if (!begun.TryGet(out var what, out _) || what.Step == Step.Nothing) return false;
        if (what.Step == Step.Lost)
        {
            NoteOutcome(what.Work!, new Ended(what.At, ProposalState.UnknownOutcome), null);
            return true;
        }

        NoteIntent(what);
        await CarryOutAsync(what.Work!, ct);
        return true;
    }

    private static async Task<bool> TickAsync(PeriodicTimer timer, CancellationToken ct)
    {
        try
        {
            return await timer.WaitForNextTickAsync(ct);
        }
        catch (OperationCanceledException)
        {
            return false;
        }
    }

    [LoggerMessage(Level = LogLevel.Error, Message = "The executor stumbled")]
    private partial void LogFailed(Exception exception);

    [LoggerMessage(Level = LogLevel.Error, Message = "Proposal {Proposal} could not be carried out")]
    private partial void LogThrew(Exception exception, ProposalId proposal);
}
