using System.Threading.RateLimiting;
using StudioVault.Domain.Kernel;
using StudioVault.Domain.Proposals;

namespace StudioVault.Web.Api;

/// <summary>
/// How often an agent may ask, and how often somebody may knock in vain, on this node. Strangers use up nothing of an agent's:
/// only a key that opened counts for it, and who knocks in vain too often is not even looked up.
/// </summary>
public sealed class ApiGate : IDisposable
{
    /// <summary>Requests a key may send at once.</summary>
    public const int Burst = 60;

    /// <summary>Requests a key may send in a second, all the time.</summary>
    public const int PerSecond = 10;

    /// <summary>Keys that have not opened here before, for one address in a minute.</summary>
    public const int KnocksPerMinute = 30;

    private readonly PartitionedRateLimiter<AgentKeyId> _keys = PartitionedRateLimiter.Create<AgentKeyId, AgentKeyId>(key => RateLimitPartition.GetTokenBucketLimiter(key,
        _ => new TokenBucketRateLimiterOptions { TokenLimit = Burst, TokensPerPeriod = PerSecond, ReplenishmentPeriod = TimeSpan.FromSeconds(1), QueueLimit = 0 }));

    private readonly PartitionedRateLimiter<string> _knocks = PartitionedRateLimiter.Create<string, string>(address => RateLimitPartition.GetFixedWindowLimiter(address,
        _ => new FixedWindowRateLimiterOptions { PermitLimit = KnocksPerMinute, Window = TimeSpan.FromMinutes(1), QueueLimit = 0 }));

    // Whoever shares an address with somebody who knocks in vain goes on, once their key has opened here.
    private readonly System.Collections.Concurrent.ConcurrentDictionary<AgentKeyId, string> _opened = [];

    /// <summary>
    /// Seconds to wait when a key that opened here asks too often, or an address has tried too many others, else null. Asked before
    /// anybody is looked up, so that the database is spared: a hundred at once are no more than thirty.
    /// </summary>
    /// <param name="sender">Key and hash of its secret, or null when it is no key at all.</param>
    public int? Entering(string address, (AgentKeyId Key, string SecretSha256)? sender)
    {
        if (sender is { } s && Knows(s.Key, s.SecretSha256)) return Asking(s.Key);
        using var lease = _knocks.AttemptAcquire(address);
        return lease.IsAcquired ? null : After(lease, 60);
    }

    /// <summary>Notes a key that opened. Seconds to wait when it did so for the first time and asks too often, else null.</summary>
    public int? Opened(AgentKeyId key, string secretSha256)
    {
        if (Knows(key, secretSha256)) return null;
        _opened[key] = secretSha256;
        return Asking(key);
    }

    /// <summary>A key opens no more: from now on whoever sends it knocks.</summary>
    public void Refused(AgentKeyId key, string secretSha256) => _opened.TryRemove(new(key, secretSha256));

    private bool Knows(AgentKeyId key, string secretSha256) => _opened.TryGetValue(key, out var hash) && hash == secretSha256;

    private int? Asking(AgentKeyId key)
    {
        using var lease = _keys.AttemptAcquire(key);
        return lease.IsAcquired ? null : After(lease, 1);
    }

    public static Refusal Refusal => ApiRefusals.TooManyRequests;

    public void Dispose()
    {
        _keys.Dispose();
        _knocks.Dispose();
    }

    private static int After(RateLimitLease lease, int otherwise) => lease.TryGetMetadata(MetadataName.RetryAfter, out var wait) ? (int)Math.Ceiling(wait.TotalSeconds) : otherwise;
}
