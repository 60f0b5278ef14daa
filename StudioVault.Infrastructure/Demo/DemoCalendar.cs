using System.Globalization;
using System.Text.Json.Nodes;

namespace StudioVault.Infrastructure.Demo;

/// <summary>
/// Moves the days written in the demo files to the day the demo is loaded, by whole weeks, so that a Saturday stays a
/// Saturday, "due in two weeks" stays due, and nothing recent grows old.
/// </summary>
/// <param name="AsOf">The day the files were written for.</param>
/// <param name="Today">The day the demo is loaded, as HQ counts it.</param>
public sealed record DemoCalendar(DateOnly AsOf, DateOnly Today)
{
    /// <summary>Days added to every written day: a multiple of seven, rounded down so that the past stays past.</summary>
    public int Days => (int)Math.Floor((Today.DayNumber - AsOf.DayNumber) / 7m) * 7;

    public DateOnly Move(DateOnly written) => written.AddDays(Days);

    public DateOnly? Move(DateOnly? written) => written is { } day ? Move(day) : null;

    /// <summary>Moves the deadlines and ends of the rules in a template's content, in place.</summary>
    public void MoveRules(JsonObject content)
    {
        foreach (var rule in content["rules"]?.AsArray().OfType<JsonObject>() ?? [])
            foreach (var key in (string[])["mandatoryBy", "expires"])
                if (rule[key] is { } day)
                    rule[key] = Move(DateOnly.ParseExact(day.GetValue<string>(), "yyyy-MM-dd", CultureInfo.InvariantCulture)).ToString("yyyy-MM-dd", CultureInfo.InvariantCulture);
    }
}
