using System.Runtime.InteropServices;

namespace StudioVault.Web.Hosting;

/// <summary>
/// Ends the process in order. The first signal makes <c>/health/ready</c> say no, and the node goes on serving for the
/// drain time, so that the balancer turns away from it before it stops. A second signal does not wait.
/// </summary>
internal sealed class DrainingLifetime(Readiness readiness, IHostApplicationLifetime application, ShutdownSettings settings, TimeProvider clock, ILogger<DrainingLifetime> log)
    : IHostLifetime, IDisposable
{
    private static readonly TimeSpan Grace = TimeSpan.FromSeconds(3);

    private readonly List<PosixSignalRegistration> _registrations = [];
    private int _signals;

    public Task WaitForStartAsync(CancellationToken cancellationToken)
    {
        foreach (var signal in new[] { PosixSignal.SIGINT, PosixSignal.SIGQUIT, PosixSignal.SIGTERM })
        {
            _registrations.Add(PosixSignalRegistration.Create(signal, context =>
            {
                context.Cancel = true; // the default is to die on the spot
                _ = SignalAsync();
            }));
        }
        return Task.CompletedTask;
    }

    public Task StopAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    public void Dispose() => _registrations.ForEach(r => r.Dispose());

    /// <summary>What a signal does; completes when the application has been told to stop.</summary>
    internal async Task SignalAsync()
    {
        if (Interlocked.Increment(ref _signals) == 1)
        {
            readiness.Drain();
            if (settings.Drain > TimeSpan.Zero)
            {
                log.LogInformation("Stopping in {Seconds} s; a second signal stops at once", settings.Drain.TotalSeconds);
                try
                {
                    await Task.Delay(settings.Drain, clock, application.ApplicationStopping);
                }
                catch (OperationCanceledException)
                {
                    return;
                }
            }
            application.StopApplication();
            return;
        }
        application.StopApplication();
        // Requests still under way had their chance.
        await Task.Delay(Grace, clock);
        Environment.Exit(0);
    }
}
