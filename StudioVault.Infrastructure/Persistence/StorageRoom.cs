namespace StudioVault.Infrastructure.Persistence;

/// <summary>
/// Whether the database had no room for the last change of this node (fault F10). Whoever is refused for it notes it, the next commit
/// takes the note away: nobody has to ask, and nothing is written to find out.
/// </summary>
public sealed class StorageRoom
{
    private long _since;

    /// <summary>Raised after it changed, on a thread of its own: whoever listens keeps no command waiting.</summary>
    public event Action? Changed;

    /// <summary>Since when no change found room; null = there is room, as far as this node knows.</summary>
    public DateTimeOffset? FullSince => Interlocked.Read(ref _since) is > 0 and var ticks ? new DateTimeOffset(ticks, TimeSpan.Zero) : null;

    /// <summary>A change was refused for want of room.</summary>
    internal void NoteFull()
    {
        // It stands beside the time that pages tell ages by, and decides nothing.
        if (Interlocked.CompareExchange(ref _since, TimeProvider.System.GetUtcNow().UtcTicks, 0) == 0) Tell();
    }

    /// <summary>A change was written.</summary>
    internal void NoteWritten()
    {
        if (Interlocked.Read(ref _since) != 0 && Interlocked.Exchange(ref _since, 0) != 0) Tell();
    }

    private void Tell() => _ = Task.Run(() => Changed?.Invoke());
}
