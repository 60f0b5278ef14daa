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

    private VaultDatabase(EmbeddedPostgres? embedded, VaultKeys? keys, string? owner, NpgsqlDataSource app, NpgsqlDataSource door, NpgsqlDataSource? sequencer) =>
        (_embedded, Keys, OwnerConnection, App, Door, Sequencer) = (embedded, keys, owner, app, door, sequencer);

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

    /// <summary>The keys outside the database, which fit it; null where no files were named.</summary>
    public VaultKeys? Keys { get; }

    /// <summary>True when this process started PostgreSQL itself.</summary>
    public bool IsPrivate => _embedded is not null;

    /// <exception cref="StartRefusedException">Something the app must not run with; every finding at once.</exception>
    public static async Task<VaultDatabase> OpenAsync(VaultOptions options, CancellationToken ct)
    {
        EmbeddedPostgres? embedded = null;
        VaultKeys? keys = null;
        NpgsqlDataSource? app = null, door = null, sequencer = null;
        try
        {
            var roles = VaultRoles.Default;
            string? owner = options.OwnerConnection, appConnection = options.AppConnection, sequencerConnection = options.SequencerConnection;
            if (string.IsNullOrWhiteSpace(owner) && string.IsNullOrWhiteSpace(appConnection))
            {
                if (options.SetPasswords) throw new StartRefusedException(["The private PostgreSQL knows no passwords: whoever may enter its folder may connect. Set ConnectionStrings:VaultOwner to the server that is meant."]);
                embedded = await EmbeddedPostgres.StartAsync(new EmbeddedPostgresOptions { Folder = Path.GetFullPath(Path.Combine(options.DataDir, "postgres")), BinFolder = options.BinFolder, Restart = true }, ct);
                owner = embedded.ConnectionString(DatabaseName, EmbeddedPostgres.Superuser);
                appConnection = embedded.ConnectionString(DatabaseName, roles.App);
                sequencerConnection = embedded.ConnectionString(DatabaseName, roles.Sequencer);
                await VaultSetup.CreateDatabaseAsync(embedded.ConnectionString("postgres", EmbeddedPostgres.Superuser), DatabaseName, ct);
                keys = await KeysAsync(options, owner, ct);
                await VaultSetup.RunAsync(owner, null, ct, options.ProtectAgain);
                if (keys is not null) await keys.ClaimAsync(owner, ct);
            }
            else
            {
                if (string.IsNullOrWhiteSpace(owner))
                {
                    Refuse(await RoleLogins.TroubleAsync(appConnection!, sequencerConnection, ct));
                    // One strong connection string is enough to begin with: it becomes the owner's, and weaker roles are made beside it.
                    if (await IsStrongAsync(appConnection!, ct)) (owner, appConnection) = (appConnection, null);
                }

                if (!string.IsNullOrWhiteSpace(owner))
                {
                    var logins = new RoleLogins(owner, new VaultOptions { AppConnection = appConnection, SequencerConnection = sequencerConnection, DataDir = options.DataDir });
                    // What stands against this start is found before anything is changed: keys first, then the way in.
                    keys = await KeysAsync(options, owner, ct);
                    if (!options.SetPasswords) Refuse(await logins.TroubleAsync(made: false, ct));
                    await VaultSetup.RunAsync(owner, logins.ForNewRoles, ct, options.ProtectAgain, options.SetPasswords);
                    if (keys is not null) await keys.ClaimAsync(owner, ct);
                    Refuse(await logins.TroubleAsync(made: true, ct));
                    (appConnection, sequencerConnection) = (logins.App, logins.Sequencer);
                }
                else if (options.SetPasswords)
                {
                    Refuse(["Only the owner may set the passwords of the roles: set ConnectionStrings:VaultOwner."]);
                }
            }

            (app, door) = AppSources(appConnection!);
            if (!string.IsNullOrWhiteSpace(sequencerConnection)) sequencer = Source(sequencerConnection, "studiovault-sequencer");
            Refuse(await VaultGuard.FindingsAsync(app, sequencer, ct));
            keys ??= await KeysAsync(options, appConnection!, ct);
            return new VaultDatabase(embedded, keys, owner, app, door, sequencer);
        }
        catch
        {
            if (app is not null) await app.DisposeAsync();
            if (door is not null) await door.DisposeAsync();
            if (sequencer is not null) await sequencer.DisposeAsync();
            if (embedded is not null) await embedded.DisposeAsync();
            keys?.Dispose();
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

    private static async Task<VaultKeys?> KeysAsync(VaultOptions options, string connectionString, CancellationToken ct) =>
        options.KeyFiles is { } files ? await VaultKeys.LoadAsync(files, connectionString, ct) : null;

    private static void Refuse(IReadOnlyList<string> reasons)
    {
        if (reasons.Count > 0) throw new StartRefusedException(reasons);
    }
}
