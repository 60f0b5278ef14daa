using System.Security.Cryptography;
using System.Text;
using Microsoft.EntityFrameworkCore;
using Microsoft.EntityFrameworkCore.Infrastructure;
using Microsoft.EntityFrameworkCore.Metadata;
using Npgsql;
using StudioVault.Infrastructure.Scheduling;

namespace StudioVault.Infrastructure.Persistence;

/// <summary>Set-up by the owner: roles, migrations, protection. Safe to run again, and by two processes at once.</summary>
public static class VaultSetup
{
    private const long SetupLock = 0x5356_5345_5455_5000;

    /// <summary>Brings the database to the head of the migrations and applies all protection.</summary>
    /// <param name="ownerConnection">A role that may create roles and tables; not what the app runs as.</param>
    /// <param name="passwords">Passwords for roles that log in, asked for when one has to be made; null where the server trusts the socket.</param>
    /// <param name="ct">Ends the set-up; what is half done is rolled back.</param>
    /// <param name="again">Applies the protection even where it was applied before: mends what somebody changed since.</param>
    /// <param name="setPasswords">Gives roles that exist these passwords too. Whoever logs in with the old ones is locked out.</param>
    public static async Task RunAsync(string ownerConnection, Func<RolePasswords>? passwords, CancellationToken ct, bool again = false, bool setPasswords = false)
    {
        await using var guard = new NpgsqlConnection(new NpgsqlConnectionStringBuilder(ownerConnection) { Pooling = false }.ConnectionString);
        await guard.OpenAsync(ct);
        await ExecuteAsync(guard, $"select pg_advisory_lock({SetupLock})", ct);
        await CreateRolesAsync(guard, passwords, setPasswords, ct);
        if (await ScalarAsync(guard, "select rolsuper from pg_roles where rolname = session_user", ct) is true)
        {
            // Tables belong to a role nobody logs in as: even their owner is then under row-level security.
            ownerConnection = await BecomeOwnerAsync(guard, ownerConnection, ct);
        }

        await using var db = new VaultDb(VaultDbs.Options(ownerConnection)) { Scope = TenantScope.Hq };
        await db.Database.MigrateAsync(ct);
        var model = db.GetService<IDesignTimeModel>().Model;
        await ProtectAsync(guard, SchemaProtection.Sql(model, VaultRoles.Default), again, ct);
        await SchedulerSchema.ApplyAsync(guard, VaultRoles.Default, ct);
    }

    /// <summary>Applies the protection unless this very script is the one in force: its locks would stop a running node.</summary>
    private static async Task ProtectAsync(NpgsqlConnection owner, string script, bool again, CancellationToken ct)
    {
        var mark = "protection " + Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes(script)));
        if (!again && await ScalarAsync(owner, "select obj_description('audit'::regnamespace)", ct) as string == mark) return;
        await ExecuteAsync(owner, "begin", ct);
        await ExecuteAsync(owner, script, ct);
        await ExecuteAsync(owner, $"comment on schema audit is '{mark}'", ct);
        await ExecuteAsync(owner, "insert into audit.sequencer_state (id, size, frontier, position, horizon) values (1, 0, '{}', 0, '0') on conflict do nothing", ct);
        await ExecuteAsync(owner, "commit", ct);
    }

    /// <summary>Creates the database if it is missing.</summary>
    public static async Task CreateDatabaseAsync(string adminConnection, string name, CancellationToken ct)
    {
        await using var admin = new NpgsqlConnection(new NpgsqlConnectionStringBuilder(adminConnection) { Pooling = false }.ConnectionString);
        await admin.OpenAsync(ct);
        if (await ScalarAsync(admin, $"select 1 from pg_database where datname = '{name}'", ct) is null)
            await ExecuteAsync(admin, $"create database \"{name}\"", ct);
    }

    private static async Task<string> BecomeOwnerAsync(NpgsqlConnection superuser, string connectionString, CancellationToken ct)
    {
        var owner = VaultRoles.Default.Owner;
        var database = (string)(await ScalarAsync(superuser, "select current_database()", ct))!;
        await ExecuteAsync(superuser, $"alter database \"{database}\" owner to {owner}; grant create, usage on schema public to {owner}; set role {owner}", ct);
        return new NpgsqlConnectionStringBuilder(connectionString) { Options = $"-c role={owner}" }.ConnectionString;
    }

    private static async Task CreateRolesAsync(NpgsqlConnection owner, Func<RolePasswords>? passwords, bool setPasswords, CancellationToken ct)
    {
        var roles = VaultRoles.Default;
        var superuser = await ScalarAsync(owner, "select rolsuper from pg_roles where rolname = session_user", ct) is true;
        foreach (var (role, rights, password) in new (string, string, Func<string?>)[]
                 {
                     (roles.Owner, "nologin nobypassrls", () => null),
                     (roles.App, "login nobypassrls", () => passwords?.Invoke().App),
                     (roles.Sequencer, "login nobypassrls", () => passwords?.Invoke().Sequencer),
                     // Only a superuser may give the right to read past row-level security; without it pg_dump must run as one.
                     (roles.Backup, superuser ? "login bypassrls" : "login", () => passwords?.Invoke().Backup),
                 })
        {
            if (await ScalarAsync(owner, $"select 1 from pg_roles where rolname = '{role}'", ct) is null)
            {
                try
                {
                    // With its password from the first moment: a set-up cut off here leaves no role nobody can log in as.
                    await ExecuteAsync(owner, $"create role {role} nosuperuser nocreatedb nocreaterole noreplication {rights}{Password(password())}", ct);
                }
                catch (PostgresException e) when (e.SqlState is PostgresErrorCodes.DuplicateObject or PostgresErrorCodes.UniqueViolation)
                {
                    // Roles belong to the server, not the database: another set-up made it meanwhile.
                }
            }
            else if (setPasswords && Password(password()) is { Length: > 0 } set)
            {
                await ExecuteAsync(owner, $"alter role {role}{set}", ct);
            }
        }

        // Faults F21: nothing of the app may wait or idle for ever.
        await AlterSettingsAsync(owner, roles.App, ct);
        await AlterSettingsAsync(owner, roles.Sequencer, ct);
        var database = (string)(await ScalarAsync(owner, "select current_database()", ct))!;
        await ExecuteAsync(owner, $"revoke create, temporary on database \"{database}\" from public; revoke create on schema public from public;" +
            $"grant connect on database \"{database}\" to {roles.App}, {roles.Sequencer}, {roles.Backup};", ct);
    }

    private static string Password(string? password) => password is null ? "" : $" password '{password.Replace("'", "''", StringComparison.Ordinal)}'";

    private static async Task AlterSettingsAsync(NpgsqlConnection owner, string role, CancellationToken ct)
    {
        var settings = (string)(await ScalarAsync(owner, $"select coalesce(array_to_string(rolconfig, ','), '') from pg_roles where rolname = '{role}'", ct))!;
        if (settings.Contains("lock_timeout", StringComparison.Ordinal)) return;
        try
        {
            await ExecuteAsync(owner, $"alter role {role} set lock_timeout = '3s'; alter role {role} set statement_timeout = '15s';" +
                $"alter role {role} set idle_in_transaction_session_timeout = '30s'", ct);
        }
        catch (PostgresException e) when (e.SqlState == "XX000")
        {
            // "tuple concurrently updated": another set-up on the same server does the same at this moment.
        }
    }

    private static async Task<object?> ScalarAsync(NpgsqlConnection connection, string sql, CancellationToken ct)
    {
        await using var command = new NpgsqlCommand(sql, connection);
        return await command.ExecuteScalarAsync(ct) is var value and not DBNull ? value : null;
    }

    private static async Task ExecuteAsync(NpgsqlConnection connection, string sql, CancellationToken ct)
    {
        await using var command = new NpgsqlCommand(sql, connection) { CommandTimeout = 120 };
        await command.ExecuteNonQueryAsync(ct);
    }
}

/// <summary>Passwords for the roles the set-up creates.</summary>
public sealed record RolePasswords(string App, string Sequencer, string Backup)
{
    public override string ToString() => "(passwords)";
}
