using System.Diagnostics;
using System.Diagnostics.Metrics;

namespace StudioVault.Infrastructure.Door;

/// <summary>
/// What the door tells a collector: <c>studiovault.commands</c> (how many) and <c>studiovault.command.duration</c> (seconds),
/// each by action and outcome, and one span a command. An outcome is "done", a refusal code, or "failed" for an exception.
/// </summary>
internal static class DoorMetrics
{
    /// <summary>Meter and activity source of everything of ours.</summary>
    public const string Name = "StudioVault";

    private static readonly Meter Meter = new(Name);
    private static readonly ActivitySource Spans = new(Name);
    private static readonly Counter<long> Commands = Meter.CreateCounter<long>("studiovault.commands", "{command}", "Commands by action and outcome");
    private static readonly Histogram<double> Duration = Meter.CreateHistogram<double>("studiovault.command.duration", "s", "Time a command took, refusals included");

    /// <summary>Measures until disposed; without a call of <see cref="Measure.End"/> the command has failed.</summary>
    public static Measure Begin(string action) => new(action);

    public sealed class Measure(string action) : IDisposable
    {
        private readonly Activity? _span = Spans.StartActivity(action);
        private readonly long _start = Stopwatch.GetTimestamp();
        private string _outcome = "failed";

        /// <param name="refusal">The refusal's code, or null when it was done.</param>
        public void End(string? refusal) => _outcome = refusal ?? "done";

        public void Dispose()
        {
            var tags = new TagList { { "action", action }, { "outcome", _outcome } };
            Commands.Add(1, tags);
            Duration.Record(Stopwatch.GetElapsedTime(_start).TotalSeconds, tags);
            _span?.SetTag("outcome", _outcome);
            if (_outcome == "failed") _span?.SetStatus(ActivityStatusCode.Error);
            _span?.Dispose();
        }
    }
}
