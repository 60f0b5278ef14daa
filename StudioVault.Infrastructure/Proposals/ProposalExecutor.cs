using System.Collections.Concurrent;
using System.Text;
using System.Text.Json.Nodes;
using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;
using StudioVault.Domain.Kernel;
using StudioVault.Domain.Organization;
using StudioVault.Domain.Proposals;
using StudioVault.Infrastructure.Audit;
using StudioVault.Infrastructure.Door;
using StudioVault.Infrastructure.Live;
using StudioVault.Infrastructure.Organization;
using StudioVault.Infrastructure.Persistence;

namespace StudioVault.Infrastructure.Proposals;

/// <summary>
/// The only thing that carries proposals out. When the time to undo is over it writes the intent and commits it; then, in one more
/// transaction, it looks at everything an approval rests on again, does exactly what was approved and writes the outcome. Of two
/// nodes the first to write the intent does it.
/// </summary>
public sealed partial class ProposalExecutor(WriteDoor door, CapabilityRegistry registry, Leases leases, NodeIdentity node, ProposalTexts texts, ILogger<ProposalExecutor> log, AttemptFile? attempts = null) : BackgroundService
{
    /// <summary>Name it acts under in the audit.</summary>
    public const string Name = "executor";

    /// <summary>How often an atomic capability that a crash cut off is taken up again.</summary>
    private const int MostAttempts = 3;

    private const int AtOnce = 4;
    private const int Batch = 100;
    private static readonly TimeSpan Look = TimeSpan.FromMilliseconds(250);

    /// <summary>Where tests let a process die (APP-9); nothing in the product sets it.</summary>
    internal Action<string> At { get; set; } = static _ => { };

    /// <summary>What this process is at just now; anything else it began and did not end was cut off.</summary>
    private readonly ConcurrentDictionary<ProposalId, byte> _running = [];

    private sealed record Due(BranchId Branch, ProposalId Id);

    /// <summary>How far one try came, as only this process knows.</summary>
    private sealed class Attempt
    {
        /// <summary>An effect outside our database may have happened: no rollback takes it back.</summary>
        public bool OutsideBegun { get; set; }

        /// <summary>The capability itself said no, and so left nothing behind.</summary>
        public bool Refused { get; set; }
    }

    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        using var timer = new PeriodicTimer(Look);
        while (await TickAsync(timer, stoppingToken))
        {
            try
            {
                await RunDueAsync(stoppingToken);
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
    /// Looks after what other nodes began and left: an atomic one is begun again, of any other nobody knows whether it happened. Answers how many.
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
        foreach (var one in found)
            if (await OnceAsync(one, () => RecoverOneAsync(one, ct))) count++;
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
        if (!begun.TryGet(out var what, out _) || what == Begun.Nothing) return;
        if (what == Begun.Return)
        {
            await ReturnAsync(due, ct);
            return;
        }

        await NoteAsync(due, "intent", null, ct);
        await CarryOutAsync(due, fence, ct);
    });

    /// <summary>The second sink (features row 5.8): beside the database, which has it already.</summary>
    private async Task NoteAsync(Due due, string phase, string? code, CancellationToken ct)
    {
        if (attempts is null) return;
        var read = await door.ReadAsync<(DateTimeOffset Now, string Capability, string Digest, ProposalState State)>(Sender.System(Name), TenantScope.Of(due.Branch), Access.MemberOf(due.Branch), async (db, _, token) =>
            await db.Proposals.AsNoTracking().Where(p => p.Id == due.Id).Select(p => new ValueTuple<DateTimeOffset, string, string, ProposalState>(DatabaseNow.Now(), p.Capability, p.Digest, p.State)).SingleAsync(token), ct);
        if (!read.TryGet(out var row, out _)) return;
        var outcome = phase == "intent" ? null : row.State switch { ProposalState.Succeeded => "succeeded", ProposalState.UnknownOutcome => "unknown", ProposalState.Failed => "failed", _ => "refused" };
        attempts.Append(new AttemptLine(row.Now, phase, due.Id.Value, due.Branch.Value, row.Capability, row.Digest, outcome, code));
    }

    /// <summary>Not twice at a time in this process; false when it is at it already.</summary>
    private async Task<bool> OnceAsync(Due due, Func<Task> work)
    {
        if (!_running.TryAdd(due.Id, 0)) return false;
        try
        {
            await work();
            return true;
        }
        finally
        {
            _running.TryRemove(due.Id, out _);
        }
    }

    private enum Begun
    {
        /// <summary>It ended here, or somebody else does it.</summary>
        Nothing,
        Go,

        /// <summary>Its approvals stand no longer.</summary>
        Return,
    }

    /// <summary>Writes the intent, unless it ends here instead. Somebody quicker is a refusal nobody has to hear of.</summary>
    private Task<Result<Begun>> BeginAsync(Due due, long fence, CancellationToken ct) =>
        door.RunAsync<Begun>(new Command("proposal.intent", Sender.System(Name), TenantScope.Of(due.Branch), Access.MemberOf(due.Branch), "proposal", due.Id.ToString()), async (context, token) =>
        {
            // Not even an intent comes after a stop.
            await StopGuard.ShareAsync(context, token);
            var proposal = await context.Db.Proposals.AsNoTracking().SingleAsync(p => p.Id == due.Id, token);
            context.Link = ProposalMoves.LinkOf(proposal, proposal.State);
            if (proposal.State != ProposalState.Grace || context.Now < proposal.GraceUntil) return context.Nothing(Begun.Nothing);
            if (context.Now >= proposal.ExecuteBy)
            {
                await context.MoveAsync(proposal, ProposalVerb.Expire, null, s => s.Set(p => p.EndCode, ApprovalRefusals.Expired.Code), token);
                return Begun.Nothing;
            }

            if (await StopGuard.CoveringAsync(context.Db, proposal, token) is { } stop)
            {
                await context.MoveAsync(proposal, ProposalVerb.Kill, new JsonObject { ["stopId"] = stop.Id.ToString() }, s => s.Set(p => p.EndCode, CapabilityRefusals.Killed.Code), token);
                return Begun.Nothing;
            }

            // Somebody who approved has lost the role or the account since: people look at it again.
            if (await ApproversNow.GoneAsync(context.Db, proposal, context.Now, token) is not null) return context.Nothing(Begun.Return);
            // Four times a second for each that is due: no refusal to put on record.
            if (await StopGuard.LeaseAsync(context, node.Name, fence, token) is not null) return context.Nothing(Begun.Nothing);
            await context.MoveAsync(proposal, ProposalVerb.LogIntent, new JsonObject { ["node"] = node.Name, ["fence"] = fence }, null, token);
            context.Db.Executions.Add(Execution.Begin(proposal, node.Name, fence, context.Now));
            return Begun.Go;
        }, ct);

    /// <summary>Back to the queue, with every approval of this round void; its reason stands in the entry.</summary>
    private Task<Result<Done>> ReturnAsync(Due due, CancellationToken ct) =>
        door.RunAsync<Done>(new Command("proposal.return", Sender.System(Name), TenantScope.Of(due.Branch), Access.MemberOf(due.Branch), "proposal", due.Id.ToString()), async (context, token) =>
        {
            var proposal = await context.Db.Proposals.AsNoTracking().SingleAsync(p => p.Id == due.Id, token);
            context.Link = ProposalMoves.LinkOf(proposal, proposal.State);
            if (proposal.State != ProposalState.Grace || await ApproversNow.GoneAsync(context.Db, proposal, context.Now, token) is not { } gone) return context.Nothing(Done.It);
            await context.MoveAsync(proposal, ProposalVerb.Return, new JsonObject { ["code"] = gone.Code, ["why"] = gone.Sentence }, s => s.Set(p => p.Round, proposal.Round + 1).Set(p => p.ApprovedAt, (DateTimeOffset?)null)
                .Set(p => p.GraceUntil, (DateTimeOffset?)null).Set(p => p.ExecuteBy, (DateTimeOffset?)null), token);
            return Done.It;
        }, ct);

    private async Task CarryOutAsync(Due due, long fence, CancellationToken ct)
    {
        Result<Done> result;
        var attempt = new Attempt();
        try
        {
            result = await DoAsync(due, fence, attempt, ct);
        }
        catch (Exception e) when (e is not OperationCanceledException)
        {
            // A bug in a capability: nothing of it was committed here.
            LogThrew(e, due.Id);
            result = ExecutionRefusals.Broke;
        }

        At("after-commit");
        if (!result.IsRefused)
        {
            await NoteAsync(due, "outcome", null, ct);
            return;
        }

        if (attempt is { OutsideBegun: true, Refused: false })
        {
            // What it did elsewhere is not taken back with our transaction: a human finds out.
            await LoseTrackAsync(due, result.Refusal, ct);
            await NoteAsync(due, "outcome", result.Refusal.Code, ct);
            return;
        }

        // The database is away or the lease is lost: whoever recovers looks after it.
        if (result.Refusal.Kind == KernelRefusals.StorageUnavailable || result.Refusal.Kind == CapabilityRefusals.NoLease) return;
        await EndAsync(due, result.Refusal, ct);
        await NoteAsync(due, "outcome", result.Refusal.Code, ct);
    }

    private async Task<Result<Done>> DoAsync(Due due, long fence, Attempt attempt, CancellationToken ct)
    {
        var chain = await door.ReadAsync<IReadOnlyList<Actor>>(Sender.System(Name), TenantScope.Of(due.Branch), Access.MemberOf(due.Branch), async (db, _, token) =>
            Result.Of((await db.Proposals.AsNoTracking().SingleAsync(p => p.Id == due.Id, token)).Chain), ct);
        if (!chain.TryGet(out var onBehalfOf, out var refusal)) return refusal;
        var self = Sender.System(Name) with { OnBehalfOf = onBehalfOf };
        return await door.RunAsync<Done>(new Command("proposal.execute", self, TenantScope.Of(due.Branch), Access.MemberOf(due.Branch), "proposal", due.Id.ToString()), async (context, token) =>
        {
            // The door tries again what lost a race; what may have left our database is not done twice.
            if (attempt.OutsideBegun) return ExecutionRefusals.Broke;
            await StopGuard.ShareAsync(context, token);
            var db = context.Db;
            var proposal = await db.Proposals.AsNoTracking().SingleAsync(p => p.Id == due.Id, token);
            context.Link = ProposalMoves.LinkOf(proposal, proposal.State);
            if (proposal.State != ProposalState.IntentLogged) return context.Nothing(Done.It);
            if (await StopGuard.CoveringAsync(db, proposal, token) is { } stop) return CapabilityRefusals.Killed.With(StopGuard.Said(stop));
            if (await StopGuard.LeaseAsync(context, node.Name, fence, token) is { } lost) return lost;
            if (context.Now >= proposal.ExecuteBy) return ApprovalRefusals.Expired.With(new Moment(proposal.ExecuteBy!.Value));
            if (await Delegations.CheckAsync(db, due.Branch, proposal.Chain[0], [.. proposal.Delegations.Select(d => new DelegationId(d))], proposal.Capability, context.Now, token) is { } gone) return gone;
            var reader = await texts.ReaderAsync(db, [proposal], token);
            if (!reader.Text(proposal).TryGet(out var text, out var unreadable)) return unreadable;
            if (ProposalDigest.Of(proposal, text) is var digest && digest != proposal.Digest) return ApprovalRefusals.DigestMismatch.With("its content is not what its digest says");
            var approvals = await db.Decisions.AsNoTracking().Where(d => d.ProposalId == due.Id && d.Round == proposal.Round && d.Verdict == Verdict.Approve).OrderBy(d => d.At).ToListAsync(token);
            if (await NotApprovedAsync(db, proposal, approvals, token) is { } unapproved) return unapproved;
            if (await ApproversNow.GoneAsync(db, proposal, context.Now, token) is { } dismissed) return dismissed;
            if (!CanonicalJson.Canonicalize(ProposalCommands.PoliciesNow()).AsSpan().SequenceEqual(Encoding.UTF8.GetBytes(proposal.Policies))) return ApprovalRefusals.DigestMismatch.With("the compliance rules have changed since");
            var version = await db.Capabilities.AsNoTracking().Where(c => c.Capability == proposal.Capability && c.IsEnabled).Select(c => (int?)c.Version).SingleOrDefaultAsync(token);
            // Of a test of reviewers there is neither: no capability can be called so.
            if (version is null || !registry.TryFind(proposal.Capability, out var capability)) return CapabilityRefusals.NotEnabled.With(proposal.Capability);
            if (version != proposal.CapabilityVersion) return ApprovalRefusals.DigestMismatch.With("the capability's card has changed since");

            var call = new CapabilityCall(due.Branch, text.ArgsObject, context.Now, approvals.Count > 0 ? approvals[^1].PersonId : null, text.Why);
            var prepared = await capability.PrepareAsync(db, call, token);
            if (!prepared.TryGet(out var intended, out var impossible)) return impossible;
            if (intended.Target.Etag != proposal.TargetEtag || intended.Target.Id != proposal.TargetId) return ApprovalRefusals.TargetChanged;

            await context.MoveAsync(proposal, ProposalVerb.Succeed, new JsonObject { ["target"] = new JsonObject { ["type"] = proposal.TargetType, ["id"] = proposal.TargetId }, ["approvals"] = approvals.Count, ["exemption"] = proposal.Exemption?.ToString() }, null, token, p => p.ExecuteBy);
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
            return Done.It;
        }, ct);
    }

    /// <summary>Approvals are counted again: each bound to this digest, by people whose hands are not in it, as many as the rule asks for.</summary>
    private static async Task<Refusal?> NotApprovedAsync(VaultDb db, Proposal proposal, List<Decision> approvals, CancellationToken ct)
    {
        if (proposal.Exemption is { } exemption)
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
            var mayOwn = proposal is { Band: Band.Green, AgentId: null, Routes.Length: 0 }
                && await db.CapabilityCards.AsNoTracking().AnyAsync(c => c.Capability == proposal.Capability && c.Version == proposal.CapabilityVersion && c.MayApproveOwn, ct);
            if (!mayOwn) return ApprovalRefusals.SameHuman.With(approvals[i].PersonName);
        }

        if (ApprovalRule.From(JsonNode.Parse(proposal.Rule)).Value.Answer(approvals.ConvertAll(a => a.ToVote())) == RuleAnswer.Satisfied) return null;
        return ApprovalRefusals.DigestMismatch.With("the approvals are not all there");
    }

    /// <summary>It did not happen: says so and why.</summary>
    private Task<Result<Done>> EndAsync(Due due, Refusal why, CancellationToken ct) =>
        door.RunAsync<Done>(new Command("proposal.end", Sender.System(Name), TenantScope.Of(due.Branch), Access.MemberOf(due.Branch), "proposal", due.Id.ToString()), async (context, token) =>
        {
            var proposal = await context.Db.Proposals.AsNoTracking().SingleAsync(p => p.Id == due.Id, token);
            context.Link = ProposalMoves.LinkOf(proposal, proposal.State);
            if (proposal.State != ProposalState.IntentLogged) return context.Nothing(Done.It);
            var verb = why.Kind == CapabilityRefusals.Killed ? ProposalVerb.Kill
                : why.Kind == ApprovalRefusals.Expired || why.Kind == ExemptionRefusals.Ended ? ProposalVerb.Expire
                : why.Kind == ApprovalRefusals.TargetChanged ? ProposalVerb.FindChanged
                // Whoever asked for it may no longer have it done.
                : why.Code.StartsWith("refuse.delegation.", StringComparison.Ordinal) || why.Kind == ProposalRefusals.ClientErased ? ProposalVerb.Withdraw
                : ProposalVerb.Fail;
            // Where nobody can read it any more, its code says enough.
            (await texts.CloseAsync(context.Db, proposal, why.Sentence, token)).TryGet(out var sentence, out _);
            await context.MoveAsync(proposal, verb, new JsonObject { ["code"] = why.Code }, s => s.Set(p => p.EndCode, why.Code), token);
            (await context.Db.Executions.SingleAsync(x => x.ProposalId == due.Id, token)).End(context.Now, why.Code, sentence);
            return Done.It;
        }, ct);

    /// <summary>Nobody knows whether it happened.</summary>
    private Task<Result<Done>> LoseTrackAsync(Due due, Refusal why, CancellationToken ct) =>
        door.RunAsync<Done>(new Command("proposal.lose_track", Sender.System(Name), TenantScope.Of(due.Branch), Access.MemberOf(due.Branch), "proposal", due.Id.ToString()), async (context, token) =>
        {
            var proposal = await context.Db.Proposals.AsNoTracking().SingleAsync(p => p.Id == due.Id, token);
            context.Link = ProposalMoves.LinkOf(proposal, proposal.State);
            if (proposal.State != ProposalState.IntentLogged) return context.Nothing(Done.It);
            await context.MoveAsync(proposal, ProposalVerb.LoseTrack, new JsonObject { ["code"] = why.Code }, s => s.Set(p => p.EndCode, "unknown_outcome"), token);
            return Done.It;
        }, ct);

    private async Task RecoverOneAsync(Due due, CancellationToken ct)
    {
        var fence = leases.Fence;
        var again = await door.RunAsync<bool>(new Command("proposal.recover", Sender.System(Name), TenantScope.Of(due.Branch), Access.MemberOf(due.Branch), "proposal", due.Id.ToString()), async (context, token) =>
        {
            var proposal = await context.Db.Proposals.AsNoTracking().SingleAsync(p => p.Id == due.Id, token);
            context.Link = ProposalMoves.LinkOf(proposal, proposal.State);
            var execution = await context.Db.Executions.SingleAsync(x => x.ProposalId == due.Id, token);
            var mine = execution.Node == node.Name && execution.Fence == fence;
            if (proposal.State != ProposalState.IntentLogged || (!mine && await StopGuard.LeaseAsync(context, execution.Node, execution.Fence, token) is null)) return context.Nothing(false);
            if (await StopGuard.LeaseAsync(context, node.Name, fence, token) is not null) return context.Nothing(false);
            if (registry.TryFind(proposal.Capability, out var capability) && capability.Definition.IsAtomic && execution.Attempts < MostAttempts)
            {
                // Its outcome would be in the same transaction as its effect: it did not happen.
                await context.TouchAsync(proposal, null, token);
                execution.BeginAgain(node.Name, fence, context.Now);
                return true;
            }

            await context.MoveAsync(proposal, ProposalVerb.LoseTrack, new JsonObject { ["attempts"] = execution.Attempts }, s => s.Set(p => p.EndCode, "unknown_outcome"), token);
            return false;
        }, ct);
        if (again.TryGet(out var goOn, out _) && goOn) await CarryOutAsync(due, fence, ct);
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
