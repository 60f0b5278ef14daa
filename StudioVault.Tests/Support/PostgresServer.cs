using Npgsql;
using StudioVault.Infrastructure.Persistence;
using StudioVault.Tests.Support;
using Xunit;

[assembly: AssemblyFixture(typeof(PostgresServer))]

namespace StudioVault.Tests.Support;

/// <summary>
/// One real PostgreSQL for the whole test run, with the real migrations and protection applied once to a template; each test
/// class gets a copy of it as a database of its own.
/// </summary>
public sealed class PostgresServer : IAsyncLifetime
{
    private const string Template = "vault_template";
    private readonly ShortFolder _folder = new();
    private readonly SemaphoreSlim _copying = new(1, 1);
    private EmbeddedPostgres? _server;

    /// <summary>Started again when it dies: for tests that kill it.</summary>
    internal bool Restart { get; init; }

    // Statistics of hundreds of databases that live for seconds are worth nothing, and gathering them costs the tests their disk.
    private static readonly Dictionary<string, string> Settings = new() { ["autovacuum"] = "off" };

    /// <summary>Process of the server.</summary>
    internal int ProcessId => _server!.ProcessId;

    /// <summary>File of its socket.</summary>
    internal string Socket => Path.Combine(_server!.Folder, ".s.PGSQL.5432");

    public async ValueTask InitializeAsync()
    {
        _server = await EmbeddedPostgres.StartAsync(new EmbeddedPostgresOptions { Folder = _folder["pg"], MaxConnections = 300, Restart = Restart, Settings = Settings });
        await VaultSetup.CreateDatabaseAsync(Admin, Template, CancellationToken.None);
        await VaultSetup.RunAsync(_server.ConnectionString(Template, EmbeddedPostgres.Superuser), null, CancellationToken.None);
        NpgsqlConnection.ClearAllPools();
    }

    /// <summary>Process id of its first process, and its Unix socket: for those who do it harm.</summary>
    internal (int ProcessId, string Socket) Body => (_server!.ProcessId, Path.Combine(_folder["pg"], ".s.PGSQL.5432"));

    public string Admin => _server!.ConnectionString("postgres", EmbeddedPostgres.Superuser);

    /// <summary>Connection string to a database as a role.</summary>
    public string For(string database, string role) => _server!.ConnectionString(database, role);

    /// <summary>A fresh, migrated, empty database.</summary>
    public async Task<string> CopyAsync()
    {
        var name = "t_" + Guid.NewGuid().ToString("N")[..16];
        // PostgreSQL copies a template only while nobody else does.
        await _copying.WaitAsync();
        try
        {
            await using var admin = new NpgsqlConnection(Admin);
            await admin.OpenAsync();
            await using var create = new NpgsqlCommand($"create database {name} template {Template} strategy file_copy", admin);
            await create.ExecuteNonQueryAsync();
            // Rights on the database itself are not copied; a set-up takes these away.
            await using var revoke = new NpgsqlCommand($"revoke create, temporary on database {name} from public", admin);
            await revoke.ExecuteNonQueryAsync();
        }
        finally
        {
            _copying.Release();
        }

        return name;
    }

    public async ValueTask DisposeAsync()
    {
        NpgsqlConnection.ClearAllPools();
        if (_server is not null) await _server.DisposeAsync();
        _folder.Dispose();
        _copying.Dispose();
    }
}
