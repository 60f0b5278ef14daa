using System.Security.Cryptography;
using System.Text;
using System.Text.RegularExpressions;
using Npgsql;
using Quartz;
using StudioVault.Infrastructure.Persistence;

namespace StudioVault.Infrastructure.Scheduling;

/// <summary>
/// The scheduler's tables: made by the owner during set-up with the script Quartz carries, because the app has no right to
/// make tables. Quartz only ever adds what is missing; a new version of it that wants new columns says so at start, and then
/// needs a step of its own here.
/// </summary>
public static partial class SchedulerSchema
{
    public const string Schema = "quartz";

    /// <summary>What every table name begins with.</summary>
    public const string Prefix = Schema + ".qrtz_";

    private const string Script = "Quartz.Impl.AdoJobStore.Schema.create_postgres.sql";

    /// <summary>Creates what is missing and grants the app these tables and nothing else. Does nothing when this very script was applied.</summary>
    /// <param name="owner">Acts as the role that owns the other tables too.</param>
    public static async Task ApplyAsync(NpgsqlConnection owner, VaultRoles roles, CancellationToken ct)
    {
        var sql = Sql(roles);
        var mark = "scheduler " + Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes(sql)));
        await using var applied = new NpgsqlCommand($"select obj_description(to_regnamespace('{Schema}'), 'pg_namespace')", owner);
        if (await applied.ExecuteScalarAsync(ct) as string == mark) return;
        await using var transaction = await owner.BeginTransactionAsync(ct);
        await using var apply = new NpgsqlCommand($"{sql}\ncomment on schema {Schema} is '{mark}';", owner, transaction) { CommandTimeout = 120 };
        await apply.ExecuteNonQueryAsync(ct);
        await transaction.CommitAsync(ct);
    }

    /// <summary>The whole script; running it twice changes nothing.</summary>
    public static string Sql(VaultRoles roles)
    {
        var template = Template();
        return $"""
            create schema if not exists {Schema};
            revoke all on schema {Schema} from public;
            {template.Replace("{0}", Prefix, StringComparison.Ordinal).Replace("{1}", "qrtz_", StringComparison.Ordinal)}
            grant usage on schema {Schema} to {roles.App}, {roles.Backup};
            grant select, insert, update, delete on {string.Join(", ", Tables())} to {roles.App};
            grant select on all tables in schema {Schema} to {roles.Backup};
            """;
    }

    /// <summary>Qualified names of the tables.</summary>
    public static IReadOnlyList<string> Tables() => [.. TableNames().Matches(Template()).Select(m => Prefix + m.Groups[1].Value)];

    private static string Template()
    {
        using var stream = typeof(IScheduler).Assembly.GetManifestResourceStream(Script)
            ?? throw new InvalidOperationException($"This version of Quartz carries no {Script}.");
        using var reader = new StreamReader(stream);
        return reader.ReadToEnd();
    }

    [GeneratedRegex(@"CREATE TABLE IF NOT EXISTS \{0\}(\w+)", RegexOptions.IgnoreCase)]
    private static partial Regex TableNames();
}
