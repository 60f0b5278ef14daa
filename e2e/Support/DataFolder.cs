namespace StudioVault.E2E.Support;

/// <summary>A folder for one program's data: short enough for a socket's path, open to the user PostgreSQL runs as.</summary>
public sealed class DataFolder : IDisposable
{
    public string Path { get; } = System.IO.Path.Combine(System.IO.Path.GetTempPath(), "sv-e2e-" + Guid.NewGuid().ToString("N")[..8]);

    public DataFolder() => Directory.CreateDirectory(Path, (UnixFileMode)0b111_101_101);

    public void Dispose() => Directory.Delete(Path, recursive: true);
}
