using Microsoft.Extensions.Hosting;

namespace StudioVault.Infrastructure.Scheduling;

/// <summary>What runs as long as its node does. Every loop of this solution is one (a test looks), so that all of them end alike.</summary>
public abstract class NodeService : BackgroundService
{
    /// <summary>
    /// Tells the loop to stop and waits for it. Npgsql hears of the stop by a callback, and when a connection is torn down at that very
    /// moment (a database that goes away while the node stops) the callback finds it disposed and throws. The loop ends all the same, so
    /// that is no reason for a node to end with an error; whatever else a callback throws is one.
    /// </summary>
    public override async Task StopAsync(CancellationToken cancellationToken)
    {
        try
        {
            await base.StopAsync(cancellationToken);
        }
        catch (AggregateException e) when (e.Flatten().InnerExceptions.All(cause => cause is ObjectDisposedException))
        {
            // The loop was told and has ended: the base waits for it before this comes out.
        }
    }
}
