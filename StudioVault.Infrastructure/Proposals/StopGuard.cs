using Microsoft.EntityFrameworkCore;
using Npgsql;
using StudioVault.Domain.Kernel;
using StudioVault.Domain.Proposals;
using StudioVault.Infrastructure.Door;
using StudioVault.Infrastructure.Persistence;

namespace StudioVault.Infrastructure.Proposals;

/// <summary>
/// The lock every execution shares and every stop takes alone (APP-7): when a stop has been committed, nothing it covers commits
/// any more, and nothing was on its way.
/// </summary>
internal static class StopGuard
{
    private const long Key = 7_310_440;

    /// <summary>For an execution, before it writes anything: the stops in force are those of this moment until it has committed.</summary>
    public static Task ShareAsync(WriteContext context, CancellationToken ct) =>
        RunAsync(context, $"set local lock_timeout = '14s'; select pg_advisory_xact_lock_shared({Key}); set local lock_timeout to default", ct);

    /// <summary>
    /// For a stop, before it writes anything: waits for the executions under way and lets none begin. It waits longer than anything
    /// else may: an execution that hangs loses its transaction after thirty seconds, and then the stop holds.
    /// </summary>
    public static Task TakeAsync(WriteContext context, CancellationToken ct) =>
        RunAsync(context, $"set local lock_timeout = 0; set local statement_timeout = '50s'; select pg_advisory_xact_lock({Key}); set local statement_timeout to default", ct, 55);

    /// <summary>The stop that covers a proposal, or null.</summary>
    public static Task<Stop?> CoveringAsync(VaultDb db, CapabilityRegistry registry, Proposal proposal, CancellationToken ct) => CoveringAsync(db, Aim.Of(registry, proposal), ct);

    /// <summary>The stop that covers something, or null.</summary>
    public static async Task<Stop?> CoveringAsync(VaultDb db, Aim aim, CancellationToken ct) =>
        (await db.Stops.AsNoTracking().Where(s => s.LiftedAt == null).ToListAsync(ct)).Find(aim.IsCoveredBy);

    /// <summary>What every execution passes before it writes: no stop covers it, and this node may execute.</summary>
    public static async Task<Refusal?> MayRunAsync(WriteContext context, Aim aim, string node, long fence, CancellationToken ct)
    {
        await ShareAsync(context, ct);
        if (await CoveringAsync(context.Db, aim, ct) is { } stop) return CapabilityRefusals.Killed.With(Said(stop));
        return await LeaseAsync(context, node, fence, ct);
    }

    /// <summary>What a stop may cover.</summary>
    /// <param name="Agents">Every agent of the chain.</param>
    /// <param name="HoldsBack">As <see cref="CapabilityDefinition.HoldsBack"/>.</param>
    public sealed record Aim(string Area, string Capability, BranchId Branch, IReadOnlyList<AgentId> Agents, bool HoldsBack)
    {
        public static Aim Of(CapabilityRegistry registry, Proposal p) => new(p.Area, p.Capability, p.BranchId, Proposal.AgentsOf(p.Chain), registry.HoldsBack(p.Capability));

        public bool IsCoveredBy(Stop stop) => stop.Covers(Area, Capability, Branch, Agents, HoldsBack);
    }

    /// <summary>Null while this node may execute: its lease is fresh and nobody else has had it since.</summary>
    /// <param name="fence">The fencing token it began with.</param>
    public static async Task<Refusal?> LeaseAsync(WriteContext context, string node, long fence, CancellationToken ct)
    {
        await using var command = new NpgsqlCommand("select 1 from proposals.executor_leases where node = $1 and fence = $2 and until > clock_timestamp()", context.Connection, context.Transaction)
        { Parameters = { new() { Value = node }, new() { Value = fence } } };
        if (await command.ExecuteScalarAsync(ct) is not null) return null;
        return CapabilityRefusals.NoLease;
    }

    /// <summary>"Helena stopped everything at 14:02 (“Wrong prices”)".</summary>
    public static Moment Said(Stop stop) => new(stop.ThrownAt, $"{stop.ThrownByName} stopped {stop.Words} at ", $" (“{stop.Reason}”)");

    private static async Task RunAsync(WriteContext context, string sql, CancellationToken ct, int seconds = 30)
    {
        await using var command = new NpgsqlCommand(sql, context.Connection, context.Transaction) { CommandTimeout = seconds };
        await command.ExecuteNonQueryAsync(ct);
    }
}
