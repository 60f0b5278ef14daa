using System.Reflection;
using Microsoft.EntityFrameworkCore;
using Microsoft.EntityFrameworkCore.Infrastructure;
using Microsoft.EntityFrameworkCore.Metadata;
using Npgsql;
using StudioVault.Domain.Kernel;
using StudioVault.Infrastructure.Persistence;

namespace StudioVault.Tests.Persistence;

/// <summary>
/// Requirement TEN-2 for one table of branches: every verb in every scope, through EF, through EF with its filters ignored and
/// through raw SQL. Returns a sentence for each way across, so that a test can also see it find one.
/// </summary>
internal sealed class IsolationMatrix(VaultDbs app, NpgsqlDataSource superuser, BranchId mine, BranchId theirs, CancellationToken ct)
{
    private const string NotAllowed = PostgresErrorCodes.InsufficientPrivilege;

    private readonly IsolationRows _rows = new(superuser, ct);
    private readonly List<string> _crossings = [];

    /// <summary>The design-time model, as the protection reads it.</summary>
    public static IModel Model { get; } = ReadModel();

    /// <summary>What happened to a statement: rows touched, or PostgreSQL's no.</summary>
    private readonly record struct Outcome(int Rows, string? State)
    {
        public bool Wrote => State is null && Rows > 0;
    }

    public async Task<IReadOnlyList<string>> CrossingsAsync(IEntityType table)
    {
        _crossings.Clear();
        var own = await _rows.CreateAsync(table, mine);
        var foreign = await _rows.CreateAsync(table, theirs);
        await ReadsAsync(table);
        await InsertsAsync(table);
        await UpdatesAsync(table, own);
        await DeletesAsync(table);
        await ProbesAsync(table, own, foreign);
        await ReferencesAsync(table);
        return [.. _crossings];
    }

    private async Task ReadsAsync(IEntityType table)
    {
        var name = table.QualifiedName();
        var all = await CountAsync(superuser, $"select count(*)::int from {name}");
        var ours = await CountAsync(superuser, $"select count(*)::int from {name} where branch_id = '{mine}'");
        if (ours == 0 || ours == all) throw new InvalidOperationException($"{name} needs rows of both branches.");
        foreach (var (scope, sees) in new[] { (TenantScope.Of(mine), ours), (TenantScope.None, 0), (TenantScope.Hq, all) })
        {
            await using (var connection = await app.OpenConnectionAsync(scope, ct))
            {
                await using var command = new NpgsqlCommand($"select count(*)::int from {name}", connection);
                Expect(sees, (int)(await command.ExecuteScalarAsync(ct))!, table, scope, "raw SQL reads");
            }

            await using var db = app.Open(scope);
            Expect(sees, await CountAsync(db, table, ignoreFilters: false), table, scope, "EF reads");
            Expect(sees, await CountAsync(db, table, ignoreFilters: true), table, scope, "EF without its filters reads");
        }

        // The other layer alone: without row-level security (the superuser) the filter has to hold.
        await using var unprotected = new VaultDbs(superuser).Open(TenantScope.Of(mine));
        Expect(ours, await CountAsync(unprotected, table, ignoreFilters: false), table, TenantScope.Of(mine), "EF's filter alone lets read");
        await using var nobody = new VaultDbs(superuser).Open(TenantScope.None);
        Expect(0, await CountAsync(nobody, table, ignoreFilters: false), table, TenantScope.None, "EF's filter alone lets read");
    }

    private async Task InsertsAsync(IEntityType table)
    {
        var row = await _rows.ComposeAsync(table, theirs);
        Control(table, "insert", await TryAsync(TenantScope.Of(theirs), c => IsolationRows.Insert(row, c)));
        foreach (var suffix in new[] { "", "on conflict do nothing", "returning branch_id" })
        {
            foreach (var scope in Strangers(table))
                Refused(table, scope, $"insert {suffix}", await TryAsync(scope, c => IsolationRows.Insert(row, c, suffix)));
        }

        if (table.IsHqWritten()) Control(table, "HQ's insert", await TryAsync(TenantScope.Hq, c => IsolationRows.Insert(row, c)));
    }

    private async Task UpdatesAsync(IEntityType table, GeneratedRow sample)
    {
        var name = table.QualifiedName();
        var column = ChangeableColumn(table, sample);
        // Statements that read no column meet the policy of their verb alone, not the one for reading.
        foreach (var scope in Strangers(table).Where(s => s.BranchId is null))
            Nothing(table, scope, "update without a condition", await TryAsync(scope, $"update {name} set {column} = '{sample.Values[column]}'"));
        if (!table.IsInsertOnly()) Control(table, "update", await TryAsync(TenantScope.Of(theirs), $"update {name} set {column} = {column} where branch_id = '{theirs}'"));
        foreach (var scope in Strangers(table))
        {
            Nothing(table, scope, "update", await TryAsync(scope, $"update {name} set {column} = {column} where branch_id = '{theirs}'"));
            Nothing(table, scope, "update of all", await TryAsync(scope, $"update {name} set {column} = {column} where branch_id <> '{mine}'"));
            Nothing(table, scope, "move of a row to the other branch", await TryAsync(scope, $"update {name} set branch_id = '{theirs}' where branch_id = '{mine}'"));
            Nothing(table, scope, "theft of a row", await TryAsync(scope, $"update {name} set branch_id = '{mine}' where branch_id = '{theirs}'"));
            Nothing(table, scope, "update … returning", await TryAsync(scope, $"update {name} set {column} = {column} where branch_id = '{theirs}' returning *"));
            Nothing(table, scope, "lock", await TryAsync(scope, $"select from {name} where branch_id = '{theirs}' for update", counted: true));
        }
    }

    private async Task DeletesAsync(IEntityType table)
    {
        var name = table.QualifiedName();
        if (!table.IsInsertOnly())
        {
            var row = await _rows.CreateAsync(table, theirs);
            var key = table.FindPrimaryKey()!.Properties.Select(p => p.GetColumnName(IsolationRows.StoreOf(table))!);
            Control(table, "delete", await TryAsync(TenantScope.Of(theirs), $"delete from {name} where {string.Join(" and ", key.Select(c => $"{c} = '{row.Values[c]}'"))}"));
        }

        foreach (var scope in Strangers(table).Where(s => s.BranchId is null))
            Nothing(table, scope, "delete without a condition", await TryAsync(scope, $"delete from {name}"));
        foreach (var scope in Strangers(table))
        {
            Nothing(table, scope, "delete", await TryAsync(scope, $"delete from {name} where branch_id = '{theirs}'"));
            Nothing(table, scope, "truncate", await TryAsync(scope, $"truncate {name} cascade"), mustRefuse: true);
        }
    }

    /// <summary>A row of another branch must not be felt: the same values in one's own branch are free.</summary>
    private async Task ProbesAsync(IEntityType table, GeneratedRow own, GeneratedRow foreign)
    {
        var store = IsolationRows.StoreOf(table);
        foreach (var columns in table.GetKeys().Select(k => k.Properties).Concat(table.GetIndexes().Where(i => i.IsUnique).Select(i => i.Properties)).Select(ps => ps.Select(p => p.GetColumnName(store)!).ToList()))
        {
            if (!columns.Contains("branch_id")) _crossings.Add($"{table.QualifiedName()}: the unique key over {string.Join(", ", columns)} spans branches.");
            var fresh = await _rows.ComposeAsync(table, mine);
            var probe = fresh.With(columns.Where(c => c != "branch_id" && foreign.Values.ContainsKey(c)).Select(c => KeyValuePair.Create(c, foreign.Values[c])));
            if ((await TryAsync(TenantScope.Of(mine), c => IsolationRows.Insert(probe, c))).State == PostgresErrorCodes.UniqueViolation)
                _crossings.Add($"{table.QualifiedName()}: a unique key over {string.Join(", ", columns)} tells that another branch has such a row.");
        }

        // The very row of the other branch: row-level security speaks before the key could.
        foreach (var scope in Strangers(table))
            Refused(table, scope, "insert of an existing row", await TryAsync(scope, c => IsolationRows.Insert(foreign, c)));
        if ((await TryAsync(TenantScope.Of(mine), c => IsolationRows.Insert(own, c))).State != PostgresErrorCodes.UniqueViolation)
            throw new InvalidOperationException($"{table.QualifiedName()}: the probe itself is broken, one's own row could be inserted twice.");
    }

    /// <summary>A row of one branch cannot point at another branch's, and the answer is that of a row that is nowhere.</summary>
    private async Task ReferencesAsync(IEntityType table)
    {
        var store = IsolationRows.StoreOf(table);
        foreach (var key in table.GetForeignKeys())
        {
            var columns = key.Properties.Select(p => p.GetColumnName(store)!).ToList();
            if (key.PrincipalEntityType.IsTenant())
            {
                var principalStore = IsolationRows.StoreOf(key.PrincipalEntityType);
                var parent = await _rows.CreateAsync(key.PrincipalEntityType, theirs);
                var row = await _rows.ComposeAsync(table, mine);
                var pairs = columns.Zip(key.PrincipalKey.Properties.Select(p => p.GetColumnName(principalStore)!)).Where(p => p.First != "branch_id").ToList();
                var into = await TryAsync(TenantScope.Of(mine), c => IsolationRows.Insert(row.With(pairs.Select(p => KeyValuePair.Create(p.First, parent.Values[p.Second]))), c));
                var nowhere = await TryAsync(TenantScope.Of(mine), c => IsolationRows.Insert(row.With(pairs.Where(p => Guid.TryParse(parent.Values[p.Second], out _))
                    .Select(p => KeyValuePair.Create(p.First, Guid.CreateVersion7().ToString()))), c));
                // A check of the table may say no before the foreign key is asked; either way the answer must not tell whether the row is there.
                if (into.State is not (PostgresErrorCodes.ForeignKeyViolation or PostgresErrorCodes.CheckViolation) || into != nowhere)
                    _crossings.Add($"{table.QualifiedName()}: a row can point by {string.Join(", ", columns)} at another branch's {key.PrincipalEntityType.QualifiedName()} ({into.State ?? "written"}).");
            }

            if (key.DeleteBehavior is not (DeleteBehavior.Restrict or DeleteBehavior.NoAction) && key.PrincipalEntityType.Rows()?.Delete is { } rule && rule != RowRule.Own())
                _crossings.Add($"{table.QualifiedName()}: deleting a {key.PrincipalEntityType.QualifiedName()} takes rows of branches along.");
        }
    }

    /// <summary>Scopes that must not write the other branch's rows.</summary>
    private TenantScope[] Strangers(IEntityType table) =>
        table.IsHqWritten() ? [TenantScope.Of(mine), TenantScope.None] : [TenantScope.Of(mine), TenantScope.None, TenantScope.Hq];

    private void Expect(int expected, int actual, IEntityType table, TenantScope scope, string what)
    {
        if (expected != actual) _crossings.Add($"{table.QualifiedName()}, scope '{scope.Name}': {what} {actual} rows instead of {expected}.");
    }

    private void Nothing(IEntityType table, TenantScope scope, string what, Outcome outcome, bool mustRefuse = false)
    {
        if (outcome.Wrote || (mustRefuse && outcome.State is null)) _crossings.Add($"{table.QualifiedName()}, scope '{scope.Name}': {what} touched {outcome.Rows} rows.");
        else if (outcome.State is not (null or NotAllowed)) _crossings.Add($"{table.QualifiedName()}, scope '{scope.Name}': {what} was stopped by {outcome.State}, not by row-level security.");
    }

    private void Refused(IEntityType table, TenantScope scope, string what, Outcome outcome)
    {
        if (outcome.State != NotAllowed) _crossings.Add($"{table.QualifiedName()}, scope '{scope.Name}': {what} was not refused by row-level security ({outcome.State ?? $"{outcome.Rows} rows"}).");
    }

    /// <summary>The same statement by whoever may: otherwise its refusal above proves nothing.</summary>
    private static void Control(IEntityType table, string what, Outcome outcome)
    {
        if (!outcome.Wrote) throw new InvalidOperationException($"{table.QualifiedName()}: the {what} fails for its own branch too ({outcome.State ?? "no row"}), so the matrix shows nothing.");
    }

    private Task<Outcome> TryAsync(TenantScope scope, string sql, bool counted = false) => TryAsync(scope, c => new NpgsqlCommand(sql, c), counted);

    private async Task<Outcome> TryAsync(TenantScope scope, Func<NpgsqlConnection, NpgsqlCommand> statement, bool counted = false)
    {
        await using var connection = await app.OpenConnectionAsync(scope, ct);
        await using var transaction = await connection.BeginTransactionAsync(ct);
        await using (var entry = new NpgsqlCommand(IsolationRows.AuditEntry, connection)) await entry.ExecuteNonQueryAsync(ct);
        await using var command = statement(connection);
        try
        {
            if (!counted) return new Outcome(await command.ExecuteNonQueryAsync(ct), null);
            await using var reader = await command.ExecuteReaderAsync(ct);
            var rows = 0;
            while (await reader.ReadAsync(ct)) rows++;
            return new Outcome(rows, null);
        }
        catch (PostgresException e)
        {
            return new Outcome(0, e.SqlState);
        }
    }

    private static string ChangeableColumn(IEntityType table, GeneratedRow sample)
    {
        var store = IsolationRows.StoreOf(table);
        var pinned = table.PinnedProperties();
        return table.GetProperties().Where(p => !p.IsPrimaryKey() && !p.IsForeignKey() && !pinned.Contains(p.Name)).Select(p => p.GetColumnName(store)!).First(sample.Values.ContainsKey);
    }

    private async Task<int> CountAsync(NpgsqlDataSource source, string sql)
    {
        await using var command = source.CreateCommand(sql);
        return (int)(await command.ExecuteScalarAsync(ct))!;
    }

    private Task<int> CountAsync(VaultDb db, IEntityType table, bool ignoreFilters) =>
        (Task<int>)typeof(IsolationMatrix).GetMethod(nameof(CountOfAsync), BindingFlags.NonPublic | BindingFlags.Static)!.MakeGenericMethod(table.ClrType).Invoke(null, [db, ignoreFilters, ct])!;

    private static Task<int> CountOfAsync<T>(VaultDb db, bool ignoreFilters, CancellationToken ct) where T : class =>
        (ignoreFilters ? db.Set<T>().IgnoreQueryFilters() : db.Set<T>()).CountAsync(ct);

    private static IModel ReadModel()
    {
        using var db = new VaultDb(VaultDbs.Options("Host=nowhere"));
        return db.GetService<IDesignTimeModel>().Model;
    }
}
