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
public sealed class ProposalSweep(WriteDoor door, ProposalExecutor executor) : IVaultJob
{
    private const string Name = "proposals.sweep";
    private const int Batch = 500;
    private const int AtOnce = 4;

    /// <summary>Part of the time to decide that is left when managers are called.</summary>
    private const double CallAt = 0.25;

    private static readonly ProposalState[] Open = [ProposalState.Pending, ProposalState.Claimed, ProposalState.Approved];

    public async Task<Result<JobReport>> RunAsync(Sender self, CancellationToken ct)
    {
        var expired = await EachAsync(p => (Open.Contains(p.State) || p.State == ProposalState.Drafted) && p.ReviewAskedAt == null && p.ApproveBy <= DatabaseNow.Now(), "proposal.expire",
            (context, p, token) => context.Now < p.ApproveBy ? null : context.MoveAsync(p, ProposalVerb.Expire, null, s => s.Set(x => x.EndCode, ApprovalRefusals.Expired.Code), token), ct);
        var released = await EachAsync(p => p.State == ProposalState.Claimed && p.ClaimedUntil <= DatabaseNow.Now(), "proposal.release",
            (context, p, token) => context.MoveAsync(p, ProposalVerb.Release, null, s => s.Set(x => x.ClaimedBy, (PersonId?)null).Set(x => x.ClaimedUntil, (DateTimeOffset?)null), token), ct);
        var raised = await RaiseAsync(ct);
        var called = await EachAsync(p => Open.Contains(p.State) && !p.Capability.StartsWith(Decoy.Prefix) && p.EscalatedAt == null && p.ReviewAskedAt == null && p.ApproveBy > DatabaseNow.Now(), "proposal.escalate",
            (context, p, token) => p.ApproveBy - context.Now > CallAt * (p.ApproveBy - p.CreatedAt) ? null : context.TouchAsync(p, s => s.Set(x => x.EscalatedAt, context.Now), token), ct);
        var killed = await KillAsync(ct);
        await EndDecoysAsync(ct);
        var recovered = await executor.RecoverAsync(ct);
        string[] said =
        [
            .. new (int Count, string What)[] { (expired, "expired"), (released, "claims given back"), (raised, "raised"), (called, "called to managers"), (killed, "stopped"), (recovered, "taken up again") }
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
            var approved = await db.Proposals.AsNoTracking().Where(p => p.State == ProposalState.Grace || p.State == ProposalState.Approved).OrderBy(p => p.CreatedAt).Select(p => new { p.BranchId, p.Id, p.Area, p.Capability, p.AgentId }).ToListAsync(token);
            return approved.Where(p => stops.Exists(s => s.Covers(p.Area, p.Capability, p.BranchId, p.AgentId))).Select(p => (p.BranchId, p.Id)).ToList();
        }, ct);
        if (!covered.TryGet(out var due, out _)) return 0;
        var count = 0;
        await Parallel.ForEachAsync(due, new ParallelOptions { MaxDegreeOfParallelism = AtOnce, CancellationToken = ct }, async (one, stopping) =>
        {
            if (await OneAsync(one.Branch, one.Id, p => p.State == ProposalState.Grace || p.State == ProposalState.Approved, "proposal.kill", async (context, p, token) =>
            {
                if (await StopGuard.CoveringAsync(context.Db, p, token) is not { } stop) return false;
                await context.MoveAsync(p, ProposalVerb.Kill, new JsonObject { ["stopId"] = stop.Id.ToString() }, s => s.Set(x => x.EndCode, CapabilityRefusals.Killed.Code), token);
                return true;
            }, stopping)) Interlocked.Increment(ref count);
        });
        return count;
    }

    /// <summary>Ends the tests of reviewers that a stop covers, or that headquarters switched off.</summary>
    internal async Task<int> EndDecoysAsync(CancellationToken ct)
    {
        var over = await door.ReadAsync<List<(BranchId Branch, ProposalId Id, string Why)>>(Sender.System(Name), TenantScope.Hq, Access.Hq, async (db, _, token) =>
        {
            var open = await db.Proposals.AsNoTracking().Where(p => p.Capability.StartsWith(Decoy.Prefix) && Open.Contains(p.State)).Select(p => new { p.BranchId, p.Id, p.Area, p.Capability }).ToListAsync(token);
            if (open.Count == 0) return new List<(BranchId, ProposalId, string)>();
            var stops = await db.Stops.AsNoTracking().Where(s => s.LiftedAt == null && s.Level != StopLevel.Drill).ToListAsync(token);
            var switches = await DecoyStanding.NowAsync(db, token);
            return open.Select(p => (p.BranchId, p.Id, Why: stops.Exists(s => s.Covers(p.Area, Decoy.Imitated(p.Capability), p.BranchId, null)) ? "a stop was thrown" : DecoyStanding.IsOn(switches, p.BranchId) ? "" : "tests were switched off")).Where(p => p.Why.Length > 0).ToList();
        }, ct);
        if (!over.TryGet(out var due, out _)) return 0;
        var count = 0;
        foreach (var (branch, id, why) in due)
        {
            if (await OneAsync(branch, id, p => Open.Contains(p.State), "decoy.end", async (context, p, token) =>
            {
                await context.EndAsync(p, ProposalVerb.Withdraw, Decoy.Stopped, why, token);
                return true;
            }, ct)) count++;
        }

        return count;
    }

    /// <summary>Raises what waits, oldest first, as far as there is room.</summary>
    private async Task<int> RaiseAsync(CancellationToken ct) =>
        await EachAsync(p => p.State == ProposalState.Drafted && p.ApproveBy > DatabaseNow.Now(), "proposal.raise", async (context, p, token) =>
        {
            var db = context.Db;
            await db.Database.ExecuteSqlAsync($"select pg_advisory_xact_lock(hashtextextended({"attention:" + p.BranchId}, 0))", token);
            var open = await db.Proposals.AsNoTracking().Where(x => x.AgentId != null && Open.Contains(x.State)).GroupBy(_ => 1).Select(g => new { All = g.Count(), Mine = g.Count(x => x.AgentId == p.AgentId) }).SingleOrDefaultAsync(token);
            if (open is not null && (open.All >= await ProposalCommands.CapacityAsync(db, p.BranchId, token) || open.Mine >= await ProposalCommands.ShareAsync(db, p.BranchId, p.AgentId ?? default, token))) return false;
            await context.MoveAsync(p, ProposalVerb.Raise, null, null, token);
            return true;
        }, ct);

    private Task<int> EachAsync(System.Linq.Expressions.Expression<Func<Proposal, bool>> which, string action, Func<WriteContext, Proposal, CancellationToken, Task?> move, CancellationToken ct) =>
        EachAsync(which, action, async (context, p, token) =>
        {
            if (move(context, p, token) is not { } moving) return false;
            await moving;
            return true;
        }, ct);

    /// <summary>Each in a transaction of its own, so that one that meets somebody's decision does not keep the others.</summary>
    private async Task<int> EachAsync(System.Linq.Expressions.Expression<Func<Proposal, bool>> which, string action, Func<WriteContext, Proposal, CancellationToken, Task<bool>> move, CancellationToken ct)
    {
        var found = await door.ReadAsync<List<(BranchId Branch, ProposalId Id)>>(Sender.System(Name), TenantScope.Hq, Access.Hq, async (db, _, token) =>
        {
            var rows = await db.Proposals.AsNoTracking().Where(which).OrderBy(p => p.CreatedAt).Take(Batch).Select(p => new { p.BranchId, p.Id }).ToListAsync(token);
            return rows.ConvertAll(r => (r.BranchId, r.Id));
        }, ct);
        if (!found.TryGet(out var due, out _)) return 0;
        var count = 0;
        foreach (var (branch, id) in due)
            if (await OneAsync(branch, id, which, action, move, ct)) count++;
        return count;
    }

    private async Task<bool> OneAsync(BranchId branch, ProposalId id, System.Linq.Expressions.Expression<Func<Proposal, bool>> which, string action, Func<WriteContext, Proposal, CancellationToken, Task<bool>> move, CancellationToken ct)
    {
        var result = await door.RunAsync<bool>(new Command(action, Sender.System(Name), TenantScope.Of(branch), Access.MemberOf(branch), "proposal", id.ToString()), async (context, token) =>
        {
            // Looked at again inside: somebody may have decided since.
            if (await context.Db.Proposals.AsNoTracking().Where(p => p.Id == id).Where(which).SingleOrDefaultAsync(token) is not { } proposal) return context.Nothing(false);
            return await move(context, proposal, token) ? true : context.Nothing(false);
        }, ct);
        return result.TryGet(out var moved, out _) && moved;
    }
}
