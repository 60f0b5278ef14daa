using System.Security.Cryptography;
using System.Text.Json;
using Npgsql;

namespace StudioVault.Infrastructure.Persistence;

/// <summary>
/// What this node logs in as beside an owner: the connection strings it was given, and for the rest the roles the set-up makes, with
/// passwords made once and kept in the data folder of the node that made the roles. A role that exists keeps its password: other nodes
/// log in with it.
/// </summary>
/// <param name="owner">The owner's connection string; the roles are reached at the same place.</param>
/// <param name="options">What was given.</param>
internal sealed class RoleLogins(string owner, VaultOptions options)
{
    /// <summary>Where the passwords are kept, seen from the data folder.</summary>
    public const string Place = "secrets/database-roles.json";

    private readonly string _path = Path.GetFullPath(Path.Combine(options.DataDir, Place));

    /// <summary>Connection string of the app.</summary>
    public string App => Given(options.AppConnection) ?? As(VaultRoles.Default.App, Kept()?.App);

    /// <summary>Connection string of the sequencer; null on a node that was given the app's alone, which then numbers nothing.</summary>
    public string? Sequencer => Given(options.SequencerConnection) ?? (Given(options.AppConnection) is null ? As(VaultRoles.Default.Sequencer, Kept()?.Sequencer) : null);

    /// <summary>Passwords for roles about to be made: those of the given connection strings, and new ones, kept before they are in force.</summary>
    public RolePasswords ForNewRoles()
    {
        var roles = VaultRoles.Default;
        var kept = Kept() ?? new RolePasswords(Random(), Random(), Random());
        var all = new RolePasswords(PasswordOf(options.AppConnection, roles.App) ?? kept.App, PasswordOf(options.SequencerConnection, roles.Sequencer) ?? kept.Sequencer, kept.Backup);
        if (Kept() != all) SecretFiles.Write(_path, JsonSerializer.Serialize(all));
        return all;
    }

    /// <summary>Why PostgreSQL does not let this node in as these roles; empty when it does.</summary>
    /// <param name="made">False before the set-up: a role still to be made is no trouble then.</param>
    /// <param name="ct">Ends the look.</param>
    public async Task<IReadOnlyList<string>> TroubleAsync(bool made, CancellationToken ct)
    {
        var reasons = new List<string>();
        foreach (var (connection, isSequencer, isGiven) in new[] { (App, false, Given(options.AppConnection) is not null), (Sequencer, true, Given(options.SequencerConnection) is not null) })
        {
            if (connection is null || (!made && !await ExistsAsync(connection, ct)) || await RefusalAsync(connection, ct) is not { } refusal) continue;
            var role = new NpgsqlConnectionStringBuilder(connection).Username;
            reasons.Add(isGiven ? WhenGiven(isSequencer, role, refusal)
                : Kept() is null ? $"Role {role} was made by another node, and this one has no password for it. {Remedy(isSequencer)}"
                : $"Role {role} does not take the password kept in {Place} of this node's data folder: it was given another one since, or the roles are those of another vault on this server. {Remedy(isSequencer)}");
        }

        return reasons;
    }

    /// <summary>The same for a node without an owner: why its own connection strings do not let it in.</summary>
    public static async Task<IReadOnlyList<string>> TroubleAsync(string app, string? sequencer, CancellationToken ct)
    {
        var reasons = new List<string>();
        foreach (var connection in new[] { app, Given(sequencer) })
            if (connection is not null && await RefusalAsync(connection, ct) is { } refusal) reasons.Add(WhenGiven(connection != app, new NpgsqlConnectionStringBuilder(connection).Username, refusal));
        return reasons;
    }

    private static string? Given(string? connection) => string.IsNullOrWhiteSpace(connection) ? null : connection;

    private static string WhenGiven(bool sequencer, string? role, string refusal) =>
        $"PostgreSQL does not let role {role} in as {Setting(sequencer)} says ({refusal}). Correct it, or the password in Database:{(sequencer ? "Sequencer" : "")}Password. {WhereItIs(sequencer)}";

    private static string Remedy(bool sequencer) =>
        $"{WhereItIs(sequencer)} Give it to this node with {Setting(sequencer)} and Database:{(sequencer ? "Sequencer" : "")}Password, or copy that file to the same place here. " +
        "To give the roles the passwords this node has or makes instead, run 'migrate --set-passwords' here: every node with the old ones is locked out then.";

    private static string WhereItIs(bool sequencer) => $"The password lies on the node that made the roles, as {(sequencer ? nameof(RolePasswords.Sequencer) : nameof(RolePasswords.App))} in {Place} of its data folder.";

    private static string Setting(bool sequencer) => sequencer ? "ConnectionStrings:VaultSequencer" : "ConnectionStrings:Vault";

    private static string? PasswordOf(string? connection, string role) =>
        Given(connection) is { } text && new NpgsqlConnectionStringBuilder(text) is var parts && parts.Username == role && !string.IsNullOrEmpty(parts.Password) ? parts.Password : null;

    private static string Random() => Convert.ToHexStringLower(RandomNumberGenerator.GetBytes(24));

    private string As(string role, string? password) => new NpgsqlConnectionStringBuilder(owner) { Username = role, Password = password }.ConnectionString;

    private RolePasswords? Kept()
    {
        if (!File.Exists(_path)) return null;
        try
        {
            return JsonSerializer.Deserialize<RolePasswords>(File.ReadAllText(_path)) is { App: not null, Sequencer: not null, Backup: not null } kept ? kept : throw new JsonException();
        }
        catch (JsonException)
        {
            throw new StartRefusedException([$"{Place} in the data folder does not hold the passwords of the roles App, Sequencer and Backup. Put it back from a copy."]);
        }
    }

    private async Task<bool> ExistsAsync(string connection, CancellationToken ct)
    {
        await using var asked = await OpenAsync(owner, ct);
        await using var command = new NpgsqlCommand("select exists (select from pg_roles where rolname = $1)", asked) { Parameters = { new() { Value = new NpgsqlConnectionStringBuilder(connection).Username ?? "" } } };
        return await command.ExecuteScalarAsync(ct) is true;
    }

    /// <summary>What PostgreSQL says against the login; null when it lets us in, or does not answer for another reason.</summary>
    private static async Task<string?> RefusalAsync(string connection, CancellationToken ct)
    {
        try
        {
            await using var opened = await OpenAsync(connection, ct);
            return null;
        }
        catch (PostgresException e) when (e.SqlState.StartsWith("28", StringComparison.Ordinal))
        {
            return e.MessageText;
        }
        catch (NpgsqlException e) when (e is not PostgresException && e.InnerException is null && e.Message.Contains("password", StringComparison.OrdinalIgnoreCase))
        {
            // Asked for a password it does not have, the driver gives up by itself.
            return "no password is set";
        }
        catch (PostgresException)
        {
            // For example no right to connect yet: the set-up gives it.
            return null;
        }
    }

    private static async Task<NpgsqlConnection> OpenAsync(string connectionString, CancellationToken ct)
    {
        var connection = new NpgsqlConnection(new NpgsqlConnectionStringBuilder(connectionString) { Pooling = false }.ConnectionString);
        try
        {
            await connection.OpenAsync(ct);
            return connection;
        }
        catch
        {
            await connection.DisposeAsync();
            throw;
        }
    }
}
