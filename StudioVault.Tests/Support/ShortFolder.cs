namespace StudioVault.Tests.Support;

/// <summary>
/// A new folder for one test, removed afterwards. Its path is short enough for a socket, and others may pass through it:
/// .NET's own temporary folders are closed to the user PostgreSQL runs as.
/// </summary>
internal sealed class ShortFolder : IDisposable
{
    public string Path { get; } = System.IO.Path.Combine(System.IO.Path.GetTempPath(), "sv-" + Guid.NewGuid().ToString("N")[..12]);

    public ShortFolder() => Directory.CreateDirectory(Path, (UnixFileMode)0b111_101_101);

    public string this[string name] => System.IO.Path.Combine(Path, name);

    public void Dispose() => Directory.Delete(Path, recursive: true);
}
