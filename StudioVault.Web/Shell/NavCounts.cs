namespace StudioVault.Web.Shell;

/// <summary>The numbers beside the menu entries of one circuit. Whoever knows one sets it; the menu redraws.</summary>
public sealed class NavCounts
{
    private readonly Dictionary<string, int> _counts = [];

    /// <summary>Raised after a number changed, on the caller's thread.</summary>
    public event Action? Changed;

    /// <summary>The number under a key, or 0 while nobody has said.</summary>
    public int this[string key] => _counts.GetValueOrDefault(key);

    public void Set(string key, int count)
    {
        if (this[key] == count)
            return;
        _counts[key] = count;
        Changed?.Invoke();
    }
}
