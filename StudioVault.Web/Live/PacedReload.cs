namespace StudioVault.Web.Live;

/// <summary>
/// Gathers what the live channel tells a page that loads much: the first time is followed at once, whatever comes while it loads and
/// within a second after that is followed together at the end of it. Thousands of branches may decide in one minute.
/// </summary>
/// <param name="reload">Loads and draws; on the page's own thread.</param>
public sealed class PacedReload(TimeProvider time, Func<Task> reload) : IDisposable
{
    /// <summary>How long a page rests after it has loaded.</summary>
    public static readonly TimeSpan Pace = TimeSpan.FromSeconds(1);

    private readonly Lock _gate = new();
    private ITimer? _rest;
    private bool _taken;
    private bool _again;
    private bool _closed;

    /// <summary>Loads now, or soon together with others.</summary>
    public Task AskAsync()
    {
        lock (_gate)
        {
            if (_closed) return Task.CompletedTask;
            _again = _taken;
            if (_taken) return Task.CompletedTask;
            _taken = true;
        }

        return LoadAsync();
    }

    public void Dispose()
    {
        lock (_gate)
        {
            _closed = true;
            _rest?.Dispose();
        }
    }

    private async Task LoadAsync()
    {
        try
        {
            await reload();
        }
        finally
        {
            lock (_gate)
            {
                _rest?.Dispose();
                _rest = _closed ? null : time.CreateTimer(_ => Rested(), null, Pace, Timeout.InfiniteTimeSpan);
            }
        }
    }

    private void Rested()
    {
        lock (_gate)
        {
            (_taken, _again, var again) = (_again, false, _again);
            if (_closed || !again) return;
        }

        _ = LoadAsync();
    }
}
