using System.Threading.Channels;

namespace StudioVault.Infrastructure.Live;

/// <summary>
/// Tells the sequencer of this node that something was committed here. A bell, not a queue: ten rings before anybody
/// listens are one. Other nodes learn of it by NOTIFY or by their next poll.
/// </summary>
public sealed class FeedWake
{
    private readonly Channel<bool> _bell = Channel.CreateBounded<bool>(new BoundedChannelOptions(1) { FullMode = BoundedChannelFullMode.DropWrite });

    /// <summary>Rings the bell; never waits.</summary>
    public void Written() => _bell.Writer.TryWrite(true);

    /// <summary>Waits for the bell, at most the given time. True when it rang.</summary>
    public async Task<bool> WaitAsync(TimeSpan atMost, CancellationToken ct)
    {
        using var limit = CancellationTokenSource.CreateLinkedTokenSource(ct);
        limit.CancelAfter(atMost);
        try
        {
            return await _bell.Reader.ReadAsync(limit.Token);
        }
        catch (OperationCanceledException) when (!ct.IsCancellationRequested)
        {
            return false;
        }
    }
}
