using Microsoft.EntityFrameworkCore;
using Microsoft.EntityFrameworkCore.Metadata;

namespace StudioVault.Infrastructure.Persistence;

/// <summary>A row-level security policy, permissive.</summary>
/// <param name="Verb">SELECT, INSERT, UPDATE or DELETE.</param>
/// <param name="Role">The only role it holds for; null = every role.</param>
internal sealed record TablePolicy(string Name, string Verb, string? Role, string? Using, string? Check);

/// <summary>A trigger before a statement, so that it speaks up even where row-level security leaves no row to touch.</summary>
/// <param name="Events">In PostgreSQL's order: INSERT, DELETE, UPDATE, TRUNCATE.</param>
/// <param name="Columns">Only for updates that name one of these; empty = all.</param>
internal sealed record TableTrigger(string Name, IReadOnlyList<string> Events, string Function, IReadOnlyList<string> Columns)
{
    /// <summary>What the function is told. A trigger with any comes after its statement and sees the new rows as "added".</summary>
    public IReadOnlyList<string> Arguments { get; init; } = [];
}

/// <summary>A right of a role.</summary>
/// <param name="Column">Null: the whole table.</param>
internal sealed record TableGrant(string Role, string Privilege, string? Column);

/// <summary>
/// Everything PostgreSQL is to hold for one table, read off the model: <see cref="SchemaProtection"/> puts it in force,
/// <see cref="VaultGuard"/> compares.
/// </summary>
internal sealed record TableProtection(string Table, bool IsIsolated, IReadOnlyList<TablePolicy> Policies, IReadOnlyList<TableTrigger> Triggers, IReadOnlyList<TableGrant> Grants)
{
    /// <summary>Columns the app role may not name in an INSERT: PostgreSQL alone fills them.</summary>
    private static readonly string[] DatabaseFilled = ["at", "ts", "xid"];

    private const string EntriesTable = "audit.entries";
    private const string OutboxTable = "live.outbox";

    /// <param name="table">From the design-time model.</param>
    public static TableProtection Of(IEntityType table, VaultRoles roles)
    {
        var rows = table.Rows();
        return new TableProtection(table.QualifiedName(), rows is not null, rows is null ? [] : [.. PoliciesOf(table, rows, roles)], [.. TriggersOf(table)], [.. GrantsOf(table, roles)]);
    }

    private static bool SequencerReads(IEntityType table) => table.QualifiedName() is EntriesTable or OutboxTable;

    private static IEnumerable<TablePolicy> PoliciesOf(IEntityType table, RowAccess rows, VaultRoles roles)
    {
        var plain = table.GetTableName()!;
        yield return new TablePolicy($"{plain}_read", "SELECT", null, rows.Read, null);
        if (rows.Insert is { } insert) yield return new TablePolicy($"{plain}_insert", "INSERT", null, null, insert);
        if (!table.IsInsertOnly())
        {
            if (rows.Update is { } update) yield return new TablePolicy($"{plain}_update", "UPDATE", null, update, update);
            if (rows.Delete is { } delete) yield return new TablePolicy($"{plain}_delete", "DELETE", null, delete, null);
        }

        if (SequencerReads(table)) yield return new TablePolicy($"{plain}_sequencer", "SELECT", roles.Sequencer, RowRule.Everyone, null);
    }

    private static IEnumerable<TableTrigger> TriggersOf(IEntityType table)
    {
        var plain = table.GetTableName()!;
        if (table.IsInsertOnly())
            yield return new TableTrigger($"{plain}_insert_only", ["DELETE", "UPDATE", "TRUNCATE"], SchemaProtection.RefuseChange, []);
        if (table.IsGoverned() && table.UngovernedProperties() is { Count: > 0 } free)
        {
            // PostgreSQL names columns for updates only, so these have a trigger of their own.
            var store = Store(table);
            yield return new TableTrigger($"{plain}_audited", ["INSERT", "DELETE", "TRUNCATE"], SchemaProtection.RequireEntry, []);
            yield return new TableTrigger($"{plain}_audited_change", ["UPDATE"], SchemaProtection.RequireEntry, [.. table.GetProperties().Where(p => !free.Contains(p.Name)).Select(p => p.GetColumnName(store)!).Where(c => c != "xmin")]);
        }
        else if (table.IsGoverned())
            yield return new TableTrigger($"{plain}_audited", ["INSERT", "DELETE", "UPDATE", .. table.IsInsertOnly() ? Array.Empty<string>() : ["TRUNCATE"]], SchemaProtection.RequireEntry, []);
        if (table.PinnedProperties() is { Count: > 0 } pinned)
        {
            var store = Store(table);
            yield return new TableTrigger($"{plain}_pinned", ["UPDATE"], SchemaProtection.RefuseChange, [.. pinned.Select(p => table.FindProperty(p)!.GetColumnName(store)!)]);
        }

        foreach (var key in table.GetForeignKeys().Where(k => k.IsHeldByStatement()))
        {
            var (child, parent) = (Store(table), Store(key.PrincipalEntityType));
            var pairs = key.Properties.Zip(key.PrincipalKey.Properties, (own, its) => $"p.{its.GetColumnName(parent)} = a.{own.GetColumnName(child)}");
            IReadOnlyList<string> arguments = [key.PrincipalEntityType.QualifiedName(), string.Join(" and ", pairs)];
            var name = $"{plain}_of_{key.PrincipalEntityType.GetTableName()}";
            yield return new TableTrigger(name, ["INSERT"], SchemaProtection.RequireNamed, []) { Arguments = arguments };
            if (!key.Properties.All(p => table.PinnedProperties().Contains(p.Name)))
                yield return new TableTrigger($"{name}_still", ["UPDATE"], SchemaProtection.RequireNamed, []) { Arguments = arguments };
        }
    }

    private static IEnumerable<TableGrant> GrantsOf(IEntityType table, VaultRoles roles)
    {
        yield return new TableGrant(roles.App, "SELECT", null);
        yield return new TableGrant(roles.Backup, "SELECT", null);
        if (SequencerReads(table)) yield return new TableGrant(roles.Sequencer, "SELECT", null);
        if (table.IsSequencerOnly())
        {
            yield return new TableGrant(roles.Sequencer, "SELECT", null);
            yield return new TableGrant(roles.Sequencer, "INSERT", null);
            if (!table.IsInsertOnly()) yield return new TableGrant(roles.Sequencer, "UPDATE", null);
        }
        else if (table.IsInsertOnly())
        {
            foreach (var column in InsertableColumns(table)) yield return new TableGrant(roles.App, "INSERT", column);
        }
        else
        {
            // What the database fills is its word also where the row is forgotten later; elsewhere the whole table is granted.
            if (!WithheldColumns(table).Any()) yield return new TableGrant(roles.App, "INSERT", null);
            else foreach (var column in InsertableColumns(table)) yield return new TableGrant(roles.App, "INSERT", column);
            yield return new TableGrant(roles.App, "UPDATE", null);
            yield return new TableGrant(roles.App, "DELETE", null);
        }
    }

    private static IEnumerable<string> InsertableColumns(IEntityType table)
    {
        var store = Store(table);
        return table.GetProperties().Select(p => p.GetColumnName(store)!).Where(c => c != "xmin").Except(WithheldColumns(table));
    }

    private static IEnumerable<string> WithheldColumns(IEntityType table)
    {
        var store = Store(table);
        return table.GetProperties().Where(p => p.GetDefaultValueSql() is not null).Select(p => p.GetColumnName(store)!).Where(DatabaseFilled.Contains);
    }

    private static StoreObjectIdentifier Store(IEntityType table) => StoreObjectIdentifier.Create(table, StoreObjectType.Table)!.Value;
}
