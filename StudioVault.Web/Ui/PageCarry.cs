using System.Collections.Concurrent;

namespace StudioVault.Web.Ui;

/// <summary>
/// Carries what a page read while it was prerendered over to its circuit, so that the page does not blink and nothing is read
/// twice. Only the key travels through the browser (in a property marked <c>[PersistentState]</c>): a list of fifty lines would
/// not fit the 32 KB a circuit accepts in one message, and the circuit would die at its start. Behind a balancer without sticky
/// sessions the value is simply not there and the page reads it.
/// </summary>
/// <param name="time">The clock; tests give their own.</param>
public sealed class PageCarry(TimeProvider time)
{
    /// <summary>A circuit starts within seconds of its page; what was not fetched by then is let go.</summary>
    private static readonly TimeSpan Life = TimeSpan.FromSeconds(30);

    private const int Most = 500;
    private readonly ConcurrentDictionary<Guid, (object Value, DateTimeOffset At)> _values = new();

    /// <summary>Keeps a value for the circuit to come.</summary>
    /// <returns>The key to fetch it with, once.</returns>
    public Guid Put(object value)
    {
        var now = time.GetUtcNow();
        var old = _values.Count >= Most ? DateTimeOffset.MaxValue : now - Life;
        foreach (var (stale, _) in _values.Where(v => v.Value.At < old)) _values.TryRemove(stale, out _);
        var key = Guid.NewGuid();
        _values[key] = (value, now);
        return key;
    }

    /// <summary>The value, or null when it was fetched already, is too old or lies on another node.</summary>
    public T? Take<T>(Guid? key) where T : class =>
        key is { } k && _values.TryRemove(k, out var kept) && time.GetUtcNow() - kept.At <= Life ? kept.Value as T : null;
}
