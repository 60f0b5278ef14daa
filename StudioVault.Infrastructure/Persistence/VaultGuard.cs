using System.Text.RegularExpressions;
using Microsoft.EntityFrameworkCore;
using Microsoft.EntityFrameworkCore.Infrastructure;
using Microsoft.EntityFrameworkCore.Metadata;
using Npgsql;
using StudioVault.Infrastructure.Scheduling;

namespace StudioVault.Infrastructure.Persistence;

/// <summary>
/// Looks at the database through the app's own connection before the first request and names everything that would make a
/// promise of StudioVault untrue (TEN-1, TEN-2, AUD-5, SEC-4, seed 002's durability). One finding and the app does not start.
/// </summary>
public static partial class VaultGuard
{
    private const string Repair = "The 'migrate' verb puts it back.";

    /// <param name="app">What the web processes use.</param>
    /// <param name="sequencer">What the sequencer uses; null on a node without it.</param>
    /// <param name="ct">Ends the look.</param>
    /// <returns>One sentence per finding, none with a secret; empty when the app may start.</returns>
    public static async Task<IReadOnlyList<string>> FindingsAsync(NpgsqlDataSource app, NpgsqlDataSource? sequencer, CancellationToken ct)
    {
        var findings = new List<string>();
        var settings = new NpgsqlConnectionStringBuilder(app.ConnectionString);
        if (settings.NoResetOnClose)
            findings.Add("The connection string sets 'No Reset On Close': one branch's scope would leak to the next lessee of the connection.");
        if (settings.Multiplexing)
            findings.Add("The connection string sets 'Multiplexing': a branch's scope would hold for whatever else shares the connection.");

        var roles = VaultRoles.Default;
        await using var connection = await app.OpenConnectionAsync(ct);
        await using var numbering = sequencer is null ? null : await sequencer.OpenConnectionAsync(ct);
        await CheckRoleAsync(connection, "the app", findings, ct);
        await CheckDurabilityAsync(connection, "the app", findings, ct);
        if (!settings.Multiplexing) await CheckPoolerAsync(connection, findings, ct);
        if (await MigrationsAsync(connection, findings, ct))
        {
            List<Login> logins = [new("the app", await LoginAsync(connection, ct), roles.App)];
            if (numbering is not null) logins.Add(new("the sequencer", await LoginAsync(numbering, ct), roles.Sequencer));
            var actual = await ActualSchema.ReadAsync(connection, [roles.App, roles.Sequencer, roles.Backup, .. logins.Select(l => l.Name)], ct);
            await using var db = new VaultDb(VaultDbs.Options(connection));
            List<TableProtection> tables = [.. db.GetService<IDesignTimeModel>().Model.Tables().Select(t => TableProtection.Of(t, roles))];
            foreach (var table in tables) CheckTable(table, actual, [roles.App, roles.Sequencer, roles.Backup, ActualSchema.Public], findings);
            findings.AddRange(SchedulerSchema.Tables().Where(t => !actual.Tables.ContainsKey(t)).Select(t => $"Table {t} is missing: run the 'migrate' verb."));
            CheckFunctions(actual, findings);
            findings.AddRange(actual.Holes.Where(h => tables.All(t => t.Table != h.Name)).Select(h => h.Sentence));
            foreach (var login in logins.Where(l => l.Name != l.Role)) CheckLogin(login, tables, actual, findings);
        }

        if (numbering is null) return findings;
        await CheckRoleAsync(numbering, "the sequencer", findings, ct);
        await CheckDurabilityAsync(numbering, "the sequencer", findings, ct);
        return findings;
    }

    /// <summary>Whom a connection string logs in as.</summary>
    /// <param name="Who">The part that does, for sentences.</param>
    /// <param name="Name">The role it logs in as.</param>
    /// <param name="Role">The role of the set-up it stands for.</param>
    private sealed record Login(string Who, string Name, string Role);

    private static async Task<string> LoginAsync(NpgsqlConnection connection, CancellationToken ct)
    {
        await using var command = new NpgsqlCommand("select session_user::text", connection);
        return (string)(await command.ExecuteScalarAsync(ct))!;
    }

    /// <summary>A login of another name has to have exactly the rights of the role it stands for: 'migrate' knows nothing of it.</summary>
    private static void CheckLogin(Login login, IReadOnlyList<TableProtection> tables, ActualSchema actual, List<string> findings)
    {
        var (more, less) = (new List<string>(), new List<string>());
        foreach (var table in tables)
        {
            if (!actual.Tables.TryGetValue(table.Table, out var found)) continue;
            var due = table.Grants.Where(g => g.Role == login.Role).Select(g => g with { Role = login.Name }).ToHashSet();
            more.AddRange(found.Grants.Where(g => g.Role == login.Name && !due.Contains(g)).Select(g => $"{g.Privilege} table {table.Table}"));
            less.AddRange(due.Where(g => !found.Grants.Contains(g) && !found.Grants.Contains(g with { Column = null })).Select(g => $"{g.Privilege} table {table.Table}"));
        }

        if (more.Count > 0) findings.Add($"Role {login.Name}, which {login.Who} logs in as, may {Listed(more)}; {login.Role} may not. Revoke it, or log in as {login.Role}.");
        if (less.Count > 0) findings.Add($"Role {login.Name}, which {login.Who} logs in as, may not {Listed(less)}, but has to. Log in as {login.Role}, which has its rights from the set-up.");
    }

    private static string Listed(List<string> rights)
    {
        var different = rights.Distinct().Order(StringComparer.Ordinal).ToList();
        return different.Count == 1 ? different[0] : $"{different[0]} and {different.Count - 1} more";
    }

    private static async Task CheckRoleAsync(NpgsqlConnection connection, string who, List<string> findings, CancellationToken ct)
    {
        await using var command = new NpgsqlCommand("""
            select r.rolsuper, r.rolbypassrls, r.rolcreaterole, r.rolcreatedb, r.rolreplication,
              exists (select from pg_shdepend d where d.refclassid = 'pg_authid'::regclass and d.refobjid = r.oid and d.deptype = 'o'
                      and d.dbid in (0, (select oid from pg_database where datname = current_database()))),
              exists (select from pg_namespace n where n.nspname not like 'pg\_%' and n.nspname <> 'information_schema'
                      and has_schema_privilege(r.oid, n.oid, 'create')),
              has_database_privilege(r.oid, current_database(), 'create'),
              has_database_privilege(r.oid, current_database(), 'temporary'),
              exists (select from pg_auth_members m where m.member = r.oid),
              has_parameter_privilege(r.oid, 'session_replication_role', 'set')
            from pg_roles r where r.rolname = session_user
            """, connection);
        await using var reader = await command.ExecuteReaderAsync(ct);
        await reader.ReadAsync(ct);
        string[] too =
        [
            "is a superuser", "bypasses row-level security", "may create roles", "may create databases", "may replicate",
            "owns something in the database", "may create tables", "may create schemas", "may create temporary tables", "is a member of another role",
            "may switch triggers off",
        ];
        for (var i = 0; i < too.Length; i++)
            if (reader.GetBoolean(i)) findings.Add($"The role {who} logs in as {too[i]}; it must not.");
    }

    /// <summary>Asked in the role's own session: settings of a role or of the database count too.</summary>
    private static async Task CheckDurabilityAsync(NpgsqlConnection connection, string who, List<string> findings, CancellationToken ct)
    {
        await using var command = new NpgsqlCommand(
            "select name, setting from pg_settings where name in ('fsync', 'synchronous_commit', 'full_page_writes', 'session_replication_role') order by name", connection);
        await using var reader = await command.ExecuteReaderAsync(ct);
        while (await reader.ReadAsync(ct))
        {
            var (name, value) = (reader.GetString(0), reader.GetString(1));
            if (name == "session_replication_role")
            {
                if (value != "origin") findings.Add($"PostgreSQL runs {who} with {name} = {value}: triggers do not fire. Set it to origin.");
            }
            else if (value is not ("on" or "remote_apply"))
            {
                findings.Add($"PostgreSQL runs {who} with {name} = {value}: an acknowledged decision could be lost. Turn it on.");
            }
        }
    }

    /// <summary>A pooler that hands server connections around between transactions would carry a scope from one visitor to another.</summary>
    private static async Task CheckPoolerAsync(NpgsqlConnection connection, List<string> findings, CancellationToken ct)
    {
        await using var command = new NpgsqlCommand("select pg_backend_pid()", connection);
        if (await command.ExecuteScalarAsync(ct) is int process && process != connection.ProcessID)
            findings.Add("A connection pooler stands between StudioVault and PostgreSQL: a branch's scope could leak to another visitor. Connect directly; StudioVault pools by itself.");
    }

    /// <summary>True when the tables are as this release wants them, so that it makes sense to look at them.</summary>
    private static async Task<bool> MigrationsAsync(NpgsqlConnection connection, List<string> findings, CancellationToken ct)
    {
        await using var db = new VaultDb(VaultDbs.Options(connection));
        try
        {
            var missing = (await db.Database.GetPendingMigrationsAsync(ct)).ToList();
            if (missing.Count == 0) return true;
            findings.Add($"The database lacks {missing.Count} of this release's migrations, the first is {missing[0]}: run the 'migrate' verb.");
        }
        catch (PostgresException e) when (e.SqlState == PostgresErrorCodes.InsufficientPrivilege)
        {
            findings.Add("The role the app logs in as may not read the list of migrations: run the 'migrate' verb.");
        }

        return false;
    }

    private static void CheckTable(TableProtection expected, ActualSchema actual, string[] roles, List<string> findings)
    {
        var name = expected.Table;
        if (!actual.Tables.TryGetValue(name, out var found))
        {
            findings.Add($"Table {name} is missing: run the 'migrate' verb.");
            return;
        }

        if (expected.IsIsolated && !(found.IsSecured && found.IsForced))
            findings.Add($"Table {name} lacks forced row-level security. {Repair}");
        CheckPolicies(expected, found, findings);
        CheckTriggers(expected, found, findings);

        var grants = expected.Grants.ToHashSet();
        foreach (var g in found.Grants.Where(g => roles.Contains(g.Role) && !grants.Contains(g)).GroupBy(g => (g.Role, g.Privilege)))
            findings.Add($"{RoleName(g.Key.Role)} may {g.Key.Privilege} table {name}{Columns(g)}; it must not. {Repair}");
        foreach (var g in grants.Where(g => !found.Grants.Contains(g)).GroupBy(g => (g.Role, g.Privilege)))
            findings.Add($"{RoleName(g.Key.Role)} may not {g.Key.Privilege} table {name}{Columns(g)}, but has to. {Repair}");
    }

    private static string RoleName(string role) => role == ActualSchema.Public ? "Everybody" : $"Role {role}";

    private static string Columns(IEnumerable<TableGrant> grants) =>
        grants.Where(g => g.Column is not null).Select(g => g.Column).Order(StringComparer.Ordinal).ToList() is { Count: > 0 } columns ? $" ({string.Join(", ", columns)})" : "";

    private static void CheckPolicies(TableProtection expected, ActualTable found, List<string> findings)
    {
        var left = found.Policies.ToDictionary(p => p.Policy.Name);
        foreach (var policy in expected.Policies)
        {
            if (!left.Remove(policy.Name, out var is_))
                findings.Add($"Table {expected.Table} has lost its policy {policy.Name}. {Repair}");
            else if (!is_.IsPermissive || Bare(is_.Policy) != Bare(policy))
                findings.Add($"Policy {policy.Name} of table {expected.Table} was changed. {Repair}");
        }

        foreach (var foreign in left.Keys)
            findings.Add($"Table {expected.Table} has a policy that is not StudioVault's, {foreign}: it may open the table to others. {Repair}");
    }

    private static TablePolicy Bare(TablePolicy policy) => policy with { Using = Bare(policy.Using), Check = Bare(policy.Check) };

    /// <summary>A condition without what PostgreSQL adds when it prints one: casts, aliases, brackets, blanks.</summary>
    private static string? Bare(string? rule) => rule is null ? null : Added().Replace(rule.ToLowerInvariant(), "");

    [GeneratedRegex("""::\w+| as "?\w+"?|[()\s]""")]
    private static partial Regex Added();

    private static void CheckTriggers(TableProtection expected, ActualTable found, List<string> findings)
    {
        foreach (var trigger in expected.Triggers)
        {
            var promise = trigger switch
            {
                { Function: SchemaProtection.RequireEntry } => "can be changed without an audit entry",
                { Function: SchemaProtection.RequireNamed } => "may name rows that are not there",
                { Columns.Count: > 0 } => "lets its pinned columns change",
                _ => "is not insert-only any more",
            };
            if (!found.Triggers.TryGetValue(trigger.Name, out var is_))
                findings.Add($"Table {expected.Table} {promise}: its trigger {trigger.Name} is gone. {Repair}");
            else if (!is_.IsEnabled)
                findings.Add($"Table {expected.Table} {promise}: its trigger {trigger.Name} is disabled. {Repair}");
            else if (is_ != ActualTrigger.Of(trigger))
                findings.Add($"Table {expected.Table} {promise}: its trigger {trigger.Name} was changed. {Repair}");
        }
    }

    private static void CheckFunctions(ActualSchema actual, List<string> findings)
    {
        foreach (var (name, body) in SchemaProtection.Functions)
            if (actual.Functions.GetValueOrDefault(name)?.ReplaceLineEndings("\n") != body.ReplaceLineEndings("\n"))
                findings.Add($"Function {name}, which guards what is written, was changed. {Repair}");
    }
}
