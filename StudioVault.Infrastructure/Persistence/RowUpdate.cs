using System.Globalization;
using System.Linq.Expressions;
using System.Text;
using Microsoft.EntityFrameworkCore;
using Microsoft.EntityFrameworkCore.Metadata;
using Npgsql;

namespace StudioVault.Infrastructure.Persistence;

/// <summary>
/// A conditional update of one row as a statement of a batch, its columns and conversions read off the model: for the few places
/// where a change, its audit entry and its event have to go in one round trip.
/// </summary>
internal sealed class RowUpdate<T>(IModel model) where T : class
{
    private readonly IEntityType _table = model.FindEntityType(typeof(T)) ?? throw new InvalidOperationException($"{typeof(T).Name} is no table.");
    private readonly NpgsqlBatchCommand _command = new();
    private readonly StringBuilder _set = new();
    private readonly StringBuilder _where = new();

    /// <summary>Gives a column a value.</summary>
    public RowUpdate<T> Set<TValue>(Expression<Func<T, TValue>> property, TValue value) => Add(_set, ", ", property, value);

    /// <summary>Only where a column has this value.</summary>
    public RowUpdate<T> Where<TValue>(Expression<Func<T, TValue>> property, TValue value) => Add(_where, " and ", property, value);

    /// <summary>Only while a time is ahead, by the database clock at the moment of the change.</summary>
    public RowUpdate<T> WhereAhead(Expression<Func<T, DateTimeOffset?>> time)
    {
        _where.Append(_where.Length > 0 ? " and " : "").Append(PropertyOf(time).GetColumnName()).Append(" > clock_timestamp()");
        return this;
    }

    /// <summary>The statement; it fails with <see cref="SchemaProtection.StaleState"/> where a condition does not hold.</summary>
    public NpgsqlBatchCommand Command()
    {
        _command.CommandText = RoundTrip.ExactlyOne(Text);
        return _command;
    }

    /// <summary>The statement, with a new row of another table that is added only if the update took place.</summary>
    public NpgsqlBatchCommand CommandAnd<TRow>(TRow row) where TRow : class
    {
        var table = model.FindEntityType(typeof(TRow)) ?? throw new InvalidOperationException($"{typeof(TRow).Name} is no table.");
        var (names, places) = (new StringBuilder(), new StringBuilder());
        foreach (var property in table.GetProperties().Where(p => !p.IsShadowProperty()))
        {
            names.Append(names.Length > 0 ? ", " : "").Append(property.GetColumnName());
            places.Append(CultureInfo.InvariantCulture, $"{(places.Length > 0 ? ", " : "")}${Add(property, property.GetGetter().GetClrValue(row))}");
        }

        _command.CommandText = RoundTrip.ExactlyOne(Text, $"insert into {table.QualifiedName()} ({names}) select {places} from changed");
        return _command;
    }

    private string Text => $"update {_table.QualifiedName()} set {_set} where {_where} returning 1";

    private RowUpdate<T> Add<TValue>(StringBuilder text, string between, Expression<Func<T, TValue>> of, TValue value)
    {
        var property = PropertyOf(of);
        text.Append(text.Length > 0 ? between : "").Append(property.GetColumnName()).Append(CultureInfo.InvariantCulture, $" = ${Add(property, value)}");
        return this;
    }

    /// <summary>A value as the column keeps it; answers with its place.</summary>
    private int Add(IProperty property, object? value)
    {
        var mapping = property.GetRelationalTypeMapping();
        var kept = value is null || mapping.Converter is null ? value : mapping.Converter.ConvertToProvider(value);
        _command.Parameters.Add(new NpgsqlParameter { Value = kept ?? DBNull.Value, DataTypeName = mapping.StoreTypeNameBase });
        return _command.Parameters.Count;
    }

    private IProperty PropertyOf(LambdaExpression of)
    {
        var body = of.Body is UnaryExpression { NodeType: ExpressionType.Convert } convert ? convert.Operand : of.Body;
        return _table.FindProperty(((MemberExpression)body).Member.Name) ?? throw new InvalidOperationException($"{of} is no column.");
    }
}
