using Microsoft.EntityFrameworkCore.Storage;
using Npgsql;
using StudioVault.Domain.Kernel;
using StudioVault.Domain.Organization;
using StudioVault.Infrastructure.Persistence;

namespace StudioVault.Infrastructure.Organization;

/// <summary>Chains of delegations, asked inside a running transaction: whether a stored one still holds, and for whom somebody may stand in.</summary>
public static class Delegations
{
    /// <summary>
    /// Whether whoever proposed may still have it done (features row 5.18, asked again at execution). Null when they may; else
    /// <c>refuse.delegation.revoked</c>, <c>expired</c>, <c>person_gone</c>, <c>agent_gone</c>, <c>scope</c>, <c>broken</c> or <c>none</c>.
    /// </summary>
    /// <param name="acting">Whoever sent the proposal.</param>
    /// <param name="delegations">The stored chain, nearest first; empty for a person who acted for themselves.</param>
    /// <param name="now">Database clock.</param>
    public static async Task<Refusal?> CheckAsync(VaultDb db, BranchId branch, Actor acting, IReadOnlyList<DelegationId> delegations, string capability, DateTimeOffset now, CancellationToken ct)
    {
        if (acting.Kind == ActorKind.System) return null;
        if (delegations.Count == 0)
        {
            if (acting.Kind != ActorKind.Staff) return DelegationRefusals.None;
            var person = await PersonAsync(db, branch, new PersonId(Guid.Parse(acting.Id)), ct);
            if (person is { IsActive: true, Role: not null }) return null;
            return DelegationRefusals.PersonGone.With(person?.Name ?? acting.Name);
        }

        var chains = await ChainsAsync(db, branch, [delegations[0]], null, ct);
        if (chains.Count == 0 || !chains[0].Links.Select(l => l.Id).SequenceEqual(delegations) || chains[0].Acting.ToActor().Id != acting.Id) return DelegationRefusals.Broken;
        var grant = DelegationChain.Resolve(chains[0].Acting, chains[0].Links, now);
        if (grant.IsRefused) return grant.Refusal;
        if (grant.Value.Covers(capability)) return null;
        return DelegationRefusals.OutOfScope.With(capability);
    }

    /// <summary>
    /// For whom the person may stand in in the branch now: each grant's root is somebody they may act for, with that person's role.
    /// Its <see cref="Grant.Humans"/> hold the stand-in too.
    /// </summary>
    public static async Task<IReadOnlyList<Grant>> StandInsAsync(VaultDb db, BranchId branch, PersonId person, DateTimeOffset now, CancellationToken ct)
    {
        var chains = await ChainsAsync(db, branch, [], person, ct);
        return [.. chains.Select(c => DelegationChain.Resolve(c.Acting, c.Links, now)).Where(g => !g.IsRefused).Select(g => g.Value)];
    }

    /// <summary>The chain that ends with a delegation, alive or not; null when there is none in the branch.</summary>
    internal static async Task<(ChainActor Acting, IReadOnlyList<ChainLink> Links)?> ChainAsync(VaultDb db, BranchId branch, DelegationId id, CancellationToken ct) =>
        (await ChainsAsync(db, branch, [id], null, ct)) is [var chain] ? chain : null;

    /// <summary>A person as an actor of the branch; null when there is no such account.</summary>
    internal static Task<ChainActor?> PersonAsync(VaultDb db, BranchId branch, PersonId person, CancellationToken ct) => ActorAsync(db, """
        select p.id, p.name, p.is_disabled, m.role, coalesce(p.human_id, p.id), null::uuid, null::text, null::bool, null::bool, null::uuid
        from organization.people p left join organization.memberships m on m.person_id = p.id and m.branch_id = $1 where p.id = $2
        """, branch, person.Value, ct);

    /// <summary>An agent as an actor; null when there is none.</summary>
    internal static Task<ChainActor?> AgentAsync(VaultDb db, BranchId branch, AgentId agent, CancellationToken ct) => ActorAsync(db, """
        select null::uuid, null::text, null::bool, null::text, null::uuid, a.id, a.name, a.is_disabled, o.is_disabled, coalesce(o.human_id, o.id)
        from organization.agents a left join organization.people o on o.id = a.owner_id where $1::uuid is not null and a.id = $2
        """, branch, agent.Value, ct);

    private static Task<ChainActor?> ActorAsync(VaultDb db, string sql, BranchId branch, Guid id, CancellationToken ct) =>
        InNoScopeAsync(db, new NpgsqlBatchCommand(sql) { Parameters = { new() { Value = branch.Value }, new() { Value = id } } }, async reader => await reader.ReadAsync(ct) ? ChainReader.Giver(reader, 0) : null, ct);

    private static Task<List<(ChainActor Acting, IReadOnlyList<ChainLink> Links)>> ChainsAsync(VaultDb db, BranchId branch, IEnumerable<DelegationId> ids, PersonId? person, CancellationToken ct)
    {
        var command = new NpgsqlBatchCommand(ChainReader.ChainsSql)
        {
            Parameters = { new() { Value = branch.Value }, new() { Value = ids.Select(i => i.Value).ToArray() }, new NpgsqlParameter<Guid?> { TypedValue = person?.Value } },
        };
        return InNoScopeAsync(db, command, async reader =>
        {
            var rows = new List<(ChainActor Acting, Guid Leaf, ChainLink Link)>();
            while (await reader.ReadAsync(ct))
                if (ChainReader.Link(reader, ChainReader.ChainsColumns) is { } link) rows.Add((ChainReader.Giver(reader, 1), link.Leaf, link.Link));
            return rows.GroupBy(r => r.Leaf).Select(g => (g.First().Acting, (IReadOnlyList<ChainLink>)[.. g.Select(r => r.Link)])).ToList();
        }, ct);
    }

    /// <summary>Asks in no scope and goes back to the transaction's own: an agent's owner may be of another branch.</summary>
    internal static Task<T> InNoScopeAsync<T>(VaultDb db, NpgsqlBatchCommand command, Func<NpgsqlDataReader, Task<T>> read, CancellationToken ct) => InScopeAsync(db, TenantScope.None, command, read, ct);

    /// <summary>Asks in another scope and goes back to the transaction's own.</summary>
    internal static async Task<T> InScopeAsync<T>(VaultDb db, TenantScope scope, NpgsqlBatchCommand command, Func<NpgsqlDataReader, Task<T>> read, CancellationToken ct)
    {
        var transaction = db.Database.CurrentTransaction?.GetDbTransaction() as NpgsqlTransaction ?? throw new InvalidOperationException("This is asked inside a transaction only.");
        await using var batch = new NpgsqlBatch(transaction.Connection!, transaction)
        {
            BatchCommands = { VaultDbs.ScopeOfTransaction(scope), command, VaultDbs.ScopeOfTransaction(db.Scope) },
        };
        await using var reader = await batch.ExecuteReaderAsync(ct);
        await reader.NextResultAsync(ct);
        return await read(reader);
    }
}
