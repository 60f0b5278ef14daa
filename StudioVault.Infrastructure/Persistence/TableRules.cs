using Microsoft.EntityFrameworkCore;
using Microsoft.EntityFrameworkCore.Metadata;
using Microsoft.EntityFrameworkCore.Metadata.Builders;
using StudioVault.Domain.Kernel;

namespace StudioVault.Infrastructure.Persistence;

/// <summary>
/// What a table promises beyond its columns. Said once, in the EF configuration; <see cref="SchemaProtection"/> turns it into
/// grants, triggers and policies, and <see cref="VaultGuard"/> checks at every start that PostgreSQL still holds them.
/// </summary>
public static class TableRules
{
    private const string GovernedKey = "Vault:Governed";
    private const string UngovernedKey = "Vault:Ungoverned";
    private const string InsertOnlyKey = "Vault:InsertOnly";
    private const string HqWritesKey = "Vault:HqWrites";
    private const string PinnedKey = "Vault:Pinned";
    private const string SequencerOnlyKey = "Vault:SequencerOnly";
    private const string RowsKey = "Vault:Rows";
    private const string ByStatementKey = "Vault:ByStatement";

    /// <summary>Rows change only in a transaction that wrote an audit entry first.</summary>
    /// <param name="e">The table.</param>
    /// <param name="but">Properties that change without one: counts that say nothing about anybody's rights.</param>
    public static EntityTypeBuilder<T> Governed<T>(this EntityTypeBuilder<T> e, params string[] but) where T : class
    {
        if (but.Length > 0) e.HasAnnotation(UngovernedKey, string.Join(',', but));
        return e.With(GovernedKey);
    }

    /// <summary>Rows are never updated, deleted or truncated, by no role.</summary>
    public static EntityTypeBuilder<T> InsertOnly<T>(this EntityTypeBuilder<T> e) where T : class => e.With(InsertOnlyKey);

    /// <summary>HQ scope may write these tenant rows too (update offers); all other tenant rows only their branch writes.</summary>
    public static EntityTypeBuilder<T> HqWrites<T>(this EntityTypeBuilder<T> e) where T : class => e.With(HqWritesKey);

    /// <summary>The app reads these rows, only the sequencer's role writes them.</summary>
    public static EntityTypeBuilder<T> SequencerOnly<T>(this EntityTypeBuilder<T> e) where T : class => e.With(SequencerOnlyKey);

    /// <summary>
    /// Row-level security of a table that is not <see cref="ITenantOwned"/>. Every table has either, or is the sequencer's:
    /// whoever adds one has to say who may see it.
    /// </summary>
    public static EntityTypeBuilder<T> Rows<T>(this EntityTypeBuilder<T> e, RowAccess access) where T : class
    {
        e.HasAnnotation(RowsKey, string.Join('\n', access.Read, access.Insert, access.Update, access.Delete));
        return e;
    }

    /// <summary>Who may touch which rows, or null where only grants decide (the sequencer's numbers and hashes).</summary>
    public static RowAccess? Rows(this IReadOnlyEntityType type)
    {
        if (type.IsTenant())
        {
            var own = RowRule.Own();
            return new RowAccess(RowRule.Any(own, RowRule.Hq), type.IsHqWritten() ? RowRule.Any(own, RowRule.Hq) : own);
        }

        if (type.FindAnnotation(RowsKey)?.Value is not string text) return null;
        var rules = text.Split('\n').Select(r => r.Length == 0 ? null : r).ToList();
        return new RowAccess(rules[0]!, rules[1], rules[2], rules[3]);
    }

    /// <summary>These columns keep the value they were inserted with, whoever updates the row.</summary>
    public static EntityTypeBuilder<T> Pinned<T>(this EntityTypeBuilder<T> e, params string[] properties) where T : class
    {
        e.HasAnnotation(PinnedKey, string.Join(',', properties));
        return e;
    }

    /// <summary>
    /// PostgreSQL looks once per statement whether every new row names one that is there, instead of row by row with a lock on
    /// each, as a foreign key would: a good part of a publish's time. Updates are looked at too, unless the columns are pinned.
    /// Only where the rows it points at are never deleted and keep their key; the migration drops the foreign key by hand.
    /// </summary>
    public static void HeldByStatement(this ReferenceCollectionBuilder relation) => relation.Metadata.SetAnnotation(ByStatementKey, true);

    /// <summary>Whether a trigger holds this relation.</summary>
    public static bool IsHeldByStatement(this IReadOnlyForeignKey key) => key.FindAnnotation(ByStatementKey) is not null;

    /// <summary>Names of the pinned properties; empty for most tables.</summary>
    public static IReadOnlyList<string> PinnedProperties(this IReadOnlyEntityType type) =>
        type.FindAnnotation(PinnedKey)?.Value is string names ? names.Split(',') : [];

    /// <summary>Names of the properties of a governed table that change without an entry; empty for most tables.</summary>
    public static IReadOnlyList<string> UngovernedProperties(this IReadOnlyEntityType type) =>
        type.FindAnnotation(UngovernedKey)?.Value is string names ? names.Split(',') : [];

    public static bool IsGoverned(this IReadOnlyEntityType type) => type.FindAnnotation(GovernedKey) is not null;
    public static bool IsInsertOnly(this IReadOnlyEntityType type) => type.FindAnnotation(InsertOnlyKey) is not null;
    public static bool IsHqWritten(this IReadOnlyEntityType type) => type.FindAnnotation(HqWritesKey) is not null;
    public static bool IsSequencerOnly(this IReadOnlyEntityType type) => type.FindAnnotation(SequencerOnlyKey) is not null;
    public static bool IsTenant(this IReadOnlyEntityType type) => typeof(ITenantOwned).IsAssignableFrom(type.ClrType);

    /// <summary>Every entity type with a table of its own.</summary>
    public static IEnumerable<IEntityType> Tables(this IModel model) =>
        model.GetEntityTypes().Where(t => !t.IsMappedToJson() && t.GetTableName() is not null && !t.IsOwned());

    /// <summary>"schema.table", quoted where PostgreSQL needs it (ours never do).</summary>
    public static string QualifiedName(this IReadOnlyEntityType type) => $"{type.GetSchema() ?? "public"}.{type.GetTableName()}";

    private static EntityTypeBuilder<T> With<T>(this EntityTypeBuilder<T> e, string key) where T : class
    {
        e.HasAnnotation(key, true);
        return e;
    }
}
