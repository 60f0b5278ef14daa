using System.Globalization;
using StudioVault.Infrastructure.Scheduling;
using StudioVault.Web.Ui;

namespace StudioVault.Web.Scheduling;

/// <summary>Plain words for what the jobs page shows.</summary>
internal static class JobWords
{
    /// <summary>HQ looks at the whole group, so its times are of no branch.</summary>
    public const string Zone = "UTC";

    public static (Tone Tone, string Word) State(JobView job) => job.State switch
    {
        JobState.Running => (Tone.Hq, "Running"),
        JobState.Waiting => (Tone.Hq, "Waiting to run"),
        JobState.Paused => (Tone.Conflict, "Paused"),
        JobState.Stuck => (Tone.Removed, "Stuck"),
        JobState.Foreign => (Tone.Neutral, "Other version"),
        _ => (Tone.Added, "On schedule"),
    };

    public static (Tone Tone, string Word) Outcome(JobOutcome outcome) => outcome switch
    {
        JobOutcome.Failed => (Tone.Removed, "Failed"),
        JobOutcome.CutOff => (Tone.Conflict, "Cut off"),
        JobOutcome.Nothing => (Tone.Neutral, "Nothing to do"),
        _ => (Tone.Added, "Done"),
    };

    /// <summary>One sentence that answers "is anything wrong?".</summary>
    public static (Tone Tone, string Sentence) Verdict(JobsView view)
    {
        if (view.Jobs.Count == 0) return (Tone.Neutral, "There are no jobs.");
        if (view.Nodes.Count == 0) return (Tone.Removed, "Nothing runs: no node takes jobs now.");
        var stuck = view.Jobs.Count(j => j.State == JobState.Stuck);
        var failing = view.Jobs.Count(j => j.State != JobState.Stuck && j.Last?.Outcome == JobOutcome.Failed);
        var paused = view.Jobs.Count(j => j.IsPaused);
        if (stuck > 0) return (Tone.Removed, $"{Jobs(stuck)} cannot be started any more.");
        if (failing > 0) return (Tone.Removed, $"{Jobs(failing)} failed at the last run.");
        return paused > 0 ? (Tone.Conflict, $"{Jobs(paused)} {(paused == 1 ? "is" : "are")} paused; the others run on schedule.") : (Tone.Added, view.Jobs.Count switch { 1 => "The only job runs on schedule.", 2 => "Both jobs run on schedule.", var all => $"All {all} jobs run on schedule." });
    }

    /// <summary>"12 ms", "1.4 s", "3 min 5 s".</summary>
    public static string Took(TimeSpan took) => took switch
    {
        { TotalMilliseconds: < 1 } => "under 1\u00A0ms",
        { TotalSeconds: < 1 } => string.Create(CultureInfo.InvariantCulture, $"{took.TotalMilliseconds:0}\u00A0ms"),
        { TotalSeconds: < 60 } => string.Create(CultureInfo.CurrentCulture, $"{took.TotalSeconds:0.0}\u00A0s"),
        _ => string.Create(CultureInfo.InvariantCulture, $"{(long)took.TotalMinutes}\u00A0min {took.Seconds}\u00A0s"),
    };

    /// <summary>How long ago or until, to the second below a minute: "40 s ago", "in 12 s", "3 min ago", "due now".</summary>
    public static string Distance(DateTimeOffset at, DateTimeOffset now)
    {
        var ago = now - at;
        if (ago.Duration() < TimeSpan.FromSeconds(1)) return ago < TimeSpan.Zero ? "now" : "just now";
        var seconds = (int)ago.Duration().TotalSeconds;
        if (seconds < 60) return ago < TimeSpan.Zero ? $"in {seconds}\u00A0s" : $"{seconds}\u00A0s ago";
        return TimeFormat.Age(ago) ?? TimeFormat.Format(at, Zone, TimeShape.Date, CultureInfo.CurrentCulture);
    }

    /// <summary>When it is due: "in 12 s", or "due now" once the time has come.</summary>
    public static string Due(DateTimeOffset at, DateTimeOffset now) => at <= now ? "due now" : Distance(at, now);

    /// <summary>"14:02:05" on the day itself, else with the date; UTC.</summary>
    public static string Clock(DateTimeOffset at, DateTimeOffset now) =>
        at.UtcDateTime.ToString(at.UtcDateTime.Date == now.UtcDateTime.Date ? "HH:mm:ss" : "d MMM, HH:mm:ss", CultureInfo.CurrentCulture);

    private static string Jobs(int count) => count == 1 ? "One job" : $"{count} jobs";
}
