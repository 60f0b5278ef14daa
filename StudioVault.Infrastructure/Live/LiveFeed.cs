using Microsoft.Extensions.Logging;
using StudioVault.Domain.Kernel;

namespace StudioVault.Infrastructure.Live;

/// <summary>An event as every node sees it, in the order the sequencer gave it.</summary>
/// <param name="Position">1, 2, 3 … without a gap over the whole group.</param>
/// <param name="Payload">Canonical JSON: ids and numbers; fetch the truth with them.</param>
public sealed record LiveEvent(long Position, Guid Id, DateTimeOffset Ts, string Topic, string Actor, BranchId? Branch, string Payload);

/// <summary>
/// The in-process end of the live channel: Blazor circuits and the public hub subscribe here. A handler runs off the
/// publisher's thread; while it runs, further events gather and arrive as one list; what it throws is logged and harms nobody else.
/// </summary>
public sealed class LiveFeed(ILogger<LiveFeed> log)
{
    /// <summary>Events that wait for one subscriber at most.</summary>
    internal const int Most = 1_000;

    private readonly Lock _gate = new();
    private Subscription[] _subscriptions = [];

    /// <summary>How many subscriptions are alive; for tests and metrics.</summary>
    public int Count => _subscriptions.Length;

    /// <summary>Calls the handler with the events that pass the filter, until disposed.</summary>
    /// <param name="lost">Called when the handler is so far behind that events were dropped: for whoever does not read the truth at each event anyway.</param>
    public IDisposable Subscribe(Func<LiveEvent, bool> filter, Func<IReadOnlyList<LiveEvent>, Task> handler, Action? lost = null)
    {
        var subscription = new Subscription(this, filter, handler, lost);
        lock (_gate) _subscriptions = [.. _subscriptions, subscription];
        return subscription;
    }

    /// <summary>Hands events to every subscription; returns at once.</summary>
    public void Publish(IReadOnlyList<LiveEvent> events)
    {
        foreach (var subscription in Volatile.Read(ref _subscriptions)) subscription.Offer(events);
    }

    private void Remove(Subscription subscription)
    {
        lock (_gate) _subscriptions = [.. _subscriptions.Where(s => s != subscription)];
    }

    private sealed class Subscription(LiveFeed feed, Func<LiveEvent, bool> filter, Func<IReadOnlyList<LiveEvent>, Task> handler, Action? lost) : IDisposable
    {
        private readonly Lock _gate = new();
        private List<LiveEvent> _pending = [];
        private bool _running;
        private bool _disposed;

        public void Offer(IReadOnlyList<LiveEvent> events)
        {
            bool overflowed, starts;
            lock (_gate)
            {
                if (_disposed) return;
                foreach (var e in events)
                    if (filter(e)) _pending.Add(e);
                // A subscriber that cannot keep up loses the oldest.
                overflowed = _pending.Count > Most;
                if (overflowed) _pending.RemoveRange(0, _pending.Count - Most);
                starts = !_running && _pending.Count > 0;
                _running |= starts;
            }

            if (overflowed) lost?.Invoke();
            if (starts) ThreadPool.UnsafeQueueUserWorkItem(static s => _ = s.DrainAsync(), this, preferLocal: false);
        }

        private async Task DrainAsync()
        {
            while (true)
            {
                List<LiveEvent> batch;
                lock (_gate)
                {
                    if (_disposed || _pending.Count == 0)
                    {
                        _running = false;
                        return;
                    }

                    (batch, _pending) = (_pending, []);
                }

                try
                {
                    await handler(batch);
                }
                catch (Exception e)
                {
                    feed.Failed(e);
                }
            }
        }

        public void Dispose()
        {
            lock (_gate)
            {
                if (_disposed) return;
                _disposed = true;
                _pending = [];
            }

            feed.Remove(this);
        }
    }

    private void Failed(Exception e) => log.LogWarning(e, "A live subscriber failed");
}
