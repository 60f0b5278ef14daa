namespace StudioVault.Infrastructure.Scheduling;

/// <summary>Everything the jobs page shows, as of one moment.</summary>
/// <param name="AsOf">When it was read, UTC.</param>
/// <param name="RunsHere">Whether the node that answers runs jobs itself.</param>
public sealed record JobsView(DateTimeOffset AsOf, bool RunsHere, IReadOnlyList<JobView> Jobs, IReadOnlyList<JobNode> Nodes);

/// <summary>What a job is doing, the strongest word first.</summary>
public enum JobState
{
    /// <summary>A node runs it now.</summary>
    Running,

    /// <summary>Somebody asked for a run that has not begun.</summary>
    Waiting,

    /// <summary>Its schedule is stopped by a person.</summary>
    Paused,

    /// <summary>Its schedule stopped by itself: it could not even be begun, several times in a row.</summary>
    Stuck,

    /// <summary>It waits for its next time.</summary>
    Scheduled,

    /// <summary>Stored by another version of StudioVault; this one does not know it.</summary>
    Foreign,
}

/// <summary>One job.</summary>
/// <param name="Running">The run under way, or null.</param>
/// <param name="Last">The last finished run, or null.</param>
/// <param name="Next">When it is due next; null when paused or stuck.</param>
/// <param name="FailuresLastDay">Failed runs in the last 24 hours.</param>
/// <param name="PausedBy">Who paused it, when that is known.</param>
/// <param name="PausedAt">Since when.</param>
public sealed record JobView(string Name, string Title, string What, string Schedule, JobState State, JobRunning? Running, JobRun? Last,
    DateTimeOffset? Next, int FailuresLastDay, string? PausedBy, DateTimeOffset? PausedAt)
{
    public bool IsPaused => PausedAt is not null || State == JobState.Paused;
}

/// <summary>A run under way.</summary>
public sealed record JobRunning(string Node, DateTimeOffset Since);

/// <summary>How a run ended.</summary>
public enum JobOutcome
{
    Done,

    /// <summary>There was nothing to do.</summary>
    Nothing,
    Failed,

    /// <summary>Cut off by a stopping node.</summary>
    CutOff,
}

/// <summary>A finished run.</summary>
/// <param name="Manual">Asked for by a person rather than by the schedule.</param>
/// <param name="Text">Its own line about what it did, or the error; empty when it said nothing.</param>
public sealed record JobRun(DateTimeOffset At, TimeSpan Took, JobOutcome Outcome, string Node, bool Manual, string Text);

/// <summary>A node of the cluster as its check-ins show it.</summary>
/// <param name="LastCheckIn">Null before the first.</param>
/// <param name="Alive">False: it missed check-ins and its work is about to be taken over.</param>
/// <param name="IsThis">The node that answers.</param>
public sealed record JobNode(string Name, DateTimeOffset? LastCheckIn, bool Alive, bool IsThis);
