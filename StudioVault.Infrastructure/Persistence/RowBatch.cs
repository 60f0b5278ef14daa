using System.Globalization;
using System.Text;
using Microsoft.EntityFrameworkCore;
using Microsoft.EntityFrameworkCore.Storage;
using Microsoft.EntityFrameworkCore.Update;
using Npgsql;

namespace StudioVault.Infrastructure.Persistence;

/// <summary>Makes <see cref="RowBatch"/>es: how every context of StudioVault saves.</summary>
internal sealed class RowBatches(ModificationCommandBatchFactoryDependencies dependencies) : IModificationCommandBatchFactory
{
    public ModificationCommandBatch Create() => new RowBatch(dependencies);
}

/// <summary>
/// The rows of one save as one batch of the driver, a statement each, with positional parameters: prepared by their text, and
/// together with the audit entry, the events and the COMMIT where a <see cref="RoundTrip"/> is at hand (ADR 0015). The provider's own batch
/// is a text of all statements, which the driver takes apart and numbers anew at every save, and nothing can go along with it.
/// </summary>
internal sealed class RowBatch(ModificationCommandBatchFactoryDependencies dependencies) : ModificationCommandBatch
{
    /// <summary>As many as the provider's own batches hold.</summary>
    private const int Most = 1_000;

    /// <summary>Makes parameters and is never run.</summary>
    private static readonly NpgsqlCommand Factory = new();

    private readonly List<IReadOnlyModificationCommand> _rows = [];
    private bool _moreFollow;

    public override IReadOnlyList<IReadOnlyModificationCommand> ModificationCommands => _rows;
    public override bool RequiresTransaction => _rows.Count > 1;
    public override bool AreMoreBatchesExpected => _moreFollow;

    public override bool TryAddCommand(IReadOnlyModificationCommand modificationCommand)
    {
        if (_rows.Count == Most) return false;
        _rows.Add(modificationCommand);
        return true;
    }

    public override void Complete(bool moreBatchesExpected) => _moreFollow = moreBatchesExpected;

    // Only the ring of keys is saved by a library that cannot wait, a few times a year.
    public override void Execute(IRelationalConnection connection) => ExecuteAsync(connection).GetAwaiter().GetResult();

    public override async Task ExecuteAsync(IRelationalConnection connection, CancellationToken cancellationToken = default)
    {
        var joining = ((VaultDb)dependencies.CurrentContext.Context).Joining;
        var statements = _rows.ConvertAll(row => Statement(row, joining is not null));
        await using var batch = new NpgsqlBatch((NpgsqlConnection)connection.DbConnection, (NpgsqlTransaction?)connection.CurrentTransaction?.GetDbTransaction());
        if (connection.CommandTimeout is { } timeout) batch.Timeout = timeout;
        joining?.Begin(batch);
        foreach (var statement in statements) batch.BatchCommands.Add(statement);
        if (!_moreFollow) joining?.End(batch);
        try
        {
            // What commits is not looked at afterwards: it fails where it does not change the row it means.
            if (joining is not null) await batch.ExecuteNonQueryAsync(cancellationToken);
            else await ReadAsync(batch, statements, connection, cancellationToken);
        }
        catch (PostgresException e) when (e.SqlState == SchemaProtection.StaleState)
        {
            throw Lost(statements.IndexOf((NpgsqlBatchCommand)e.BatchCommand!), e);
        }
        catch (PostgresException e) when (joining is null || statements.IndexOf((NpgsqlBatchCommand)e.BatchCommand!) >= 0)
        {
            // Which of them it was is only told by connections of the product's own.
            var row = statements.IndexOf((NpgsqlBatchCommand)e.BatchCommand!);
            throw new DbUpdateException("A row could not be saved.", e, row < 0 ? [.. _rows.SelectMany(r => r.Entries)] : [.. _rows[row].Entries]);
        }
    }

    /// <summary>Takes what PostgreSQL made (defaults, versions) back into the entities, and checks that every change found its row.</summary>
    private async Task ReadAsync(NpgsqlBatch batch, List<NpgsqlBatchCommand> statements, IRelationalConnection connection, CancellationToken ct)
    {
        await using (var reader = await batch.ExecuteReaderAsync(ct))
        {
            var values = new RelationalDataReader();
            values.Initialize(connection, Factory, reader, Guid.Empty, null);
            var isFirst = true;
            foreach (var row in _rows.Where(IsRead))
            {
                // The driver stands at the first statement that answers with rows.
                if (!isFirst) await reader.NextResultAsync(ct);
                isFirst = false;
                if (await reader.ReadAsync(ct)) row.PropagateResults(values);
            }

            while (await reader.NextResultAsync(ct)) { }
        }

        for (var i = 0; i < _rows.Count; i++)
            if (_rows[i].EntityState != EntityState.Added && statements[i].RecordsAffected != 1)
                throw Lost(i, null);
    }

    private DbUpdateConcurrencyException Lost(int row, PostgresException? e) => RoundTrip.Stale(e, row < 0 ? [] : [.. _rows[row].Entries]);

    private static bool IsRead(IReadOnlyModificationCommand row) => row.ColumnModifications.Any(c => c.IsRead);

    /// <param name="commits">The COMMIT follows: nothing is read back, and a change that does not find its row fails.</param>
    private NpgsqlBatchCommand Statement(IReadOnlyModificationCommand row, bool commits)
    {
        var (sql, statement) = (new StringBuilder(256), new NpgsqlBatchCommand());
        var table = dependencies.SqlGenerationHelper.DelimitIdentifier(row.TableName, row.Schema);
        switch (row.EntityState)
        {
            case EntityState.Added:
                sql.Append("insert into ").Append(table).Append(" (");
                List(sql, row, c => c.IsWrite, c => Name(c));
                sql.Append(") values (");
                List(sql, row, c => c.IsWrite, c => Place(statement, c, c.Value));
                sql.Append(')');
                break;
            case EntityState.Deleted:
                sql.Append("delete from ").Append(table);
                break;
            default:
                sql.Append("update ").Append(table).Append(" set ");
                List(sql, row, c => c.IsWrite, c => $"{Name(c)} = {Place(statement, c, c.Value)}");
                break;
        }

        if (row.EntityState != EntityState.Added)
        {
            sql.Append(" where ");
            List(sql, row, c => c.IsCondition, c => c.OriginalValue is null ? $"{Name(c)} is null" : $"{Name(c)} = {Place(statement, c, c.OriginalValue)}", " and ");
            if (commits) sql.Append(" returning 1");
        }

        if (!commits && IsRead(row))
        {
            sql.Append(" returning ");
            List(sql, row, c => c.IsRead, Name);
        }

        statement.CommandText = commits && row.EntityState != EntityState.Added ? RoundTrip.ExactlyOne(sql.ToString()) : sql.ToString();
        return statement;
    }

    private string Name(IColumnModification column) => column.JsonPath is null
        ? dependencies.SqlGenerationHelper.DelimitIdentifier(column.ColumnName)
        : throw new NotSupportedException($"{column.ColumnName} would be changed in parts; StudioVault writes JSON whole.");

    private static string Place(NpgsqlBatchCommand statement, IColumnModification column, object? value)
    {
        statement.Parameters.Add((NpgsqlParameter)column.TypeMapping!.CreateParameter(Factory, "", value, column.IsNullable));
        return string.Create(CultureInfo.InvariantCulture, $"${statement.Parameters.Count}");
    }

    private static void List(StringBuilder sql, IReadOnlyModificationCommand row, Func<IColumnModification, bool> which, Func<IColumnModification, string> text, string between = ", ")
    {
        var isFirst = true;
        foreach (var column in row.ColumnModifications)
        {
            if (!which(column)) continue;
            if (!isFirst) sql.Append(between);
            isFirst = false;
            sql.Append(text(column));
        }
    }
}
