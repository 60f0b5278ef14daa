namespace StudioVault.Web.Ui;

/// <summary>Element ids that are unique in a document, to tie labels to fields.</summary>
internal static class UiId
{
    private static int _last;

    internal static string Next(string prefix) => $"{prefix}-{Interlocked.Increment(ref _last)}";
}
