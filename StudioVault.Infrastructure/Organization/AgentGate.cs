using System.Collections.Concurrent;
using Npgsql;
using StudioVault.Domain.Kernel;
using StudioVault.Domain.Organization;
using StudioVault.Infrastructure.Door;
using StudioVault.Infrastructure.Persistence;

namespace StudioVault.Infrastructure.Organization;

/// <summary>
/// Where an agent's token is looked at first: who it is, the note of its last use, and the entry of a refusal (AUD-10), held so
/// that somebody who knocks a million times cannot fill the log.
/// </summary>
public sealed class AgentGate(WriteDoor door, VaultDbs dbs, TimeProvider clock)
{
    /// <summary>Entries of refused keys this node writes in a minute, all keys together.</summary>
    public const int RefusalsPerMinute = 20;

    private static readonly TimeSpan UseStep = TimeSpan.FromMinutes(1);

    private readonly ConcurrentDictionary<AgentKeyId, long> _used = [];
    private readonly Lock _noting = new();
    private readonly HashSet<string> _noted = [];
    private long? _minute;

    /// <summary>
    /// The sender and the agent a token stands for. Refused with <c>refuse.agent.key_unknown</c>, <c>key_revoked</c>,
    /// <c>key_expired</c>, <c>disabled</c>, <c>owner_gone</c>, or what storage answers.
    /// </summary>
    public async Task<Result<(Sender Sender, AgentCaller Agent)>> OpenAsync(string token, CancellationToken ct)
    {
        if (AgentToken.Parse(token) is not { } read)
        {
            await NoteAsync(Sender.Nobody, "unknown", AgentRefusals.KeyUnknown, ct);
            return AgentRefusals.KeyUnknown;
        }

        var sender = Sender.AgentBy(read.KeyId, Convert.ToHexStringLower(read.SecretSha256()));
        var found = await WhoAsync(sender, ct);
        if (found.IsRefused)
        {
            if (found.Refusal.Code.StartsWith("refuse.agent.", StringComparison.Ordinal)) await NoteAsync(sender, read.Shown, found.Refusal, ct);
            return found.Refusal;
        }

        await NoteUseAsync(read.KeyId, ct);
        return (sender, found.Value);
    }

    /// <summary>The agent behind a sender as it is now; refused as <see cref="OpenAsync"/>.</summary>
    public Task<Result<AgentCaller>> WhoAsync(Sender sender, CancellationToken ct) =>
        door.ReadAsync<AgentCaller>(sender, TenantScope.None, Access.AnyAgent, (_, caller, _) => Task.FromResult<Result<AgentCaller>>(caller.Agent!), ct);

    private async Task NoteUseAsync(AgentKeyId key, CancellationToken ct)
    {
        // Time that passed, not the time of day: somebody may set that back (fault F13).
        if (_used.TryGetValue(key, out var at) && clock.GetElapsedTime(at) < UseStep) return;
        _used[key] = clock.GetTimestamp();
        try
        {
            await using var connection = await dbs.OpenConnectionAsync(TenantScope.None, ct);
            await using var command = new NpgsqlCommand("""
                insert into organization.agent_key_uses (key_id, last_used_at) values ($1, clock_timestamp())
                on conflict (key_id) do update set last_used_at = greatest(agent_key_uses.last_used_at, excluded.last_used_at)
                """, connection)
            { Parameters = { new() { Value = key.Value } } };
            await command.ExecuteNonQueryAsync(ct);
        }
        catch (Exception e) when (VaultErrors.AsRefusal(e) is not null)
        {
            // Only a note: what the key is used for meets the same trouble itself, or none.
            _used.TryRemove(key, out _);
        }
    }

    private Task NoteAsync(Sender sender, string shown, Refusal refusal, CancellationToken ct)
    {
        lock (_noting)
        {
            if (_minute is not { } minute || clock.GetElapsedTime(minute) >= TimeSpan.FromMinutes(1))
            {
                _minute = clock.GetTimestamp();
                _noted.Clear();
            }

            // Once a minute for each key and reason: the entry says that it happens, not how often.
            if (_noted.Count >= RefusalsPerMinute || !_noted.Add($"{shown} {refusal.Code}")) return Task.CompletedTask;
        }

        return door.NoteRefusalAsync(new Command("agent_key.use", sender, TenantScope.None, Access.AnyAgent, "agent_key", shown), refusal, ct);
    }
}
