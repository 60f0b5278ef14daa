using System.Globalization;

namespace StudioVault.Web.Hosting;

/// <summary>Durations as people write them: <c>250ms</c>, <c>5s</c>, <c>10m</c>, <c>12h</c>, or <c>hh:mm:ss</c>.</summary>
internal static class Duration
{
    /// <summary>Null when it is none. A bare number is none either: .NET would take it for days.</summary>
    public static TimeSpan? Parse(string text)
    {
        foreach (var (unit, length) in new[] { ("ms", TimeSpan.FromMilliseconds(1)), ("s", TimeSpan.FromSeconds(1)), ("m", TimeSpan.FromMinutes(1)), ("h", TimeSpan.FromHours(1)) })
        {
            if (text.EndsWith(unit, StringComparison.Ordinal)
                && int.TryParse(text[..^unit.Length], NumberStyles.None, CultureInfo.InvariantCulture, out var count))
                return length * count;
        }
        return text.Contains(':', StringComparison.Ordinal) && TimeSpan.TryParse(text, CultureInfo.InvariantCulture, out var span) ? span : null;
    }

    /// <summary>The shortest way to write it.</summary>
    public static string Write(TimeSpan span)
    {
        if (span.Ticks % TimeSpan.TicksPerSecond != 0)
            return $"{span.TotalMilliseconds:0}ms";
        if (span >= TimeSpan.FromHours(1) && span.Ticks % TimeSpan.TicksPerHour == 0)
            return $"{span.TotalHours:0}h";
        return span >= TimeSpan.FromMinutes(1) && span.Ticks % TimeSpan.TicksPerMinute == 0 ? $"{span.TotalMinutes:0}m" : $"{span.TotalSeconds:0}s";
    }
}
