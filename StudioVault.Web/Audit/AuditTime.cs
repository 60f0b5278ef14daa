using System.Globalization;
using NodaTime;
using NodaTime.Extensions;
using StudioVault.Web.Ui;

namespace StudioVault.Web.Audit;

/// <summary>Times of a log: to the second in lists, to the microsecond where it counts.</summary>
internal static class AuditTime
{
    /// <summary>"14:02:31".</summary>
    public static string Clock(DateTimeOffset instant, string zone) => Local(instant, zone).ToString("HH:mm:ss", CultureInfo.InvariantCulture);

    /// <summary>The day in the zone.</summary>
    public static DateOnly Day(DateTimeOffset instant, string zone) => DateOnly.FromDateTime(Local(instant, zone));

    /// <summary>"Today, 21 November", "Friday, 20 November 2026".</summary>
    public static string DayWords(DateOnly day, DateOnly today, CultureInfo culture) => (today.DayNumber - day.DayNumber) switch
    {
        0 => $"Today, {day.ToString("d MMMM", culture)}",
        1 => $"Yesterday, {day.ToString("d MMMM", culture)}",
        _ => day.ToString("dddd, d MMMM yyyy", culture),
    };

    /// <summary>"21 Nov 2026, 14:02:31, Lisbon time".</summary>
    public static string Exact(DateTimeOffset instant, string zone, CultureInfo culture) =>
        $"{Local(instant, zone).ToString("d MMM yyyy, HH:mm:ss", culture)}, {TimeFormat.ZoneWords(zone)}";

    /// <summary>"2026-11-21T14:02:31.123456Z": as the leaf has it.</summary>
    public static string Iso(DateTimeOffset instant) => instant.UtcDateTime.ToString("yyyy-MM-dd'T'HH:mm:ss.ffffff'Z'", CultureInfo.InvariantCulture);

    private static DateTime Local(DateTimeOffset instant, string zone) =>
        instant.ToInstant().InZone(DateTimeZoneProviders.Tzdb.GetZoneOrNull(zone) ?? DateTimeZone.Utc).ToDateTimeUnspecified();
}
