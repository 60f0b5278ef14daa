namespace StudioVault.Web.Shell;

/// <summary>One line across every page.</summary>
/// <param name="Text">What holds: "Stopped: everything of Finance".</param>
/// <param name="Detail">By whom and why.</param>
/// <param name="Since">When it began.</param>
/// <param name="Zone">IANA name of the reader's branch's zone.</param>
/// <param name="Href">Page that shows it all.</param>
/// <param name="LinkText">Where the link leads.</param>
/// <param name="More">How many further ones there are.</param>
public sealed record Stripe(string Text, string Detail, DateTimeOffset Since, string Zone, string? Href, string LinkText, int More)
{
    /// <summary>Somebody is needed; nothing is stopped.</summary>
    public bool IsCall { get; init; }
}

/// <summary>The lines of one circuit. Whoever knows one sets it; the frame redraws.</summary>
public sealed class Stripes
{
    private readonly Dictionary<string, Stripe> _shown = [];

    /// <summary>Raised after a line changed, on the caller's thread.</summary>
    public event Action? Changed;

    /// <summary>The lines on screen, by source.</summary>
    public IReadOnlyList<Stripe> Shown
    {
        get
        {
            lock (_shown) return [.. _shown.OrderBy(s => s.Key, StringComparer.Ordinal).Select(s => s.Value)];
        }
    }

    /// <param name="source">Whose line it is; each has one.</param>
    /// <param name="stripe">Null: nothing holds any more.</param>
    public void Set(string source, Stripe? stripe)
    {
        lock (_shown)
        {
            if (_shown.GetValueOrDefault(source) == stripe) return;
            if (stripe is null) _shown.Remove(source);
            else _shown[source] = stripe;
        }

        Changed?.Invoke();
    }
}
