using System.Globalization;

namespace StudioVault.Infrastructure.Persistence;

/// <summary>Asks, before anything is made, whether this process may write where the settings say.</summary>
public static class WritePlace
{
    /// <summary>Who this process is to the system, for sentences: <c>user id 10001</c>.</summary>
    public static string Who => OperatingSystem.IsLinux() ? string.Create(CultureInfo.InvariantCulture, $"user id {Libc.EffectiveUserId()}") : "this user";

    /// <summary>Why no files can be kept in a folder, which may be missing still; null when they can.</summary>
    /// <returns>The rest of a sentence, with the path that stands in the way: one that is there, so no mistyped secret.</returns>
    public static string? TroubleWithFolder(string folder)
    {
        for (var path = Path.GetFullPath(folder); path is not null; path = Path.GetDirectoryName(path))
        {
            if (File.Exists(path)) return $"{path} is a file";
            if (Directory.Exists(path)) return MayWrite(path) ? null : $"{Who} may not write in the folder {path}";
        }

        return null;
    }

    /// <summary>Why a file cannot be written, which may be missing still; null when it can.</summary>
    /// <inheritdoc cref="TroubleWithFolder"/>
    public static string? TroubleWithFile(string file)
    {
        var path = Path.GetFullPath(file);
        if (Directory.Exists(path)) return $"{path} is a folder";
        if (File.Exists(path)) return MayWrite(path) ? null : $"{Who} may not write the file {path}";
        return TroubleWithFolder(Path.GetDirectoryName(path)!);
    }

    private static bool MayWrite(string path) => !OperatingSystem.IsLinux() || Libc.MayWrite(path);
}
