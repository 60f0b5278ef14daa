using System.Diagnostics;

namespace StudioVault.Tests.Support;

/// <summary>PostgreSQL processes of this machine.</summary>
internal static class PostgresProcesses
{
    /// <summary>Those that work in a folder below this one; dead ones nobody has buried yet do not count.</summary>
    public static IReadOnlyList<int> Under(string folder) =>
        [.. Process.GetProcessesByName("postgres").Select(p => p.Id).Where(id => WorksUnder(id, folder))];

    private static bool WorksUnder(int id, string folder)
    {
        try
        {
            return new DirectoryInfo($"/proc/{id}/cwd").LinkTarget?.StartsWith(folder + "/", StringComparison.Ordinal) == true
                && !File.ReadAllText($"/proc/{id}/stat").Contains(") Z ", StringComparison.Ordinal);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            return false; // gone meanwhile, or another user's
        }
    }
}
