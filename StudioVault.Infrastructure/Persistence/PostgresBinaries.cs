using System.Diagnostics;
using System.Globalization;
using System.Text.RegularExpressions;

namespace StudioVault.Infrastructure.Persistence;

/// <summary>The PostgreSQL programs of this machine.</summary>
/// <param name="Folder">Folder with <c>initdb</c> and <c>postgres</c>.</param>
/// <param name="Major">Their major version, for example 15.</param>
internal sealed partial record PostgresBinaries(string Folder, int Major)
{
    /// <summary>The oldest major version StudioVault is written for.</summary>
    public const int OldestMajor = 15;

    /// <summary>The binaries in the given folder, or the newest found; with an existing cluster, those of its major version.</summary>
    /// <param name="folder">A folder named by the operator, or null to look around.</param>
    /// <param name="clusterMajor">Major version that made the existing cluster, or null when there is none.</param>
    /// <exception cref="EmbeddedPostgresException">None there, too old, or of another major version than the cluster.</exception>
    public static async Task<PostgresBinaries> FindAsync(string? folder, int? clusterMajor, CancellationToken ct)
    {
        var found = new List<PostgresBinaries>();
        foreach (var candidate in folder is null ? Candidates() : [folder])
        {
            if (File.Exists(Path.Combine(candidate, "initdb")) && File.Exists(Path.Combine(candidate, "postgres"))
                && await MajorAsync(Path.Combine(candidate, "postgres"), ct) is { } major)
                found.Add(new PostgresBinaries(candidate, major));
        }
        if (found.Count == 0)
        {
            throw folder is null
                ? new EmbeddedPostgresException("PostgreSQL is not installed on this machine.",
                    "Install it (on Debian: apt-get install postgresql), or set ConnectionStrings__Vault to a server of your own.")
                : new EmbeddedPostgresException($"There are no PostgreSQL programs (initdb, postgres) in {folder}.",
                    "Correct the setting, or leave it out to let StudioVault look for them.");
        }
        if (clusterMajor is { } wanted)
        {
            return found.FirstOrDefault(b => b.Major == wanted) ?? throw new EmbeddedPostgresException(
                $"The stored data was made by PostgreSQL {wanted}, but this machine has PostgreSQL {string.Join(", ", found.Select(b => b.Major).Distinct())}, which cannot read it.",
                $"Install PostgreSQL {wanted} beside it, or carry the data over with pg_upgrade; ./run.sh --reset starts from empty.");
        }
        var newest = found.MaxBy(b => b.Major)!;
        return newest.Major >= OldestMajor ? newest : throw new EmbeddedPostgresException(
            $"PostgreSQL {newest.Major} is too old: StudioVault needs {OldestMajor} or newer.",
            "Install a newer PostgreSQL, or set ConnectionStrings__Vault to a server that has one.");
    }

    private static IEnumerable<string> Candidates()
    {
        const string debian = "/usr/lib/postgresql";
        var folders = Directory.Exists(debian) ? Directory.GetDirectories(debian).Select(d => Path.Combine(d, "bin")) : [];
        var path = (Environment.GetEnvironmentVariable("PATH") ?? "").Split(':', StringSplitOptions.RemoveEmptyEntries);
        foreach (var folder in folders.Concat(path))
        {
            // initdb looks for its share folder beside itself: behind a link such as /usr/local/bin/initdb that is the target's.
            var initdb = Path.Combine(folder, "initdb");
            if (File.Exists(initdb))
                yield return File.ResolveLinkTarget(initdb, returnFinalTarget: true) is { } target ? Path.GetDirectoryName(target.FullName)! : folder;
        }
    }

    // "postgres (PostgreSQL) 15.18 (Debian 15.18-0+deb12u1)"
    private static async Task<int?> MajorAsync(string postgres, CancellationToken ct)
    {
        try
        {
            using var process = Process.Start(new ProcessStartInfo(postgres, "--version") { RedirectStandardOutput = true, RedirectStandardError = true })!;
            var output = await process.StandardOutput.ReadToEndAsync(ct);
            await process.WaitForExitAsync(ct);
            var match = VersionPattern().Match(output);
            return match.Success ? int.Parse(match.Groups[1].Value, CultureInfo.InvariantCulture) : null;
        }
        catch (System.ComponentModel.Win32Exception)
        {
            return null;
        }
    }

    [GeneratedRegex(@"\(PostgreSQL\) (\d+)")]
    private static partial Regex VersionPattern();
}
