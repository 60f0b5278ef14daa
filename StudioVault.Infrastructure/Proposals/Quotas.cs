using Microsoft.EntityFrameworkCore;
using Npgsql;
using StudioVault.Domain.Kernel;
using StudioVault.Domain.Proposals;
using StudioVault.Infrastructure.Door;
using StudioVault.Infrastructure.Persistence;

namespace StudioVault.Infrastructure.Proposals;

/// <summary>A counter a proposal takes one of.</summary>
/// <param name="Name">agent, owner or capability.</param>
/// <param name="Key">As it is stored.</param>
/// <param name="Full">Refusal when it is used up.</param>
internal sealed record QuotaBucket(string Name, string Key, int Cap, RefusalKind Full);

/// <summary>
/// Counters that never pass their cap, however many count at once (APP-6): one conditional statement each, in the transaction of
/// what is counted, so that what is refused is not counted.
/// </summary>
internal static class Quotas
{
    /// <summary>Buckets of an agent, of whoever answers for it and of the branch, in this order: everybody locks them in the same one.</summary>
    /// <param name="owner">The human, whatever accounts they have and whoever gave the agent its powers; null without an agent.</param>
    public static IReadOnlyList<QuotaBucket> Of(AgentId? agent, HumanId? owner, string capability, CapabilityCard card)
    {
        var buckets = new List<QuotaBucket>(3);
        if (agent is { } a) buckets.Add(new("agent", $"agent:{a}:{capability}", card.PerAgent, QuotaRefusals.Agent));
        if (agent is not null && owner is { } human) buckets.Add(new("owner", $"owner:{human.Value}:{capability}", card.PerOwner, QuotaRefusals.Owner));
        buckets.Add(new("capability", $"capability:{capability}", card.PerBranch, QuotaRefusals.Capability));
        return buckets;
    }

    /// <summary>
    /// One more of each bucket, in one round trip; the refusal of the first that is full. The audit entry of the transaction is written
    /// already. What was counted in windows nobody asks for any more goes with it.
    /// </summary>
    public static async Task<Refusal?> TakeAsync(WriteContext context, BranchId branch, Submitter by, string capability, CapabilityCard card, CancellationToken ct)
    {
        var window = WindowOf(context.Now, card.WindowSeconds);
        var buckets = Of(by.Agent, by.Owner, capability, card);
        var taken = new List<NpgsqlBatchCommand>(buckets.Count);
        await using var batch = new NpgsqlBatch(context.Connection, context.Transaction);
        foreach (var bucket in buckets)
        {
            taken.Add(new("""
                insert into proposals.quota_counters as q (branch_id, bucket, window_at, used) values ($1, $2, $3, 1)
                on conflict (branch_id, bucket, window_at) do update set used = q.used + 1 where q.used < $4
                """)
            { Parameters = { new() { Value = branch.Value }, new() { Value = bucket.Key }, new() { Value = window }, new() { Value = bucket.Cap } } });
            batch.BatchCommands.Add(taken[^1]);
            // The window before stays: somebody who began in it may still be counting.
            batch.BatchCommands.Add(new("delete from proposals.quota_counters where branch_id = $1 and bucket = $2 and window_at < $3")
            { Parameters = { new() { Value = branch.Value }, new() { Value = bucket.Key }, new() { Value = window.AddSeconds(-card.WindowSeconds) } } });
        }

        await batch.ExecuteNonQueryAsync(ct);
        return taken.FindIndex(t => t.RecordsAffected != 1) is >= 0 and var full ? buckets[full].Full.With(buckets[full].Cap, new Moment(window.AddSeconds(card.WindowSeconds))) : null;
    }

    /// <summary>How much of some buckets is used, each in its window.</summary>
    public static async Task<IReadOnlyDictionary<(string Key, DateTimeOffset Window), int>> UsedAsync(VaultDb db, IEnumerable<string> buckets, IEnumerable<DateTimeOffset> windows, CancellationToken ct)
    {
        List<string> keys = [.. buckets.Distinct()];
        List<DateTimeOffset> starts = [.. windows.Distinct()];
        return await db.QuotaCounters.AsNoTracking().Where(q => keys.Contains(q.Bucket) && starts.Contains(q.WindowAt)).ToDictionaryAsync(q => (q.Bucket, q.WindowAt), q => q.Used, ct);
    }

    /// <summary>Start of the window an instant is in: windows of one length are the same for everybody.</summary>
    public static DateTimeOffset WindowOf(DateTimeOffset now, int seconds) => DateTimeOffset.FromUnixTimeSeconds(now.ToUnixTimeSeconds() / seconds * seconds);
}
