using System.Globalization;
using System.Text.RegularExpressions;
using Microsoft.EntityFrameworkCore;
using Microsoft.EntityFrameworkCore.Metadata;
using Npgsql;
using StudioVault.Domain.Kernel;
using StudioVault.Domain.Organization;
using StudioVault.Infrastructure.Persistence;

namespace StudioVault.Tests.Persistence;

/// <summary>A row as text by column, ready to be inserted; null values are left out.</summary>
internal sealed record GeneratedRow(IEntityType Table, IReadOnlyDictionary<string, string> Values)
{
    /// <summary>The same row with some values replaced.</summary>
    public GeneratedRow With(IEnumerable<KeyValuePair<string, string>> others)
    {
        var values = new Dictionary<string, string>(Values);
        foreach (var (column, value) in others) values[column] = value;
        return this with { Values = values };
    }
}

/// <summary>
/// Makes a row for any table of the model, with the rows it refers to, from types, foreign keys and check constraints alone, so
/// that a new table is covered by the isolation matrix without a line of test code. Works as the superuser.
/// </summary>
internal sealed partial class IsolationRows(NpgsqlDataSource superuser, CancellationToken ct)
{
    private const int MostTries = 500;

    /// <summary>A row that is not stored yet, while everything it refers to is.</summary>
    public async Task<GeneratedRow> ComposeAsync(IEntityType table, BranchId branch)
    {
        var store = StoreOf(table);
        var candidates = new Dictionary<string, IReadOnlyList<string>>();
        foreach (var key in table.GetForeignKeys().Where(k => k.IsRequired || k.Properties.Any(p => p.ClrType == typeof(BranchId?))))
        {
            var parent = key.PrincipalEntityType.ClrType == typeof(Branch) ? null : await CreateAsync(key.PrincipalEntityType, branch);
            foreach (var (mine, theirs) in key.Properties.Zip(key.PrincipalKey.Properties))
                candidates[mine.GetColumnName(store)!] = [parent is null ? branch.ToString() : parent.Values[theirs.GetColumnName(StoreOf(key.PrincipalEntityType))!]];
        }

        foreach (var property in table.GetProperties())
        {
            var column = property.GetColumnName(store)!;
            if (column == "xmin" || candidates.ContainsKey(column)) continue;
            if (column is "branch_id" or "space_id") candidates[column] = [branch.ToString()];
            else if (property.IsNullable || property.GetDefaultValueSql() is not null || property.FindAnnotation(RelationalAnnotationNames.DefaultValue) is not null || IsIdentity(property)) continue;
            else candidates[column] = CandidatesOf(property, [.. table.GetCheckConstraints().Where(c => Mentions(c, column)).Select(c => c.Sql)]);
        }

        return await FitAsync(table, candidates);
    }

    /// <summary>A stored row.</summary>
    public async Task<GeneratedRow> CreateAsync(IEntityType table, BranchId branch)
    {
        var row = await ComposeAsync(table, branch);
        await InAuditedTransactionAsync(async connection =>
        {
            await using var insert = Insert(row, connection);
            await insert.ExecuteNonQueryAsync(ct);
        }, commit: true);
        return row;
    }

    /// <summary>The statement that inserts a row.</summary>
    public static NpgsqlCommand Insert(GeneratedRow row, NpgsqlConnection connection, string suffix = "")
    {
        var store = StoreOf(row.Table);
        var types = row.Table.GetProperties().ToDictionary(p => p.GetColumnName(store)!, p => p.GetColumnType());
        var columns = row.Values.Keys.ToList();
        var command = new NpgsqlCommand($"insert into {row.Table.QualifiedName()} ({string.Join(", ", columns)}) values " +
            $"({string.Join(", ", columns.Select((c, i) => $"${i + 1}::{types[c]}"))}) {suffix}", connection);
        foreach (var column in columns) command.Parameters.Add(new() { Value = row.Values[column] });
        return command;
    }

    public static StoreObjectIdentifier StoreOf(IEntityType table) => StoreObjectIdentifier.Create(table, StoreObjectType.Table)!.Value;

    /// <summary>Tries the first value of each column; where a check constraint says no, tries the other values of its columns.</summary>
    private async Task<GeneratedRow> FitAsync(IEntityType table, Dictionary<string, IReadOnlyList<string>> candidates)
    {
        var choice = candidates.ToDictionary(c => c.Key, c => c.Value[0]);
        var queue = new Queue<Dictionary<string, string>>([choice]);
        var seen = new HashSet<string>();
        PostgresException? last = null;
        for (var tries = 0; tries < MostTries && queue.TryDequeue(out var values); tries++)
        {
            var row = new GeneratedRow(table, values);
            if (await RefusedAsync(row) is not { } refused) return row;
            last = refused;
            if (refused.SqlState != PostgresErrorCodes.CheckViolation) break;
            var constraint = table.GetCheckConstraints().Single(c => c.Name == refused.ConstraintName);
            foreach (var column in candidates.Keys.Where(c => Mentions(constraint, c)))
            {
                foreach (var value in candidates[column])
                {
                    var next = new Dictionary<string, string>(values) { [column] = value };
                    if (seen.Add(string.Join('\0', next.OrderBy(n => n.Key, StringComparer.Ordinal)))) queue.Enqueue(next);
                }
            }
        }

        throw new InvalidOperationException($"The generator cannot make a row of {table.QualifiedName()}: {last?.MessageText} {last?.Detail}. Teach IsolationRows.CandidatesOf the kind of value it wants.");
    }

    private async Task<PostgresException?> RefusedAsync(GeneratedRow row)
    {
        try
        {
            await InAuditedTransactionAsync(async connection =>
            {
                await using var insert = Insert(row, connection);
                await insert.ExecuteNonQueryAsync(ct);
            }, commit: false);
            return null;
        }
        catch (PostgresException e)
        {
            return e;
        }
    }

    private async Task InAuditedTransactionAsync(Func<NpgsqlConnection, Task> work, bool commit)
    {
        await using var connection = await superuser.OpenConnectionAsync(ct);
        await using var transaction = await connection.BeginTransactionAsync(ct);
        await using (var entry = new NpgsqlCommand(AuditEntry, connection)) await entry.ExecuteNonQueryAsync(ct);
        await work(connection);
        if (commit) await transaction.CommitAsync(ct);
    }

    /// <summary>An audit entry of the group, so that governed tables may be touched.</summary>
    public const string AuditEntry = "insert into audit.entries (id, actor_kind, actor_id, root_id, on_behalf_of, action, object_type, object_id, outcome) " +
        "values (gen_random_uuid(), 'system', 'test', 'test', '{}', 'test.row', 'test', 'test', 'done')";

    private static bool Mentions(ICheckConstraint constraint, string column) => Regex.IsMatch(constraint.Sql, $@"(?<![\w']){Regex.Escape(column)}(?![\w'])");

    private static bool IsIdentity(IProperty property) => property.ValueGenerated == ValueGenerated.OnAdd && property.ClrType == typeof(int);

    private static IReadOnlyList<string> CandidatesOf(IProperty property, IReadOnlyList<string> constraints)
    {
        var literals = constraints.SelectMany(c => Literal().Matches(c)).Select(m => m.Groups[1].Value).Distinct().ToList();
        var type = property.GetColumnType();
        if (type.EndsWith("[]", StringComparison.Ordinal)) return ["{}"];
        var clr = Nullable.GetUnderlyingType(property.ClrType) ?? property.ClrType;
        if (clr.IsEnum) return Enum.GetNames(clr);
        return type.Split('(')[0] switch
        {
            "uuid" => [Guid.CreateVersion7().ToString()],
            "text" or "character varying" => [Token(), Token() + Token() + Token() + Token(), .. literals],
            "jsonb" => ["{}", .. literals.Select(l => $$"""{"{{l}}":"1.0.0"}""")],
            "integer" or "bigint" => [Random.Shared.Next(1, 1_000_000).ToString(CultureInfo.InvariantCulture), "1", "0"],
            "smallint" or "numeric" => ["1", "0"],
            "xid8" => ["1"],
            "boolean" => ["false", "true"],
            "date" => ["2026-06-01"],
            "timestamp with time zone" => ["2026-06-01T10:00:00Z"],
            "bytea" => [@"\x" + Token() + Token() + Token() + Token(), @"\x00"],
            _ => throw new InvalidOperationException($"The generator knows no value of type {type} ({property.DeclaringType.DisplayName()}.{property.Name}). Teach IsolationRows.CandidatesOf."),
        };
    }

    private static string Token() => Guid.NewGuid().ToString("N")[..16];

    [GeneratedRegex("'([^']*)'")]
    private static partial Regex Literal();
}
