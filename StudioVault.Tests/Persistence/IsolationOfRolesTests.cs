using System.Diagnostics;
using Microsoft.EntityFrameworkCore;
using Microsoft.EntityFrameworkCore.Metadata;
using Npgsql;
using StudioVault.Infrastructure.Persistence;
using StudioVault.Tests.Support;
using Xunit;

namespace StudioVault.Tests.Persistence;

/// <summary>AUD-1, AUD-5, SEC-4: each role of the database tries what it must not do, on every table of the model.</summary>
public sealed class IsolationOfRolesTests(PostgresServer server) : VaultTest(server)
{
    private const string NotAllowed = PostgresErrorCodes.InsufficientPrivilege;
    private static readonly VaultRoles Roles = VaultRoles.Default;
    private static readonly IReadOnlyList<IEntityType> Tables = [.. IsolationMatrix.Model.Tables()];

    private static readonly string[] AllRoles = [Roles.App, Roles.Sequencer, Roles.Backup, Roles.Owner, EmbeddedPostgres.Superuser];

    private static bool IsOwner(string role) => role == Roles.Owner || role == EmbeddedPostgres.Superuser;

    [Fact]
    public async Task Nobody_changes_deletes_or_truncates_what_is_insert_only()
    {
        var tables = Tables.Where(t => t.IsInsertOnly()).ToList();
        Assert.True(tables.Count >= 8);
        foreach (var (role, table) in AllRoles.SelectMany(r => tables.Select(t => (r, t))))
        {
            var name = table.QualifiedName();
            var column = ColumnsOf(table)[0];
            foreach (var sql in new[] { $"update {name} set {column} = {column}", $"delete from {name}", $"truncate {name} cascade" })
                Assert.Equal((sql, IsOwner(role) ? SchemaProtection.InsertOnlyState : NotAllowed), (sql, await StateAsync(role, sql, audited: IsOwner(role))));
        }
    }

    [Fact]
    public async Task No_role_changes_a_governed_table_without_an_audit_entry()
    {
        var tables = Tables.Where(t => t.IsGoverned()).ToList();
        Assert.True(tables.Count >= 8);
        foreach (var (role, table) in AllRoles.SelectMany(r => tables.Select(t => (r, t))))
        {
            var name = table.QualifiedName();
            var columns = string.Join(", ", ColumnsOf(table));
            var column = ColumnsOf(table)[0];
            List<string> statements = [$"insert into {name} ({columns}) select {columns} from {name} where false"];
            if (!table.IsInsertOnly()) statements.AddRange([$"update {name} set {column} = {column} where false", $"delete from {name} where false"]);
            if (IsOwner(role) && !table.IsInsertOnly()) statements.Add($"truncate {name} cascade");
            foreach (var sql in statements)
                Assert.Equal((sql, role == Roles.Sequencer || role == Roles.Backup ? NotAllowed : SchemaProtection.NoAuditState), (sql, await StateAsync(role, sql, audited: false)));
        }
    }

    [Fact]
    public async Task An_entry_serves_its_own_transaction_alone()
    {
        foreach (var (before, after) in new[] { ("begin", "commit; begin"), ("begin; savepoint s", "rollback to savepoint s") })
            await RefusesAfterAsync(before, after);
    }

    private async Task RefusesAfterAsync(string before, string after)
    {
        await using var connection = await Dbs.OpenConnectionAsync(TenantScope.Of(Porto), Ct);
        await RunAsync(connection, before);
        await RunAsync(connection, IsolationRows.AuditEntry);
        await RunAsync(connection, after);
        var change = await Assert.ThrowsAsync<PostgresException>(() => RunAsync(connection,
            $"insert into organization.blackouts (branch_id, id, starts_on, ends_on, label) values ('{Porto}', gen_random_uuid(), now(), now(), 'x')"));
        Assert.Equal(SchemaProtection.NoAuditState, change.SqlState);
    }

    [Fact]
    public async Task What_a_project_pins_stays_pinned()
    {
        var projects = Tables.Single(t => t.QualifiedName() == "agreements.projects");
        await new IsolationRows(Superuser, Ct).CreateAsync(projects, Porto);
        foreach (var (role, sql) in AllRoles.SelectMany(r => new[] { (r, "update agreements.projects set package_revision = package_revision"), (r, "update agreements.projects set state = state, package_id = gen_random_uuid()") }))
            Assert.Equal((sql, role == Roles.Sequencer || role == Roles.Backup ? NotAllowed : SchemaProtection.InsertOnlyState), (sql, await StateAsync(role, sql, audited: role == Roles.App || IsOwner(role))));
        Assert.Null(await StateAsync(Roles.App, "update agreements.projects set state = state", audited: true));
    }

    [Fact]
    public async Task An_offer_names_a_branch_and_a_version_that_are_there()
    {
        var offers = Tables.Single(t => t.QualifiedName() == "packages.update_offers");
        await new IsolationRows(Superuser, Ct).CreateAsync(offers, Porto);
        string Copy(string branch, string version) => $"""
            insert into packages.update_offers (branch_id, id, template_id, version, is_adoption, state, offered_at, closed_at, snoozed_to_next_version)
            select {branch}, gen_random_uuid(), template_id, {version}, is_adoption, 'Accepted', offered_at, offered_at, false from packages.update_offers
            """;
        foreach (var (role, sql) in new[]
        {
            (Roles.App, Copy("branch_id", "version + 1")), (EmbeddedPostgres.Superuser, Copy("branch_id", "version + 1")),
            (EmbeddedPostgres.Superuser, Copy("gen_random_uuid()", "version")), (EmbeddedPostgres.Superuser, "update packages.update_offers set branch_id = gen_random_uuid()"),
        })
            Assert.Equal((sql, PostgresErrorCodes.ForeignKeyViolation), (sql, await StateAsync(role, sql, audited: true)));
        foreach (var sql in new[] { "update packages.update_offers set version = version + 1", "update organization.branches set id = id" })
            Assert.Equal((sql, SchemaProtection.InsertOnlyState), (sql, await StateAsync(EmbeddedPostgres.Superuser, sql, audited: true)));
        Assert.Null(await StateAsync(Roles.App, Copy("branch_id", "version"), audited: true));
    }

    [Fact]
    public async Task The_sequencer_writes_numbers_and_hashes_and_nothing_else()
    {
        string[] writes = ["audit.checkpoints", "audit.leaves", "audit.sequencer_state", "live.positions"];
        foreach (var table in Tables)
        {
            var name = table.QualifiedName();
            var columns = string.Join(", ", ColumnsOf(table));
            var insert = await StateAsync(Roles.Sequencer, $"insert into {name} ({columns}) select {columns} from {name} where false", audited: false);
            Assert.Equal((name, writes.Contains(name) ? null : NotAllowed), (name, insert));
            var update = await StateAsync(Roles.Sequencer, $"update {name} set {ColumnsOf(table)[0]} = null where false", audited: false);
            Assert.Equal((name, name == "audit.sequencer_state" ? null : NotAllowed), (name, update));
            Assert.Equal((name, NotAllowed), (name, await StateAsync(Roles.Sequencer, $"delete from {name}", audited: false)));
            Assert.Equal((name, NotAllowed), (name, await StateAsync(Roles.Sequencer, $"truncate {name}", audited: false)));
            var reads = writes.Contains(name) || name is "audit.entries" or "live.outbox";
            Assert.Equal((name, reads ? null : NotAllowed), (name, await StateAsync(Roles.Sequencer, $"select * from {name}", audited: false)));
        }
    }

    [Fact]
    public async Task The_app_writes_none_of_the_sequencers_numbers()
    {
        foreach (var name in new[] { "audit.checkpoints", "audit.leaves", "audit.sequencer_state", "live.positions" })
        {
            Assert.Equal(NotAllowed, await StateAsync(Roles.App, $"insert into {name} select * from {name} where false", audited: true));
            Assert.Equal(NotAllowed, await StateAsync(Roles.App, $"delete from {name}", audited: true));
        }
    }

    [Fact]
    public async Task The_backup_role_reads_every_row_of_every_table_and_writes_none()
    {
        var rows = new IsolationRows(Superuser, Ct);
        foreach (var table in Tables.Where(t => t.IsTenant()))
        {
            await rows.CreateAsync(table, Porto);
            await rows.CreateAsync(table, Berlin);
        }

        foreach (var name in Tables.Select(t => t.QualifiedName()).Append("public.migrations"))
        {
            await using var backup = NpgsqlDataSource.Create(Server.For(Database, Roles.Backup));
            await using var count = backup.CreateCommand($"select count(*) from {name}");
            Assert.Equal((name, await SqlAsync($"select count(*) from {name}")), (name, await count.ExecuteScalarAsync(Ct)));
            foreach (var sql in new[] { $"delete from {name}", $"truncate {name}", $"insert into {name} select * from {name} where false" })
                Assert.Equal((sql, NotAllowed), (sql, await StateAsync(Roles.Backup, sql, audited: false)));
        }
    }

    [Fact]
    public async Task A_dump_by_the_backup_role_is_whole()
    {
        await new IsolationRows(Superuser, Ct).CreateAsync(Tables.Single(t => t.QualifiedName() == "organization.blackouts"), Berlin);
        var label = (string)(await SqlAsync("select label from organization.blackouts"))!;
        var settings = new NpgsqlConnectionStringBuilder(Server.For(Database, Roles.Backup));
        using var dump = Process.Start(new ProcessStartInfo(Path.Combine((await PostgresBinaries.FindAsync(null, null, Ct)).Folder, "pg_dump"),
            ["-h", settings.Host!, "-p", $"{settings.Port}", "-U", settings.Username!, "--inserts", settings.Database!])
        { RedirectStandardOutput = true, RedirectStandardError = true })!;
        var errors = dump.StandardError.ReadToEndAsync(Ct);
        var script = await dump.StandardOutput.ReadToEndAsync(Ct);
        await dump.WaitForExitAsync(Ct);
        Assert.Equal((0, ""), (dump.ExitCode, await errors));
        Assert.Contains(label, script, StringComparison.Ordinal);
        Assert.Contains("jonas@northlight.example", script, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Neither_the_app_nor_the_sequencer_has_a_way_to_more_rights()
    {
        string[] attempts =
        [
            "create table organization.mine (id int)",
            "create table public.mine (id int)",
            "create temporary table mine (id int)",
            "create schema mine",
            "create function audit.mine() returns int language sql as 'select 1'",
            "create or replace function audit.require_entry() returns trigger language plpgsql as 'begin return null; end'",
            "alter table organization.blackouts disable trigger all",
            "alter table organization.blackouts disable row level security",
            "alter table organization.blackouts owner to current_user",
            "drop policy blackouts_read on organization.blackouts",
            "create policy open on organization.blackouts using (true)",
            "create trigger t before insert on organization.blackouts execute function audit.refuse_change()",
            "set session_replication_role = replica",
            "set role studiovault_owner",
            "set role postgres",
            "set session authorization postgres",
            "create role mine superuser",
            "alter role studiovault_app superuser",
            "alter system set fsync = off",
            "copy (select 1) to program 'true'",
            "copy organization.blackouts from '/etc/passwd'",
            "select pg_read_file('/etc/passwd')",
            "select lo_import('/etc/passwd')",
            "select * from pg_authid",
            "drop table audit.entries",
            "create extension file_fdw",
        ];
        foreach (var (role, sql) in new[] { Roles.App, Roles.Sequencer }.SelectMany(r => attempts.Select(a => (r, a))))
        {
            await using var source = NpgsqlDataSource.Create(Server.For(Database, role));
            await using var command = source.CreateCommand(sql);
            try
            {
                await command.ExecuteNonQueryAsync(Ct);
                Assert.Fail($"{role} could: {sql}");
            }
            catch (PostgresException e)
            {
                Assert.Equal((role, sql, NotAllowed), (role, sql, e.SqlState));
            }
        }
    }

    [Fact]
    public async Task Even_the_owner_reads_no_branch_without_a_scope()
    {
        var rows = new IsolationRows(Superuser, Ct);
        foreach (var table in Tables.Where(t => t.IsTenant()))
        {
            await rows.CreateAsync(table, Porto);
            await using var connection = await OpenAsync(Roles.Owner);
            await using var count = new NpgsqlCommand($"select count(*) from {table.QualifiedName()}", connection);
            Assert.Equal((table.QualifiedName(), 0L), (table.QualifiedName(), await count.ExecuteScalarAsync(Ct)));
        }
    }

    /// <summary>SQLSTATE of a statement in a transaction that is rolled back; null when it went through. The app works in Porto's scope.</summary>
    private async Task<string?> StateAsync(string role, string sql, bool audited)
    {
        await using var connection = await OpenAsync(role);
        await using var transaction = await connection.BeginTransactionAsync(Ct);
        if (role == Roles.App) await RunAsync(connection, $"select set_config('app.scope', 'branch', true), set_config('app.branch_id', '{Porto}', true)");
        if (audited) await RunAsync(connection, IsolationRows.AuditEntry);
        try
        {
            await RunAsync(connection, sql);
            return null;
        }
        catch (PostgresException e)
        {
            return e.SqlState;
        }
    }

    private async Task<NpgsqlConnection> OpenAsync(string role)
    {
        // Nobody logs in as the owner.
        if (role != Roles.Owner)
        {
            var own = new NpgsqlConnection(Server.For(Database, role) + ";Pooling=false");
            await own.OpenAsync(Ct);
            return own;
        }

        var connection = new NpgsqlConnection(Server.For(Database, EmbeddedPostgres.Superuser) + ";Pooling=false");
        await connection.OpenAsync(Ct);
        await RunAsync(connection, $"set role {Roles.Owner}");
        return connection;
    }

    private static async Task RunAsync(NpgsqlConnection connection, string sql)
    {
        await using var command = new NpgsqlCommand(sql, connection);
        await command.ExecuteNonQueryAsync(Ct);
    }

    /// <summary>Columns a statement may name, without those PostgreSQL fills itself.</summary>
    private static List<string> ColumnsOf(IEntityType table) => [.. TableProtection.Of(table, Roles).Grants.Where(g => g.Privilege == "INSERT" && g.Column is not null).Select(g => g.Column!)
        is { } granted && granted.Any() ? granted : table.GetProperties().Select(p => p.GetColumnName(IsolationRows.StoreOf(table))!).Where(c => c != "xmin")];
}
