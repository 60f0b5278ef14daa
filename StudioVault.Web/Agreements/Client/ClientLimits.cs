using System.Net;
using System.Threading.RateLimiting;
using StudioVault.Infrastructure.Agreements;

namespace StudioVault.Web.Agreements.Client;

/// <summary>
/// How often things may be tried behind links: by link, and by network so that many links are no way round. A code has its own
/// five tries on top of it, kept by the database. Each node counts for itself.
/// </summary>
public sealed class ClientLimits : IDisposable
{
    /// <summary>What is counted.</summary>
    public enum Act
    {
        /// <summary>Asking for a code by mail.</summary>
        AskForCode,

        /// <summary>Trying a code.</summary>
        TryCode,
    }

    /// <summary>How long one who is refused is told to wait.</summary>
    public static readonly TimeSpan Window = TimeSpan.FromMinutes(10);

    public const int CodesALink = 8;
    public const int CodesANetwork = 40;
    public const int TriesALink = 30;
    public const int TriesANetwork = 120;
    public const int UnknownANetwork = 40;

    private readonly PartitionedRateLimiter<(LinkTarget Link, string Visitor)> _asks = Both(CodesALink, CodesANetwork);
    private readonly PartitionedRateLimiter<(LinkTarget Link, string Visitor)> _tries = Both(TriesALink, TriesANetwork);
    private readonly PartitionedRateLimiter<string> _guesses = PartitionedRateLimiter.Create<string, string>(visitor => RateLimitPartition.GetSlidingWindowLimiter(visitor, _ => Options(UnknownANetwork)));

    /// <summary>Whether this may be tried once more, counting it.</summary>
    public bool Allows(Act act, LinkTarget link, IPAddress? from)
    {
        using var lease = (act == Act.AskForCode ? _asks : _tries).AttemptAcquire((link, ClientDevice.Visitor(from)));
        return lease.IsAcquired;
    }

    /// <summary>Counts a link that is none of ours; false when this network has tried too many.</summary>
    public bool AllowsGuess(IPAddress? from)
    {
        using var lease = _guesses.AttemptAcquire(ClientDevice.Visitor(from));
        return lease.IsAcquired;
    }

    public void Dispose()
    {
        _asks.Dispose();
        _tries.Dispose();
        _guesses.Dispose();
    }

    private static PartitionedRateLimiter<(LinkTarget Link, string Visitor)> Both(int aLink, int aNetwork) => PartitionedRateLimiter.CreateChained(
        PartitionedRateLimiter.Create<(LinkTarget Link, string Visitor), LinkTarget>(who => RateLimitPartition.GetSlidingWindowLimiter(who.Link, _ => Options(aLink))),
        PartitionedRateLimiter.Create<(LinkTarget Link, string Visitor), string>(who => RateLimitPartition.GetSlidingWindowLimiter(who.Visitor, _ => Options(aNetwork))));

    private static SlidingWindowRateLimiterOptions Options(int permits) => new() { PermitLimit = permits, Window = Window, SegmentsPerWindow = 5, QueueLimit = 0 };
}
