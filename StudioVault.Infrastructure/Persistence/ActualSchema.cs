using Npgsql;

namespace StudioVault.Infrastructure.Persistence;

/// <summary>A policy as it is.</summary>
internal sealed record ActualPolicy(TablePolicy Policy, bool IsPermissive);

/// <summary>A trigger as it is.</summary>
/// <param name="Kind">PostgreSQL's <c>tgtype</c>: row or statement, before or after, events.</param>
/// <param name="Columns">Names in order, joined by commas; empty = all.</param>
/// <param name="HasCondition">Has a WHEN clause; ours have none.</param>
internal sealed record ActualTrigger(int Kind, string Function, string Columns, bool HasCondition, bool IsEnabled, string Told)
{
    private const int Before = 2;
    private static readonly Dictionary<string, int> Events = new() { ["INSERT"] = 4, ["DELETE"] = 8, ["UPDATE"] = 16, ["TRUNCATE"] = 32 };

    /// <summary>The way a trigger of ours looks when it is well.</summary>
    public static ActualTrigger Of(TableTrigger trigger) => new((trigger.Arguments.Count == 0 ? Before : 0) + trigger.Events.Sum(e => Events[e]), trigger.Function,
        string.Join(',', trigger.Columns.Order(StringComparer.Ordinal)), false, true, trigger.Arguments.Count == 0 ? "" : "added|" + string.Concat(trigger.Arguments.Select(a => a + "|")));
}

/// <summary>A table as it is.</summary>
internal sealed class ActualTable
{
    public bool IsSecured { get; init; }
    public bool IsForced { get; init; }
    public List<ActualPolicy> Policies { get; } = [];
    public Dictionary<string, ActualTrigger> Triggers { get; } = [];

    /// <summary>What the roles asked for, and everybody, may do here.</summary>
    public HashSet<TableGrant> Grants { get; } = [];
}

/// <summary>What PostgreSQL's catalogues say, readable by any role.</summary>
internal sealed class ActualSchema
{
    /// <summary>PostgreSQL's "public" among the roles.</summary>
    public const string Public = "public";

    private const string Ours = @"n.nspname not like 'pg\_%' and n.nspname <> 'information_schema'";
    private const string OfNoExtension = "not exists (select from pg_depend e where e.objid = o.oid and e.deptype = 'e')";

    /// <summary>By "schema.table".</summary>
    public Dictionary<string, ActualTable> Tables { get; } = [];

    /// <summary>Bodies of the trigger functions that run with the caller's rights and settings, by "schema.name".</summary>
    public Dictionary<string, string> Functions { get; } = [];

    /// <summary>Ways around row-level security, by the object that opens them: a view or function with its owner's rights, a table without it.</summary>
    public List<(string Name, string Sentence)> Holes { get; } = [];

    public static async Task<ActualSchema> ReadAsync(NpgsqlConnection connection, string[] roles, CancellationToken ct)
    {
        var schema = new ActualSchema();
        await using var batch = new NpgsqlBatch(connection)
        {
            BatchCommands =
            {
                new($"""
                    select n.nspname || '.' || c.relname, c.relrowsecurity, c.relforcerowsecurity
                    from pg_class c join pg_namespace n on n.oid = c.relnamespace where c.relkind in ('r', 'p') and {Ours}
                    """),
                new("""
                    select schemaname || '.' || tablename, policyname, cmd, case when roles = '{public}' then null else array_to_string(roles, ',') end, qual, with_check, permissive = 'PERMISSIVE'
                    from pg_policies
                    """),
                new($"""
                    select n.nspname || '.' || c.relname, t.tgname, t.tgtype::int, pn.nspname || '.' || p.proname,
                      coalesce((select string_agg(a.attname, ',' order by a.attname collate "C") from pg_attribute a where a.attrelid = c.oid and a.attnum = any(t.tgattr::int2[])), ''),
                      t.tgqual is not null, t.tgenabled in ('O', 'A'),
                      coalesce(t.tgoldtable || '|', '') || coalesce(t.tgnewtable || '|', '') || replace(encode(t.tgargs, 'escape'), '\000', '|')
                    from pg_trigger t join pg_class c on c.oid = t.tgrelid join pg_namespace n on n.oid = c.relnamespace
                      join pg_proc p on p.oid = t.tgfoid join pg_namespace pn on pn.oid = p.pronamespace
                    where not t.tgisinternal and {Ours}
                    """),
                new($"""
                    select n.nspname || '.' || c.relname, coalesce(r.rolname, '{Public}'), g.privilege_type, g.column_name
                    from pg_class c join pg_namespace n on n.oid = c.relnamespace
                      cross join lateral (
                        select a.grantee, a.privilege_type, null::text as column_name from aclexplode(c.relacl) a
                        union all
                        select a.grantee, a.privilege_type, at.attname::text from pg_attribute at cross join lateral aclexplode(at.attacl) a where at.attrelid = c.oid) g
                      left join pg_roles r on r.oid = g.grantee
                    where c.relkind in ('r', 'p') and {Ours} and g.grantee <> c.relowner and (g.grantee = 0 or r.rolname = any($1))
                    """)
                { Parameters = { new() { Value = roles } } },
                new($"""
                    select n.nspname || '.' || p.proname, p.prosrc from pg_proc p join pg_namespace n on n.oid = p.pronamespace join pg_language l on l.oid = p.prolang
                    where {Ours} and (p.pronargs = 0 and p.prorettype = 'trigger'::regtype or p.proargtypes = '20'::oidvector and p.prorettype = 'void'::regtype) and l.lanname = 'plpgsql' and not p.prosecdef and p.proconfig is null
                    """),
                new($"""
                    select n.nspname || '.' || o.relname, 'View % reads with its owner''s rights and the app may read it: make it a security_invoker view.'
                    from pg_class o join pg_namespace n on n.oid = o.relnamespace
                    where o.relkind in ('v', 'm') and {Ours} and {OfNoExtension} and has_any_column_privilege(session_user, o.oid, 'select')
                      and (o.relkind = 'm' or not coalesce((select x.option_value::bool from pg_options_to_table(o.reloptions) x where x.option_name = 'security_invoker'), false))
                    union all
                    select n.nspname || '.' || o.proname, 'Function % runs with its owner''s rights and the app may call it: make it security invoker.'
                    from pg_proc o join pg_namespace n on n.oid = o.pronamespace
                    where o.prosecdef and {Ours} and {OfNoExtension} and has_function_privilege(session_user, o.oid, 'execute')
                    union all
                    select n.nspname || '.' || o.relname, 'Table % has rows of branches, the app may read it, and it lacks forced row-level security.'
                    from pg_class o join pg_namespace n on n.oid = o.relnamespace
                    where o.relkind in ('r', 'p', 'f') and {Ours} and has_any_column_privilege(session_user, o.oid, 'select') and not (o.relrowsecurity and o.relforcerowsecurity)
                      and exists (select from pg_attribute a where a.attrelid = o.oid and a.attname in ('branch_id', 'space_id') and not a.attisdropped)
                    order by 1
                    """),
            },
        };
        await using var reader = await batch.ExecuteReaderAsync(ct);
        while (await reader.ReadAsync(ct))
            schema.Tables[reader.GetString(0)] = new ActualTable { IsSecured = reader.GetBoolean(1), IsForced = reader.GetBoolean(2) };
        await reader.NextResultAsync(ct);
        while (await reader.ReadAsync(ct))
        {
            if (schema.Tables.GetValueOrDefault(reader.GetString(0)) is { } table)
                table.Policies.Add(new ActualPolicy(new TablePolicy(reader.GetString(1), reader.GetString(2), Text(reader, 3), Text(reader, 4), Text(reader, 5)), reader.GetBoolean(6)));
        }

        await reader.NextResultAsync(ct);
        while (await reader.ReadAsync(ct))
        {
            if (schema.Tables.GetValueOrDefault(reader.GetString(0)) is { } table)
                table.Triggers[reader.GetString(1)] = new ActualTrigger(reader.GetInt32(2), reader.GetString(3), reader.GetString(4), reader.GetBoolean(5), reader.GetBoolean(6), reader.GetString(7));
        }

        await reader.NextResultAsync(ct);
        while (await reader.ReadAsync(ct)) schema.Tables[reader.GetString(0)].Grants.Add(new TableGrant(reader.GetString(1), reader.GetString(2), Text(reader, 3)));
        await reader.NextResultAsync(ct);
        while (await reader.ReadAsync(ct)) schema.Functions[reader.GetString(0)] = reader.GetString(1);
        await reader.NextResultAsync(ct);
        while (await reader.ReadAsync(ct)) schema.Holes.Add((reader.GetString(0), reader.GetString(1).Replace("%", reader.GetString(0), StringComparison.Ordinal)));
        return schema;
    }

    private static string? Text(NpgsqlDataReader reader, int column) => reader.IsDBNull(column) ? null : reader.GetString(column);
}
