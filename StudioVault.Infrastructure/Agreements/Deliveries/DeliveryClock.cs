using NodaTime;

namespace StudioVault.Infrastructure.Agreements.Deliveries;

/// <summary>Until when files are online, by the clock of the branch.</summary>
public static class DeliveryClock
{
    /// <summary>
    /// The last day online of what was opened at a moment and promised for so many days. Days count from the branch-local day of
    /// opening, and the last one counts whole. Where clocks were put forward since, so many days of 24 hours can end
    /// after midnight of that day; then it is the next: never earlier than promised.
    /// </summary>
    public static DateOnly LastDay(DateTimeOffset openedAt, int days, string timeZone)
    {
        var zone = DateTimeZoneProviders.Tzdb[timeZone];
        var opened = Instant.FromDateTimeOffset(openedAt);
        var byDate = opened.InZone(zone).Date.PlusDays(days);
        var byHours = opened.Plus(Duration.FromDays(days)).InZone(zone).Date;
        var last = LocalDate.Max(byDate, byHours).ToDateOnly();
        // Where clocks go back over midnight, a day ends twice, and the first end counts: it can be too early by that hour.
        return EndOf(last, timeZone) < openedAt.AddDays(days) ? last.AddDays(1) : last;
    }

    /// <summary>The moment a branch-local day is over: when the next one begins, also where that day, or its midnight, does not exist.</summary>
    public static DateTimeOffset EndOf(DateOnly day, string timeZone)
    {
        var zone = DateTimeZoneProviders.Tzdb[timeZone];
        for (var next = LocalDate.FromDateOnly(day).PlusDays(1); ; next = next.PlusDays(1))
        {
            try
            {
                return zone.AtStartOfDay(next).ToDateTimeOffset();
            }
            catch (SkippedTimeException)
            {
                // An island that crossed the date line left out a whole day.
            }
        }
    }
}
