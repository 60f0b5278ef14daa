using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;
using Npgsql;
using NpgsqlTypes;
using StudioVault.Domain.Audit;
using StudioVault.Infrastructure.Live;
using StudioVault.Infrastructure.Persistence;

namespace StudioVault.Infrastructure.Audit;

/// <summary>The sequencer role's connections; null on a node that has no login for it.</summary>
public sealed record SequencerSource(NpgsqlDataSource? Connections);

/// <summary>Pace of the sequencer.</summary>
public sealed class SequencerOptions
{
    /// <summary>Longest time until new entries are covered by a signed checkpoint.</summary>
    public TimeSpan CheckpointInterval { get; set; } = TimeSpan.FromSeconds(10);
}

/// <summary>
/// Numbers what has been committed: audit entries become leaves 0, 1, 2 … of the RFC 6962 tree, events get positions 1, 2, 3 …
/// Every node may do it; an advisory lock lets one do it at a time, and the numbers commit together with the state they came
/// from, so a node that dies in the middle leaves nothing behind and one that wakes up late finds its lock gone (the lock is
/// the fencing token). Commands never wait for it.
/// </summary>
/// <remarks>
/// Which rows are new: every transaction id below the stored horizon has been looked at when none below it was running any
/// more, so new rows have an id at or above it. A plain "id > last" would lose rows that commit late.
/// </remarks>
public sealed class Sequencer(SequencerSource source, FeedWake wake, GroupKey key, LiveOptions options, SequencerOptions pace, ILogger<Sequencer> log) : BackgroundService
{
    /// <summary>Rows of each kind in one transaction.</summary>
    public const int BatchSize = 5_000;

    private const long Lock = 0x5356_5345_5155_454E;

    /// <summary>Numbered entries and events of one batch, and whether it signed a checkpoint.</summary>
    public readonly record struct Batch(int Entries, int Events, bool Signed)
    {
        public bool IsEmpty => Entries == 0 && Events == 0 && !Signed;
        public bool IsFull => Entries == BatchSize || Events == BatchSize;
    }

    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        if (source.Connections is null)
        {
            log.LogInformation("This node has no login for the sequencer role; another node numbers the audit log");
            return;
        }

        while (!stoppingToken.IsCancellationRequested)
        {
            try
            {
                while ((await NumberAsync(stoppingToken)).IsFull) { }
                await wake.WaitAsync(options.PollInterval, stoppingToken);
            }
            catch (OperationCanceledException) when (stoppingToken.IsCancellationRequested)
            {
                return;
            }
            catch (Exception e) when (VaultErrors.AsRefusal(e) is not null || VaultErrors.IsRetryable(e))
            {
                log.LogWarning(e, "The sequencer cannot reach the database; it goes on trying");
                await DelayAsync(options.PollInterval, stoppingToken);
            }
        }
    }

    /// <summary>Numbers at most one batch and tells every node; safe to call from several nodes at once.</summary>
    public async Task<Batch> NumberAsync(CancellationToken ct)
    {
        await using var connection = await source.Connections!.OpenConnectionAsync(ct);
        await using var transaction = await connection.BeginTransactionAsync(ct);
        await using (var take = new NpgsqlCommand($"select pg_advisory_xact_lock({Lock})", connection, transaction))
            await take.ExecuteNonQueryAsync(ct);

        var state = await ReadStateAsync(connection, transaction, ct);
        // Taken before the rows are read: whatever finished before this moment is visible to the reads below.
        var horizon = await HorizonAsync(connection, transaction, ct);
        if (horizon < state.Horizon) state = state with { Horizon = 0 }; // A restore into a new cluster starts counting anew.
        var range = new CompactRange(state.Size, state.Frontier);
        var entries = await NumberEntriesAsync(connection, transaction, state.Horizon, range, ct);
        var events = await NumberEventsAsync(connection, transaction, state, ct);
        var signs = range.Size > state.SignedSize && state.SinceSigned >= pace.CheckpointInterval;
        var batch = new Batch(entries, events, signs);
        if (batch.IsEmpty) return batch;

        // A full batch left rows behind: the horizon may not pass them.
        var reached = batch.IsFull ? state.Horizon : horizon;
        if (signs) await SignAsync(connection, transaction, range, ct);
        await using (var save = new NpgsqlCommand("update audit.sequencer_state set size = $1, frontier = $2, position = $3, horizon = $4 where id = 1", connection, transaction)
        {
            Parameters =
            {
                new() { Value = range.Size }, new() { Value = range.ToArrays() }, new() { Value = state.Position + events },
                new() { Value = reached, NpgsqlDbType = NpgsqlDbType.Xid8 },
            },
        })
            await save.ExecuteNonQueryAsync(ct);
        await transaction.CommitAsync(ct);
        if (events > 0)
        {
            // Outside the transaction: a NOTIFY inside would take PostgreSQL's one notification lock at commit.
            await using var notify = new NpgsqlCommand($"notify {FeedReader.Channel}", connection);
            await notify.ExecuteNonQueryAsync(ct);
        }

        return batch;
    }

    private sealed record State(long Size, byte[][] Frontier, long Position, ulong Horizon, long SignedSize, TimeSpan SinceSigned);

    private static async Task<State> ReadStateAsync(NpgsqlConnection connection, NpgsqlTransaction transaction, CancellationToken ct)
    {
        await using var command = new NpgsqlCommand("""
            select s.size, s.frontier, s.position, s.horizon, coalesce(c.size, 0), coalesce(clock_timestamp() - c.at, interval '1 day')
            from audit.sequencer_state s left join lateral (select size, at from audit.checkpoints order by size desc limit 1) c on true where s.id = 1
            """, connection, transaction);
        await using var reader = await command.ExecuteReaderAsync(ct);
        await reader.ReadAsync(ct);
        return new State(reader.GetInt64(0), reader.GetFieldValue<byte[][]>(1), reader.GetInt64(2), reader.GetFieldValue<ulong>(3), reader.GetInt64(4), reader.GetTimeSpan(5));
    }

    private static async Task<ulong> HorizonAsync(NpgsqlConnection connection, NpgsqlTransaction transaction, CancellationToken ct)
    {
        await using var command = new NpgsqlCommand("select pg_snapshot_xmin(pg_current_snapshot())", connection, transaction);
        return (ulong)(await command.ExecuteScalarAsync(ct))!;
    }

    private static async Task<int> NumberEntriesAsync(NpgsqlConnection connection, NpgsqlTransaction transaction, ulong horizon, CompactRange range, CancellationToken ct)
    {
        var ids = new List<Guid>();
        var hashes = new List<byte[]>();
        var first = range.Size;
        await using (var select = new NpgsqlCommand($"""
            select {AuditEntryBody.Columns} from audit.entries e
            where e.xid >= $1 and not exists (select from audit.leaves l where l.entry_id = e.id)
            order by e.at, e.id limit {BatchSize}
            """, connection, transaction)
        { Parameters = { new() { Value = horizon, NpgsqlDbType = NpgsqlDbType.Xid8 } } })
        {
            await using var reader = await select.ExecuteReaderAsync(ct);
            while (await reader.ReadAsync(ct))
            {
                var hash = AuditEntryBody.Read(reader, 0).LeafHash();
                ids.Add(reader.GetGuid(0));
                hashes.Add(hash.ToArray());
                range.Append(hash);
            }
        }

        if (ids.Count == 0) return 0;
        await using var insert = new NpgsqlCommand(
            "insert into audit.leaves (idx, entry_id, hash) select $1 + n - 1, id, hash from unnest($2, $3) with ordinality as t(id, hash, n)", connection, transaction)
        { Parameters = { new() { Value = first }, new() { Value = ids.ToArray() }, new() { Value = hashes.ToArray() } } };
        await insert.ExecuteNonQueryAsync(ct);
        return ids.Count;
    }

    private static async Task<int> NumberEventsAsync(NpgsqlConnection connection, NpgsqlTransaction transaction, State state, CancellationToken ct)
    {
        await using var insert = new NpgsqlCommand($"""
            insert into live.positions (position, event_id)
            select $1 + row_number() over (order by ts, id), id from (
              select o.ts, o.id from live.outbox o
              where o.xid >= $2 and not exists (select from live.positions p where p.event_id = o.id)
              order by o.ts, o.id limit {BatchSize}) o
            """, connection, transaction)
        { Parameters = { new() { Value = state.Position }, new() { Value = state.Horizon, NpgsqlDbType = NpgsqlDbType.Xid8 } } };
        return await insert.ExecuteNonQueryAsync(ct);
    }

    private async Task SignAsync(NpgsqlConnection connection, NpgsqlTransaction transaction, CompactRange range, CancellationToken ct)
    {
        var root = range.Root();
        await using var insert = new NpgsqlCommand("insert into audit.checkpoints (size, root, note) values ($1, $2, $3)", connection, transaction)
        { Parameters = { new() { Value = range.Size }, new() { Value = root.ToArray() }, new() { Value = key.Signer.Sign(range.Size, root).ToString() } } };
        await insert.ExecuteNonQueryAsync(ct);
    }

    private static async Task DelayAsync(TimeSpan time, CancellationToken ct)
    {
        try
        {
            await Task.Delay(time, ct);
        }
        catch (OperationCanceledException)
        {
            // Stopping.
        }
    }
}
