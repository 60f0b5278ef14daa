namespace StudioVault.Infrastructure.Persistence;

/// <summary>
/// How long a node's loop waits after a failure of PostgreSQL. An outage is over in a moment, so its pace stays; what only an operator
/// can mend, such as a right that was taken away, is asked about less and less often, at most twice a minute.
/// </summary>
internal sealed class RetryPause
{
    private static readonly TimeSpan Longest = TimeSpan.FromSeconds(30);

    private readonly TimeSpan _first;
    private TimeSpan _next;

    /// <param name="first">The loop's own pace.</param>
    public RetryPause(TimeSpan first) => _first = _next = first;

    /// <summary>The pause after this failure.</summary>
    public TimeSpan After(Exception exception)
    {
        if (!VaultErrors.IsForTheOperator(exception) && (VaultErrors.AsRefusal(exception) is not null || VaultErrors.IsRetryable(exception)))
        {
            Well();
            return _first;
        }

        var pause = _next;
        _next = TimeSpan.FromTicks(Math.Min(Math.Max(Longest.Ticks, _first.Ticks), _next.Ticks * 2));
        return pause;
    }

    /// <summary>It worked: the next failure begins anew.</summary>
    public void Well() => _next = _first;
}
