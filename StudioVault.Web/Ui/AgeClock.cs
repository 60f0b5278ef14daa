namespace StudioVault.Web.Ui;

/// <summary>Ticks twice a minute while anything on the page shows an age, so that "2 min ago" stays true.</summary>
/// <param name="time">The clock; tests give their own.</param>
public sealed class AgeClock(TimeProvider time) : IDisposable
{
    private static readonly TimeSpan Beat = TimeSpan.FromSeconds(30);
    private readonly Lock _gate = new();
    private event Action? Ticked;
    private ITimer? _timer;

    public DateTimeOffset Now => time.GetUtcNow();

    /// <summary>Calls back on every beat, off the renderer's thread, until the answer is disposed.</summary>
    public IDisposable Subscribe(Action beat)
    {
        lock (_gate)
        {
            Ticked += beat;
            _timer ??= time.CreateTimer(_ => Ticked?.Invoke(), null, Beat, Beat);
        }

        return new Subscription(this, beat);
    }

    public void Dispose() => _timer?.Dispose();

    private sealed class Subscription(AgeClock clock, Action beat) : IDisposable
    {
        public void Dispose()
        {
            lock (clock._gate)
            {
                clock.Ticked -= beat;
                if (clock.Ticked is not null)
                    return;
                clock._timer?.Dispose();
                clock._timer = null;
            }
        }
    }
}
