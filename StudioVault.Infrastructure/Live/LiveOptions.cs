namespace StudioVault.Infrastructure.Live;

/// <summary>Timing of the live channel.</summary>
public sealed class LiveOptions
{
    /// <summary>How long a node waits at most before it looks for new events by itself.</summary>
    public TimeSpan PollInterval { get; set; } = TimeSpan.FromSeconds(1);
}
