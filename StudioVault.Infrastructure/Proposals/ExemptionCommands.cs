using System.Globalization;
using System.Text.Json.Nodes;
using Microsoft.EntityFrameworkCore;
using StudioVault.Domain.Kernel;
using StudioVault.Domain.Organization;
using StudioVault.Domain.Proposals;
using StudioVault.Infrastructure.Door;
using StudioVault.Infrastructure.Live;
using StudioVault.Infrastructure.Persistence;

namespace StudioVault.Infrastructure.Proposals;

/// <summary>An exemption with how much of it is used.</summary>
/// <param name="Used">Over all branches.</param>
/// <param name="IsOver">Ended, run out, or used up.</param>
public sealed record ExemptionView(Exemption Exemption, string? BranchName, int Used, bool IsOver);

/// <summary>Waives approvals: HQ grants and ends, everybody can see.</summary>
public sealed class ExemptionCommands(WriteDoor door, CapabilityRegistry registry)
{
    /// <summary>Refused as <see cref="Exemption.Grant"/>, with <c>refuse.capability.unknown</c>, <c>refuse.kernel.not_found</c> for an unknown branch.</summary>
    /// <param name="branch">Null: every branch.</param>
    /// <param name="agent">Null: every agent and every person.</param>
    public Task<Result<ExemptionId>> GrantAsync(Sender from, string capability, BranchId? branch, AgentId? agent, string reason, int days, int mostUses, CancellationToken ct) =>
        door.RunAsync<ExemptionId>(CommandOf("exemption.grant", from, capability), async (context, token) =>
        {
            var db = context.Db;
            if (!registry.TryFind(capability, out _)) return CapabilityRefusals.Unknown.With(capability);
            if (branch is { } b && !await db.Branches.AsNoTracking().AnyAsync(x => x.Id == b, token)) return KernelRefusals.NotFound;
            if (agent is { } a && !await db.Agents.AsNoTracking().AnyAsync(x => x.Id == a, token)) return KernelRefusals.NotFound;
            var band = await (from s in db.Capabilities.AsNoTracking() join c in db.CapabilityCards.AsNoTracking() on new { s.Capability, s.Version } equals new { c.Capability, c.Version } where s.Capability == capability select (Band?)c.Band).SingleOrDefaultAsync(token);
            if (band is null) return CapabilityRefusals.NotEnabled.With(capability);
            var granted = Exemption.Grant(capability, band.Value, branch, agent, reason, days, mostUses, context.Now, context.Caller.PersonId, context.Caller.Chain.Acting.Name);
            if (!granted.TryGet(out var exemption, out var refusal)) return refusal;
            db.Exemptions.Add(exemption);
            context.ObjectId = exemption.Id.ToString();
            context.Audit(new JsonObject
            {
                ["capability"] = capability,
                ["branchId"] = branch?.ToString(),
                ["agentId"] = agent?.ToString(),
                ["reason"] = exemption.Reason,
                ["until"] = exemption.ExpiresAt.UtcDateTime.ToString("O", CultureInfo.InvariantCulture),
                ["mostUses"] = mostUses,
            });
            context.Announce(Topics.CapabilityChanged, null, new JsonObject { ["capability"] = capability });
            return exemption.Id;
        }, ct);

    /// <summary>Ends one before its time. Refused with <c>refuse.exemption.ended</c>, <c>refuse.kernel.reason_required</c>.</summary>
    public Task<Result<Done>> EndAsync(Sender from, ExemptionId id, string reason, CancellationToken ct) =>
        door.RunAsync<Done>(CommandOf("exemption.end", from, id.ToString()), async (context, token) =>
        {
            if (await context.Db.Exemptions.SingleOrDefaultAsync(x => x.Id == id, token) is not { } exemption) return KernelRefusals.NotFound;
            var ended = exemption.End(reason, context.Now);
            if (ended.IsRefused) return ended;
            context.Audit(new JsonObject { ["capability"] = exemption.Capability, ["reason"] = reason.Trim() });
            context.Announce(Topics.CapabilityChanged, null, new JsonObject { ["capability"] = exemption.Capability });
            return Done.It;
        }, ct);

    /// <summary>All there ever were: those in force first.</summary>
    public Task<Result<IReadOnlyList<ExemptionView>>> ListAsync(Sender from, CancellationToken ct) =>
        door.ReadAsync<IReadOnlyList<ExemptionView>>(from, TenantScope.Hq, Access.Hq, async (db, _, token) =>
        {
            var now = await ProposalQueries.NowAsync(db, token);
            var names = await db.Branches.AsNoTracking().ToDictionaryAsync(b => b.Id, b => b.Name, token);
            var used = await db.ExemptionUses.AsNoTracking().GroupBy(u => u.ExemptionId).Select(g => new { g.Key, Count = g.Count() }).ToDictionaryAsync(g => g.Key, g => g.Count, token);
            var all = await db.Exemptions.AsNoTracking().OrderByDescending(x => x.GrantedAt).Take(500).ToListAsync(token);
            return Result.Of<IReadOnlyList<ExemptionView>>([.. all.Select(x =>
            {
                var count = used.GetValueOrDefault(x.Id);
                return new ExemptionView(x, x.BranchId is { } b ? names.GetValueOrDefault(b) : null, count, x.EndedAt is not null || x.ExpiresAt <= now || count >= x.MostUses);
            }).OrderBy(v => v.IsOver)]);
        }, ct);

    private static Command CommandOf(string action, Sender from, string id) => new(action, from, TenantScope.Hq, Access.Hq, "exemption", id);
}
