namespace StudioVault.Infrastructure.Scheduling;

/// <summary>Counts the jobs running in this process, so that a stopping node can wait for them.</summary>
public sealed class RunningJobs
{
    private readonly Lock _gate = new();
    private int _count;
    private TaskCompletionSource? _idle;

    public int Count => Volatile.Read(ref _count);

    internal IDisposable Enter()
    {
        lock (_gate) _count++;
        return new Run(this);
    }

    /// <summary>Completes when none runs.</summary>
    internal Task IdleAsync()
    {
        lock (_gate)
        {
            if (_count == 0) return Task.CompletedTask;
            _idle ??= new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
            return _idle.Task;
        }
    }

    private sealed class Run(RunningJobs jobs) : IDisposable
    {
        public void Dispose()
        {
            lock (jobs._gate)
            {
                if (--jobs._count > 0) return;
                jobs._idle?.SetResult();
                jobs._idle = null;
            }
        }
    }
}
