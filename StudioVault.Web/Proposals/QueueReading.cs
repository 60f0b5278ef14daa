using StudioVault.Domain.Kernel;
using StudioVault.Domain.Proposals;
using StudioVault.Infrastructure.Door;
using StudioVault.Infrastructure.Persistence;
using StudioVault.Infrastructure.Proposals;

namespace StudioVault.Web.Proposals;

/// <summary>
/// What one screen knows of its queue: the rows and their order, the open proposal, and since when. One reading at a time; what is
/// asked for meanwhile is read right after.
/// </summary>
/// <param name="read">Called after each reading with what was known before it.</param>
internal sealed class QueueReading(ProposalQueries proposals, TimeProvider time, Action<QueueView?> read)
{
    /// <summary>Older than this, what is shown decides nothing.</summary>
    private static readonly TimeSpan StaleAfter = TimeSpan.FromSeconds(45);

    /// <summary>How long a hand counts as being on the list.</summary>
    private static readonly TimeSpan HandsFor = TimeSpan.FromSeconds(20);

    private Sender _from = Sender.Nobody;
    private BranchId _branch;
    private QueueFilter? _filter;
    private QueueHistory _history = QueueHistory.Everything;
    private Guid? _id;
    private DateTimeOffset _readAt;
    private DateTimeOffset _handsUntil;
    private (QueueFilter, QueueHistory)? _shown;
    private bool _moreBelow;
    private Task _reading = Task.CompletedTask;
    private bool _again;
    private bool _over;

    public QueueOrder Order { get; } = new();

    /// <summary>The list; null before the first answer.</summary>
    public QueueView? View { get; private set; }

    /// <summary>The open proposal; null when none is open or it was not read yet.</summary>
    public ProposalView? One { get; private set; }

    /// <summary>Why there is no list.</summary>
    public Refusal? Refusal { get; private set; }

    /// <summary>Why the open one cannot be shown.</summary>
    public Refusal? OneRefusal { get; private set; }

    /// <summary>What is on the screen may not be so any more.</summary>
    public bool IsStale { get; private set; }

    /// <summary>An older page is being fetched.</summary>
    public bool IsFetching { get; private set; }

    /// <summary>There are rows below the last.</summary>
    public bool HasOlder => IsHistory && _moreBelow && IsShown;

    /// <summary>What was read is what is asked for; not so between another filter's choice and its first answer.</summary>
    public bool IsShown => View is not null && _filter is { } filter && _shown == (filter, _history);

    /// <summary>Ended ones, newest first, a page at a time.</summary>
    public bool IsHistory => _filter is QueueFilter.Done or QueueFilter.All;

    /// <summary>The database's clock, as far as one can know it between two readings.</summary>
    public DateTimeOffset? Now => View is { } view ? view.Now + (time.GetUtcNow() - _readAt) : null;

    /// <summary>While this is so, nothing on the screen moves by itself.</summary>
    private bool IsHeld => _id is not null || IsGroupOpen || time.GetUtcNow() < _handsUntil;

    /// <summary>A group is open beside the list.</summary>
    public bool IsGroupOpen { get; set; }

    /// <summary>Says what is looked at; another filter, or other conditions on the history, begin the list anew.</summary>
    public void Look(Sender from, BranchId branch, QueueFilter filter, QueueHistory history, Guid? id)
    {
        (_from, _branch) = (from, branch);
        if (_id != id) (_id, One, OneRefusal) = (id, null, null);
        if (_filter == filter && _history == history) return;
        (_filter, _history, Refusal) = (filter, history, null);
        Order.Clear();
    }

    public void Refuse(Refusal refusal) => Refusal = refusal;

    /// <summary>A hand is on the list.</summary>
    public void Touch() => _handsUntil = time.GetUtcNow() + HandsFor;

    /// <summary>A command could not be sent: what the screen says may not be so.</summary>
    public void Doubt() => IsStale = true;

    /// <summary>Nobody looks any more.</summary>
    public void End() => _over = true;

    /// <summary>Puts the list in order although somebody has a hand on it: they asked for it.</summary>
    public void Tidy()
    {
        _handsUntil = default;
        Order.Put(View!, held: false, newestFirst: false);
    }

    /// <summary>Reads list and open proposal. Who asks while that is under way is served by one more turn of it, and waits for that too.</summary>
    public Task ReadAsync()
    {
        _again = true;
        if (_reading.IsCompleted && _filter is not null) _reading = TurnsAsync();
        return _reading;
    }

    /// <summary>Fetches the page below the last row.</summary>
    public async Task OlderAsync()
    {
        if (IsFetching || !HasOlder || View is not { Rows: [.., var last] } || _filter is not { } filter) return;
        var history = _history;
        IsFetching = true;
        try
        {
            var result = await proposals.OlderAsync(_from, _branch, filter, new QueueCursor(last.ChangedAt, last.Id), CancellationToken.None, history);
            if (_filter != filter || _history != history || !result.TryGet(out var older, out _)) return;
            _moreBelow = older.HasMore;
            View = View with { Rows = [.. View.Rows, .. older.Rows.ExceptBy(View.Rows.Select(r => r.Id), r => r.Id)] };
            Order.Below(View.Rows);
        }
        catch (Exception e) when (VaultErrors.IsForALoop(e))
        {
            IsStale = true;
        }
        finally
        {
            IsFetching = false;
        }
    }

    /// <summary>Takes what was read already: by the prerendered page, or in a reading.</summary>
    public void Put(QueueView view, ProposalView? one)
    {
        var before = View;
        // What was on older pages stays below the newest.
        if (IsHistory && IsShown && before is not null)
            view = view with { Rows = [.. view.Rows, .. before.Rows.ExceptBy(view.Rows.Select(r => r.Id), r => r.Id)] };
        else
            _moreBelow = view.HasMore;
        _shown = (_filter!.Value, _history);
        Order.Put(view, IsHeld, IsHistory);
        (View, Refusal, IsStale, _readAt) = (view, null, false, time.GetUtcNow());
        if (one is not null || _id is null) One = one;
        read(before);
    }

    private async Task TurnsAsync()
    {
        try
        {
            while (_again && !_over)
            {
                _again = false;
                await TurnAsync();
            }
        }
        catch (Exception e) when (VaultErrors.IsForALoop(e))
        {
            // The screen keeps what it has and says how old it is.
            IsStale = true;
        }

        if (time.GetUtcNow() - _readAt > StaleAfter) IsStale = true;
    }

    private async Task TurnAsync()
    {
        var (filter, history, id) = (_filter!.Value, _history, _id);
        var result = await proposals.QueueAsync(_from, _branch, filter, CancellationToken.None, [.. Order.Entries.SelectMany(e => e.Rows).Where(r => !IsHistory || !QueueWords.IsEnded(r)).Select(r => r.Id)], history);
        if (!result.TryGet(out var view, out var refusal))
        {
            (Refusal, IsStale) = (refusal, true);
            return;
        }

        ProposalView? one = null;
        if (id is { } open)
        {
            var found = await proposals.OneAsync(_from, _branch, new ProposalId(open), CancellationToken.None);
            if (!found.TryGet(out one, out var no) && id == _id) OneRefusal = no;
        }

        // Meanwhile another one was opened, or other rows asked for.
        if (filter != _filter || history != _history || id != _id) _again = true;
        else Put(view, one);
    }
}
