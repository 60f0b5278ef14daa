using System.Diagnostics;
using System.Globalization;
using System.Text;
using System.Text.RegularExpressions;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Npgsql;
using StudioVault.Domain.Kernel;
using StudioVault.Infrastructure;
using StudioVault.Infrastructure.Audit;
using StudioVault.Infrastructure.Door;
using StudioVault.Infrastructure.Organization;
using StudioVault.Infrastructure.Packages;
using StudioVault.Infrastructure.Persistence;

namespace StudioVault.Bench;

/// <summary>The program as it is shipped (published, its files compressed), as a process with the demo group and a database of its own.</summary>
internal sealed partial class PublishedVault : IAsyncDisposable
{
    private readonly string _data;
    private readonly Process _process;

    private PublishedVault(string data, Process process) => (_data, _process) = (data, process);

    public Uri Address { get; private set; } = default!;

    public static async Task<PublishedVault> StartAsync()
    {
        var root = Report.Root;
        var app = Path.Combine(root, "artifacts", "bench-app");
        // Nothing of the build may stay behind as a process, hence neither nodes nor the shared compiler.
        using (var publish = Process.Start(new ProcessStartInfo("dotnet",
            ["publish", "StudioVault.Web/StudioVault.Web.csproj", "-c", "Release", "--no-restore", "-v", "q", "-o", app, "-nodeReuse:false", "-p:UseSharedCompilation=false"])
        { WorkingDirectory = root })!)
        {
            await publish.WaitForExitAsync();
            if (publish.ExitCode != 0) throw new InvalidOperationException("The product could not be published.");
        }

        var data = Path.Combine(Path.GetTempPath(), "sv-bench-" + Guid.NewGuid().ToString("N")[..8]);
        Directory.CreateDirectory(data, (UnixFileMode)0b111_101_101);
        var start = new ProcessStartInfo("dotnet", [Path.Combine(app, "StudioVault.Web.dll"), "--urls", "http://127.0.0.1:0"]) { RedirectStandardOutput = true, RedirectStandardError = true, WorkingDirectory = app };
        foreach (var (key, value) in ((string, string)[])[("DataDir", data), ("Demo__Enabled", "true"), ("Demo__LoadOnStart", "true"), ("Security__RequireHttps", "false"), ("Shutdown__Drain", "0s")])
            start.Environment[key] = value;
        var vault = new PublishedVault(data, new Process { StartInfo = start });
        var output = new StringBuilder();
        var ready = new TaskCompletionSource<string>(TaskCreationOptions.RunContinuationsAsynchronously);
        vault._process.OutputDataReceived += (_, line) => Hear(line.Data);
        vault._process.ErrorDataReceived += (_, line) => Hear(line.Data);
        vault._process.Start();
        vault._process.BeginOutputReadLine();
        vault._process.BeginErrorReadLine();
        try
        {
            vault.Address = new Uri(await ready.Task.WaitAsync(TimeSpan.FromMinutes(2)));
            return vault;
        }
        catch (Exception e) when (e is TimeoutException or InvalidOperationException)
        {
            await vault.DisposeAsync();
            lock (output) throw new InvalidOperationException($"The program did not start:\n{output}", e);
        }

        void Hear(string? line)
        {
            lock (output) output.AppendLine(line);
            if (line is null) ready.TrySetException(new InvalidOperationException("It ended."));
            else if (Ready().Match(line) is { Success: true } match) ready.TrySetResult(match.Groups[1].Value);
        }
    }

    /// <summary>Waits until the program has next to nothing to do: after its start it makes the documents of the demo group.</summary>
    public async Task QuietAsync()
    {
        var limit = Stopwatch.StartNew();
        for (var calm = 0; calm < 5 && limit.Elapsed < TimeSpan.FromMinutes(3);)
        {
            // A Chromium prints for the program; what it takes is no processor time of the program's own.
            var (before, clock) = (Busy(), Stopwatch.StartNew());
            await Task.Delay(TimeSpan.FromSeconds(1));
            calm = (Busy() - before) / clock.Elapsed < 0.2 ? calm + 1 : 0;
        }

        // Of all cores, since the machine has nothing else to do while it measures.
        static TimeSpan Busy()
        {
            var times = File.ReadLines("/proc/stat").First().Split(' ', StringSplitOptions.RemoveEmptyEntries).Skip(1).Select(t => long.Parse(t, CultureInfo.InvariantCulture)).ToList();
            return TimeSpan.FromSeconds((times.Take(7).Sum() - times[3] - times[4]) / 100.0);
        }
    }

    /// <summary>Another node on the same database, with the keys of the group; what of it runs by itself its user starts.</summary>
    public async Task<ServiceProvider> NodeAsync()
    {
        var database = await VaultDatabase.OpenAsync(new VaultOptions { AppConnection = Connection(VaultRoles.Default.App), SequencerConnection = Connection(VaultRoles.Default.Sequencer), DataDir = _data }, CancellationToken.None);
        var services = new ServiceCollection();
        services.AddLogging();
        services.AddVault(database, MasterKey.Load(Path.Combine(_data, "keys", "master.key"), mayCreate: false), GroupKey.Load(Path.Combine(_data, "keys", "audit-signing.pem"), GroupKey.LogName, mayCreate: false)).AddPackages();
        return services.BuildServiceProvider();
    }

    /// <summary>Every node numbers what it wrote; without that the other node would find it at its next look, a second later. Ends with what is answered.</summary>
    public static async Task<IAsyncDisposable> NumberAsync(IServiceProvider node)
    {
        var sequencer = node.GetServices<IHostedService>().OfType<Sequencer>().Single();
        await sequencer.StartAsync(CancellationToken.None);
        return new Numbering(sequencer);
    }

    private sealed class Numbering(Sequencer sequencer) : IAsyncDisposable
    {
        public async ValueTask DisposeAsync() => await sequencer.StopAsync(CancellationToken.None);
    }

    /// <summary>A person of the demo group as the sender of a command.</summary>
    public async Task<Sender> SenderAsync(string name)
    {
        await using var people = NpgsqlDataSource.Create(Connection(EmbeddedPostgres.Superuser));
        await using var command = people.CreateCommand("select id, security_stamp from organization.people where name = $1");
        command.Parameters.AddWithValue(name);
        await using var row = await command.ExecuteReaderAsync();
        if (!await row.ReadAsync()) throw new InvalidOperationException($"Nobody is called {name}.");
        return Sender.Person(new PersonId(row.GetGuid(0)), row.GetString(1));
    }

    public async Task<BranchId> BranchAsync(string slug)
    {
        await using var branches = NpgsqlDataSource.Create(Connection(EmbeddedPostgres.Superuser));
        await using var command = branches.CreateCommand("select id from organization.branches where slug = $1");
        command.Parameters.AddWithValue(slug);
        return new BranchId((Guid)(await command.ExecuteScalarAsync() ?? throw new InvalidOperationException($"No branch {slug}.")));
    }

    /// <summary>One person of each of so many branches, who belongs to no other.</summary>
    public async Task<IReadOnlyList<(BranchId Branch, string Name)>> ManagersAsync(int branches)
    {
        await using var people = NpgsqlDataSource.Create(Connection(EmbeddedPostgres.Superuser));
        await using var command = people.CreateCommand("select m.branch_id, min(p.name) from organization.memberships m join organization.people p on p.id = m.person_id where m.role = 'BranchManager' and not exists (select from organization.memberships o where o.person_id = m.person_id and o.id <> m.id) group by m.branch_id order by m.branch_id limit $1");
        command.Parameters.AddWithValue(branches);
        await using var rows = await command.ExecuteReaderAsync();
        var found = new List<(BranchId, string)>();
        while (await rows.ReadAsync()) found.Add((new BranchId(rows.GetGuid(0)), rows.GetString(1)));
        return found.Count == branches ? found : throw new InvalidOperationException($"Only {found.Count} branches have a manager of their own.");
    }

    private string Connection(string user) => new NpgsqlConnectionStringBuilder { Host = Path.Combine(_data, "postgres"), Database = "studiovault", Username = user }.ConnectionString;

    public async ValueTask DisposeAsync()
    {
        if (!_process.HasExited)
        {
            using var kill = Process.Start("kill", ["-INT", _process.Id.ToString(CultureInfo.InvariantCulture)]);
            await _process.WaitForExitAsync().WaitAsync(TimeSpan.FromMinutes(1));
        }

        _process.Dispose();
        Directory.Delete(_data, recursive: true);
    }

    [GeneratedRegex(@"Now listening on: (http[^\s""]+)")]
    private static partial Regex Ready();
}
