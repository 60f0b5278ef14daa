namespace StudioVault.Infrastructure.Scheduling;

/// <summary>How this node takes part in running jobs.</summary>
public sealed class JobsOptions
{
    /// <summary>False: this node runs none; its jobs page still shows and steers what the others run.</summary>
    public bool Enabled { get; set; } = true;

    /// <summary>How many jobs run on this node at a time.</summary>
    public int AtOnce { get; set; } = 4;

    /// <summary>How often the node says that it is alive. A node silent for this plus <see cref="DeadAfter"/> loses its work to the others.</summary>
    public TimeSpan CheckIn { get; set; } = TimeSpan.FromSeconds(5);

    /// <summary>How long past a missed check-in the others wait; longer than the worst pause of a machine that is not dead.</summary>
    public TimeSpan DeadAfter { get; set; } = TimeSpan.FromSeconds(10);

    /// <summary>How often the node looks for work that another node scheduled, for example by "Run now".</summary>
    public TimeSpan Look { get; set; } = TimeSpan.FromSeconds(5);

    /// <summary>How long a stopping node lets its running jobs finish before it cuts them off and hands them over.</summary>
    public TimeSpan Drain { get; set; } = TimeSpan.FromSeconds(10);

    /// <summary>How long jobs that were cut off get to end, and the scheduler to write down where they stood.</summary>
    public TimeSpan HandOver { get; set; } = TimeSpan.FromSeconds(3);
}
