using System.Data.Common;
using System.Globalization;
using Npgsql;
using StudioVault.Domain.Kernel;
using StudioVault.Domain.Organization;

namespace StudioVault.Infrastructure.Organization;

/// <summary>
/// Reads chains of delegations with everything that decides whether they count. Asked in no scope: in a branch's, the owner of an
/// agent may be a stranger.
/// </summary>
internal static class ChainReader
{
    /// <summary>One link more than a chain may have, so that a longer one is seen to be too long.</summary>
    private static readonly string Deepest = (DelegationChain.MostBehind + 1).ToString(CultureInfo.InvariantCulture);

    /// <summary>Columns of a link and its giver, from <c>links l</c>.</summary>
    private const string LinkColumns = """
        l.leaf, l.depth, l.id, l.branch_id, l.capabilities, l.starts_at, l.expires_at, l.revoked_at, l.parent_id,
        fp.id, fp.name, fp.is_disabled, fm.role, coalesce(fp.human_id, fp.id),
        fa.id, fa.name, fa.is_disabled, fo.is_disabled, coalesce(fo.human_id, fo.id)
        """;

    private const string LinkJoins = """
        left join organization.people fp on fp.id = l.from_person_id
        left join organization.memberships fm on fm.person_id = l.from_person_id and fm.branch_id = l.branch_id
        left join organization.agents fa on fa.id = l.from_agent_id
        left join organization.people fo on fo.id = fa.owner_id
        """;

    /// <summary>The recursive part: every link above those the first part begins with.</summary>
    private static string Above(string given) => $"""
        links as (
          select d.id as leaf, 1 as depth, d.* from organization.delegations d, asked where {given}
          union all
          select l.leaf, l.depth + 1, p.* from links l join organization.delegations p on p.branch_id = l.branch_id and p.id = l.parent_id where l.depth < {Deepest}
        )
        """;

    /// <summary>
    /// An agent with the chains of all it was given: one row a link, and one without a link when it was given nothing. What ended
    /// more than a month ago is not even told as lost.
    /// $1 the key, $2 the agent (one of them null).
    /// </summary>
    public static readonly string AgentSql = $"""
        with recursive asked as (
          select k.id as key_id, k.secret_sha256, k.expires_at, k.revoked_at, k.capabilities, k.branches, a.id as agent_id, a.slug, a.name, a.is_disabled, a.owner_id
          from (select 1) one left join organization.agent_keys k on k.id = $1 join organization.agents a on a.id = coalesce(k.agent_id, $2)
        ), {Above("d.to_agent_id = asked.agent_id and d.expires_at > clock_timestamp() - interval '30 days'")}
        select clock_timestamp(), a.key_id, a.secret_sha256, a.expires_at, a.revoked_at, a.capabilities, a.branches, a.agent_id, a.slug, a.name, a.is_disabled, a.owner_id,
          o.is_disabled, coalesce(o.human_id, o.id), {LinkColumns}
        from asked a left join organization.people o on o.id = a.owner_id left join links l on true {LinkJoins}
        order by l.leaf, l.depth
        """;

    public const int AgentColumns = 14;

    /// <summary>Chains by their nearest delegation. $1 the branch, $2 the ids; or $3 the person they were given to.</summary>
    public static readonly string ChainsSql = $"""
        with recursive asked as (select 1), {Above("d.branch_id = $1 and (d.id = any($2) or d.to_person_id = $3)")}
        select clock_timestamp(), tp.id, tp.name, tp.is_disabled, tm.role, coalesce(tp.human_id, tp.id), ta.id, ta.name, ta.is_disabled, tow.is_disabled, coalesce(tow.human_id, tow.id), {LinkColumns}
        from links l {LinkJoins}
        join organization.delegations leaf on leaf.branch_id = l.branch_id and leaf.id = l.leaf
        left join organization.people tp on tp.id = leaf.to_person_id
        left join organization.memberships tm on tm.person_id = leaf.to_person_id and tm.branch_id = leaf.branch_id
        left join organization.agents ta on ta.id = leaf.to_agent_id
        left join organization.people tow on tow.id = ta.owner_id
        order by l.leaf, l.depth
        """;

    public const int ChainsColumns = 11;

    /// <summary>A link from the columns that begin at <paramref name="at"/>, with the delegation its chain begins with; null when there is none.</summary>
    public static (Guid Leaf, ChainLink Link)? Link(NpgsqlDataReader r, int at)
    {
        if (r.IsDBNull(at)) return null;
        return (r.GetGuid(at), new ChainLink(new(r.GetGuid(at + 2)), new(r.GetGuid(at + 3)), Giver(r, at + 9), r.IsDBNull(at + 4) ? null : r.GetFieldValue<string[]>(at + 4),
            r.GetFieldValue<DateTimeOffset>(at + 5), r.GetFieldValue<DateTimeOffset>(at + 6), r.IsDBNull(at + 7) ? null : r.GetFieldValue<DateTimeOffset>(at + 7), r.IsDBNull(at + 8) ? null : new(r.GetGuid(at + 8))));
    }

    /// <summary>A person (id, name, off, role, human) or an agent (id, name, off, owner off, owner's human) from ten columns.</summary>
    public static ChainActor Giver(DbDataReader r, int at) => r.IsDBNull(at)
        ? new ChainActor(r.IsDBNull(at + 5) ? default : Party.Of(new AgentId(r.GetGuid(at + 5))), r.IsDBNull(at + 6) ? "" : r.GetString(at + 6),
            !r.IsDBNull(at + 7) && !r.GetBoolean(at + 7) && !r.IsDBNull(at + 8) && !r.GetBoolean(at + 8), null, r.IsDBNull(at + 9) ? null : new(r.GetGuid(at + 9)))
        : new ChainActor(Party.Of(new PersonId(r.GetGuid(at))), r.GetString(at + 1), !r.GetBoolean(at + 2), r.IsDBNull(at + 3) ? null : Enum.Parse<Role>(r.GetString(at + 3)), new(r.GetGuid(at + 4)));
}
