using Npgsql;

namespace StudioVault.Infrastructure.Persistence;

/// <summary>
/// The database for a verb that only looks: nothing is migrated, no role is made, and a private PostgreSQL that a running
/// StudioVault has started is used beside it.
/// </summary>
public sealed class VaultReader : IAsyncDisposable
{
    private readonly EmbeddedPostgres? _embedded;

    private VaultReader(EmbeddedPostgres? embedded, string connection) => (_embedded, Source) = (embedded, NpgsqlDataSource.Create(connection));

    public NpgsqlDataSource Source { get; }

    /// <exception cref="StartRefusedException">There is no database where the settings say.</exception>
    /// <exception cref="EmbeddedPostgresException">There is one that cannot be started.</exception>
    public static Task<VaultReader> OpenAsync(VaultOptions options, CancellationToken ct) =>
        OpenAsync(options, string.IsNullOrWhiteSpace(options.OwnerConnection) ? options.AppConnection : options.OwnerConnection, EmbeddedPostgres.Superuser, ct);

    /// <summary>The database as the pages see it, for a verb that needs no more.</summary>
    /// <inheritdoc cref="OpenAsync(VaultOptions, CancellationToken)"/>
    public static Task<VaultReader> OpenAsAppAsync(VaultOptions options, CancellationToken ct) =>
        OpenAsync(options, string.IsNullOrWhiteSpace(options.AppConnection) ? options.OwnerConnection : options.AppConnection, VaultRoles.Default.App, ct);

    private static async Task<VaultReader> OpenAsync(VaultOptions options, string? connection, string role, CancellationToken ct)
    {
        if (!string.IsNullOrWhiteSpace(connection)) return new VaultReader(null, connection);

        var folder = Path.GetFullPath(Path.Combine(options.DataDir, "postgres"));
        if (!EmbeddedPostgres.HasCluster(folder)) throw new StartRefusedException(["There is no database here: set ConnectionStrings:Vault, or DataDir to the data folder of a StudioVault."]);
        var running = EmbeddedPostgres.ConnectionString(folder, VaultDatabase.DatabaseName, role);
        if (await AnswersAsync(running, ct)) return new VaultReader(null, running);
        return new VaultReader(await EmbeddedPostgres.StartAsync(new EmbeddedPostgresOptions { Folder = folder, BinFolder = options.BinFolder }, ct), running);
    }

    public async ValueTask DisposeAsync()
    {
        await Source.DisposeAsync();
        if (_embedded is not null) await _embedded.DisposeAsync();
    }

    private static async Task<bool> AnswersAsync(string connectionString, CancellationToken ct)
    {
        try
        {
            await using var connection = new NpgsqlConnection(new NpgsqlConnectionStringBuilder(connectionString) { Pooling = false }.ConnectionString);
            await connection.OpenAsync(ct);
            return true;
        }
        catch (NpgsqlException)
        {
            return false;
        }
    }
}
