using System.Globalization;
using Quartz;

namespace StudioVault.Infrastructure.Scheduling;

/// <summary>
/// When a job runs. Always tied to the clock (UTC), never to the start of a process, so that restarting nodes neither
/// postpones nor repeats a run. A run missed while no node was up is made up for once.
/// </summary>
/// <param name="Expression">Quartz cron expression: seconds, minutes, hours, day of month, month, day of week.</param>
/// <param name="Words">The same for people, for example "every minute".</param>
public sealed record JobSchedule(string Expression, string Words)
{
    /// <summary>Again and again, at a distance that divides a minute, an hour or a day: 10 s, 5 min, 6 h.</summary>
    public static JobSchedule Every(TimeSpan interval)
    {
        if (Divides(interval, TimeSpan.FromMinutes(1), TimeSpan.FromSeconds(1), out var seconds))
            return new($"0/{seconds} * * * * ?", Phrase(seconds, "second"));
        if (Divides(interval, TimeSpan.FromHours(1), TimeSpan.FromMinutes(1), out var minutes))
            return new($"0 0/{minutes} * * * ?", Phrase(minutes, "minute"));
        if (Divides(interval, TimeSpan.FromDays(1), TimeSpan.FromHours(1), out var hours))
            return new($"0 0 0/{hours} * * ?", Phrase(hours, "hour"));
        throw new ArgumentOutOfRangeException(nameof(interval), interval, "Does not divide a minute, an hour or a day evenly; use Cron.");
    }

    /// <summary>Once a day at this time, UTC.</summary>
    public static JobSchedule DailyAt(TimeOnly utc) => new(
        string.Create(CultureInfo.InvariantCulture, $"{utc.Second} {utc.Minute} {utc.Hour} * * ?"),
        string.Create(CultureInfo.InvariantCulture, $"every day at {utc:HH:mm} UTC"));

    /// <summary>Anything else.</summary>
    /// <exception cref="FormatException">The expression cannot be read.</exception>
    public static JobSchedule Cron(string expression, string words)
    {
        _ = new CronExpression(expression);
        return new(expression, words);
    }

    private static bool Divides(TimeSpan interval, TimeSpan whole, TimeSpan unit, out int count)
    {
        count = (int)(interval / unit);
        return interval >= unit && interval < whole && interval.Ticks % unit.Ticks == 0 && whole.Ticks % interval.Ticks == 0;
    }

    private static string Phrase(int count, string unit) => count == 1 ? $"every {unit}" : $"every {count} {unit}s";
}
