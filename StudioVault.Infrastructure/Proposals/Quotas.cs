using Npgsql;
using StudioVault.Domain.Kernel;
using StudioVault.Domain.Proposals;
using StudioVault.Infrastructure.Door;

namespace StudioVault.Infrastructure.Proposals;

/// <summary>
/// Counters that never pass their cap, however many count at once (APP-6): one conditional statement each, in the transaction of
/// what is counted, so that what is refused is not counted.
/// </summary>
internal static class Quotas
{
    /// <summary>Buckets of an agent, of its owner and of the branch, in this order: everybody locks them in the same one.</summary>
    public static async Task<Refusal?> TakeAsync(WriteContext context, BranchId branch, Submitter by, string capability, CapabilityCard card, CancellationToken ct)
    {
        var window = WindowOf(context.Now, card.WindowSeconds);
        var refill = new Moment(window.AddSeconds(card.WindowSeconds));
        if (by.Agent is { } agent && !await CountAsync(context, branch, $"agent:{agent}:{capability}", window, card.PerAgent, ct)) return QuotaRefusals.Agent.With(card.PerAgent, refill);
        if (by is { Agent: not null, OwnerHuman: { } owner } && !await CountAsync(context, branch, $"owner:{owner}:{capability}", window, card.PerOwner, ct)) return QuotaRefusals.Owner.With(card.PerOwner, refill);
        if (!await CountAsync(context, branch, $"capability:{capability}", window, card.PerBranch, ct)) return QuotaRefusals.Capability.With(card.PerBranch, refill);
        return null;
    }

    /// <summary>One more of a bucket; false when it is full. The audit entry of the transaction is written already.</summary>
    public static async Task<bool> CountAsync(WriteContext context, BranchId branch, string bucket, DateTimeOffset window, int cap, CancellationToken ct)
    {
        await using var command = new NpgsqlCommand("""
            insert into proposals.quota_counters as q (branch_id, bucket, window_at, used) values ($1, $2, $3, 1)
            on conflict (branch_id, bucket, window_at) do update set used = q.used + 1 where q.used < $4
            """, context.Connection, context.Transaction)
        { Parameters = { new() { Value = branch.Value }, new() { Value = bucket }, new() { Value = window }, new() { Value = cap } } };
        return await command.ExecuteNonQueryAsync(ct) == 1;
    }

    /// <summary>Start of the window an instant is in: windows of one length are the same for everybody.</summary>
    public static DateTimeOffset WindowOf(DateTimeOffset now, int seconds) => DateTimeOffset.FromUnixTimeSeconds(now.ToUnixTimeSeconds() / seconds * seconds);
}
