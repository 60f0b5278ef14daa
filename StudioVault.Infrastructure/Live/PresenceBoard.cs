using Npgsql;
using StudioVault.Domain.Kernel;
using StudioVault.Infrastructure.Persistence;

namespace StudioVault.Infrastructure.Live;

/// <summary>Somebody who looks at the same thing right now.</summary>
public sealed record Present(PersonId PersonId, string Name, DateTimeOffset SeenAt);

/// <summary>
/// Presence, not locks: who is looking at a place, over all nodes. A heartbeat counts for 25 seconds; it decides nothing.
/// </summary>
public sealed class PresenceBoard(VaultDbs dbs)
{
    /// <summary>Channel rung when somebody came or left; the payload is the place.</summary>
    public const string Channel = "sv_presence";

    /// <summary>How long a heartbeat counts.</summary>
    public static readonly TimeSpan Lifetime = TimeSpan.FromSeconds(25);

    private const char PartMark = '#';

    private readonly Lock _gate = new();
    private readonly Dictionary<string, List<Action>> _watchers = [];

    /// <summary>Says "I am here" (again). Rings the other nodes only when it is news.</summary>
    public async Task ArriveAsync(string place, PersonId person, string name, BranchId? branch, CancellationToken ct)
    {
        await using var connection = await OpenAsync(branch, ct);
        await using var command = new NpgsqlCommand("""
            with old as (select seen_at from live.presence where place = $1 and person_id = $2),
                 now as (insert into live.presence (place, person_id, name, branch_id) values ($1, $2, $3, $4)
                         on conflict (place, person_id) do update set seen_at = clock_timestamp(), name = excluded.name returning 1)
            select (select seen_at > clock_timestamp() - $5 from old) from now
            """, connection)
        {
            Parameters =
            {
                new() { Value = place }, new() { Value = person.Value }, new() { Value = name },
                new NpgsqlParameter<Guid?> { TypedValue = branch?.Value }, new() { Value = Lifetime },
            },
        };
        var wasHere = await command.ExecuteScalarAsync(ct) is true;
        if (!wasHere) await RingAsync(connection, place, ct);
    }

    /// <summary>Says "I left". A closed laptop never says so; its heartbeat simply ends.</summary>
    public async Task LeaveAsync(string place, PersonId person, BranchId? branch, CancellationToken ct)
    {
        await using var connection = await OpenAsync(branch, ct);
        await using var command = new NpgsqlCommand("delete from live.presence where place = $1 and person_id = $2", connection)
        { Parameters = { new() { Value = place }, new() { Value = person.Value } } };
        await command.ExecuteNonQueryAsync(ct);
        await RingAsync(connection, place, ct);
    }

    /// <summary>Everybody at these places of the branch now (null: HQ's places), by place; without the asking person.</summary>
    public async Task<ILookup<string, Present>> WhoIsAtAsync(IReadOnlyCollection<string> places, BranchId? branch, PersonId? except, CancellationToken ct)
    {
        await using var connection = await OpenAsync(branch, ct);
        await using var command = new NpgsqlCommand("""
            select place, person_id, name, seen_at from live.presence
            where place = any($1) and seen_at > clock_timestamp() - $2 and person_id is distinct from $3 order by place, name
            """, connection)
        { Parameters = { new() { Value = places.ToArray() }, new() { Value = Lifetime }, new NpgsqlParameter<Guid?> { TypedValue = except?.Value } } };
        await using var reader = await command.ExecuteReaderAsync(ct);
        var found = new List<(string Place, Present Who)>();
        while (await reader.ReadAsync(ct))
            found.Add((reader.GetString(0), new Present(new PersonId(reader.GetGuid(1)), reader.GetString(2), reader.GetFieldValue<DateTimeOffset>(3))));
        return found.ToLookup(f => f.Place, f => f.Who);
    }

    /// <summary>Who is at which part of a place now, as <see cref="PartOf"/> names it, by part; without the asking person.</summary>
    public async Task<ILookup<string, Present>> WhoIsInAsync(string place, BranchId? branch, PersonId? except, CancellationToken ct)
    {
        await using var connection = await OpenAsync(branch, ct);
        await using var command = new NpgsqlCommand("""
            select place, person_id, name, seen_at from live.presence
            where starts_with(place, $1) and seen_at > clock_timestamp() - $2 and person_id is distinct from $3 order by place, name
            """, connection)
        { Parameters = { new() { Value = place + PartMark }, new() { Value = Lifetime }, new NpgsqlParameter<Guid?> { TypedValue = except?.Value } } };
        await using var reader = await command.ExecuteReaderAsync(ct);
        var found = new List<(string Part, Present Who)>();
        while (await reader.ReadAsync(ct))
            found.Add((reader.GetString(0)[(place.Length + 1)..], new Present(new PersonId(reader.GetGuid(1)), reader.GetString(2), reader.GetFieldValue<DateTimeOffset>(3))));
        return found.ToLookup(f => f.Part, f => f.Who, StringComparer.Ordinal);
    }

    /// <summary>Names a part of a place, a field of a form for example. Who watches the place hears of its parts too.</summary>
    public static string PartOf(string place, string part) => place + PartMark + part;

    /// <summary>Removes heartbeats older than this; answers how many. Rings nobody: they stopped counting long ago.</summary>
    public async Task<int> ForgetAsync(TimeSpan olderThan, CancellationToken ct)
    {
        await using var connection = await dbs.OpenConnectionAsync(TenantScope.Hq, ct);
        await using var command = new NpgsqlCommand("delete from live.presence where seen_at < clock_timestamp() - $1", connection);
        command.Parameters.Add(new() { Value = olderThan });
        return await command.ExecuteNonQueryAsync(ct);
    }

    /// <summary>Calls back when somebody comes to or leaves the place or a part of it, on any node. The callback only marks work to do.</summary>
    public IDisposable Watch(string place, Action changed)
    {
        lock (_gate)
        {
            if (!_watchers.TryGetValue(place, out var list)) _watchers[place] = list = [];
            list.Add(changed);
        }

        return new Watcher(this, place, changed);
    }

    internal void Heard(string place)
    {
        Action[] callbacks;
        var whole = place.IndexOf(PartMark, StringComparison.Ordinal) is > 0 and var at ? place[..at] : place;
        lock (_gate) callbacks = [.. _watchers.GetValueOrDefault(place) ?? [], .. whole == place ? [] : _watchers.GetValueOrDefault(whole) ?? []];
        foreach (var callback in callbacks) callback();
    }

    /// <summary>In the scope of the branch whose place it is, so that no branch learns who is at another's.</summary>
    private Task<NpgsqlConnection> OpenAsync(BranchId? branch, CancellationToken ct) =>
        dbs.OpenConnectionAsync(branch is { } b ? TenantScope.Of(b) : TenantScope.Hq, ct);

    private static async Task RingAsync(NpgsqlConnection connection, string place, CancellationToken ct)
    {
        await using var notify = new NpgsqlCommand("select pg_notify($1, $2)", connection) { Parameters = { new() { Value = Channel }, new() { Value = place } } };
        await notify.ExecuteNonQueryAsync(ct);
    }

    private sealed class Watcher(PresenceBoard board, string place, Action changed) : IDisposable
    {
        public void Dispose()
        {
            lock (board._gate)
            {
                if (!board._watchers.TryGetValue(place, out var list)) return;
                list.Remove(changed);
                if (list.Count == 0) board._watchers.Remove(place);
            }
        }
    }
}
