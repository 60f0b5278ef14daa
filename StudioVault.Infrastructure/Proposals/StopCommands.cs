using System.Diagnostics;
using System.Text.Json.Nodes;
using Microsoft.EntityFrameworkCore;
using StudioVault.Domain.Kernel;
using StudioVault.Domain.Organization;
using StudioVault.Domain.Proposals;
using StudioVault.Infrastructure.Door;
using StudioVault.Infrastructure.Live;
using StudioVault.Infrastructure.Organization;
using StudioVault.Infrastructure.Persistence;

namespace StudioVault.Infrastructure.Proposals;

/// <summary>
/// The stop ("kill switch"). Throwing takes one person and a reason and holds from its commit on; lifting takes two different people.
/// HQ stops anything; a branch's managers stop their branch.
/// </summary>
public sealed class StopCommands(WriteDoor door, CapabilityRegistry registry, ProposalSweep sweep)
{
    public const int LongestReason = 300;

    /// <summary>
    /// Stops. What is approved and not carried out becomes <see cref="ProposalState.Killed"/>. Refused with <c>refuse.stop.in_force</c>,
    /// <c>refuse.stop.key_unknown</c>, <c>refuse.kernel.reason_required</c>.
    /// </summary>
    /// <param name="key">Area, capability, branch id or agent id; empty for everything.</param>
    public async Task<Result<StopId>> ThrowAsync(Sender from, StopLevel level, string key, string reason, CancellationToken ct)
    {
        var clock = Stopwatch.StartNew();
        // However it was written: what it covers is compared letter by letter.
        if (level is StopLevel.Branch or StopLevel.Agent && Guid.TryParse(key, out var id)) key = id.ToString();
        var branch = level == StopLevel.Branch && Guid.TryParseExact(key, "D", out var of) ? new BranchId(of) : (BranchId?)null;
        if (level == StopLevel.Branch && branch is null) return StopRefusals.KeyUnknown.At("key", key);
        var result = await door.RunAsync<StopId>(await CommandAsync("stop.throw", from, branch, key.Length > 0 ? key : "everything", ct), async (context, token) =>
        {
            if (string.IsNullOrWhiteSpace(reason)) return KernelRefusals.ReasonRequired.At("reason");
            if (reason.Trim().Length > LongestReason) return KernelRefusals.TooLong.At("reason", LongestReason);
            if (!await IsKnownAsync(context.Db, level, key, token)) return StopRefusals.KeyUnknown.At("key", key);
            // Before anything is written: the executions under way finish, none begins, and this entry comes after all of theirs.
            await StopGuard.TakeAsync(context, token);
            if (await context.Db.Stops.AsNoTracking().FirstOrDefaultAsync(s => s.LiftedAt == null && s.Level == level && s.Key == key, token) is { } same)
                return StopRefusals.InForce.With(new Moment(same.ThrownAt));
            var stop = Stop.Throw(level, key, branch, reason.Trim(), context.Now, context.Caller.PersonId, context.Caller.Chain.Acting.Name);
            context.Db.Stops.Add(stop);
            context.ObjectId = stop.Id.ToString();
            // From the tap to the moment from which nothing is on its way any more: what the drill measures every week.
            context.Audit(new JsonObject { ["level"] = level.ToString(), ["key"] = key, ["reason"] = reason.Trim(), ["stopMs"] = (int)Math.Ceiling(clock.Elapsed.TotalMilliseconds) });
            Announce(context, stop, true);
            return stop.Id;
        }, ct);
        if (result.IsRefused) return result;
        await sweep.KillAsync(ct);
        await sweep.EndDecoysAsync(ct);
        return result;
    }

    /// <summary>The first of two asks; it stays in force. Refused with <c>refuse.stop.lift_asked</c>, <c>refuse.stop.lifted</c>.</summary>
    public Task<Result<Done>> AskLiftAsync(Sender from, StopId id, string reason, CancellationToken ct) => OnAsync("stop.ask_lift", from, id, (context, stop, human, _) =>
    {
        if (string.IsNullOrWhiteSpace(reason)) return KernelRefusals.ReasonRequired.At("reason");
        if (reason.Trim().Length > LongestReason) return KernelRefusals.TooLong.At("reason", LongestReason);
        return stop.AskLift(context.Caller.PersonId!.Value, context.Caller.Chain.Acting.Name, human, reason.Trim(), context.Now);
    }, ct);

    /// <summary>The second, somebody else, lifts. Refused with <c>refuse.stop.second_person</c>, <c>refuse.stop.lift_not_asked</c>, <c>refuse.stop.lifted</c>.</summary>
    public Task<Result<Done>> LiftAsync(Sender from, StopId id, CancellationToken ct) =>
        OnAsync("stop.lift", from, id, (context, stop, human, askedNow) => stop.Lift(context.Caller.PersonId!.Value, context.Caller.Chain.Acting.Name, human, askedNow, context.Now), ct);

    /// <summary>It stays: whoever asked for it to be lifted is answered no.</summary>
    public Task<Result<Done>> KeepAsync(Sender from, StopId id, CancellationToken ct) => OnAsync("stop.keep", from, id, (_, stop, _, _) =>
    {
        if (stop.LiftedAt is not null) return StopRefusals.Lifted;
        if (stop.LiftAskedBy is null) return StopRefusals.LiftNotAsked;
        stop.KeepStopped();
        return Done.It;
    }, ct);

    private async Task<Result<Done>> OnAsync(string action, Sender from, StopId id, Func<WriteContext, Stop, HumanId, HumanId?, Result<Done>> change, CancellationToken ct)
    {
        var branch = await door.ReadAsync<BranchId?>(from, TenantScope.None, Access.AnySignedIn, async (db, _, token) =>
            await db.Stops.AsNoTracking().Where(s => s.Id == id).Select(s => s.BranchId).SingleOrDefaultAsync(token), ct);
        if (!branch.TryGet(out var of, out var refusal)) return refusal;
        return await door.RunAsync<Done>(await CommandAsync(action, from, of, id.ToString(), ct), async (context, token) =>
        {
            if (await context.Db.Stops.SingleOrDefaultAsync(s => s.Id == id && s.Level != StopLevel.Drill, token) is not { } stop) return KernelRefusals.NotFound;
            // What HQ stopped in a branch its managers do not start again: whoever threw it is nobody of theirs.
            if (!context.Caller.IsHqAdmin && !await context.Db.Memberships.AsNoTracking().AnyAsync(m => m.BranchId == stop.BranchId && m.PersonId == stop.ThrownBy, token)) return KernelRefusals.NotAllowed.With("an HQ administrator: HQ threw this stop");
            // Who is one human with whom is asked now, and nobody links accounts meanwhile.
            await AccountLinks.HoldAsync(context, token);
            var me = context.Caller.PersonId!.Value;
            var humans = await FourEyes.HumansAsync(context.Db, [me.Value, .. stop.LiftAskedBy is { } asked ? [asked.Value] : Array.Empty<Guid>()], token);
            var result = change(context, stop, new HumanId(humans.GetValueOrDefault(me.Value, me.Value)), stop.LiftAskedBy is { } first ? new HumanId(humans.GetValueOrDefault(first.Value, first.Value)) : null);
            if (result.IsRefused) return result;
            context.Audit(new JsonObject { ["level"] = stop.Level.ToString(), ["key"] = stop.Key, ["inForce"] = stop.LiftedAt is null });
            Announce(context, stop, stop.LiftedAt is null);
            return Done.It;
        }, ct);
    }

    /// <summary>HQ works in HQ's scope, a manager in their branch's.</summary>
    private async Task<Command> CommandAsync(string action, Sender from, BranchId? branch, string objectId, CancellationToken ct)
    {
        var isHq = await door.ReadAsync<bool>(from, TenantScope.None, Access.AnySignedIn, (_, caller, _) => Task.FromResult<Result<bool>>(caller.IsHqAdmin || caller.IsSystem), ct);
        return branch is { } own && !(isHq.TryGet(out var hq, out _) && hq)
            ? new Command(action, from, TenantScope.Of(own), Access.ManagerOf(own), "stop", objectId)
            : new Command(action, from, TenantScope.Hq, Access.Hq, "stop", objectId);
    }

    private async Task<bool> IsKnownAsync(VaultDb db, StopLevel level, string key, CancellationToken ct) => level switch
    {
        StopLevel.Global => key.Length == 0,
        StopLevel.Area => registry.All.Any(c => c.Area == key),
        StopLevel.Capability => registry.TryFind(key, out _),
        StopLevel.Branch => Guid.TryParseExact(key, "D", out var branch) && await db.Branches.AsNoTracking().AnyAsync(b => b.Id == new BranchId(branch), ct),
        StopLevel.Agent => Guid.TryParseExact(key, "D", out var agent) && await db.Agents.AsNoTracking().AnyAsync(a => a.Id == new AgentId(agent), ct),
        _ => false,
    };

    internal static void Announce(WriteContext context, Stop stop, bool inForce) => context.Announce(Topics.StopChanged, stop.BranchId, new JsonObject
    {
        ["stopId"] = stop.Id.ToString(),
        ["level"] = stop.Level.ToString(),
        ["inForce"] = inForce,
    });
}
