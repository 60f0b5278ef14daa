namespace StudioVault.Web.Ui;

/// <summary>
/// Keeps one piece of unsaved work in the browser while it changes: one write at a time, and after it only the newest, so that the
/// parts of two texts never mix and somebody quick does not wait for every step.
/// </summary>
/// <param name="drafts">Where it is kept.</param>
/// <param name="key">Whose work it is and on what.</param>
public sealed class DraftKeeper(KeptDrafts drafts, string key)
{
    private Func<string?>? _next;
    private Task _turn = Task.CompletedTask;
    private bool _busy;

    /// <summary>Keeps what <paramref name="text"/> gives when its turn comes; null forgets what is kept. Done when nothing newer waits.</summary>
    public Task KeepAsync(Func<string?> text)
    {
        _next = text;
        return _busy ? _turn : _turn = RunAsync();
    }

    /// <summary>Forgets what is kept.</summary>
    public Task DropAsync() => KeepAsync(() => null);

    /// <summary>What was kept, or null.</summary>
    public Task<string?> FindAsync() => drafts.FindAsync(key);

    private async Task RunAsync()
    {
        _busy = true;
        try
        {
            while (_next is { } next)
            {
                _next = null;
                if (next() is { } text) await drafts.KeepAsync(key, text);
                else await drafts.DropAsync(key);
            }
        }
        finally
        {
            _busy = false;
        }
    }
}
