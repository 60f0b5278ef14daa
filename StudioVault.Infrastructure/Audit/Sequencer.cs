using Microsoft.Extensions.Logging;
using Npgsql;
using NpgsqlTypes;
using StudioVault.Domain.Audit;
using StudioVault.Infrastructure.Live;
using StudioVault.Infrastructure.Persistence;
using StudioVault.Infrastructure.Scheduling;

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
public sealed class Sequencer(SequencerSource source, FeedWake wake, GroupKey key, LiveOptions options, SequencerOptions pace, ILogger<Sequencer> log) : NodeService
{
    /// <summary>Rows of each kind in one transaction.</summary>
    public const int BatchSize = 5_000;

    private const long Lock = 0x5356_5345_5155_454E;

    /// <summary>The stored horizon as this node saw it last, so that it need not be read before the rows; too high before the first look, which is then repeated.</summary>
    private ulong _horizon = ulong.MaxValue;

    /// <summary>Called where a test may end the process: <c>looked</c> (locked and read), <c>numbered</c> (written, not committed), <c>committed</c> (nobody told yet).</summary>
    internal Func<string, NpgsqlConnection, Task> At { get; set; } = static (_, _) => Task.CompletedTask;

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

        var pause = new RetryPause(options.PollInterval);
        while (!stoppingToken.IsCancellationRequested)
        {
            try
            {
                while ((await NumberAsync(stoppingToken)).IsFull) { }
                pause.Well();
                await wake.WaitAsync(options.PollInterval, stoppingToken);
            }
            catch (OperationCanceledException) when (stoppingToken.IsCancellationRequested)
            {
                return;
            }
            catch (Exception e) when (VaultErrors.IsForALoop(e))
            {
                log.LogWarning(e, "The sequencer cannot number what was written; it goes on trying");
                await Task.Delay(pause.After(e), stoppingToken).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
            }
        }
    }

    /// <summary>Numbers at most one batch and tells every node; safe to call from several nodes at once.</summary>
    /// <remarks>Four round trips (what is there, the numbers, the commit, the bell): everybody who looks at a screen waits for them.</remarks>
    public async Task<Batch> NumberAsync(CancellationToken ct)
    {
        await using var connection = await source.Connections!.OpenConnectionAsync(ct);
        await using var transaction = await connection.BeginTransactionAsync(ct);
        var found = await LookAsync(connection, transaction, Interlocked.Read(ref _horizon), ct);
        // A restore into a new cluster starts counting anew.
        var from = found.Horizon < found.State.Horizon ? 0 : found.State.Horizon;
        if (from < found.From) found = await LookAsync(connection, transaction, from, ct);
        Interlocked.Exchange(ref _horizon, from);
        await At("looked", connection);
        var state = found.State;
        var signs = found.Range.Size > state.SignedSize && state.SinceSigned >= pace.CheckpointInterval;

        await using var numbers = new NpgsqlBatch(connection, transaction);
        if (found.Ids.Count > 0) numbers.BatchCommands.Add(Leaves(state.Size, found.Ids, found.Hashes));
        if (signs) numbers.BatchCommands.Add(Checkpoint(found.Range));
        numbers.BatchCommands.Add(Positions(found, from, signs));
        long events;
        await using (var reader = await numbers.ExecuteReaderAsync(ct)) events = await reader.ReadAsync(ct) ? reader.GetInt64(0) - state.Position : 0;
        var batch = new Batch(found.Ids.Count, (int)events, signs);
        if (batch.IsEmpty) return batch;
        await At("numbered", connection);
        await transaction.CommitAsync(ct);
        await At("committed", connection);
        if (events > 0)
        {
            // Outside the transaction: a NOTIFY inside would take PostgreSQL's one notification lock at commit.
            await using var notify = new NpgsqlCommand($"notify {FeedReader.Channel}", connection);
            await notify.ExecuteNonQueryAsync(ct);
        }

        return batch;
    }

    private sealed record State(long Size, byte[][] Frontier, long Position, ulong Horizon, long SignedSize, TimeSpan SinceSigned);

    /// <summary>What waits for a number.</summary>
    /// <param name="Horizon">Every transaction below it has ended, and what it committed is in here.</param>
    /// <param name="From">Entries of transactions below it were not looked at.</param>
    /// <param name="Range">The tree with the new leaves.</param>
    private sealed record Found(State State, ulong Horizon, ulong From, CompactRange Range, List<Guid> Ids, List<byte[]> Hashes);

    /// <summary>Takes the lock and looks what is new, in one round trip.</summary>
    private static async Task<Found> LookAsync(NpgsqlConnection connection, NpgsqlTransaction transaction, ulong from, CancellationToken ct)
    {
        await using var batch = new NpgsqlBatch(connection, transaction)
        {
            BatchCommands =
            {
                new NpgsqlBatchCommand($"select pg_advisory_xact_lock({Lock})"),
                // The horizon is taken before the rows are read: whatever ended before this moment is visible to the reads after it.
                new NpgsqlBatchCommand("""
                    select s.size, s.frontier, s.position, s.horizon, coalesce(c.size, 0), coalesce(clock_timestamp() - c.at, interval '1 day'), pg_snapshot_xmin(pg_current_snapshot())
                    from audit.sequencer_state s left join lateral (select size, at from audit.checkpoints order by size desc limit 1) c on true where s.id = 1
                    """),
                new NpgsqlBatchCommand($"""
                    select {AuditEntryBody.Columns} from audit.entries e
                    where e.xid >= $1 and not exists (select from audit.leaves l where l.entry_id = e.id)
                    order by e.at, e.id limit {BatchSize}
                    """) { Parameters = { Xid(from) } },
            },
        };
        await using var reader = await batch.ExecuteReaderAsync(ct);
        await reader.NextResultAsync(ct);
        await reader.ReadAsync(ct);
        var state = new State(reader.GetInt64(0), reader.GetFieldValue<byte[][]>(1), reader.GetInt64(2), reader.GetFieldValue<ulong>(3), reader.GetInt64(4), reader.GetTimeSpan(5));
        var found = new Found(state, reader.GetFieldValue<ulong>(6), from, new CompactRange(state.Size, state.Frontier), [], []);
        await reader.NextResultAsync(ct);
        while (await reader.ReadAsync(ct))
        {
            var hash = AuditEntryBody.Read(reader, 0).LeafHash();
            found.Ids.Add(reader.GetGuid(0));
            found.Hashes.Add(hash.ToArray());
            found.Range.Append(hash);
        }

        return found;
    }

    private static NpgsqlBatchCommand Leaves(long first, List<Guid> ids, List<byte[]> hashes) =>
        new("insert into audit.leaves (idx, entry_id, hash) select $1 + n - 1, id, hash from unnest($2, $3) with ordinality as t(id, hash, n)")
        { Parameters = { new() { Value = first }, new() { Value = ids.ToArray() }, new() { Value = hashes.ToArray() } } };

    private NpgsqlBatchCommand Checkpoint(CompactRange range)
    {
        var root = range.Root();
        return new("insert into audit.checkpoints (size, root, note) values ($1, $2, $3)")
        { Parameters = { new() { Value = range.Size }, new() { Value = root.ToArray() }, new() { Value = key.Signer.Sign(range.Size, root).ToString() } } };
    }

    /// <summary>Numbers the events and remembers how far all this went; answers with the last position, or with nothing when nothing was new.</summary>
    private static NpgsqlBatchCommand Positions(Found found, ulong from, bool signs) => new($"""
        with numbered as (
            insert into live.positions (position, event_id)
            select $1 + row_number() over (order by ts, id), id from (
                select o.ts, o.id from live.outbox o
                where o.xid >= $2 and not exists (select from live.positions p where p.event_id = o.id)
                order by o.ts, o.id limit {BatchSize}) o
            returning 1),
        events as (select count(*) as count from numbered)
        update audit.sequencer_state set size = $3, frontier = $4, position = $1 + events.count,
            -- A full batch left rows behind: the horizon may not pass them.
            horizon = case when $5 or events.count = {BatchSize} then $2 else $6 end
        from events where id = 1 and ($7 or events.count > 0)
        returning position
        """)
    {
        Parameters =
        {
            new() { Value = found.State.Position }, Xid(from), new() { Value = found.Range.Size }, new() { Value = found.Range.ToArrays() },
            new() { Value = found.Ids.Count == BatchSize }, Xid(found.Horizon), new() { Value = found.Ids.Count > 0 || signs },
        },
    };

    private static NpgsqlParameter Xid(ulong xid) => new() { Value = xid, NpgsqlDbType = NpgsqlDbType.Xid8 };
}
