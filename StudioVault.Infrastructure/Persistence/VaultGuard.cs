using Microsoft.EntityFrameworkCore;
using Microsoft.EntityFrameworkCore.Metadata;
using Npgsql;
using StudioVault.Infrastructure.Scheduling;

namespace StudioVault.Infrastructure.Persistence;

/// <summary>
/// Looks at the database through the app's own connection before the first request and names everything that would make a
/// promise of StudioVault untrue (TEN-1, TEN-2, SEC-4, seed 002's durability). One finding and the app does not start.
/// </summary>
public static class VaultGuard
{
    /// <returns>One sentence per finding; empty when the app may start.</returns>
    public static async Task<IReadOnlyList<string>> FindingsAsync(NpgsqlDataSource app, IModel model, CancellationToken ct)
    {
        var findings = new List<string>();
        if (new NpgsqlConnectionStringBuilder(app.ConnectionString).NoResetOnClose)
            findings.Add("The connection string sets 'No Reset On Close': one branch's scope would leak to the next lessee of the connection.");

        await using var connection = await app.OpenConnectionAsync(ct);
        await CheckRoleAsync(connection, findings, ct);
        await CheckDurabilityAsync(connection, findings, ct);
        await CheckTablesAsync(connection, model, findings, ct);
        return findings;
    }

    private static async Task CheckRoleAsync(NpgsqlConnection connection, List<string> findings, CancellationToken ct)
    {
        await using var command = new NpgsqlCommand("""
            select r.rolsuper, r.rolbypassrls, r.rolcreaterole, r.rolcreatedb,
              exists (select from pg_class c join pg_namespace n on n.oid = c.relnamespace
                      where c.relowner = r.oid and n.nspname not like 'pg\_%' and n.nspname <> 'information_schema'),
              exists (select from pg_namespace n where n.nspname not like 'pg\_%' and n.nspname <> 'information_schema'
                      and has_schema_privilege(r.oid, n.oid, 'create')),
              exists (select from pg_auth_members m where m.member = r.oid)
            from pg_roles r where r.rolname = session_user
            """, connection);
        await using var reader = await command.ExecuteReaderAsync(ct);
        await reader.ReadAsync(ct);
        string[] too =
        [
            "is a superuser", "bypasses row-level security", "may create roles", "may create databases",
            "owns tables", "may create tables", "is a member of another role",
        ];
        for (var i = 0; i < too.Length; i++)
            if (reader.GetBoolean(i)) findings.Add($"The role the app logs in as {too[i]}; it must not.");
    }

    private static async Task CheckDurabilityAsync(NpgsqlConnection connection, List<string> findings, CancellationToken ct)
    {
        await using var command = new NpgsqlCommand(
            "select name, setting from pg_settings where name in ('fsync', 'synchronous_commit', 'full_page_writes') order by name", connection);
        await using var reader = await command.ExecuteReaderAsync(ct);
        while (await reader.ReadAsync(ct))
            if (reader.GetString(1) == "off")
                findings.Add($"PostgreSQL runs with {reader.GetString(0)} = off: an acknowledged decision could be lost. Turn it on.");
    }

    private static async Task CheckTablesAsync(NpgsqlConnection connection, IModel model, List<string> findings, CancellationToken ct)
    {
        var found = new Dictionary<string, (bool Rls, bool Force, string[] Triggers)>();
        await using (var command = new NpgsqlCommand("""
            select n.nspname || '.' || c.relname, c.relrowsecurity, c.relforcerowsecurity,
              coalesce((select array_agg(t.tgname::text) from pg_trigger t where t.tgrelid = c.oid and not t.tgisinternal and t.tgenabled in ('O', 'A')), '{}')
            from pg_class c join pg_namespace n on n.oid = c.relnamespace where c.relkind in ('r', 'p')
            """, connection))
        {
            await using var reader = await command.ExecuteReaderAsync(ct);
            while (await reader.ReadAsync(ct))
                found[reader.GetString(0)] = (reader.GetBoolean(1), reader.GetBoolean(2), reader.GetFieldValue<string[]>(3));
        }

        findings.AddRange(SchedulerSchema.Tables().Where(t => !found.ContainsKey(t)).Select(t => $"Table {t} is missing: run the 'migrate' verb."));
        foreach (var table in model.Tables())
        {
            var name = table.QualifiedName();
            var plain = table.GetTableName()!;
            if (!found.TryGetValue(name, out var state))
            {
                findings.Add($"Table {name} is missing: run the 'migrate' verb.");
                continue;
            }

            if ((table.IsTenant() || name == "audit.entries") && !(state.Rls && state.Force))
                findings.Add($"Table {name} lacks forced row-level security.");
            if (table.IsInsertOnly() && !(state.Triggers.Contains($"{plain}_insert_only") && state.Triggers.Contains($"{plain}_no_truncate")))
                findings.Add($"Table {name} is not insert-only any more: its triggers are gone or disabled.");
            if (table.IsGoverned() && !state.Triggers.Contains($"{plain}_audited"))
                findings.Add($"Table {name} can be changed without an audit entry: its trigger is gone or disabled.");
        }
    }
}
