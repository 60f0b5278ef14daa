using System.Collections.Concurrent;
using System.Text.Json.Nodes;
using StudioVault.Domain.Kernel;
using StudioVault.Infrastructure.Door;

namespace StudioVault.Infrastructure.Audit;

/// <summary>
/// Remembers who read the log (AUD-10): what was asked for and which entry was opened, once in ten minutes for the same person and
/// the same thing; paging and following add nothing. A log that cannot be written does not stop reading.
/// </summary>
public sealed class AuditReads(WriteDoor door, TimeProvider time)
{
    /// <summary>Verb of such an entry; lists leave it out unless asked for.</summary>
    public const string Action = "audit.read";

    private const int Most = 10_000;
    private static readonly TimeSpan Again = TimeSpan.FromMinutes(10);

    private readonly ConcurrentDictionary<(string Who, string What), long> _noted = [];

    /// <summary>The list was read under these conditions. Searched words are not kept: they may be a client's name.</summary>
    public Task ListAsync(AuditReader reader, AuditFilter filter, CancellationToken ct)
    {
        var asked = new JsonObject();
        if (filter.Text is not null) asked["words"] = true;
        if (filter.Action is { } action) asked["action"] = action;
        if (filter.ActorId is { } who) asked["actor"] = who;
        if (filter.ActorKind is { } kind) asked["actorKind"] = kind;
        if (filter.Branch is { } branch) asked["branch"] = branch.ToString();
        if (filter.Outcome is { } outcome) asked["outcome"] = outcome;
        if (filter.Capability is { } capability) asked["capability"] = capability;
        if (filter.ProposalId is { } proposal) asked["proposal"] = proposal;
        if (filter is { ObjectType: { } type, ObjectId: { } id }) asked["object"] = $"{type}:{id}";
        if (filter.From is { } from) asked["from"] = from.ToUniversalTime().ToString("O");
        if (filter.Until is { } until) asked["until"] = until.ToUniversalTime().ToString("O");
        return NoteAsync(reader, Action, asked.ToJsonString(), new JsonObject { ["asked"] = asked }, ct);
    }

    /// <summary>One entry was opened.</summary>
    public Task EntryAsync(AuditReader reader, Guid entry, long? index, CancellationToken ct) =>
        NoteAsync(reader, Action, entry.ToString(), new JsonObject { ["entry"] = entry.ToString(), ["index"] = index }, ct);

    private async Task NoteAsync(AuditReader reader, string action, string what, JsonObject payload, CancellationToken ct)
    {
        var key = (reader.From.PersonId?.ToString() ?? reader.From.Job ?? "", what);
        // Time that passed, not the time of day: somebody may set that back (fault F13).
        if (_noted.TryGetValue(key, out var at) && time.GetElapsedTime(at) < Again) return;
        if (_noted.Count >= Most) _noted.Clear();
        _noted[key] = time.GetTimestamp();
        var done = await door.RunAsync<Done>(new Command(action, reader.From, reader.Scope, reader.Access, "log", GroupKey.LogName), (context, _) =>
        {
            context.Audit(payload);
            return Task.FromResult<Result<Done>>(Done.It);
        }, ct);
        if (done.IsRefused) _noted.TryRemove(key, out _);
    }
}
