using NodaTime;

namespace StudioVault.Infrastructure.Organization;

/// <summary>Days and midnights of a branch, by its IANA time zone (NodaTime's own data, so that two servers agree).</summary>
public static class BranchClock
{
    /// <summary>The branch-local day of an instant.</summary>
    public static DateOnly DayOf(DateTimeOffset instant, string timeZone) =>
        Instant.FromDateTimeOffset(instant).InZone(Zone(timeZone)).Date.ToDateOnly();

    /// <summary>The branch-local time of day of an instant.</summary>
    public static TimeOnly TimeOf(DateTimeOffset instant, string timeZone) =>
        Instant.FromDateTimeOffset(instant).InZone(Zone(timeZone)).TimeOfDay.ToTimeOnly();

    /// <summary>The instant a branch-local day begins; where midnight does not exist, the first moment of the day.</summary>
    public static DateTimeOffset StartOf(DateOnly day, string timeZone) =>
        Zone(timeZone).AtStartOfDay(LocalDate.FromDateOnly(day)).ToInstant().ToDateTimeOffset();

    /// <summary>The instant a branch's clock shows a time; where the clock skips it, the moment it goes on, and of two the first.</summary>
    public static DateTimeOffset At(DateTime local, string timeZone) =>
        LocalDateTime.FromDateTime(local).InZoneLeniently(Zone(timeZone)).ToInstant().ToDateTimeOffset();

    /// <summary>"21 November 2026, 17:33:14, Lisbon time" for mails, which nobody can hover over.</summary>
    public static string Moment(DateTimeOffset instant, string timeZone) =>
        $"{Instant.FromDateTimeOffset(instant).InZone(Zone(timeZone)).LocalDateTime.ToString("d MMMM yyyy, HH:mm:ss", System.Globalization.CultureInfo.InvariantCulture)}, {timeZone[(timeZone.LastIndexOf('/') + 1)..].Replace('_', ' ')} time";

    /// <summary>Whether a branch-local day has begun, or is past.</summary>
    public static bool HasBegun(DateOnly day, DateTimeOffset now, string timeZone) => DayOf(now, timeZone) >= day;

    private static DateTimeZone Zone(string timeZone) => DateTimeZoneProviders.Tzdb[timeZone];
}
