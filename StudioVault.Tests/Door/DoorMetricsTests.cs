using System.Diagnostics.Metrics;
using StudioVault.Infrastructure.Door;
using Xunit;

namespace StudioVault.Tests.Door;

public sealed class DoorMetricsTests
{
    [Theory]
    [InlineData("done", null, true)]
    [InlineData("refuse.package.preview_stale", "refuse.package.preview_stale", true)]
    [InlineData("failed", null, false)]
    public void Counts_and_times_a_command_by_action_and_outcome(string outcome, string? refusal, bool ended)
    {
        var action = $"test.{Guid.NewGuid():N}";
        var seen = new List<(string Instrument, double Value, string? Outcome)>();
        using var listener = new MeterListener { InstrumentPublished = (instrument, l) => { if (instrument.Meter.Name == "StudioVault") l.EnableMeasurementEvents(instrument); } };
        listener.SetMeasurementEventCallback<long>((instrument, value, tags, _) => Note(instrument, value, tags));
        listener.SetMeasurementEventCallback<double>((instrument, value, tags, _) => Note(instrument, value, tags));
        listener.Start();

        using (var measure = DoorMetrics.Begin(action))
        {
            if (ended) measure.End(refusal);
        }

        Assert.Equal([("studiovault.commands", outcome), ("studiovault.command.duration", outcome)], seen.Select(s => (s.Instrument, s.Outcome!)));
        Assert.Equal(1, seen[0].Value);

        // Other tests run commands at the same time.
        void Note(Instrument instrument, double value, ReadOnlySpan<KeyValuePair<string, object?>> tags)
        {
            var named = tags.ToArray().ToDictionary(t => t.Key, t => t.Value as string);
            if (named["action"] == action) seen.Add((instrument.Name, value, named["outcome"]));
        }
    }
}
