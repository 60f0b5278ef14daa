using System.Threading.Channels;
using Microsoft.Extensions.Logging;

namespace StudioVault.Infrastructure.Scheduling;

/// <summary>
/// Does at once, on this node and after the answer, what somebody waits for and a job would do within a minute anyway. Nothing is
/// kept here: what is lost when the node stops, or is too much, the job takes up.
/// </summary>
public sealed partial class Soon(ILogger<Soon> log) : NodeService
{
    private const int MostWaiting = 1_000;
    private const int AtOnce = 2;

    private readonly Channel<(string What, Func<CancellationToken, Task> Work)> _waiting = Channel.CreateBounded<(string, Func<CancellationToken, Task>)>(
        new BoundedChannelOptions(MostWaiting) { FullMode = BoundedChannelFullMode.DropWrite });

    /// <summary>Puts a piece of work behind what waits; never blocks and never fails.</summary>
    /// <param name="what">For the log, without names.</param>
    public void Do(string what, Func<CancellationToken, Task> work) => _waiting.Writer.TryWrite((what, work));

    /// <summary>Everything that waits now, for tests and for whoever must know that it is done.</summary>
    public async Task DrainAsync(CancellationToken ct)
    {
        while (_waiting.Reader.TryRead(out var next)) await RunAsync(next.What, next.Work, ct);
    }

    protected override Task ExecuteAsync(CancellationToken stoppingToken) =>
        Task.WhenAll(Enumerable.Range(0, AtOnce).Select(async _ =>
        {
            await foreach (var (what, work) in _waiting.Reader.ReadAllAsync(stoppingToken)) await RunAsync(what, work, stoppingToken);
        }));

    private async Task RunAsync(string what, Func<CancellationToken, Task> work, CancellationToken ct)
    {
        try
        {
            await work(ct);
        }
        catch (Exception e) when (e is not OperationCanceledException || !ct.IsCancellationRequested)
        {
            LogLeft(e, what);
        }
    }

    [LoggerMessage(Level = LogLevel.Warning, Message = "Not done at once, left to its job: {What}")]
    private partial void LogLeft(Exception exception, string what);
}
