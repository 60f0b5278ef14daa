using System.Globalization;
using System.Security.Cryptography;
using System.Text.Json.Nodes;
using Microsoft.EntityFrameworkCore;
using StudioVault.Domain.Kernel;
using StudioVault.Domain.Organization;
using StudioVault.Infrastructure.Door;
using StudioVault.Infrastructure.Live;
using StudioVault.Infrastructure.Persistence;

namespace StudioVault.Infrastructure.Organization;

/// <summary>A key just made: the only time anybody sees the token.</summary>
public sealed record NewAgentKey(AgentKeyId Id, string Token, string Shown, DateTimeOffset ExpiresAt);

/// <summary>What a key shall reach and until when.</summary>
/// <param name="Capabilities">Null = all of the agent's delegations.</param>
/// <param name="Branches">Null = all of the agent's delegations.</param>
public sealed record NewKeyScope(string Name, IReadOnlyCollection<string>? Capabilities, IReadOnlyCollection<BranchId>? Branches, DateTimeOffset ExpiresAt);

/// <summary>Agents and their keys; HQ's.</summary>
public sealed class AgentCommands(WriteDoor door)
{
    /// <summary>Registers an agent. Refused with <c>refuse.agent.slug_malformed</c>, <c>slug_taken</c>, <c>name_missing</c>, <c>owner_unfit</c>.</summary>
    public Task<Result<AgentId>> CreateAsync(Sender from, string slug, string name, string purpose, PersonId owner, CancellationToken ct) =>
        door.RunAsync<AgentId>(new Command("agent.create", from, TenantScope.Hq, Access.Hq, "agent", slug), async (context, token) =>
        {
            if (!Agent.Create(AgentId.New(), slug, name, purpose, owner, context.Now).TryGet(out var agent, out var refusal)) return refusal;
            if (!await IsFitAsync(context.Db, owner, token)) return AgentRefusals.OwnerUnfit.At("owner");
            if (await context.Db.Agents.AnyAsync(a => a.Slug == slug, token)) return AgentRefusals.SlugTaken.At("slug", slug);
            context.Db.Agents.Add(agent);
            context.ObjectId = agent.Id.ToString();
            context.Audit(Payload(agent));
            Announce(context, agent.Id);
            return agent.Id;
        }, ct);

    /// <summary>Changes name, purpose and owner. Refused as <see cref="CreateAsync"/>.</summary>
    public Task<Result<Done>> ChangeAsync(Sender from, AgentId id, string name, string purpose, PersonId owner, CancellationToken ct) =>
        OnAgentAsync("agent.change", from, id, async (context, agent, token) =>
        {
            if (agent.Describe(name, purpose, owner) is { } refusal) return refusal;
            if (!await IsFitAsync(context.Db, owner, token)) return AgentRefusals.OwnerUnfit.At("owner");
            context.Audit(Payload(agent));
            return null;
        }, ct);

    /// <summary>Switches an agent off; its keys and all its delegations are dead at once, and come back with it.</summary>
    public Task<Result<Done>> DisableAsync(Sender from, AgentId id, string reason, CancellationToken ct) => SwitchAsync("agent.disable", from, id, true, reason, ct);

    /// <summary>Switches an agent on again.</summary>
    public Task<Result<Done>> EnableAsync(Sender from, AgentId id, string reason, CancellationToken ct) => SwitchAsync("agent.enable", from, id, false, reason, ct);

    /// <summary>Makes a key; its token is in the answer and nowhere else. Refused with <c>refuse.agent.name_missing</c>, <c>key_lifetime</c>, <c>scope_malformed</c>.</summary>
    public Task<Result<NewAgentKey>> CreateKeyAsync(Sender from, AgentId agent, NewKeyScope scope, CancellationToken ct) =>
        door.RunAsync<NewAgentKey>(new Command("agent_key.create", from, TenantScope.Hq, Access.Hq, "agent", agent.ToString()), async (context, token) =>
        {
            if (!await context.Db.Agents.AnyAsync(a => a.Id == agent, token)) return KernelRefusals.NotFound;
            if (scope.Branches is not null)
            {
                List<BranchId> named = [.. scope.Branches];
                if (await context.Db.Branches.CountAsync(b => named.Contains(b.Id), token) != named.Distinct().Count()) return AgentRefusals.ScopeMalformed.At("branches", "there is no such branch");
            }

            return Make(context, agent, scope);
        }, ct);

    /// <summary>
    /// Makes a new key in place of another, with the same name and scope; the old one goes on for the overlap. Refused with
    /// <c>refuse.agent.overlap</c>, <c>key_revoked</c>, <c>key_expired</c>, <c>key_lifetime</c>.
    /// </summary>
    /// <param name="overlap">At most <see cref="AgentKey.LongestOverlap"/>.</param>
    public Task<Result<NewAgentKey>> RotateKeyAsync(Sender from, AgentKeyId id, TimeSpan overlap, DateTimeOffset expiresAt, CancellationToken ct) =>
        door.RunAsync<NewAgentKey>(new Command("agent_key.rotate", from, TenantScope.Hq, Access.Hq, "agent_key", AgentToken.ShownOf(id)), async (context, token) =>
        {
            var old = await context.Db.AgentKeys.SingleOrDefaultAsync(k => k.Id == id, token);
            if (old is null) return KernelRefusals.NotFound;
            var made = Make(context, old.AgentId, new NewKeyScope(old.Name, old.Capabilities, old.Branches?.Select(b => new BranchId(b)).ToList(), expiresAt));
            if (made.IsRefused) return made;
            if (old.ReplaceBy(made.Value.Id, overlap, context.Now) is { } refusal) return refusal;
            context.Audit(new JsonObject
            {
                ["agentId"] = old.AgentId.ToString(),
                ["key"] = old.Shown,
                ["replacedBy"] = made.Value.Shown,
                ["oldEndsAt"] = old.ExpiresAt.UtcDateTime.ToString("O", CultureInfo.InvariantCulture),
                ["expiresAt"] = made.Value.ExpiresAt.UtcDateTime.ToString("O", CultureInfo.InvariantCulture),
            });
            return made;
        }, ct);

    /// <summary>Ends a key at once. Refused with <c>refuse.agent.key_revoked</c> when that was done already.</summary>
    public Task<Result<Done>> RevokeKeyAsync(Sender from, AgentKeyId id, string reason, CancellationToken ct) =>
        door.RunAsync<Done>(new Command("agent_key.revoke", from, TenantScope.Hq, Access.Hq, "agent_key", AgentToken.ShownOf(id)), async (context, token) =>
        {
            if (Reasons.Problem(reason) is { } problem) return problem;
            var key = await context.Db.AgentKeys.SingleOrDefaultAsync(k => k.Id == id, token);
            if (key is null) return KernelRefusals.NotFound;
            if (key.Revoke(context.Caller.PersonId ?? default, context.Now) is { } refusal) return refusal;
            context.Audit(new JsonObject { ["agentId"] = key.AgentId.ToString(), ["key"] = key.Shown, ["reason"] = reason.Trim() });
            Announce(context, key.AgentId);
            return Done.It;
        }, ct);

    private static Result<NewAgentKey> Make(WriteContext context, AgentId agent, NewKeyScope scope)
    {
        var token = AgentToken.Of(RandomNumberGenerator.GetBytes(16 + AgentToken.SecretBytes));
        if (!AgentKey.Create(token, agent, scope.Name, scope.Capabilities, scope.Branches, scope.ExpiresAt.ToUniversalTime(), context.Caller.PersonId ?? default, context.Now).TryGet(out var key, out var refusal)) return refusal;
        context.Db.AgentKeys.Add(key);
        context.Audit(new JsonObject
        {
            ["agentId"] = agent.ToString(),
            ["key"] = key.Shown,
            ["name"] = key.Name,
            ["capabilities"] = key.Capabilities is null ? "all" : string.Join(", ", key.Capabilities),
            ["branches"] = key.Branches is null ? "all" : string.Join(", ", key.Branches),
            ["expiresAt"] = key.ExpiresAt.UtcDateTime.ToString("O", CultureInfo.InvariantCulture),
        });
        Announce(context, agent);
        return new NewAgentKey(key.Id, token.Reveal(), key.Shown, key.ExpiresAt);
    }

    private Task<Result<Done>> SwitchAsync(string action, Sender from, AgentId id, bool off, string reason, CancellationToken ct) => OnAgentAsync(action, from, id, (context, agent, _) =>
    {
        if (Reasons.Problem(reason) is { } problem) return Task.FromResult<Refusal?>(problem);
        agent.Switch(off);
        context.Audit(new JsonObject { ["agentId"] = id.ToString(), ["reason"] = reason.Trim() });
        return Task.FromResult<Refusal?>(null);
    }, ct);

    private Task<Result<Done>> OnAgentAsync(string action, Sender from, AgentId id, Func<WriteContext, Agent, CancellationToken, Task<Refusal?>> work, CancellationToken ct) =>
        door.RunAsync<Done>(new Command(action, from, TenantScope.Hq, Access.Hq, "agent", id.ToString()), async (context, token) =>
        {
            var agent = await context.Db.Agents.SingleOrDefaultAsync(a => a.Id == id, token);
            if (agent is null) return KernelRefusals.NotFound;
            if (await work(context, agent, token) is { } refusal) return refusal;
            Announce(context, id);
            return Done.It;
        }, ct);

    private static Task<bool> IsFitAsync(VaultDb db, PersonId owner, CancellationToken ct) => db.Users.AnyAsync(p => p.Id == owner.Value && !p.IsDisabled, ct);

    private static void Announce(WriteContext context, AgentId id) => context.Announce(Topics.AgentChanged, null, new JsonObject { ["agentId"] = id.ToString() });

    private static JsonObject Payload(Agent agent) => new() { ["agentId"] = agent.Id.ToString(), ["slug"] = agent.Slug, ["name"] = agent.Name, ["ownerId"] = agent.OwnerId.ToString() };
}
