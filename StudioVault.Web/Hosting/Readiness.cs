using System.Text.Json.Serialization;

namespace StudioVault.Web.Hosting;

/// <summary>One thing that should be well while this node takes visitors.</summary>
/// <param name="Name">Stable short name, for example <c>database</c>.</param>
/// <param name="ReasonAsync">Null when well, else one sentence. Everybody may read it: no host, no path, no value.</param>
/// <param name="Blocking">
/// True when visitors are better off elsewhere. False for what all nodes share or visitors hardly feel: turning every node
/// away because audit numbers are late would make an outage of a delay.
/// </param>
public sealed record ReadinessCheck(string Name, Func<IServiceProvider, CancellationToken, Task<string?>> ReasonAsync, bool Blocking = true);

/// <summary>What a check said.</summary>
public sealed record ReadinessFinding(string Name, bool Ok, string? Reason);

/// <summary>All findings together.</summary>
/// <param name="Status"><c>ready</c>, <c>degraded</c> (still ready), <c>not_ready</c> or <c>draining</c>.</param>
/// <param name="Checks">One finding a check, in the order they were added.</param>
public sealed record ReadinessReport(string Status, IReadOnlyList<ReadinessFinding> Checks)
{
    [JsonIgnore]
    public bool IsReady => Status is "ready" or "degraded";
}

/// <summary>
/// Whether this node may be given visitors. Anybody may ask, so an answer is kept for a second: asking often costs nothing.
/// </summary>
public sealed class Readiness(IServiceProvider services, IEnumerable<ReadinessCheck> checks, TimeProvider clock, ILogger<Readiness> log) : IDisposable
{
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(3);
    private static readonly TimeSpan Freshness = TimeSpan.FromSeconds(1);

    private readonly ReadinessCheck[] _checks = [.. checks];
    private readonly SemaphoreSlim _one = new(1, 1);
    private ReadinessReport? _last;
    private long _lastAt;
    private volatile bool _draining;

    /// <summary>From now on the answer is no: the node is about to stop.</summary>
    public void Drain() => _draining = true;

    public async Task<ReadinessReport> ReportAsync(CancellationToken ct)
    {
        await _one.WaitAsync(ct);
        try
        {
            if (_last is null || clock.GetElapsedTime(_lastAt) >= Freshness)
            {
                var findings = await Task.WhenAll(_checks.Select(AskAsync));
                var bad = _checks.Where((_, i) => !findings[i].Ok).ToList();
                _last = new ReadinessReport(bad.Count == 0 ? "ready" : bad.Exists(c => c.Blocking) ? "not_ready" : "degraded", findings);
                _lastAt = clock.GetTimestamp();
            }
            return _draining ? _last with { Status = "draining" } : _last;
        }
        finally
        {
            _one.Release();
        }
    }

    public void Dispose() => _one.Dispose();

    private async Task<ReadinessFinding> AskAsync(ReadinessCheck check)
    {
        using var patience = new CancellationTokenSource(Patience, clock);
        try
        {
            var reason = await check.ReasonAsync(services, patience.Token).WaitAsync(patience.Token);
            return new ReadinessFinding(check.Name, reason is null, reason);
        }
        catch (OperationCanceledException) when (patience.IsCancellationRequested)
        {
            return new ReadinessFinding(check.Name, false, $"No answer within {Patience.TotalSeconds:0} seconds.");
        }
        catch (Exception e)
        {
            // The reader of the answer is anybody; the log is for us.
            log.LogWarning(e, "The readiness check {Check} failed", check.Name);
            return new ReadinessFinding(check.Name, false, "It cannot be reached; the log says more.");
        }
    }
}
