using System.Diagnostics;
using System.Globalization;
using System.Runtime.Versioning;
using System.Text;
using Npgsql;

namespace StudioVault.Infrastructure.Persistence;

/// <summary>
/// A private PostgreSQL: one cluster in one folder, reached through a Unix socket in that folder and by nothing else, alive
/// as long as this object. Started by root it drops to an unprivileged user. When the program that started it is killed, it
/// stops by itself; whatever a crash left behind is cleared by the next start. Several may run side by side, each in its own folder.
/// </summary>
public sealed class EmbeddedPostgres : IAsyncDisposable
{
    /// <summary>The role made with the cluster. It may do everything: only set-up and tests use it.</summary>
    public const string Superuser = "postgres";

    /// <summary>Longest folder path in bytes: the system stores a socket's path in 107.</summary>
    public const int LongestFolder = 107 - 14; // "/.s.PGSQL.5432"

    private const int Port = 5432; // names the socket file; no port is opened
    private const long LogLimit = 10 * 1024 * 1024;

    private readonly EmbeddedPostgresOptions _options;
    private readonly FileStream _lock;
    private readonly uint? _runAs;
    private readonly uint _runAsGroup;
    private PostgresBinaries _binaries = null!;
    private readonly CancellationTokenSource _disposing = new();
    private Task _watch = Task.CompletedTask;
    private bool _disposed;
    private Process? _process;
    private ManualResetEventSlim? _releaseThread;

    private EmbeddedPostgres(EmbeddedPostgresOptions options, FileStream folderLock, (uint Uid, uint Gid)? runAs)
    {
        _options = options;
        _lock = folderLock;
        _runAs = runAs?.Uid;
        _runAsGroup = runAs?.Gid ?? 0;
    }

    /// <summary>Folder of cluster, socket and log, absolute.</summary>
    public string Folder => _options.Folder;

    /// <summary>What PostgreSQL has to say; kept over restarts, the one before as <c>postgres.log.1</c>.</summary>
    public string LogFile => Path.Combine(Folder, "postgres.log");

    /// <summary>Major version of the server, for example 15.</summary>
    public int Major => _binaries.Major;

    /// <summary>Process id of the server.</summary>
    public int ProcessId => _process!.Id;

    /// <summary>Completes when the server process of now ends, whether asked to or not.</summary>
    public Task Exited { get; private set; } = Task.CompletedTask;

    private string Data => Path.Combine(Folder, "data");

    private string PidFile => Path.Combine(Data, "postmaster.pid");

    /// <summary>A connection string for Npgsql; it holds no secret, whoever may enter the folder may connect.</summary>
    public string ConnectionString(string database, string user) => ConnectionString(Folder, database, user);

    /// <summary>The same for the server of a folder that another program may have started.</summary>
    internal static string ConnectionString(string folder, string database, string user) =>
        new NpgsqlConnectionStringBuilder { Host = folder, Port = Port, Database = database, Username = user }.ConnectionString;

    /// <summary>True when there is a cluster in the folder.</summary>
    internal static bool HasCluster(string folder) => File.Exists(Path.Combine(folder, "data", "PG_VERSION"));

    /// <summary>Starts the server, making the cluster first when the folder has none.</summary>
    /// <returns>The server, answering.</returns>
    /// <exception cref="EmbeddedPostgresException">It cannot run here; the message says why and what to do.</exception>
    public static async Task<EmbeddedPostgres> StartAsync(EmbeddedPostgresOptions options, CancellationToken ct = default)
    {
        if (!OperatingSystem.IsLinux())
        {
            throw new EmbeddedPostgresException("StudioVault can start a PostgreSQL of its own on Linux only.",
                "Set ConnectionStrings__Vault to a PostgreSQL server.");
        }
        options = options with { Folder = Path.TrimEndingDirectorySeparator(Path.GetFullPath(options.Folder)) };
        CheckPath(options.Folder);
        var runAs = Libc.EffectiveUserId() == 0 ? Unprivileged(options) : ((uint, uint)?)null;
        PrepareFolder(options.Folder, runAs);
        var server = new EmbeddedPostgres(options, Lock(options.Folder), runAs);
        try
        {
            await server.StartAsync(ct);
            return server;
        }
        catch
        {
            await server.DisposeAsync();
            throw;
        }
    }

    /// <summary>Stops the server: open transactions are rolled back, committed ones are on disk.</summary>
    public async ValueTask DisposeAsync()
    {
        if (_disposed)
            return;
        _disposed = true;
        await _disposing.CancelAsync();
        await _watch;
        if (_process is { } process)
        {
            await StopAsync(process);
            await ForgetAsync(process);
        }
        _disposing.Dispose();
        await _lock.DisposeAsync();
    }

    private static void CheckPath(string folder)
    {
        if (Encoding.UTF8.GetByteCount(folder) > LongestFolder)
        {
            throw new EmbeddedPostgresException(
                $"The folder {folder} has a path of {Encoding.UTF8.GetByteCount(folder)} bytes; PostgreSQL's socket in it allows {LongestFolder}.",
                "Choose a folder nearer the root.");
        }
        if (folder.Contains(',', StringComparison.Ordinal))
        {
            throw new EmbeddedPostgresException($"The folder {folder} has a comma in its path, which PostgreSQL takes for a list.",
                "Choose a folder without one.");
        }
    }

    // Root may start anything but PostgreSQL. The owner of an existing cluster wins: it may have been made by an ordinary user.
    private static (uint Uid, uint Gid) Unprivileged(EmbeddedPostgresOptions options)
    {
        if (Libc.Stat(Path.Combine(options.Folder, "data")) is { Uid: not 0 } owner)
            return (owner.Uid, owner.Gid);
        // nobody:x:65534:65534:nobody:/nonexistent:/usr/sbin/nologin
        foreach (var line in File.ReadLines("/etc/passwd"))
        {
            var fields = line.Split(':');
            if (fields.Length > 3 && fields[0] == options.UnprivilegedUser
                && uint.TryParse(fields[2], out var uid) && uint.TryParse(fields[3], out var gid))
                return (uid, gid);
        }
        throw new EmbeddedPostgresException(
            $"PostgreSQL refuses to run as root, and this machine has no user \"{options.UnprivilegedUser}\" to run it as.",
            "Start StudioVault as an ordinary user.");
    }

    [SupportedOSPlatform("linux")]
    private static void PrepareFolder(string folder, (uint Uid, uint Gid)? runAs)
    {
        try
        {
            if (Directory.Exists(folder))
            {
                // The folder's owner and mode are about to be changed: only a folder of ours may suffer that.
                var names = Directory.EnumerateFileSystemEntries(folder).Select(Path.GetFileName).ToHashSet();
                if (names.Count > 0 && !names.Contains("lock"))
                {
                    throw new EmbeddedPostgresException($"The folder {folder} holds files that are not a private PostgreSQL's.",
                        "Choose an empty folder or one that does not exist yet.");
                }
            }
            Directory.CreateDirectory(folder);
            if (runAs is { } user)
            {
                if (Libc.Stat(folder)!.Value.Uid != user.Uid && Libc.ChangeOwner(folder, user.Uid, user.Gid) != 0)
                {
                    throw new EmbeddedPostgresException($"The folder {folder} cannot be given to the user PostgreSQL runs as.",
                        "Choose a folder on a local disk.");
                }
                CheckTraversable(folder, user, "PostgreSQL's data");
            }
            File.SetUnixFileMode(folder, UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            throw new EmbeddedPostgresException($"The folder {folder} cannot be made or used: {e.Message}",
                "Choose a folder this user may write to; data made by root needs root again.", e);
        }
    }

    [SupportedOSPlatform("linux")]
    private static void CheckTraversable(string path, (uint Uid, uint Gid) user, string what)
    {
        for (var parent = Path.GetDirectoryName(path); parent is not null; parent = Path.GetDirectoryName(parent))
        {
            if (Libc.Stat(parent) is not { } facts)
                continue;
            var needed = facts.Uid == user.Uid ? UnixFileMode.UserExecute
                : facts.Gid == user.Gid ? UnixFileMode.GroupExecute
                : UnixFileMode.OtherExecute;
            if ((File.GetUnixFileMode(parent) & needed) == 0)
            {
                throw new EmbeddedPostgresException(
                    $"PostgreSQL refuses to run as root, and the user it runs as instead may not pass through {parent} to reach {what}.",
                    "Choose a folder that others may pass through, such as /var/lib/studiovault, or start StudioVault as an ordinary user.");
            }
        }
    }

    // Held as long as we live, so that whatever still runs in the folder once we have it was left behind.
    private static FileStream Lock(string folder)
    {
        try
        {
            return new FileStream(Path.Combine(folder, "lock"), FileMode.OpenOrCreate, FileAccess.ReadWrite, FileShare.None);
        }
        catch (IOException e)
        {
            throw new EmbeddedPostgresException($"Another StudioVault is using the data in {folder}.",
                "Stop it first, or give this one a folder of its own.", e);
        }
        catch (UnauthorizedAccessException e)
        {
            throw new EmbeddedPostgresException($"The data in {folder} belongs to another user.",
                "Start as the user that made it, or choose another folder.", e);
        }
    }

    [SupportedOSPlatform("linux")]
    private async Task StartAsync(CancellationToken ct)
    {
        var versionFile = Path.Combine(Data, "PG_VERSION");
        int? clusterMajor = File.Exists(versionFile) ? int.Parse(File.ReadAllText(versionFile), CultureInfo.InvariantCulture) : null;
        _binaries = await PostgresBinaries.FindAsync(_options.BinFolder, clusterMajor, ct);
        if (_runAs is { } uid)
            CheckTraversable(Path.Combine(_binaries.Folder, "postgres"), (uid, _runAsGroup), "PostgreSQL's programs");
        if (clusterMajor is null)
            await MakeClusterAsync(ct);
        await LaunchAsync(ct);
        if (_options.Restart)
            _watch = WatchAsync(_disposing.Token);
    }

    private async Task WatchAsync(CancellationToken stopping)
    {
        // A server that keeps dying is left longer and longer alone.
        for (var pause = TimeSpan.FromMilliseconds(500); ;)
        {
            try
            {
                await Exited.WaitAsync(stopping);
                if (_process is { } dead)
                    await ForgetAsync(dead);
                await Task.Delay(pause, stopping);
                await LaunchAsync(stopping);
                await Exited.WaitAsync(TimeSpan.FromMinutes(1), stopping);
                pause = TimeSpan.FromSeconds(Math.Min(30, pause.TotalSeconds * 2));
            }
            catch (TimeoutException)
            {
                pause = TimeSpan.FromMilliseconds(500);
            }
            catch (OperationCanceledException)
            {
                return;
            }
            catch (Exception e) when (e is EmbeddedPostgresException or IOException or UnauthorizedAccessException)
            {
                // Its log says why; whoever needs the database notices, and we try again.
                pause = TimeSpan.FromSeconds(Math.Min(30, pause.TotalSeconds * 2));
            }
        }
    }

    private async Task ForgetAsync(Process process)
    {
        await Exited;
        process.Dispose();
        _process = null;
        _releaseThread!.Set();
    }

    private async Task LaunchAsync(CancellationToken ct)
    {
        await ClearLeftoversAsync(ct);
        if (new FileInfo(LogFile) is { Exists: true, Length: > LogLimit })
            File.Move(LogFile, LogFile + ".1", overwrite: true);

        // The memory of a killed server stays in use for a moment, until its last child has noticed.
        const int attempts = 6;
        for (var attempt = 1; ; attempt++)
        {
            var logStart = new FileInfo(LogFile) is { Exists: true } log ? log.Length : 0;
            (_process, _releaseThread) = await LaunchServerAsync();
            Exited = _process.WaitForExitAsync(CancellationToken.None);
            if (await IsReadyAsync(_process, ct))
                return;
            var exited = _process.HasExited;
            if (exited && attempt < attempts)
            {
                await ForgetAsync(_process);
                await Task.Delay(300, ct);
                continue;
            }
            throw new EmbeddedPostgresException(
                (exited ? "PostgreSQL ended while starting: " : $"PostgreSQL did not answer within {_options.StartTimeout.TotalSeconds:0} seconds: ") + LastWords(logStart),
                $"Its log is {LogFile}.");
        }
    }

    private async Task MakeClusterAsync(CancellationToken ct)
    {
        // Made under another name: a crash in the middle leaves nothing that looks like a cluster.
        var unfinished = Path.Combine(Folder, "data.new");
        if (Directory.Exists(unfinished))
            Directory.Delete(unfinished, recursive: true);
        List<string> arguments = ["-D", unfinished, "-U", Superuser, "-A", "trust", "-E", "UTF8", "--locale=C.UTF-8", "--data-checksums", "--no-instructions"];
        if (!_options.Durable)
            arguments.Add("--no-sync");
        var (initdb, release) = await StartOnOwnThreadAsync(Command([], "initdb", arguments));
        using var process = initdb;
        initdb.StandardInput.Close();
        var output = initdb.StandardOutput.ReadToEndAsync(ct);
        var error = await initdb.StandardError.ReadToEndAsync(ct);
        await output;
        await initdb.WaitForExitAsync(ct);
        release.Set();
        if (initdb.ExitCode != 0)
        {
            throw new EmbeddedPostgresException($"PostgreSQL could not make its data folder: {error.Trim()}",
                $"Check that {Folder} has room and may be written to.");
        }
        Directory.Move(unfinished, Data);
    }

    private async Task<(Process Process, ManualResetEventSlim Release)> LaunchServerAsync()
    {
        List<string> arguments = ["-D", Data, "-k", Folder, "-p", Port.ToString(CultureInfo.InvariantCulture)];
        var durable = _options.Durable ? "on" : "off";
        var settings = new Dictionary<string, string>
        {
            ["listen_addresses"] = "",
            ["unix_socket_permissions"] = "0700",
            ["max_connections"] = _options.MaxConnections.ToString(CultureInfo.InvariantCulture),
            ["fsync"] = durable,
            ["full_page_writes"] = durable,
            ["synchronous_commit"] = durable,
            ["timezone"] = "UTC",
            ["log_timezone"] = "UTC",
            ["log_error_verbosity"] = "terse", // the detail of an error quotes rows, which have no place in a log
        };
        foreach (var (name, value) in _options.Settings)
            settings[name] = value;
        foreach (var (name, value) in settings)
            arguments.AddRange(["-c", $"{name}={value}"]);

        // The shell sends the log straight to its file, so that the last words survive us. A session of its own keeps the
        // terminal's Ctrl-C from reaching the server before the application has finished with it.
        var command = Command(["sh", "-c", "log=$1; shift; exec \"$@\" </dev/null >>\"$log\" 2>&1", "sh", LogFile, "setsid"], "postgres", arguments);

        return await StartOnOwnThreadAsync(command);
    }

    // "Signal me when my parent dies" means the thread that forked, not the process: it has to live as long as the child.
    private static async Task<(Process Process, ManualResetEventSlim Release)> StartOnOwnThreadAsync(ProcessStartInfo command)
    {
        var started = new TaskCompletionSource<Process>(TaskCreationOptions.RunContinuationsAsynchronously);
        var release = new ManualResetEventSlim();
        new Thread(() =>
        {
            try
            {
                started.SetResult(Process.Start(command)!);
            }
            catch (Exception e)
            {
                started.SetException(e);
                return;
            }
            release.Wait();
            release.Dispose();
        })
        { IsBackground = true, Name = "embedded-postgres" }.Start();
        return (await started.Task, release);
    }

    /// <summary>A command as the unprivileged user, ended when the calling thread dies.</summary>
    private ProcessStartInfo Command(IEnumerable<string> before, string program, IEnumerable<string> arguments)
    {
        List<string> words = [.. before, "setpriv"];
        if (_runAs is { } uid)
            words.AddRange([$"--reuid={uid}", $"--regid={_runAsGroup}", "--clear-groups", "--no-new-privs"]);
        words.AddRange(["--pdeathsig=INT", Path.Combine(_binaries.Folder, program), .. arguments]);
        // All three redirected: otherwise .NET takes the child for a user of the terminal and changes its settings.
        var info = new ProcessStartInfo(words[0]) { RedirectStandardInput = true, RedirectStandardOutput = true, RedirectStandardError = true, WorkingDirectory = Folder };
        foreach (var word in words.Skip(1))
            info.ArgumentList.Add(word);
        foreach (var name in info.Environment.Keys.Where(k => k.StartsWith("PG", StringComparison.Ordinal)).ToList())
            info.Environment.Remove(name);
        // Its children inherit this environment, and what we were given may hold secrets.
        foreach (var name in info.Environment.Keys.Where(k => k.Contains("__", StringComparison.Ordinal)).ToList())
            info.Environment.Remove(name);
        info.Environment["LC_ALL"] = "C.UTF-8";
        return info;
    }

    private async Task<bool> IsReadyAsync(Process process, CancellationToken ct)
    {
        var clock = Stopwatch.StartNew();
        while (!process.HasExited && clock.Elapsed < _options.StartTimeout)
        {
            // Line 1 is the process id, line 8 the state: "starting", "ready", "stopping".
            if (ReadPidFile() is { Length: >= 8 } lines && lines[0] == process.Id.ToString(CultureInfo.InvariantCulture)
                && lines[7].StartsWith("ready", StringComparison.Ordinal))
                return true;
            await Task.Delay(20, ct);
        }
        return false;
    }

    private string[] ReadPidFile()
    {
        try
        {
            return File.ReadAllLines(PidFile);
        }
        catch (IOException)
        {
            return [];
        }
    }

    private string LastWords(long from)
    {
        if (!File.Exists(LogFile))
            return "it left no log.";
        using var log = new FileStream(LogFile, FileMode.Open, FileAccess.Read, FileShare.ReadWrite);
        log.Seek(Math.Max(from, log.Length - 4096), SeekOrigin.Begin);
        var lines = new StreamReader(log).ReadToEnd().Split('\n', StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries);
        var telling = lines.Where(l => l.Contains("FATAL", StringComparison.Ordinal) || l.Contains("PANIC", StringComparison.Ordinal)).ToArray();
        return string.Join(" ", (telling.Length > 0 ? telling : lines).TakeLast(3));
    }

    private async Task ClearLeftoversAsync(CancellationToken ct)
    {
        // A server whose application was killed is already stopping by itself; ask once more and wait. Afterwards every process
        // still standing in the data folder is an orphan without a server: it may be ended hard, recovery runs in any case.
        if (ReadPidFile() is [var first, ..] && int.TryParse(first, out var pid) && LivesInData(pid) && !await EndAsync([pid], Libc.SigInt, 20, ct))
            await EndAsync([pid], Libc.SigQuit, 5, ct);
        var orphans = ProcessesInData();
        if (orphans.Count > 0 && !await EndAsync(orphans, 0, 3, ct) && !await EndAsync(orphans, Libc.SigKill, 3, ct))
        {
            throw new EmbeddedPostgresException($"Processes of an earlier PostgreSQL still use {Folder}: {string.Join(", ", orphans)}.",
                "End them, then start again.");
        }
        // PostgreSQL takes a zombie, or a stranger that has got the old number, for its living predecessor; now we know better.
        File.Delete(PidFile);
        File.Delete(Path.Combine(Folder, $".s.PGSQL.{Port}.lock"));
    }

    private async Task<bool> EndAsync(IReadOnlyCollection<int> processes, int signal, double seconds, CancellationToken ct)
    {
        foreach (var pid in processes.Where(LivesInData))
            _ = Libc.Kill(pid, signal);
        for (var clock = Stopwatch.StartNew(); processes.Any(LivesInData); await Task.Delay(20, ct))
        {
            if (clock.Elapsed.TotalSeconds > seconds)
                return false;
        }
        return true;
    }

    private List<int> ProcessesInData() =>
        [.. Directory.EnumerateDirectories("/proc").Select(d => int.TryParse(Path.GetFileName(d), out var pid) ? pid : 0).Where(p => p != 0 && LivesInData(p))];

    /// <summary>True for a postgres process, zombies aside, whose working folder is our cluster.</summary>
    private bool LivesInData(int pid)
    {
        try
        {
            // 4711 (postgres) S 1 …
            var stat = File.ReadAllText($"/proc/{pid}/stat");
            var end = stat.LastIndexOf(')');
            return stat[(stat.IndexOf('(') + 1)..end] == "postgres" && stat[end + 2] is not ('Z' or 'X')
                && Libc.Stat($"/proc/{pid}/cwd") is { } cwd && Libc.Stat(Data) is { } data
                && (cwd.Device, cwd.Inode) == (data.Device, data.Inode);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            return false; // gone meanwhile
        }
    }

    private async Task StopAsync(Process process)
    {
        // INT: roll back and stop; QUIT: stop at once and recover at the next start.
        foreach (var (signal, seconds) in new[] { (Libc.SigInt, 30), (Libc.SigQuit, 10), (Libc.SigKill, 10) })
        {
            if (process.HasExited)
                return;
            _ = Libc.Kill(process.Id, signal);
            try
            {
                await Exited.WaitAsync(TimeSpan.FromSeconds(seconds));
                return;
            }
            catch (TimeoutException)
            {
                // the next signal is stronger
            }
        }
    }
}
