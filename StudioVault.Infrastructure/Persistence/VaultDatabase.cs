using System.Security.Cryptography;
using System.Text.Json;
using Npgsql;

namespace StudioVault.Infrastructure.Persistence;

/// <summary>
/// The database of a running StudioVault: found or started, migrated where an owner is at hand, checked, and split into one
/// connection source per role.
/// </summary>
public sealed class VaultDatabase : IAsyncDisposable
{
    internal const string DatabaseName = "studiovault";

    private readonly EmbeddedPostgres? _embedded;

    private VaultDatabase(EmbeddedPostgres? embedded, string? owner, NpgsqlDataSource app, NpgsqlDataSource door, NpgsqlDataSource? sequencer) =>
        (_embedded, OwnerConnection, App, Door, Sequencer) = (embedded, owner, app, door, sequencer);

    /// <summary>The owner's connection string, or null where only the app's was given.</summary>
    public string? OwnerConnection { get; }

    /// <summary>What everything but set-up, door and sequencer uses.</summary>
    public NpgsqlDataSource App { get; }

    /// <summary>
    /// The app's connections for <see cref="Door.WriteDoor"/>, which sets the scope for one transaction at a time: there is nothing
    /// to wipe when one goes back to the pool, and wiping is seven statements, a seventh of a small command.
    /// </summary>
    public NpgsqlDataSource Door { get; }

    /// <summary>The sequencer's source; null when this node has no login for it (then another node numbers).</summary>
    public NpgsqlDataSource? Sequencer { get; }

    /// <summary>The audit log was signed before: its key must not be replaced silently.</summary>
    public bool HasCheckpoints { get; private init; }

    /// <summary>True when this process started PostgreSQL itself.</summary>
    public bool IsPrivate => _embedded is not null;

    /// <exception cref="StartRefusedException">Something the app must not run with; every finding at once.</exception>
    public static async Task<VaultDatabase> OpenAsync(VaultOptions options, CancellationToken ct)
    {
        EmbeddedPostgres? embedded = null;
        NpgsqlDataSource? app = null, door = null, sequencer = null;
        try
        {
            var roles = VaultRoles.Default;
            string? owner = options.OwnerConnection, appConnection = options.AppConnection, sequencerConnection = options.SequencerConnection;
            if (string.IsNullOrWhiteSpace(owner) && string.IsNullOrWhiteSpace(appConnection))
            {
                embedded = await EmbeddedPostgres.StartAsync(new EmbeddedPostgresOptions { Folder = Path.GetFullPath(Path.Combine(options.DataDir, "postgres")), BinFolder = options.BinFolder, Restart = true }, ct);
                owner = embedded.ConnectionString(DatabaseName, EmbeddedPostgres.Superuser);
                appConnection = embedded.ConnectionString(DatabaseName, roles.App);
                sequencerConnection = embedded.ConnectionString(DatabaseName, roles.Sequencer);
                await VaultSetup.CreateDatabaseAsync(embedded.ConnectionString("postgres", EmbeddedPostgres.Superuser), DatabaseName, ct);
                await VaultSetup.RunAsync(owner, null, ct, options.ProtectAgain);
            }
            else
            {
                // One strong connection string is enough to begin with: it becomes the owner's, and weaker roles are made beside it.
                if (string.IsNullOrWhiteSpace(owner) && await IsStrongAsync(appConnection!, ct)) (owner, appConnection) = (appConnection, null);
                if (!string.IsNullOrWhiteSpace(owner))
                {
                    var generated = string.IsNullOrWhiteSpace(appConnection);
                    var passwords = generated ? Secrets(options.DataDir) : null;
                    await VaultSetup.RunAsync(owner, passwords, ct, options.ProtectAgain);
                    if (generated)
                    {
                        appConnection = As(owner, roles.App, passwords!.App);
                        sequencerConnection = As(owner, roles.Sequencer, passwords.Sequencer);
                    }
                }
            }

            (app, door) = AppSources(appConnection!);
            if (!string.IsNullOrWhiteSpace(sequencerConnection)) sequencer = Source(sequencerConnection, "studiovault-sequencer");
            var findings = await VaultGuard.FindingsAsync(app, sequencer, ct);
            if (findings.Count > 0) throw new StartRefusedException(findings);
            await using var signed = app.CreateCommand("select exists (select from audit.checkpoints)");
            return new VaultDatabase(embedded, owner, app, door, sequencer) { HasCheckpoints = await signed.ExecuteScalarAsync(ct) is true };
        }
        catch
        {
            if (app is not null) await app.DisposeAsync();
            if (door is not null) await door.DisposeAsync();
            if (sequencer is not null) await sequencer.DisposeAsync();
            if (embedded is not null) await embedded.DisposeAsync();
            throw;
        }
    }

    public async ValueTask DisposeAsync()
    {
        await App.DisposeAsync();
        await Door.DisposeAsync();
        if (Sequencer is not null) await Sequencer.DisposeAsync();
        if (_embedded is not null) await _embedded.DisposeAsync();
    }

    /// <summary>Two pools that together hold as many connections as the connection string allows.</summary>
    internal static (NpgsqlDataSource App, NpgsqlDataSource Door) AppSources(string connectionString)
    {
        var most = new NpgsqlConnectionStringBuilder(connectionString).MaxPoolSize;
        var atDoor = Math.Max(1, most * 3 / 5);
        return (Source(Sized(Math.Max(1, most - atDoor)).ConnectionString, "studiovault"),
            Source(new NpgsqlConnectionStringBuilder(Sized(atDoor).ConnectionString) { NoResetOnClose = true }.ConnectionString, "studiovault-door"));

        NpgsqlConnectionStringBuilder Sized(int size) => new(connectionString) { MaxPoolSize = size, MinPoolSize = 0 };
    }

    private static NpgsqlDataSource Source(string connectionString, string name)
    {
        var builder = new NpgsqlConnectionStringBuilder(connectionString) { ApplicationName = name, IncludeErrorDetail = false, IncludeFailedBatchedCommand = true };
        // A dead peer must be noticed before people lose patience (fault F5).
        if (builder.KeepAlive == 0) builder.KeepAlive = 30;
        if (builder.Timeout == 15) builder.Timeout = 4;
        // The server ends a statement after 15 s (VaultSetup): silence beyond that is a lost answer.
        if (builder.CommandTimeout == 30) builder.CommandTimeout = 20;
        // Given up by us, not asked about for two seconds more.
        if (builder.CancellationTimeout == 2_000) builder.CancellationTimeout = 500;
        // The same few statements run all day: let the server keep their plans.
        if (builder.MaxAutoPrepare == 0) (builder.MaxAutoPrepare, builder.AutoPrepareMinUsages) = (64, 2);
        return new NpgsqlDataSourceBuilder(builder.ConnectionString).Build();
    }

    private static async Task<bool> IsStrongAsync(string connectionString, CancellationToken ct)
    {
        await using var connection = new NpgsqlConnection(new NpgsqlConnectionStringBuilder(connectionString) { Pooling = false }.ConnectionString);
        await connection.OpenAsync(ct);
        await using var command = new NpgsqlCommand("select rolsuper or rolcreaterole from pg_roles where rolname = session_user", connection);
        return await command.ExecuteScalarAsync(ct) is true;
    }

    private static string As(string owner, string role, string password) =>
        new NpgsqlConnectionStringBuilder(owner) { Username = role, Password = password }.ConnectionString;

    /// <summary>Passwords of the roles, made once and kept beside the keys, readable by this user alone.</summary>
    private static RolePasswords Secrets(string dataDir)
    {
        var file = Path.Combine(dataDir, "secrets", "database-roles.json");
        if (File.Exists(file)) return JsonSerializer.Deserialize<RolePasswords>(File.ReadAllText(file))!;
        var secrets = new RolePasswords(Random(), Random(), Random());
        SecretFiles.Write(file, JsonSerializer.Serialize(secrets));
        return secrets;

        static string Random() => Convert.ToHexStringLower(RandomNumberGenerator.GetBytes(24));
    }
}
