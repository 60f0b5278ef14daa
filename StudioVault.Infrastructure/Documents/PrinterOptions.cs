namespace StudioVault.Infrastructure.Documents;

/// <summary>How documents are printed.</summary>
public sealed record PrinterOptions
{
    /// <summary>Chromium's program; null: the windowless one of Debian where it is installed, else the first of the usual names.</summary>
    public string? BrowserPath { get; init; }

    /// <summary>Documents printed side by side.</summary>
    public int Parallel { get; init; } = 2;

    /// <summary>Documents that may wait for their turn; the next one is refused at once.</summary>
    public int Waiting { get; init; } = 16;

    /// <summary>Longest time from asking to the finished document, starting Chromium included.</summary>
    public TimeSpan TimeLimit { get; init; } = TimeSpan.FromSeconds(30);

    /// <summary>Account Chromium runs as when StudioVault itself runs as root.</summary>
    public string UnprivilegedUser { get; init; } = "nobody";
}
