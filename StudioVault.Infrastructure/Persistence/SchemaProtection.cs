using System.Globalization;
using System.Text;
using Microsoft.EntityFrameworkCore;
using Microsoft.EntityFrameworkCore.Metadata;

namespace StudioVault.Infrastructure.Persistence;

/// <summary>
/// What PostgreSQL itself holds, whatever the application does: grants, insert-only triggers, "no audit, no commit", and
/// row-level security. Derived from the model and applied again after every migration, so that a new table cannot be forgotten.
/// </summary>
public static class SchemaProtection
{
    /// <summary>SQLSTATE raised when an insert-only row is touched.</summary>
    public const string InsertOnlyState = "SV001";

    /// <summary>SQLSTATE raised when a governed table is changed before its audit entry was written.</summary>
    public const string NoAuditState = "SV002";

    /// <summary>SQLSTATE raised when a conditional change did not find the one row it means.</summary>
    public const string StaleState = "SV003";

    internal const string RefuseChange = "audit.refuse_change";
    internal const string RequireEntry = "audit.require_entry";
    internal const string RequireNamed = "audit.require_named";

    internal const string ExpectOne = "audit.expect_one";

    /// <summary>The functions and their bodies, character by character. All are triggers but <see cref="ExpectOne"/>.</summary>
    internal static readonly IReadOnlyDictionary<string, string> Functions = new Dictionary<string, string>
    {
        [RefuseChange] = """

            begin
              raise exception '% is insert-only', tg_table_name using errcode = 'SV001';
            end
            """,
        [RequireEntry] = """

            begin
              -- "at" beside the transaction id: after a restore into a new cluster old entries may carry the same id.
              if not exists (select from audit.entries where xid = pg_current_xact_id() and at >= transaction_timestamp()) then
                raise exception 'no audit entry before a change of %', tg_table_name using errcode = 'SV002';
              end if;
              return null;
            end
            """,
        [RequireNamed] = """

            declare
              lost boolean;
            begin
              execute format('select exists (select from added a where not exists (select from %s p where %s))', tg_argv[0], tg_argv[1]) into lost;
              if lost then
                raise exception 'a row of % names one that is not in %', tg_table_name, tg_argv[0] using errcode = 'foreign_key_violation';
              end if;
              return null;
            end
            """,
        [ExpectOne] = """

            begin
              if n <> 1 then
                raise exception 'a change found % rows', n using errcode = 'SV003';
              end if;
            end
            """,
    };

    /// <summary>The whole protection as one script; running it twice changes nothing.</summary>
    public static string Sql(IModel model, VaultRoles roles)
    {
        var sql = new StringBuilder();
        foreach (var (name, body) in Functions) Line(sql, $"create or replace function {name}{(name == ExpectOne ? "(n bigint) returns void" : "() returns trigger")} language plpgsql as $f${body}$f$;");
        foreach (var schema in model.Tables().Select(t => t.GetSchema() ?? "public").Distinct().Order(StringComparer.Ordinal))
        {
            Line(sql, $"revoke all on schema {schema} from public;");
            Line(sql, $"grant usage on schema {schema} to {roles.App}, {roles.Sequencer}, {roles.Backup};");
            Line(sql, $"revoke all on all tables in schema {schema} from public, {roles.App}, {roles.Sequencer}, {roles.Backup};");
            Line(sql, $"grant select on all sequences in schema {schema} to {roles.Backup};");
        }

        foreach (var table in model.Tables()) Protect(sql, TableProtection.Of(table, roles));
        Line(sql, $"grant select on public.migrations to {roles.App}, {roles.Backup};");
        return sql.ToString();
    }

    private static void Protect(StringBuilder sql, TableProtection table)
    {
        foreach (var grants in table.Grants.GroupBy(g => (g.Role, g.Privilege, IsColumn: g.Column is not null)))
        {
            var columns = grants.Key.IsColumn ? $" ({string.Join(", ", grants.Select(g => g.Column))})" : "";
            Line(sql, $"grant {grants.Key.Privilege}{columns} on {table.Table} to {grants.Key.Role};");
        }

        foreach (var trigger in table.Triggers)
        {
            var events = string.Join(" or ", trigger.Events);
            var columns = trigger.Columns.Count == 0 ? "" : " of " + string.Join(", ", trigger.Columns);
            var (when, sees) = trigger.Arguments.Count == 0 ? ("before", "") : ("after", " referencing new table as added");
            var arguments = string.Join(", ", trigger.Arguments.Select(a => $"'{a}'"));
            Line(sql, $"create or replace trigger {trigger.Name} {when} {events}{columns} on {table.Table}{sees} for each statement execute function {trigger.Function}({arguments});");
        }

        // Permissive policies add up: one that is not ours would open the table.
        Line(sql, $"""
            do $d$ declare p record; begin
              for p in select polname from pg_policy where polrelid = '{table.Table}'::regclass loop execute format('drop policy %I on {table.Table}', p.polname); end loop;
            end $d$;
            """);
        if (!table.IsIsolated) return;
        Line(sql, $"alter table {table.Table} enable row level security;");
        Line(sql, $"alter table {table.Table} force row level security;");
        foreach (var policy in table.Policies)
        {
            var role = policy.Role is null ? "" : $" to {policy.Role}";
            var rule = (policy.Using is null ? "" : $" using ({policy.Using})") + (policy.Check is null ? "" : $" with check ({policy.Check})");
            Line(sql, $"create policy {policy.Name} on {table.Table} for {policy.Verb}{role}{rule};");
        }
    }

    private static void Line(StringBuilder sql, string line) => sql.Append(CultureInfo.InvariantCulture, $"{line}\n");
}
