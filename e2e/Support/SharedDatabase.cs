using Npgsql;
using StudioVault.Infrastructure.Persistence;

namespace StudioVault.E2E.Support;

/// <summary>A PostgreSQL of its own with an empty database, for several programs to share as several machines would.</summary>
public sealed class SharedDatabase : IAsyncDisposable
{
    private const string Name = "studiovault";

    private readonly EmbeddedPostgres _server;

    private SharedDatabase(EmbeddedPostgres server)
    {
        _server = server;
        Source = NpgsqlDataSource.Create(Connection);
    }

    /// <summary>Connection string of the superuser: a program given this makes the weaker roles it runs as by itself.</summary>
    public string Connection => _server.ConnectionString(Name, EmbeddedPostgres.Superuser);

    private NpgsqlDataSource Source { get; }

    /// <param name="folder">A folder that does not exist yet, in one that others may pass through.</param>
    public static async Task<SharedDatabase> StartAsync(string folder)
    {
        var server = await EmbeddedPostgres.StartAsync(new EmbeddedPostgresOptions { Folder = folder });
        await VaultSetup.CreateDatabaseAsync(server.ConnectionString("postgres", EmbeddedPostgres.Superuser), Name, CancellationToken.None);
        return new SharedDatabase(server);
    }

    /// <summary>The first column of all rows, as the superuser sees them.</summary>
    public async Task<List<T>> ListAsync<T>(string sql)
    {
        await using var command = Source.CreateCommand(sql);
        await using var reader = await command.ExecuteReaderAsync();
        var list = new List<T>();
        while (await reader.ReadAsync()) list.Add(reader.GetFieldValue<T>(0));
        return list;
    }

    /// <summary>Lets nobody write into a table until disposed.</summary>
    public async Task<IAsyncDisposable> HoldAsync(string table)
    {
        // Closing a pooled connection rolls its transaction back.
        var connection = await Source.OpenConnectionAsync();
        await using var command = new NpgsqlCommand($"begin; lock table {table} in share mode", connection);
        await command.ExecuteNonQueryAsync();
        return connection;
    }

    /// <summary>Keeps what the database is now; no program may be connected.</summary>
    public Task BackUpAsync() => AdminAsync($"create database {Name}_backup template {Name} strategy file_copy");

    /// <summary>Puts back what was kept, as somebody would who wants to undo what happened since; no program may be connected.</summary>
    public Task PutBackAsync() => AdminAsync($"drop database {Name} with (force)", $"alter database {Name}_backup rename to {Name}");

    private async Task AdminAsync(params string[] statements)
    {
        Source.Clear();
        await using var admin = new NpgsqlConnection(new NpgsqlConnectionStringBuilder(_server.ConnectionString("postgres", EmbeddedPostgres.Superuser)) { Pooling = false }.ConnectionString);
        await admin.OpenAsync();
        foreach (var statement in (string[])[$"select pg_terminate_backend(pid) from pg_stat_activity where datname = '{Name}'", .. statements])
        {
            await using var command = new NpgsqlCommand(statement, admin);
            await command.ExecuteNonQueryAsync();
        }
    }

    public async ValueTask DisposeAsync()
    {
        await Source.DisposeAsync();
        await _server.DisposeAsync();
    }
}
