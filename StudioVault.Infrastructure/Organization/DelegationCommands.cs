using System.Globalization;
using System.Text.Json.Nodes;
using Microsoft.EntityFrameworkCore;
using StudioVault.Domain.Kernel;
using StudioVault.Domain.Organization;
using StudioVault.Infrastructure.Door;
using StudioVault.Infrastructure.Live;
using StudioVault.Infrastructure.Persistence;

namespace StudioVault.Infrastructure.Organization;

/// <summary>A delegation somebody wants to give.</summary>
/// <param name="FromAgent">The agent that hands on; null when the sender gives their own powers or those they stand in for.</param>
/// <param name="To">Who takes it.</param>
/// <param name="Capabilities">Null = all the giver has.</param>
/// <param name="StartsAt">Null = now.</param>
/// <param name="Parent">The delegation the giver has the power from; null when a person gives their own.</param>
public sealed record NewDelegation(AgentId? FromAgent, Party To, IReadOnlyCollection<string>? Capabilities, DateTimeOffset? StartsAt, DateTimeOffset ExpiresAt, string Reason, DelegationId? Parent = null);

/// <summary>Giving and revoking delegations.</summary>
public sealed class DelegationCommands(WriteDoor door)
{
    /// <summary>
    /// Gives a delegation. A person gives their own powers, hands on what was given to them, or lets an agent hand on what they
    /// gave it. Refused with <c>refuse.delegation.not_yours</c>, <c>beyond_giver</c>, <c>too_deep</c>, <c>loop</c>,
    /// <c>receiver_unfit</c>, <c>lifetime</c>, <c>capabilities_malformed</c> and the reasons the giver's own chain has ended.
    /// </summary>
    public Task<Result<DelegationId>> GiveAsync(Sender from, BranchId branch, NewDelegation wanted, CancellationToken ct) =>
        door.RunAsync<DelegationId>(new Command("delegation.give", from, TenantScope.Of(branch), Access.MemberOf(branch), "delegation", "new"), async (context, token) =>
        {
            if (context.Caller.PersonId is not { } me) return DelegationRefusals.NotYours;
            // One at a time per branch: two who close a loop from both ends must meet each other.
            await context.Db.Database.ExecuteSqlAsync($"select pg_advisory_xact_lock(hashtextextended({"delegations:" + branch}, 0))", token);
            var giverParty = wanted.FromAgent is { } agent ? Party.Of(agent) : Party.Of(me);
            if (Delegation.Give(branch, giverParty, wanted.To, wanted.Capabilities, wanted.StartsAt, wanted.ExpiresAt, wanted.Reason, wanted.Parent, me, context.Now) is var made && made.IsRefused)
                return made.Refusal;

            IReadOnlyList<ChainLink> above = [];
            if (wanted.Parent is { } parent)
            {
                if (await Delegations.ChainAsync(context.Db, branch, parent, token) is not { } chain || chain.Acting.Party != giverParty) return DelegationRefusals.NotYours;
                above = chain.Links;
            }

            // What an agent was given may be handed on only by somebody who gave it, or who was given it before.
            if (wanted.FromAgent is not null && !above.Any(l => l.From.Party.Person == me)) return DelegationRefusals.NotYours;
            if (await ActorAsync(context.Db, branch, giverParty, token) is not { } giver) return DelegationRefusals.NotYours;
            if (await ActorAsync(context.Db, branch, wanted.To, token) is not { } receiver) return DelegationRefusals.ReceiverUnfit;
            if (DelegationChain.Extend(giver, above, receiver, wanted.Capabilities, context.Now) is { } refusal) return refusal;
            if (await ReachesAsync(context.Db, wanted.To, giverParty, made.Value, context.Now, token)) return DelegationRefusals.Loop.With(giver.Name);

            context.Db.Delegations.Add(made.Value);
            context.ObjectId = made.Value.Id.ToString();
            context.Audit(Payload(made.Value));
            Announce(context, branch, made.Value.Id);
            return made.Value.Id;
        }, ct);

    /// <summary>
    /// Ends a delegation and all below it: by whoever stands in its chain, or a manager of the branch. Refused with
    /// <c>refuse.delegation.not_yours</c>, <c>ended</c>.
    /// </summary>
    public Task<Result<Done>> RevokeAsync(Sender from, BranchId branch, DelegationId id, string reason, CancellationToken ct) =>
        door.RunAsync<Done>(new Command("delegation.revoke", from, TenantScope.Of(branch), Access.MemberOf(branch), "delegation", id.ToString()), async (context, token) =>
        {
            if (context.Caller.PersonId is not { } me) return DelegationRefusals.NotYours;
            if (await Delegations.ChainAsync(context.Db, branch, id, token) is not { } chain) return KernelRefusals.NotFound;
            if (context.Caller.RoleIn(branch) != Role.BranchManager && chain.Links.Select(l => l.From).Append(chain.Acting).All(a => a.Party.Person != me)) return DelegationRefusals.NotYours;
            return await EndAsync(context, branch, id, reason, me, token);
        }, ct);

    /// <summary>Ends a delegation of any branch, by HQ. Refused with <c>refuse.delegation.ended</c>.</summary>
    public Task<Result<Done>> RevokeFromHqAsync(Sender from, BranchId branch, DelegationId id, string reason, CancellationToken ct) =>
        door.RunAsync<Done>(new Command("delegation.revoke", from, TenantScope.Hq, Access.Hq, "delegation", id.ToString()), (context, token) =>
            EndAsync(context, branch, id, reason, context.Caller.PersonId ?? default, token), ct);

    private static async Task<Result<Done>> EndAsync(WriteContext context, BranchId branch, DelegationId id, string reason, PersonId by, CancellationToken ct)
    {
        if (Reasons.Problem(reason) is { } problem) return problem;
        var delegation = await context.Db.Delegations.SingleOrDefaultAsync(d => d.BranchId == branch && d.Id == id, ct);
        if (delegation is null) return KernelRefusals.NotFound;
        if (delegation.Revoke(by, context.Now) is { } refusal) return refusal;
        context.Audit(new JsonObject { ["delegationId"] = id.ToString(), ["reason"] = reason.Trim() });
        Announce(context, branch, id);
        return Done.It;
    }

    /// <summary>Whether live delegations of the branch lead from one to the other while the new one lives: both together would be a loop.</summary>
    private static async Task<bool> ReachesAsync(VaultDb db, Party from, Party to, Delegation added, DateTimeOffset now, CancellationToken ct)
    {
        var live = await db.Delegations.AsNoTracking()
            .Where(d => d.BranchId == added.BranchId && d.RevokedAt == null && d.ExpiresAt > now && d.StartsAt < added.ExpiresAt && d.ExpiresAt > added.StartsAt)
            .Select(d => new { d.FromPersonId, d.FromAgentId, d.ToPersonId, d.ToAgentId }).ToListAsync(ct);
        var next = live.ToLookup(d => d.FromAgentId is { } a ? Party.Of(a) : Party.Of(d.FromPersonId!.Value), d => d.ToAgentId is { } a ? Party.Of(a) : Party.Of(d.ToPersonId!.Value));
        var seen = new HashSet<Party> { from };
        var open = new Queue<Party>(seen);
        while (open.TryDequeue(out var at))
        {
            if (at == to) return true;
            foreach (var reached in next[at])
                if (seen.Add(reached)) open.Enqueue(reached);
        }

        return false;
    }

    private static Task<ChainActor?> ActorAsync(VaultDb db, BranchId branch, Party party, CancellationToken ct)
    {
        if (party.Person is { } person) return Delegations.PersonAsync(db, branch, person, ct);
        return party.Agent is { } agent ? Delegations.AgentAsync(db, branch, agent, ct) : Task.FromResult<ChainActor?>(null);
    }

    private static void Announce(WriteContext context, BranchId branch, DelegationId id) =>
        context.Announce(Topics.DelegationChanged, branch, new JsonObject { ["delegationId"] = id.ToString() });

    private static JsonObject Payload(Delegation d) => new()
    {
        ["delegationId"] = d.Id.ToString(),
        ["from"] = d.FromAgentId is { } fromAgent ? $"agent:{fromAgent}" : $"staff:{d.FromPersonId}",
        ["to"] = d.ToAgentId is { } toAgent ? $"agent:{toAgent}" : $"staff:{d.ToPersonId}",
        ["capabilities"] = d.Capabilities is null ? "all" : string.Join(", ", d.Capabilities),
        ["startsAt"] = d.StartsAt.UtcDateTime.ToString("O", CultureInfo.InvariantCulture),
        ["expiresAt"] = d.ExpiresAt.UtcDateTime.ToString("O", CultureInfo.InvariantCulture),
        ["parentId"] = d.ParentId?.ToString(),
        ["reason"] = d.Reason,
    };
}

/// <summary>The reason a command asks for.</summary>
internal static class Reasons
{
    public const int Longest = 400;

    public static Refusal? Problem(string reason)
    {
        if (string.IsNullOrWhiteSpace(reason)) return KernelRefusals.ReasonRequired.At("reason");
        return reason.Trim().Length > Longest ? KernelRefusals.TooLong.At("reason", Longest) : null;
    }
}
