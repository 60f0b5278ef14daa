using StudioVault.Domain.Kernel;

namespace StudioVault.Web.Ui;

/// <summary>One message at the edge of the screen.</summary>
/// <param name="Text">A sentence in the words of the button that caused it.</param>
/// <param name="Detail">A second, quieter line, or null.</param>
/// <param name="Tone">Removed for errors, which stay until closed.</param>
/// <param name="UndoText">Word on the undo button, or null for none.</param>
/// <param name="Undo">What undo does.</param>
public sealed record Toast(string Text, string? Detail, Tone Tone, string? UndoText, Func<Task>? Undo);

/// <summary>Messages of one circuit. Errors stay until somebody closes them; the rest leave by themselves.</summary>
/// <param name="time">The clock; tests give their own.</param>
public sealed class Toasts(TimeProvider time) : IDisposable
{
    private readonly Lock _gate = new();
    private readonly List<(Toast Toast, ITimer? Timer)> _shown = [];

    /// <summary>Raised on any thread after the list changed.</summary>
    public event Action? Changed;

    /// <summary>The messages on screen, oldest first.</summary>
    public IReadOnlyList<Toast> Shown
    {
        get
        {
            lock (_gate)
                return [.. _shown.Select(s => s.Toast)];
        }
    }

    /// <summary>Says that something worked; gone after six seconds.</summary>
    public void Say(string text, string? detail = null) => Add(new(text, detail, Tone.Added, null, null), TimeSpan.FromSeconds(6));

    /// <summary>Says what was done and offers the way back for as long as <paramref name="grace"/> lasts (10 s unless said).</summary>
    public void SayWithUndo(string text, Func<Task> undo, TimeSpan? grace = null, string undoText = "Undo", string? detail = null) =>
        Add(new(text, detail, Tone.Added, undoText, undo), grace ?? TimeSpan.FromSeconds(10));

    /// <summary>Shows a refusal; stays until closed.</summary>
    public void Refuse(Refusal refusal) => Add(new(refusal.Sentence, refusal.NextStep, Tone.Removed, null, null), null);

    /// <summary>Shows a fault of ours; stays until closed.</summary>
    public void Fail(string text, string? detail = null) => Add(new(text, detail, Tone.Removed, null, null), null);

    public void Close(Toast toast)
    {
        lock (_gate)
        {
            var at = _shown.FindIndex(s => ReferenceEquals(s.Toast, toast));
            if (at < 0)
                return;
            _shown[at].Timer?.Dispose();
            _shown.RemoveAt(at);
        }

        Changed?.Invoke();
    }

    public void Dispose()
    {
        lock (_gate)
            _shown.ForEach(s => s.Timer?.Dispose());
    }

    private void Add(Toast toast, TimeSpan? life)
    {
        lock (_gate)
            _shown.Add((toast, life is { } span ? time.CreateTimer(_ => Close(toast), null, span, Timeout.InfiniteTimeSpan) : null));
        Changed?.Invoke();
    }
}
