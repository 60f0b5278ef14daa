using Microsoft.Extensions.Logging;
using Npgsql;
using StudioVault.Domain.Kernel;
using StudioVault.Infrastructure.Persistence;
using StudioVault.Infrastructure.Scheduling;

namespace StudioVault.Infrastructure.Live;

/// <summary>
/// Follows the numbered outbox with a cursor of its own and hands new events to <see cref="LiveFeed"/>. Polling is the truth;
/// NOTIFY (an empty message, sent by the sequencer after its commit) only shortens the wait.
/// </summary>
public sealed class FeedReader(VaultDbs dbs, LiveFeed feed, PresenceBoard presence, LiveOptions options, ILogger<FeedReader> log) : NodeService
{
    /// <summary>Channel rung when events have been numbered.</summary>
    public const string Channel = "sv_feed";

    private const int BatchSize = 500;
    private readonly FeedWake _wake = new();
    private long _cursor = -1;

    /// <summary>The last position handed out by this node, or -1 before the first look.</summary>
    public long Cursor => Interlocked.Read(ref _cursor);

    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        var listener = ListenAsync(stoppingToken);
        var pause = new RetryPause(options.PollInterval);
        while (!stoppingToken.IsCancellationRequested)
        {
            try
            {
                while (await ReadBatchAsync(stoppingToken) == BatchSize) { }
                pause.Well();
                await _wake.WaitAsync(options.PollInterval, stoppingToken);
            }
            catch (OperationCanceledException) when (stoppingToken.IsCancellationRequested)
            {
                break;
            }
            catch (Exception e) when (VaultErrors.IsForALoop(e))
            {
                log.LogWarning(e, "The live feed cannot read from the database; it goes on trying");
                await Task.Delay(pause.After(e), stoppingToken).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
            }
        }

        await listener;
    }

    private async Task<int> ReadBatchAsync(CancellationToken ct)
    {
        await using var connection = await dbs.Source.OpenConnectionAsync(ct);
        await using var batch = new NpgsqlBatch(connection);
        // Every branch's events: who may hear which is decided by their subscribers. Without a transaction of its own a batch is one: the scope ends with it.
        batch.BatchCommands.Add(VaultDbs.ScopeOfTransaction(TenantScope.Hq));
        batch.BatchCommands.Add(_cursor < 0 ? new("select coalesce(max(position), 0) from live.positions") : new NpgsqlBatchCommand("""
            select p.position, o.id, o.ts, o.topic, o.actor, o.space_id, o.payload
            from live.positions p join live.outbox o on o.id = p.event_id
            where p.position > $1 order by p.position limit $2
            """)
        { Parameters = { new() { Value = _cursor }, new() { Value = BatchSize } } });
        await using var reader = await batch.ExecuteReaderAsync(ct);
        await reader.NextResultAsync(ct);
        if (_cursor < 0)
        {
            await reader.ReadAsync(ct);
            Interlocked.Exchange(ref _cursor, reader.GetInt64(0));
            return 0;
        }

        var events = new List<LiveEvent>();
        while (await reader.ReadAsync(ct))
        {
            events.Add(new LiveEvent(reader.GetInt64(0), reader.GetGuid(1), reader.GetFieldValue<DateTimeOffset>(2), reader.GetString(3),
                reader.GetString(4), await reader.IsDBNullAsync(5, ct) ? null : new BranchId(reader.GetGuid(5)), reader.GetString(6)));
        }

        if (events.Count == 0) return 0;
        feed.Publish(events);
        Interlocked.Exchange(ref _cursor, events[^1].Position);
        return events.Count;
    }

    private async Task ListenAsync(CancellationToken ct)
    {
        var pause = new RetryPause(options.PollInterval);
        while (!ct.IsCancellationRequested)
        {
            try
            {
                await using var connection = await OpenListenerAsync(ct);
                connection.Notification += (_, e) =>
                {
                    if (e.Channel == Channel) _wake.Written();
                    else presence.Heard(e.Payload);
                };
                await using (var listen = new NpgsqlCommand($"listen {Channel}; listen {PresenceBoard.Channel}", connection))
                    await listen.ExecuteNonQueryAsync(ct);
                pause.Well();
                while (true) await connection.WaitAsync(ct);
            }
            catch (OperationCanceledException) when (ct.IsCancellationRequested)
            {
                return;
            }
            catch (Exception e) when (VaultErrors.IsForALoop(e))
            {
                log.LogDebug(e, "The listener lost its connection; polling goes on meanwhile");
                await Task.Delay(pause.After(e), ct).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
            }
        }
    }

    // A connection of its own: it is held for ever and must notice a dead server.
    private async Task<NpgsqlConnection> OpenListenerAsync(CancellationToken ct)
    {
        var connection = dbs.Source.CreateConnection();
        await connection.OpenAsync(ct);
        return connection;
    }
}
