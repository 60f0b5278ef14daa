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

    /// <summary>Columns the app role may not name in an INSERT: PostgreSQL alone fills them.</summary>
    private static readonly string[] DatabaseFilled = ["at", "ts", "xid"];

    /// <summary>The whole protection as one script; running it twice changes nothing.</summary>
    public static string Sql(IModel model, VaultRoles roles)
    {
        var sql = new StringBuilder(Functions);
        var schemas = model.Tables().Select(t => t.GetSchema() ?? "public").Distinct().Order(StringComparer.Ordinal).ToList();
        foreach (var schema in schemas)
        {
            Line(sql, $"revoke all on schema {schema} from public;");
            Line(sql, $"grant usage on schema {schema} to {roles.App}, {roles.Sequencer}, {roles.Backup};");
            Line(sql, $"revoke all on all tables in schema {schema} from public, {roles.App}, {roles.Sequencer};");
            Line(sql, $"grant select on all tables in schema {schema} to {roles.Backup};");
            Line(sql, $"grant select on all sequences in schema {schema} to {roles.Backup};");
        }

        foreach (var table in model.Tables()) Protect(sql, table, roles);
        Line(sql, $"grant select on audit.entries, live.outbox to {roles.Sequencer};");
        Line(sql, $"grant select on public.migrations to {roles.App};");
        return sql.ToString();
    }

    private static void Protect(StringBuilder sql, IEntityType table, VaultRoles roles)
    {
        var name = table.QualifiedName();
        var plain = table.GetTableName()!;
        Line(sql, $"grant select on {name} to {roles.App};");
        if (table.IsSequencerOnly())
            Line(sql, $"grant select, insert{(table.IsInsertOnly() ? "" : ", update")} on {name} to {roles.Sequencer};");
        else if (table.IsInsertOnly())
            Line(sql, $"grant insert ({string.Join(", ", InsertableColumns(table))}) on {name} to {roles.App};");
        else
            Line(sql, $"grant insert, update, delete on {name} to {roles.App};");

        if (table.IsInsertOnly())
        {
            Line(sql, $"create or replace trigger {plain}_insert_only before update or delete on {name} for each row execute function audit.refuse_change();");
            Line(sql, $"create or replace trigger {plain}_no_truncate before truncate on {name} for each statement execute function audit.refuse_change();");
        }

        if (table.IsGoverned())
            Line(sql, $"create or replace trigger {plain}_audited before insert or update or delete on {name} for each statement execute function audit.require_entry();");

        if (table.PinnedProperties() is { Count: > 0 } pinned)
        {
            var store = StoreObjectIdentifier.Create(table, StoreObjectType.Table)!.Value;
            var columns = string.Join(", ", pinned.Select(p => table.FindProperty(p)!.GetColumnName(store)));
            Line(sql, $"create or replace trigger {plain}_pinned before update of {columns} on {name} for each row execute function audit.refuse_change();");
        }

        if (table.IsTenant()) Isolate(sql, table, plain, name);
        else if (name == "audit.entries") IsolateEntries(sql, roles);
    }

    private static void Isolate(StringBuilder sql, IEntityType table, string plain, string name)
    {
        // Sub-selects make PostgreSQL read the settings once per statement, not once per row.
        const string own = "branch_id = (select nullif(current_setting('app.branch_id', true), '')::uuid)";
        const string hq = "(select current_setting('app.scope', true)) = 'hq'";
        var write = table.IsHqWritten() ? $"{own} or {hq}" : own;
        Line(sql, $"alter table {name} enable row level security;");
        Line(sql, $"alter table {name} force row level security;");
        Policy(sql, $"{plain}_read", name, "for select", $"using ({own} or {hq})");
        Policy(sql, $"{plain}_insert", name, "for insert", $"with check ({write})");
        Policy(sql, $"{plain}_update", name, "for update", $"using ({write}) with check ({write})");
        Policy(sql, $"{plain}_delete", name, "for delete", $"using ({write})");
    }

    /// <summary>
    /// Entries without a branch are HQ's. A branch reads its own; a transaction always sees the entry it wrote itself, which is
    /// what the audit trigger asks for. The sequencer reads all.
    /// </summary>
    private static void IsolateEntries(StringBuilder sql, VaultRoles roles)
    {
        Line(sql, "alter table audit.entries enable row level security;");
        Line(sql, "alter table audit.entries force row level security;");
        Policy(sql, "entries_read", "audit.entries", "for select", "using (" +
            "branch_id = (select nullif(current_setting('app.branch_id', true), '')::uuid) " +
            "or (select current_setting('app.scope', true)) = 'hq' " +
            "or xid = (select pg_current_xact_id_if_assigned()))");
        Policy(sql, "entries_insert", "audit.entries", "for insert", "with check (true)");
        Policy(sql, "entries_sequencer", "audit.entries", $"for select to {roles.Sequencer}", "using (true)");
    }

    private static void Policy(StringBuilder sql, string policy, string table, string target, string rule)
    {
        Line(sql, $"drop policy if exists {policy} on {table};");
        Line(sql, $"create policy {policy} on {table} {target} {rule};");
    }

    private static IEnumerable<string> InsertableColumns(IEntityType table)
    {
        var store = StoreObjectIdentifier.Create(table, StoreObjectType.Table)!.Value;
        return table.GetProperties().Select(p => p.GetColumnName(store)!)
            .Where(c => c != "xmin" && !(DatabaseFilled.Contains(c) && HasDefault(table, store, c)));
    }

    private static bool HasDefault(IEntityType table, StoreObjectIdentifier store, string column) =>
        table.GetProperties().Any(p => p.GetColumnName(store) == column && p.GetDefaultValueSql() is not null);

    private static void Line(StringBuilder sql, string line) => sql.Append(CultureInfo.InvariantCulture, $"{line}\n");

    private const string Functions = """
        create or replace function audit.refuse_change() returns trigger language plpgsql as $f$
        begin
          raise exception '% is insert-only', tg_table_name using errcode = 'SV001';
        end $f$;
        create or replace function audit.require_entry() returns trigger language plpgsql as $f$
        begin
          -- "at" beside the transaction id: after a restore into a new cluster old entries may carry the same id.
          if not exists (select from audit.entries where xid = pg_current_xact_id() and at >= transaction_timestamp()) then
            raise exception 'no audit entry before a change of %', tg_table_name using errcode = 'SV002';
          end if;
          return null;
        end $f$;

        """;
}
