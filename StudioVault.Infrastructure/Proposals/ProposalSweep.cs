using System.Linq.Expressions;
using System.Text.Json.Nodes;
using Microsoft.EntityFrameworkCore;
using StudioVault.Domain.Kernel;
using StudioVault.Domain.Organization;
using StudioVault.Domain.Proposals;
using StudioVault.Infrastructure.Door;
using StudioVault.Infrastructure.Persistence;
using StudioVault.Infrastructure.Proposals.Decoys;
using StudioVault.Infrastructure.Scheduling;

namespace StudioVault.Infrastructure.Proposals;

/// <summary>
/// Keeps the queue true: what ran out expires, a claim nobody used is given back, what waits is raised when there is room, managers
/// are called when little time is left, and what a stop covers is killed. Every decision checks the same by itself; this says it to people.
/// </summary>
public sealed class ProposalSweep(WriteDoor door, CapabilityRegistry registry) : IVaultJob
{
    private const string Name = "proposals.sweep";
    private const int Batch = 500;
    private const int AtOnce = 4;

    /// <summary>Part of the time to decide that is left when managers are called.</summary>
    private const double CallAt = 0.25;

    private static readonly ProposalState[] Open = [ProposalState.Pending, ProposalState.Claimed, ProposalState.Approved];

    public async Task<Result<JobReport>> RunAsync(Sender self, CancellationToken ct)
    {
        // What takes human review stays until a manager has looked; an approval past its time is refused all the same. What nobody carried
        // out in its time ends here too: no node may be there to say so.
        var expired = await EachAsync(p => ((Open.Contains(p.State) || p.State == ProposalState.Drafted) && p.ReviewAskedAt == null && p.Band != Band.Black && p.Routes.Length == 0 && p.ApproveBy <= DatabaseNow.Now())
                || (p.State == ProposalState.Grace && p.ExecuteBy <= DatabaseNow.Now()), "proposal.expire",
            (context, p) => context.Move(p, ProposalVerb.Expire, null, s => s.Set(x => x.EndCode, ApprovalRefusals.Expired.Code)), ct);
        var released = await EachAsync(p => p.State == ProposalState.Claimed && p.ClaimedUntil <= DatabaseNow.Now(), "proposal.release",
            (context, p) => context.Move(p, ProposalVerb.Release, null, s => s.Set(x => x.ClaimedBy, (PersonId?)null).Set(x => x.ClaimedUntil, (DateTimeOffset?)null)), ct);
        var superseded = await EndOldStartsAsync(ct);
        var raised = await RaiseAsync(ct);
        // The database looks how little time is left: however many wait, those that are due are found.
        var called = await EachAsync(p => Open.Contains(p.State) && !p.Capability.StartsWith(Decoy.Prefix) && p.EscalatedAt == null && p.ReviewAskedAt == null && p.ApproveBy > DatabaseNow.Now()
                && (p.ApproveBy - DatabaseNow.Now()).TotalSeconds <= CallAt * (p.ApproveBy - p.CreatedAt).TotalSeconds, "proposal.escalate",
            (context, p) => context.Touch(p, s => s.Set(x => x.EscalatedAt, context.Now)), ct);
        var killed = await KillAsync(ct);
        await EndDecoysAsync(ct);
        string[] said =
        [
            .. new (int Count, string What)[] { (expired, "expired"), (released, "claims given back"), (superseded, "of earlier starts ended"), (raised, "raised"), (called, "called to managers"), (killed, "stopped") }
                .Where(x => x.Count > 0).Select(x => $"{x.Count} {x.What}"),
        ];
        return said.Length == 0 ? JobReport.NothingToDo("Nothing was due") : JobReport.Of(string.Join(", ", said));
    }

    /// <summary>Kills what is approved, not carried out and covered by a stop in force: all of it, however much it is.</summary>
    internal async Task<int> KillAsync(CancellationToken ct)
    {
        var covered = await door.ReadAsync<List<(BranchId Branch, ProposalId Id)>>(Sender.System(Name), TenantScope.Hq, Access.Hq, async (db, _, token) =>
        {
            var stops = await db.Stops.AsNoTracking().Where(s => s.LiftedAt == null && s.Level != StopLevel.Drill).ToListAsync(token);
            if (stops.Count == 0) return new List<(BranchId, ProposalId)>();
            var approved = await db.Proposals.AsNoTracking().Where(Approved(db)).OrderBy(p => p.CreatedAt).Select(p => new { p.BranchId, p.Id, p.Area, p.Capability, p.ChainJson }).ToListAsync(token);
            return approved.Where(p => stops.Exists(new StopGuard.Aim(p.Area, p.Capability, p.BranchId, Proposal.AgentsOf(Proposal.ChainOf(p.ChainJson)), registry.HoldsBack(p.Capability)).IsCoveredBy)).Select(p => (p.BranchId, p.Id)).ToList();
        }, ct);
        if (!covered.TryGet(out var due, out _)) return 0;
        var count = 0;
        await Parallel.ForEachAsync(due, new ParallelOptions { MaxDegreeOfParallelism = AtOnce, CancellationToken = ct }, async (one, stopping) =>
        {
            if (await OneAsync(one.Branch, one.Id, Approved, "proposal.kill", async (context, p, token) =>
            {
                if (await StopGuard.CoveringAsync(context.Db, registry, p, token) is not { } stop) return false;
                context.Move(p, ProposalVerb.Kill, new JsonObject { ["stopId"] = stop.Id.ToString() }, s => s.Set(x => x.EndCode, CapabilityRefusals.Killed.Code));
                return true;
            }, stopping)) Interlocked.Increment(ref count);
        });
        return count;
    }

    /// <summary>Approved and not carried out: by all it needs, or by somebody in its present round, whoever claimed it since.</summary>
    internal static Expression<Func<Proposal, bool>> Approved(VaultDb db) => p => p.State == ProposalState.Grace || p.State == ProposalState.Approved
        || ((p.State == ProposalState.Pending || p.State == ProposalState.Claimed) && db.Decisions.Any(d => d.BranchId == p.BranchId && d.ProposalId == p.Id && d.Round == p.Round && d.Verdict == Verdict.Approve));

    /// <summary>Ends the tests of reviewers that a stop covers, or that headquarters switched off.</summary>
    internal async Task<int> EndDecoysAsync(CancellationToken ct)
    {
        var over = await door.ReadAsync<List<(BranchId Branch, ProposalId Id, string Why)>>(Sender.System(Name), TenantScope.Hq, Access.Hq, async (db, _, token) =>
        {
            var open = await db.Proposals.AsNoTracking().Where(p => p.Capability.StartsWith(Decoy.Prefix) && Open.Contains(p.State)).Select(p => new { p.BranchId, p.Id, p.Area, p.Capability }).ToListAsync(token);
            if (open.Count == 0) return new List<(BranchId, ProposalId, string)>();
            var stops = await db.Stops.AsNoTracking().Where(s => s.LiftedAt == null && s.Level != StopLevel.Drill).ToListAsync(token);
            var switches = await DecoyStanding.NowAsync(db, token);
            return open.Select(p => (p.BranchId, p.Id, Why: stops.Exists(s => s.Covers(p.Area, Decoy.Imitated(p.Capability), p.BranchId, [])) ? "a stop was thrown" : DecoyStanding.IsOn(switches, p.BranchId) ? "" : "tests were switched off")).Where(p => p.Why.Length > 0).ToList();
        }, ct);
        if (!over.TryGet(out var due, out _)) return 0;
        var count = 0;
        foreach (var (branch, id, why) in due)
        {
            if (await OneAsync(branch, id, _ => p => Open.Contains(p.State), "decoy.end", async (context, p, token) =>
            {
                await context.EndAsync(p, ProposalVerb.Withdraw, Decoy.Stopped, why, token);
                return true;
            }, ct)) count++;
        }

        return count;
    }

    /// <summary>
    /// Ends what earlier starts of agents' programs left open in branches where the new start has proposed nothing (features row 5.14): the
    /// command of the new start sees its own branch alone.
    /// </summary>
    private async Task<int> EndOldStartsAsync(CancellationToken ct)
    {
        var found = await door.ReadAsync<List<(BranchId Branch, ProposalId Id)>>(Sender.System(Name), TenantScope.Hq, Access.Hq, async (db, _, token) =>
        {
            var rows = await db.Proposals.AsNoTracking().Where(OfAStart).Where(p => db.Proposals.Any(n => n.AgentId == p.AgentId && n.Epoch > p.Epoch)).OrderBy(p => p.CreatedAt).Take(Batch).Select(p => new { p.BranchId, p.Id }).ToListAsync(token);
            return rows.ConvertAll(r => (r.BranchId, r.Id));
        }, ct);
        if (!found.TryGet(out var left, out _)) return 0;
        var count = 0;
        foreach (var (branch, id) in left)
            if (await OneAsync(branch, id, _ => OfAStart, "proposal.supersede", (context, p, _) =>
            {
                context.Move(p, ProposalVerb.Supersede, new JsonObject { ["code"] = Proposal.AgentBeganAnew }, s => s.Set(x => x.EndCode, Proposal.AgentBeganAnew).Set(x => x.ClaimedBy, (PersonId?)null).Set(x => x.ClaimedUntil, (DateTimeOffset?)null));
                return Task.FromResult(true);
            }, ct)) count++;
        return count;
    }

    /// <summary>Open, of an agent that says when its program started, and not with human review.</summary>
    private static readonly Expression<Func<Proposal, bool>> OfAStart = p => (Open.Contains(p.State) || p.State == ProposalState.Drafted) && p.AgentId != null && p.Epoch != null
        && p.ReviewAskedAt == null && p.Band != Band.Black && p.Routes.Length == 0;

    /// <summary>Waits for its turn. What takes human review comes to people although its time to be approved is over.</summary>
    private static readonly Expression<Func<Proposal, bool>> Waiting = p => p.State == ProposalState.Drafted && (p.ApproveBy > DatabaseNow.Now() || p.Band == Band.Black || p.Routes.Length > 0);

    /// <summary>Raises what waits, oldest first, as far as there is room: in each branch for itself, so that a full one keeps nobody waiting elsewhere.</summary>
    private async Task<int> RaiseAsync(CancellationToken ct)
    {
        var waiting = await door.ReadAsync<List<BranchId>>(Sender.System(Name), TenantScope.Hq, Access.Hq, async (db, _, token) => await db.Proposals.AsNoTracking().Where(Waiting).Select(p => p.BranchId).Distinct().ToListAsync(token), ct);
        if (!waiting.TryGet(out var branches, out _)) return 0;
        var count = 0;
        foreach (var branch in branches)
        {
            var fitting = await door.ReadAsync<List<ProposalId>>(Sender.System(Name), TenantScope.Of(branch), Access.MemberOf(branch), (db, _, token) => FittingAsync(db, branch, token), ct);
            if (!fitting.TryGet(out var next, out _)) continue;
            foreach (var id in next)
                if (await OneAsync(branch, id, _ => Waiting, "proposal.raise", RaiseOneAsync, ct)) count++;
        }

        return count;
    }

    /// <summary>What waits in a branch and finds room: of each agent as many as its share has left, of them the oldest the branch can look at.</summary>
    private static async Task<Result<List<ProposalId>>> FittingAsync(VaultDb db, BranchId branch, CancellationToken ct)
    {
        var open = await db.Proposals.AsNoTracking().Where(p => p.AgentId != null && Open.Contains(p.State)).GroupBy(p => p.AgentId).Select(g => new { Agent = g.Key, Count = g.Count() }).ToListAsync(ct);
        var capacity = await ProposalCommands.CapacityAsync(db, branch, ct);
        var room = capacity - open.Sum(o => o.Count);
        if (room <= 0) return new List<ProposalId>();
        var fitting = new List<(DateTimeOffset At, ProposalId Id)>();
        foreach (var agent in await db.Proposals.AsNoTracking().Where(Waiting).Select(p => p.AgentId).Distinct().ToListAsync(ct))
        {
            var left = Math.Min(room, await ProposalCommands.ShareAsync(db, agent ?? default, capacity, ct) - (open.Find(o => o.Agent == agent)?.Count ?? 0));
            if (left > 0) fitting.AddRange((await db.Proposals.AsNoTracking().Where(Waiting).Where(p => p.AgentId == agent).OrderBy(p => p.CreatedAt).Take(left).Select(p => new { p.CreatedAt, p.Id }).ToListAsync(ct)).Select(p => (p.CreatedAt, p.Id)));
        }

        return fitting.OrderBy(f => f.At).Take(room).Select(f => f.Id).ToList();
    }

    private static async Task<bool> RaiseOneAsync(WriteContext context, Proposal p, CancellationToken ct)
    {
        var agent = p.AgentId ?? default;
        var capacity = await ProposalCommands.CapacityAsync(context.Db, p.BranchId, ct);
        var share = await ProposalCommands.ShareAsync(context.Db, agent, capacity, ct);
        var (open, mine, _) = await ProposalCommands.AttentionAsync(context, p.BranchId, agent, ct);
        if (open >= capacity || mine >= share) return false;
        context.Move(p, ProposalVerb.Raise, null, null);
        return true;
    }

    /// <summary>Each in a transaction of its own, so that one that meets somebody's decision does not keep the others.</summary>
    /// <param name="which">Whom it moves: once moved they no longer are of these, so that a later look finds the next.</param>
    private async Task<int> EachAsync(Expression<Func<Proposal, bool>> which, string action, Action<WriteContext, Proposal> move, CancellationToken ct)
    {
        var found = await door.ReadAsync<List<(BranchId Branch, ProposalId Id)>>(Sender.System(Name), TenantScope.Hq, Access.Hq, async (db, _, token) =>
        {
            var rows = await db.Proposals.AsNoTracking().Where(which).OrderBy(p => p.CreatedAt).Take(Batch).Select(p => new { p.BranchId, p.Id }).ToListAsync(token);
            return rows.ConvertAll(r => (r.BranchId, r.Id));
        }, ct);
        if (!found.TryGet(out var due, out _)) return 0;
        var count = 0;
        foreach (var (branch, id) in due)
            if (await OneAsync(branch, id, _ => which, action, (context, p, _) =>
            {
                move(context, p);
                return Task.FromResult(true);
            }, ct)) count++;
        return count;
    }

    private async Task<bool> OneAsync(BranchId branch, ProposalId id, Func<VaultDb, Expression<Func<Proposal, bool>>> which, string action, Func<WriteContext, Proposal, CancellationToken, Task<bool>> move, CancellationToken ct)
    {
        var result = await door.RunAsync<bool>(new Command(action, Sender.System(Name), TenantScope.Of(branch), Access.MemberOf(branch), "proposal", id.ToString()), async (context, token) =>
        {
            // Looked at again inside: somebody may have decided since.
            if (await context.Db.Proposals.AsNoTracking().Where(p => p.Id == id).Where(which(context.Db)).SingleOrDefaultAsync(token) is not { } proposal) return context.Nothing(false);
            return await move(context, proposal, token) ? true : context.Nothing(false);
        }, ct);
        return result.TryGet(out var moved, out _) && moved;
    }
}
