using StudioVault.Infrastructure.Proposals;

namespace StudioVault.Web.Proposals;

/// <summary>One place of the list: a proposal, or equal GREEN ones together.</summary>
/// <param name="Key">Stays the same for as long as the place does.</param>
/// <param name="At">The last change that was known when it got its place: the day it stands under.</param>
/// <param name="IsFresh">Came while somebody was looking.</param>
/// <param name="IsOver">Nothing of it belongs under the filter any more; it stands here until the person looks away.</param>
public sealed record QueueEntry(string Key, IReadOnlyList<QueueRow> Rows, DateTimeOffset At, bool IsFresh, bool IsOver)
{
    public QueueRow First => Rows[0];

    public bool IsGroup => Key[0] == 'g';

    /// <summary>Whom the place speaks for: the first that can still be decided, or else the first.</summary>
    public QueueRow Speaker => Rows.FirstOrDefault(QueueWords.IsOpen) ?? Rows[0];
}

/// <summary>
/// In which order the rows stand on one screen. While hands are on the list or something is open, nothing moves: rows change where
/// they are, new ones come below all others (or wait, where the newest stand on top), ended ones stay with what became of them.
/// </summary>
public sealed class QueueOrder
{
    private List<QueueEntry> _entries = [];
    private HashSet<Guid> _arrived = [];

    public IReadOnlyList<QueueEntry> Entries => _entries;

    /// <summary>How many came while the order was held.</summary>
    public int New => _arrived.Count;

    /// <summary>How many stand here only because they did.</summary>
    public int Over => _entries.Count(e => e.IsOver);

    /// <summary>Ids whose fate the list has to know, also when the filter no longer finds them.</summary>
    public IReadOnlyCollection<Domain.Proposals.ProposalId> Ids => [.. _entries.SelectMany(e => e.Rows).Select(r => r.Id)];

    /// <summary>Begins anew: another filter, another branch, or the person asked for it.</summary>
    public void Clear() => (_entries, _arrived) = ([], []);

    /// <param name="held">Whether the order must stay.</param>
    /// <param name="newestFirst">New ones would come on top: they wait until they are asked for.</param>
    public void Put(QueueView view, bool held, bool newestFirst)
    {
        // What was asked for by name is newer than what came with an older page.
        var now = view.Rows.ToDictionary(r => r.Id);
        foreach (var row in view.Also) now[row.Id] = row;
        if (!held || _entries.Count == 0)
        {
            var before = _entries.SelectMany(e => e.Rows).Select(r => r.Id).ToHashSet();
            _entries = [.. Together([.. view.Rows.Select(r => now[r.Id])]).Select(rows => EntryOf(rows, before.Count > 0 && rows.All(r => !before.Contains(r.Id))))];
            _arrived = [];
            return;
        }

        var belongs = view.Rows.Select(r => r.Id).ToHashSet();
        var known = _entries.SelectMany(e => e.Rows).Select(r => r.Id).ToHashSet();
        _entries = _entries.ConvertAll(e =>
        {
            List<QueueRow> rows = [.. e.Rows.Select(r => now.GetValueOrDefault(r.Id, r))];
            // Still to decide, though others that run out sooner fill the page: that is not over.
            return e with { Rows = rows, IsOver = rows.TrueForAll(r => !belongs.Contains(r.Id) && !(view.HasMore && QueueWords.IsOpen(r))) };
        });
        foreach (var row in view.Rows.Where(r => !known.Contains(r.Id)))
        {
            _arrived.Add(row.Id.Value);
            if (newestFirst) continue;
            var group = row.GroupKey is { } key ? _entries.FindIndex(e => e.Key == "g" + key && !e.IsOver) : -1;
            if (group >= 0) _entries[group] = _entries[group] with { Rows = [.. _entries[group].Rows, row] };
            else _entries.Add(EntryOf([row], true));
        }
    }

    /// <summary>Adds what was fetched from below, where nothing moves by it.</summary>
    public void Below(IReadOnlyList<QueueRow> rows)
    {
        var known = _entries.SelectMany(e => e.Rows).Select(r => r.Id).ToHashSet();
        _entries.AddRange(rows.Where(r => !known.Contains(r.Id) && !_arrived.Contains(r.Id.Value)).Select(r => EntryOf([r], false)));
    }

    /// <summary>The next place with something to decide after this one, around the end; null when there is none.</summary>
    public QueueEntry? Next(string? key)
    {
        var at = _entries.FindIndex(e => e.Key == key);
        return Enumerable.Range(1, Math.Max(0, _entries.Count)).Select(i => _entries[(at + i + _entries.Count) % _entries.Count]).FirstOrDefault(e => e.Key != key && !e.IsOver && e.Rows.Any(QueueWords.IsOpen));
    }

    /// <summary>The place where a proposal stands.</summary>
    public QueueEntry? Of(Guid id) => _entries.Find(e => e.Rows.Any(r => r.Id.Value == id));

    private static IEnumerable<List<QueueRow>> Together(IReadOnlyList<QueueRow> rows)
    {
        var groups = rows.Where(r => r.GroupKey is not null).ToLookup(r => r.GroupKey);
        foreach (var row in rows)
        {
            List<QueueRow> equal = row.GroupKey is null ? [row] : [.. groups[row.GroupKey]];
            if (equal[0].Id == row.Id) yield return equal;
        }
    }

    private static QueueEntry EntryOf(List<QueueRow> rows, bool fresh) => new(rows.Count > 1 ? "g" + rows[0].GroupKey : rows[0].Id.ToString(), rows, rows[0].ChangedAt, fresh, false);
}
