using System.Runtime.CompilerServices;
using System.Text;
using Npgsql;
using StudioVault.Domain.Audit;
using StudioVault.Infrastructure.Persistence;

namespace StudioVault.Infrastructure.Audit;

/// <summary>
/// The log as it stands in a database at one moment, row by row: for those who check it or carry it away. Reads in one
/// snapshot and writes nothing; the product may go on working meanwhile. Any login that may read the audit tables will do.
/// </summary>
public sealed class AuditArchive : IAsyncDisposable
{
    private readonly NpgsqlConnection _connection;
    private readonly NpgsqlTransaction _snapshot;
    private AuditFinding? _columns;

    private AuditArchive(NpgsqlConnection connection, NpgsqlTransaction snapshot) => (_connection, _snapshot) = (connection, snapshot);

    public static async Task<AuditArchive> OpenAsync(NpgsqlDataSource source, CancellationToken ct)
    {
        var connection = await new VaultDbs(source).OpenConnectionAsync(TenantScope.Hq, ct);
        try
        {
            // The limits of the app's roles are for pages, not for reading a whole log.
            await using (var patience = new NpgsqlCommand("set statement_timeout = 0; set idle_in_transaction_session_timeout = 0", connection))
                await patience.ExecuteNonQueryAsync(ct);
            var snapshot = await connection.BeginTransactionAsync(System.Data.IsolationLevel.RepeatableRead, ct);
            await using (var readOnly = new NpgsqlCommand("set transaction read only", connection, snapshot))
                await readOnly.ExecuteNonQueryAsync(ct);
            return new AuditArchive(connection, snapshot);
        }
        catch
        {
            await connection.DisposeAsync();
            throw;
        }
    }

    /// <summary>Checks everything: entries, payloads, tree, checkpoints, and what the sequencer keeps for itself.</summary>
    /// <param name="keys">All keys that ever signed.</param>
    /// <param name="anchors">Notes of checkpoints kept elsewhere.</param>
    /// <param name="ct">Cancels.</param>
    /// <returns>What was found, and the newest signed checkpoint.</returns>
    public async Task<(AuditReport Report, string? Newest)> VerifyAsync(IReadOnlyCollection<CheckpointKey> keys, IEnumerable<string> anchors, CancellationToken ct)
    {
        var verifier = new AuditVerifier(GroupKey.LogName, keys, Notes(), anchors, AuditTail.Open);
        await foreach (var entry in EntriesAsync(long.MaxValue, ct)) verifier.Add(entry);
        if (_columns is { } columns) verifier.Add(columns);
        await CheckStateAsync(verifier, ct);
        await CheckUnnumberedAsync(verifier, ct);
        return (verifier.Finish(), verifier.Newest);
    }

    /// <summary>How many checkpoints there are, and size and root of the newest; size 0 when there is none.</summary>
    public async Task<(long Count, long Size, MerkleHash Root)> HeadAsync(CancellationToken ct)
    {
        await using var command = new NpgsqlCommand("select count(*) over (), size, root from audit.checkpoints order by size desc limit 1", _connection);
        await using var row = await command.ExecuteReaderAsync(ct);
        return await row.ReadAsync(ct) && MerkleHash.TryRead(row.GetFieldValue<byte[]>(2), out var root) ? (row.GetInt64(0), row.GetInt64(1), root) : (0, 0, MerkleHash.Empty);
    }

    /// <summary>The notes of all checkpoints, smallest first.</summary>
    public IEnumerable<string> Notes()
    {
        using var command = new NpgsqlCommand("select size, root, note from audit.checkpoints order by size", _connection);
        using var row = command.ExecuteReader();
        while (row.Read())
        {
            var (size, root, note) = (row.GetInt64(0), row.GetFieldValue<byte[]>(1), row.GetString(2));
            if (_columns is null && Checkpoint.Parse(note).TryGet(out var checkpoint, out _) && (checkpoint.Size != (ulong)size || !checkpoint.Root.Equals(root)))
                _columns = new AuditFinding(AuditFault.StateMismatch, size, size, $"The checkpoint shown as that of size {size} does not say so itself.");
            yield return note;
        }
    }

    /// <summary>The numbered entries below an index, in order.</summary>
    public async IAsyncEnumerable<LoggedEntry> EntriesAsync(long below, [EnumeratorCancellation] CancellationToken ct)
    {
        const int first = 4;
        await using var command = new NpgsqlCommand(
            $"select l.idx, l.hash, e.id is null, e.payload, {AuditEntryBody.Columns} from audit.leaves l left join audit.entries e on e.id = l.entry_id where l.idx < $1 order by l.idx", _connection)
        { Parameters = { new() { Value = below } } };
        await using var row = await command.ExecuteReaderAsync(ct);
        while (await row.ReadAsync(ct))
        {
            var (index, hash) = (row.GetInt64(0), row.GetFieldValue<byte[]>(1));
            if (row.GetBoolean(2)) yield return LoggedEntry.Lost(index, hash);
            else if (Body(row) is { } body) yield return new LoggedEntry(index, hash, body, row.IsDBNull(3) ? null : Encoding.UTF8.GetBytes(row.GetString(3)));
            else yield return new LoggedEntry(index, hash, "?"u8.ToArray());
        }

        static AuditBody? Body(NpgsqlDataReader row)
        {
            try
            {
                return AuditEntryBody.Read(row, first);
            }
            catch (Exception e) when (e is InvalidCastException or OverflowException or ArgumentOutOfRangeException)
            {
                return null; // For example a time that .NET has no value for: the sequencer cannot have read it either.
            }
        }
    }

    public async ValueTask DisposeAsync()
    {
        await _snapshot.DisposeAsync();
        await _connection.DisposeAsync();
    }

    private async Task CheckStateAsync(AuditVerifier verifier, CancellationToken ct)
    {
        await using var command = new NpgsqlCommand("select size, frontier from audit.sequencer_state", _connection);
        await using var row = await command.ExecuteReaderAsync(ct);
        if (await row.ReadAsync(ct)) verifier.CheckState(row.GetInt64(0), row.GetFieldValue<byte[][]>(1));
        else verifier.Add(new AuditFinding(AuditFault.StateMismatch, verifier.Added, verifier.Added, "The sequencer has nothing to go on from."));
    }

    private async Task CheckUnnumberedAsync(AuditVerifier verifier, CancellationToken ct)
    {
        // Below its horizon the sequencer has numbered everything. After a restore into a new cluster, which counts transactions
        // anew, the horizon means nothing until the next batch.
        await using var command = new NpgsqlCommand("""
            select count(*), min(e.id::text) from audit.sequencer_state s join audit.entries e
              on e.xid < case when s.horizon > pg_snapshot_xmin(pg_current_snapshot()) then '0'::xid8 else s.horizon end
            where not exists (select from audit.leaves l where l.entry_id = e.id)
            """, _connection);
        await using var row = await command.ExecuteReaderAsync(ct);
        await row.ReadAsync(ct);
        if (row.GetInt64(0) is var count and > 0)
            verifier.Add(new AuditFinding(AuditFault.Unnumbered, verifier.Added, verifier.Added, $"{count} entries have no number although the sequencer has passed them, for example {row.GetString(1)}."));
    }
}
