using System.Globalization;
using NodaTime;
using NodaTime.Extensions;

namespace StudioVault.Web.Ui;

/// <summary>How much of an instant to show.</summary>
public enum TimeShape
{
    Date,
    DateTime,
    Time,
}

/// <summary>Writes instants in a branch's time zone. Zone data comes with NodaTime, so every machine answers alike.</summary>
public static class TimeFormat
{
    /// <summary>"12 May 2026, 14:02".</summary>
    /// <param name="instant">The instant.</param>
    /// <param name="zone">IANA name of the branch's zone; an unknown one reads as UTC.</param>
    /// <param name="shape">Which parts.</param>
    /// <param name="culture">Whose month names.</param>
    public static string Format(DateTimeOffset instant, string zone, TimeShape shape, CultureInfo culture)
    {
        var local = instant.ToInstant().InZone(Zone(zone)).LocalDateTime.ToDateTimeUnspecified();
        return shape switch
        {
            TimeShape.Date => local.ToString("d MMM yyyy", culture),
            TimeShape.Time => local.ToString("HH:mm", culture),
            _ => local.ToString("d MMM yyyy, HH:mm", culture),
        };
    }

    /// <summary>The exact time with the zone named, for titles and screen readers: "12 May 2026, 14:02, Lisbon time".</summary>
    public static string Exact(DateTimeOffset instant, string zone, CultureInfo culture) =>
        $"{Format(instant, zone, TimeShape.DateTime, culture)}, {ZoneWords(zone)}";

    /// <summary>"14:02 Lisbon time", of another day "19 Nov, 14:02 Lisbon time": an instant inside a sentence.</summary>
    public static string Spoken(DateTimeOffset instant, string zone, DateTimeOffset now, CultureInfo culture) => $"{Near(instant, zone, now, culture)} {ZoneWords(zone)}";

    /// <summary>"14:02", of another day "19 Nov, 14:02", of another year "19 Nov 2025, 14:02".</summary>
    public static string Near(DateTimeOffset instant, string zone, DateTimeOffset now, CultureInfo culture)
    {
        var (day, today) = (Day(instant, zone), Day(now, zone));
        var clock = Format(instant, zone, TimeShape.Time, culture);
        return day == today ? clock : $"{day.ToString(day.Year == today.Year ? "d MMM" : "d MMM yyyy", culture)}, {clock}";
    }

    /// <summary>"Lisbon time" for <c>Europe/Lisbon</c>, "UTC" for UTC.</summary>
    public static string ZoneWords(string zone) =>
        Zone(zone).Id == DateTimeZone.Utc.Id ? "UTC" : $"{zone[(zone.LastIndexOf('/') + 1)..].Replace('_', ' ')} time";

    /// <summary>"just now", "2 min ago", "3 h ago", "in 4 days"; past four weeks null: then a date says more.</summary>
    public static string? Age(TimeSpan age)
    {
        var size = age.Duration();
        var words = size switch
        {
            { TotalSeconds: < 45 } => null,
            { TotalMinutes: < 60 } => $"{Math.Max(1, (int)Math.Round(size.TotalMinutes))}\u00A0min",
            { TotalHours: < 36 } => $"{(int)Math.Round(size.TotalHours)}\u00A0h",
            { TotalDays: < 28 } => $"{(int)Math.Round(size.TotalDays)}\u00A0days",
            _ => "",
        };
        return words switch
        {
            null => "just now",
            "" => null,
            _ => age < TimeSpan.Zero ? $"in {words}" : $"{words} ago",
        };
    }

    /// <summary>The day an instant falls on in a zone; an unknown zone counts as UTC.</summary>
    public static DateOnly Day(DateTimeOffset instant, string zone) => Instant.FromDateTimeOffset(instant).InZone(Zone(zone)).Date.ToDateOnly();

    private static DateTimeZone Zone(string zone) => DateTimeZoneProviders.Tzdb.GetZoneOrNull(zone) ?? DateTimeZone.Utc;
}
