using System.Globalization;

namespace StudioVault.Domain.Kernel;

/// <summary>An instant inside a sentence: programs read it in UTC, people in the zone of their branch.</summary>
/// <param name="At">The instant.</param>
/// <param name="Before">Words before it.</param>
/// <param name="After">Words after it.</param>
public sealed record Moment(DateTimeOffset At, string Before = "", string After = "")
{
    /// <summary>The words with the instant told as <paramref name="tell"/> tells it.</summary>
    public string Words(Func<DateTimeOffset, string> tell) => Before + tell(At) + After;

    /// <summary>"21 Nov 14:02:11 UTC", between its words.</summary>
    public override string ToString() => Words(at => at.UtcDateTime.ToString("d MMM HH:mm:ss", CultureInfo.InvariantCulture) + " UTC");
}
