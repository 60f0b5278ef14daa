using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;
using StudioVault.Infrastructure.Scheduling;

namespace StudioVault.Infrastructure.Demo;

/// <summary>Makes the demo group's agreements while the pages are served already: printing a hundred documents takes a minute or two.</summary>
/// <param name="owner">Connection of the role that owns the tables.</param>
public sealed class DemoAgreementsHost(DemoAgreements demo, string owner, int wanted, IHostApplicationLifetime lifetime, ILogger<DemoAgreementsHost> log) : NodeService
{
    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        if (!await lifetime.ApplicationStarted.WaitAsync(stoppingToken)) return;
        try
        {
            var result = await demo.LoadAsync(owner, wanted, TimeProvider.System.GetUtcNow(), stoppingToken);
            if (result.Refusal is { } refusal) log.LogWarning("The demo group has fewer agreements than it should: {Refusal}", refusal);
            else if (result.Value > 0) log.LogInformation("The demo group has {Count} more agreements", result.Value);
        }
        catch (OperationCanceledException) when (stoppingToken.IsCancellationRequested)
        {
            // The next start goes on.
        }
        catch (Exception e) when (!stoppingToken.IsCancellationRequested)
        {
            // A demo without all of its agreements is better than none.
            log.LogWarning(e, "The demo group has fewer agreements than it should");
        }
        catch (Exception e)
        {
            log.LogDebug(e, "Stopped in the middle of an agreement of the demo group");
        }
    }
}
