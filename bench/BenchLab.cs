using Microsoft.Extensions.Logging.Abstractions;
using Npgsql;
using StudioVault.Infrastructure.Door;
using StudioVault.Infrastructure.Live;
using StudioVault.Infrastructure.Persistence;

[assembly: System.Runtime.Versioning.SupportedOSPlatform("linux")]

namespace StudioVault.Bench;

/// <summary>A private PostgreSQL with the product's durability, a migrated database, and the door.</summary>
internal sealed class BenchLab : IAsyncDisposable
{
    private readonly string _folder;
    private readonly EmbeddedPostgres _server;

    private BenchLab(string folder, EmbeddedPostgres server)
    {
        (_folder, _server) = (folder, server);
        App = NpgsqlDataSource.Create(server.ConnectionString(Database, VaultRoles.Default.App) + ";Maximum Pool Size=64;Max Auto Prepare=64;Auto Prepare Min Usages=2");
        Superuser = NpgsqlDataSource.Create(server.ConnectionString(Database, EmbeddedPostgres.Superuser) + ";Maximum Pool Size=64;Max Auto Prepare=64;Auto Prepare Min Usages=2");
        Sequencer = NpgsqlDataSource.Create(server.ConnectionString(Database, VaultRoles.Default.Sequencer));
        Dbs = new VaultDbs(App);
        Door = new WriteDoor(Dbs, new FeedWake(), new NodeIdentity("bench"), NullLogger<WriteDoor>.Instance);
    }

    private const string Database = "studiovault";

    public NpgsqlDataSource App { get; }
    public NpgsqlDataSource Superuser { get; }
    public NpgsqlDataSource Sequencer { get; }
    public VaultDbs Dbs { get; }
    public WriteDoor Door { get; }

    public static async Task<BenchLab> StartAsync()
    {
        var folder = Path.Combine(Path.GetTempPath(), "sv-bench-" + Guid.NewGuid().ToString("N")[..8]);
        Directory.CreateDirectory(folder);
        File.SetUnixFileMode(folder, (UnixFileMode)0b111_101_101);
        var server = await EmbeddedPostgres.StartAsync(new EmbeddedPostgresOptions { Folder = Path.Combine(folder, "pg"), MaxConnections = 200 });
        await VaultSetup.CreateDatabaseAsync(server.ConnectionString("postgres", EmbeddedPostgres.Superuser), Database, CancellationToken.None);
        await VaultSetup.RunAsync(server.ConnectionString(Database, EmbeddedPostgres.Superuser), null, CancellationToken.None);
        return new BenchLab(folder, server);
    }

    public async Task SqlAsync(string sql)
    {
        await using var command = Superuser.CreateCommand(sql);
        command.CommandTimeout = 300;
        await command.ExecuteNonQueryAsync();
    }

    public async ValueTask DisposeAsync()
    {
        await App.DisposeAsync();
        await Superuser.DisposeAsync();
        await Sequencer.DisposeAsync();
        await _server.DisposeAsync();
        Directory.Delete(_folder, recursive: true);
    }
}
