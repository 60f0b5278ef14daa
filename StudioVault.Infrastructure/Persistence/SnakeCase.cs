using System.Text.RegularExpressions;
using Microsoft.EntityFrameworkCore;

namespace StudioVault.Infrastructure.Persistence;

/// <summary>
/// snake_case for everything PostgreSQL sees. A loop of our own: the usual package does not load with EF Core 10.
/// </summary>
internal static partial class SnakeCase
{
    [GeneratedRegex("(?<=[a-z0-9])(?=[A-Z])|(?<=[A-Z])(?=[A-Z][a-z])")]
    private static partial Regex WordStart();

    public static string Of(string name) => WordStart().Replace(name, "_").ToLowerInvariant();

    public static void Apply(ModelBuilder model)
    {
        foreach (var type in model.Model.GetEntityTypes())
        {
            // Owned types kept as JSON have no table of their own; their key names are null.
            if (type.IsMappedToJson()) continue;
            if (type.GetTableName() is { } table) type.SetTableName(Of(table));
            foreach (var property in type.GetProperties())
            {
                // xmin is PostgreSQL's own column; renaming it would create a real one.
                if (property.IsConcurrencyToken && property.ClrType == typeof(uint)) continue;
                property.SetColumnName(Of(property.GetColumnName()));
            }

            foreach (var key in type.GetKeys()) key.SetName(Of(key.GetName()!));
            foreach (var key in type.GetForeignKeys()) key.SetConstraintName(Of(key.GetConstraintName()!));
            foreach (var index in type.GetIndexes()) index.SetDatabaseName(Of(index.GetDatabaseName()!));
        }
    }
}
