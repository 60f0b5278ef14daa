using Microsoft.EntityFrameworkCore;
using Npgsql;
using StudioVault.Domain.Audit;
using StudioVault.Domain.Kernel;
using StudioVault.Infrastructure.Door;
using StudioVault.Infrastructure.Persistence;
using StudioVault.Infrastructure.Proposals;

namespace StudioVault.Infrastructure.Audit;

/// <summary>
/// Reads the audit log for people. Pages go by key (time, id), newest first, and every condition has an index that is already
/// in that order, so a log of a million entries answers as fast as a short one.
/// </summary>
/// <param name="registry">For the names of capabilities in plain words.</param>
public sealed class AuditQueries(WriteDoor door, CapabilityRegistry? registry = null)
{
    /// <summary>Lines of a page.</summary>
    public const int PageSize = 50;

    /// <summary>Longer payloads are left to the detail.</summary>
    private const int LongestInList = 4_000;

    private static readonly string LineColumns =
        "e.id, l.idx, e.at, e.actor_kind, e.actor_id, e.branch_id, e.action, e.object_type, e.object_id, e.outcome, e.reason_code, " +
        $"case when length(e.payload) <= {LongestInList} then e.payload end";

    /// <summary>One page. A cursor that names no entry the reader may see begins at the newest.</summary>
    public Task<Result<AuditSlice>> PageAsync(AuditReader reader, AuditFilter filter, AuditCursor cursor, CancellationToken ct) =>
        door.ReadAsync<AuditSlice>(reader.From, reader.Scope, reader.Access, async (db, _, token) =>
        {
            var connection = (NpgsqlConnection)db.Database.GetDbConnection();
            var words = filter.Text is { } text ? await AuditSearch.ResolveAsync(db, text, token) : [];
            var upwards = cursor.After is not null;
            var from = (cursor.After ?? cursor.Before) is { } key ? await AtOfAsync(connection, key, token) : null;
            var found = words.Any(w => w.IsNothing) ? [] : await FindAsync(connection, AuditStatement.Page(reader, filter, words, from, upwards && from is not null), token);
            // Fewer than a page above the cursor: it is the newest page, shown from its top.
            if (upwards && from is not null && found.Count <= PageSize)
                (from, upwards, found) = (null, false, await FindAsync(connection, AuditStatement.Page(reader, filter, words, null, false), token));
            var more = found.Count > PageSize;
            var lines = found.Take(PageSize).ToList();
            if (upwards) lines.Reverse();

            var named = await NameAsync(db, lines, filter, token);
            return new AuditSlice(named.Lines, from is not null && (!upwards || more), upwards || more,
                named.Who, named.Thing, words.Any(w => w.IsPartial));
        }, ct);

    /// <summary>Everything about one entry; <c>refuse.kernel.not_found</c> when there is none the reader may see.</summary>
    public Task<Result<AuditDetail>> DetailAsync(AuditReader reader, Guid id, CancellationToken ct) =>
        door.ReadAsync<AuditDetail>(reader.From, reader.Scope, reader.Access, async (db, _, token) =>
        {
            var connection = (NpgsqlConnection)db.Database.GetDbConnection();
            if (await DetailAsync(connection, id, token) is not var (line, body, payload, hash)) return KernelRefusals.NotFound;
            var named = await NameAsync(db, [line], new AuditFilter(), token);
            var (seal, first) = line.Index is { } index ? await SealAsync(db, index, token) : (null, null);
            var previous = line.Index > 0 ? await db.AuditLeaves.AsNoTracking().Where(l => l.Index == line.Index - 1).Select(l => l.Hash).SingleOrDefaultAsync(token) : null;
            return new AuditDetail(named.Lines[0], body, payload, hash, seal, first) { PreviousLeafHash = previous is null ? null : Convert.ToHexStringLower(previous) };
        }, ct);

    /// <summary>The entry with this place in the log.</summary>
    public Task<Result<Guid>> EntryAtAsync(AuditReader reader, long index, CancellationToken ct) =>
        door.ReadAsync<Guid>(reader.From, reader.Scope, reader.Access, async (db, _, token) =>
        {
            var found = await (from l in db.AuditLeaves.AsNoTracking()
                               join e in db.AuditEntries.AsNoTracking() on l.EntryId equals e.Id
                               where l.Index == index
                               select (Guid?)e.Id).SingleOrDefaultAsync(token);
            return found is { } id ? id : KernelRefusals.NotFound;
        }, ct);

    /// <summary>How far the log is numbered and signed.</summary>
    public Task<Result<AuditHead>> HeadAsync(AuditReader reader, CancellationToken ct) =>
        door.ReadAsync<AuditHead>(reader.From, reader.Scope, reader.Access, async (db, _, token) =>
        {
            var numbered = await db.Set<SequencerState>().AsNoTracking().Select(s => s.Size).SingleOrDefaultAsync(token);
            var newest = await db.AuditCheckpoints.AsNoTracking().OrderByDescending(c => c.Size).FirstOrDefaultAsync(token);
            return new AuditHead(numbered, newest is null ? null : SealOf(newest));
        }, ct);

    /// <summary>What the reader may filter by: for HQ all people and branches, for a manager the branch's own.</summary>
    public Task<Result<AuditChoices>> ChoicesAsync(AuditReader reader, CancellationToken ct) =>
        door.ReadAsync<AuditChoices>(reader.From, reader.Scope, reader.Access, async (db, _, token) =>
        {
            var people = db.Users.AsNoTracking();
            if (reader.Branch is { } branch)
            {
                var members = (await db.Memberships.AsNoTracking().Where(m => m.BranchId == branch).Select(m => m.PersonId).ToListAsync(token)).ConvertAll(m => m.Value);
                people = people.Where(p => members.Contains(p.Id));
            }

            var named = await people.OrderBy(p => p.Name).ThenBy(p => p.Id).Select(p => new { p.Id, p.Name }).ToListAsync(token);
            var places = await PlacesAsync(db, reader.Branch is { } one ? [one] : null, token);
            var agents = await db.Agents.AsNoTracking().OrderBy(a => a.Name).ThenBy(a => a.Id).Select(a => new { a.Id, a.Name }).ToListAsync(token);
            var capabilities = await db.Capabilities.AsNoTracking().Select(c => c.Capability).ToListAsync(token);
            return new AuditChoices([.. named.Select(p => new AuditPerson(new PersonId(p.Id), p.Name))], [.. places.Values.OrderBy(p => p.Name, StringComparer.CurrentCulture)])
            {
                Agents = [.. agents.Select(a => (a.Id.ToString(), a.Name))],
                Capabilities = [.. capabilities.Select(c => new AuditCapability(c, TitleOf(c))).OrderBy(c => c.Title, StringComparer.CurrentCulture)],
            };
        }, ct);

    private string TitleOf(string capability) => registry is not null && registry.TryFind(capability, out var found) ? found.Definition.Title : capability;

    private static async Task<(DateTimeOffset At, Guid Id)?> AtOfAsync(NpgsqlConnection connection, Guid id, CancellationToken ct)
    {
        await using var command = new NpgsqlCommand("select at from audit.entries where id = $1", connection) { Parameters = { new() { Value = id } } };
        return await command.ExecuteScalarAsync(ct) is DateTime at ? (at, id) : null;
    }

    private static async Task<List<AuditLine>> FindAsync(NpgsqlConnection connection, AuditStatement statement, CancellationToken ct)
    {
        await using var command = statement.Command(connection, LineColumns);
        await using var row = await command.ExecuteReaderAsync(ct);
        var lines = new List<AuditLine>(PageSize + 1);
        while (await row.ReadAsync(ct))
        {
            string? Text(int column) => row.IsDBNull(column) ? null : row.GetString(column);
            // Names come later, with one query per kind.
            lines.Add(new AuditLine(row.GetGuid(0), row.IsDBNull(1) ? null : row.GetInt64(1), row.GetFieldValue<DateTimeOffset>(2),
                new AuditWho(row.GetString(3), row.GetString(4), null), row.IsDBNull(5) ? null : new AuditPlace(new BranchId(row.GetGuid(5)), "", "", "UTC"),
                row.GetString(6), new AuditThing(row.GetString(7), row.GetString(8), null, null), row.GetString(9) == "refused", Text(10), Text(11)));
        }

        return lines;
    }

    private static async Task<(AuditLine Line, AuditBody Body, string? Payload, string? Hash)?> DetailAsync(NpgsqlConnection connection, Guid id, CancellationToken ct)
    {
        const int bodyColumns = 17;
        await using var command = new NpgsqlCommand(
            $"select {AuditEntryBody.Columns}, e.payload, l.idx, l.hash from audit.entries e left join audit.leaves l on l.entry_id = e.id where e.id = $1", connection)
        { Parameters = { new() { Value = id } } };
        await using var row = await command.ExecuteReaderAsync(ct);
        if (!await row.ReadAsync(ct)) return null;
        var body = AuditEntryBody.Read(row, 0);
        var payload = row.IsDBNull(bodyColumns) ? null : row.GetString(bodyColumns);
        long? index = row.IsDBNull(bodyColumns + 1) ? null : row.GetInt64(bodyColumns + 1);
        var hash = index is null ? null : Convert.ToHexStringLower(row.GetFieldValue<byte[]>(bodyColumns + 2));
        var line = new AuditLine(body.Id, index, body.At, new AuditWho(body.ActorType, body.ActorId, null), body.BranchId is { } b ? new AuditPlace(new BranchId(b), "", "", "UTC") : null,
            body.Action, new AuditThing(body.ObjectType, body.ObjectId, null, null), body.Outcome == "refused", body.ReasonCode, payload?.Length <= LongestInList ? payload : null);
        return (line, body, payload, hash);
    }

    private static async Task<(AuditSeal? Newest, DateTimeOffset? First)> SealAsync(VaultDb db, long index, CancellationToken ct)
    {
        var covering = db.AuditCheckpoints.AsNoTracking().Where(c => c.Size > index);
        var newest = await covering.OrderByDescending(c => c.Size).FirstOrDefaultAsync(ct);
        var first = await covering.OrderBy(c => c.Size).Select(c => (DateTimeOffset?)c.At).FirstOrDefaultAsync(ct);
        return (newest is null ? null : SealOf(newest), first);
    }

    private static AuditSeal SealOf(AuditCheckpoint c) => new(c.Size, Convert.ToHexStringLower(c.Root), c.At, c.Note);

    /// <summary>Puts names to the ids of these lines and of the filter.</summary>
    private async Task<(List<AuditLine> Lines, string? Who, AuditThing? Thing)> NameAsync(VaultDb db, List<AuditLine> lines, AuditFilter filter, CancellationToken ct)
    {
        var asked = filter is { ObjectType: { } type, ObjectId: { } objectId } ? (type, objectId) : ((string, string)?)null;
        var things = await AuditThings.LoadAsync(db, TitleOf, lines.Select(l => (l.Thing.Type, l.Thing.Id, l.Place?.Id))
            .Concat(asked is { } a ? [(a.Item1, a.Item2, lines.FirstOrDefault()?.Place?.Id ?? db.Scope.BranchId)] : []), ct);
        List<Guid> staff = [.. lines.Where(l => l.Who.Kind == "staff").Select(l => l.Who.Id).Append(filter.ActorId).Distinct()
            .Select(id => Guid.TryParse(id, out var guid) ? guid : (Guid?)null).OfType<Guid>()];
        var people = staff.Count == 0 ? new Dictionary<string, string>() : await db.Users.AsNoTracking().Where(p => staff.Contains(p.Id)).ToDictionaryAsync(p => p.Id.ToString(), p => p.Name, ct);
        List<AgentId> agents = [.. lines.Where(l => l.Who.Kind == "agent").Select(l => l.Who.Id).Append(filter.ActorId).Distinct().Select(id => Guid.TryParse(id, out var guid) ? new AgentId(guid) : (AgentId?)null).OfType<AgentId>()];
        if (agents.Count > 0)
            foreach (var agent in await db.Agents.AsNoTracking().Where(a => agents.Contains(a.Id)).Select(a => new { a.Id, a.Name }).ToListAsync(ct)) people[agent.Id.ToString()] = agent.Name;
        var places = await PlacesAsync(db, [.. lines.Select(l => l.Place?.Id).OfType<BranchId>().Distinct()], ct);
        return ([.. lines.Select(l => l with
        {
            Who = l.Who with { Name = people.GetValueOrDefault(l.Who.Id) },
            Thing = things[l.Thing.Type, l.Thing.Id],
            Place = l.Place is { } place ? places.GetValueOrDefault(place.Id, place) : null,
        })], filter.ActorId is { } id ? people.GetValueOrDefault(id, id) : null, asked is { } x ? things[x.Item1, x.Item2] : null);
    }

    private static async Task<Dictionary<BranchId, AuditPlace>> PlacesAsync(VaultDb db, List<BranchId>? ids, CancellationToken ct)
    {
        if (ids is { Count: 0 }) return [];
        var branches = db.Branches.AsNoTracking();
        if (ids is not null) branches = branches.Where(b => ids.Contains(b.Id));
        return await branches.Select(b => new AuditPlace(b.Id, b.Slug, b.Name, b.TimeZone)).ToDictionaryAsync(p => p.Id, ct);
    }
}
