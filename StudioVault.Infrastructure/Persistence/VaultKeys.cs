using System.Data;
using System.Security.Cryptography;
using System.Xml;
using System.Xml.Linq;
using Npgsql;
using StudioVault.Infrastructure.Audit;
using StudioVault.Infrastructure.Organization;

namespace StudioVault.Infrastructure.Persistence;

/// <summary>Where the two keys lie that are not in the database.</summary>
/// <param name="Master">File of the master key.</param>
/// <param name="MasterIsNamed">The operator named it: then it is never made here.</param>
/// <param name="Signing">File of the signing key of the audit log.</param>
/// <param name="SigningIsNamed">The operator named it: then it is never made here.</param>
public sealed record VaultKeyFiles(string Master, bool MasterIsNamed, string Signing, bool SigningIsNamed);

/// <summary>
/// The two keys outside the database, held against what the database keeps (fault F19): a key is made for a database that has seen
/// none, and never in place of one that was lost; a master key that does not open what is stored is refused before anything is changed.
/// </summary>
public sealed class VaultKeys : IDisposable
{
    /// <summary>Of the keys that lie in the database: what of them says whose they are.</summary>
    internal static readonly IReadOnlyList<(string Of, string Table, string Column, string Condition)> Kinds =
    [
        ("sign-ins", "organization.data_protection_keys", "xml", "true"),
        ("clients", "agreements.clients", "key", "key is not null"),
        ("document seals", "documents.seal_keys", "private_key", "private_key is not null"),
        ("proposals", "proposals.proposals", "key", "octet_length(key) > 0"),
    ];

    private const string ClaimLock = "select pg_advisory_lock(6004222340913221632)";

    /// <summary>Enough of each kind to tell a wrong key by: a vault has more clients than a start should open.</summary>
    private const int Sample = 50;

    private readonly string _file;

    private VaultKeys(MasterKey master, GroupKey group, string file) => (Master, Group, _file) = (master, group, file);

    /// <summary>Opens the keys that lie in the database.</summary>
    public MasterKey Master { get; }

    /// <summary>Signs the audit log.</summary>
    public GroupKey Group { get; }

    /// <summary>Reads both files, makes what may be made, and tries the master key on what the database keeps.</summary>
    /// <param name="files">Where they lie.</param>
    /// <param name="connectionString">The owner's or the app's; nothing is changed through it, and the database may still be empty.</param>
    /// <param name="ct">Ends the look.</param>
    /// <exception cref="StartRefusedException">A key is missing, unreadable or another database's; both keys' reasons at once.</exception>
    public static async Task<VaultKeys> LoadAsync(VaultKeyFiles files, string connectionString, CancellationToken ct)
    {
        var (stored, isSigned, name) = await StoredAsync(connectionString, ct);
        var reasons = new List<string>();
        var master = Try(() => MasterKey.Load(files.Master, mayCreate: !files.MasterIsNamed && name is null && stored.All(k => k.Boxes.Count == 0)), reasons);
        var mayMakeSigning = !files.SigningIsNamed && !isSigned;
        // Nothing is made for a start that is refused already.
        var group = reasons.Count > 0 && mayMakeSigning && !File.Exists(files.Signing) ? null : Try(() => GroupKey.Load(files.Signing, GroupKey.LogName, mayMakeSigning), reasons);
        var file = Path.GetFileName(files.Master);
        if (master is not null && (Misfit(master, file, stored) ?? Misnamed(master, file, name)) is { } misfit) reasons.Add(misfit);
        if (reasons.Count == 0) return new VaultKeys(master!, group!, file);
        group?.Dispose();
        throw new StartRefusedException(reasons);
    }

    /// <summary>
    /// Has the database remember which master key is its own, before anything is closed with it: of two first nodes that start at the
    /// same moment, each with a key of its own, one is refused. The name tells nothing of the key.
    /// </summary>
    /// <param name="ownerConnection">The owner of the schemas.</param>
    /// <param name="ct">Ends the wait for another node.</param>
    /// <exception cref="StartRefusedException">It remembers another.</exception>
    public async Task ClaimAsync(string ownerConnection, CancellationToken ct)
    {
        await using var connection = new NpgsqlConnection(new NpgsqlConnectionStringBuilder(ownerConnection) { Pooling = false }.ConnectionString);
        await connection.OpenAsync(ct);
        await using (var first = new NpgsqlCommand(ClaimLock, connection)) await first.ExecuteScalarAsync(ct);
        var name = await NameAsync(connection, ct);
        if (Misnamed(Master, _file, name) is { } misfit) throw new StartRefusedException([misfit]);
        if (name is not null) return;
        await using var claim = new NpgsqlCommand($"comment on schema organization is '{NameOf(Master)}'", connection);
        await claim.ExecuteNonQueryAsync(ct);
    }

    public void Dispose() => Group.Dispose();

    private static string NameOf(MasterKey master) => "master key " + Convert.ToHexStringLower(master.Derive("name")[..16]);

    private static string? Misnamed(MasterKey master, string file, string? name) => name is null || name == NameOf(master) ? null
        : $"The master key file ({file}) is not the one this database was set up with. Put the right file back: " + Whereabouts;

    private static async Task<string?> NameAsync(NpgsqlConnection connection, CancellationToken ct)
    {
        await using var command = new NpgsqlCommand("select obj_description(to_regnamespace('organization'), 'pg_namespace')", connection);
        return await command.ExecuteScalarAsync(ct) as string;
    }

    private static T? Try<T>(Func<T> load, List<string> reasons) where T : class
    {
        try
        {
            return load();
        }
        catch (StartRefusedException refused)
        {
            reasons.AddRange(refused.Reasons);
            return null;
        }
    }

    /// <summary>Keys of one kind that the database keeps closed with the master key; null where even the box cannot be read.</summary>
    private sealed record Stored(string Of, IReadOnlyList<byte[]?> Boxes);

    private static string? Misfit(MasterKey master, string file, IReadOnlyList<Stored> stored)
    {
        var tried = stored.Where(k => k.Boxes.Count > 0).Select(k => (k.Of, All: k.Boxes.Count, Opened: k.Boxes.Count(b => Opens(master, b)))).ToList();
        if (tried.All(k => k.Opened == k.All)) return null;
        var kinds = string.Join(", ", tried.Where(k => k.Opened < k.All).Select(k => $"{k.Opened} of {k.All} keys of {k.Of}"));
        return tried.All(k => k.Opened == 0)
            ? $"The master key file ({file}) is not the one this database was used with: it opens {kinds}. Put the right file back: " + Whereabouts
            : $"The master key file ({file}) opens only a part of what the database keeps: {kinds}. Somebody changed those keys, or another master key was in use for a time. " +
              "Restore database and key file from copies that were made together.";
    }

    private const string Whereabouts = "it lies on the first node in keys/master.key of its data folder, or in your copies; a further node names it in Security:MasterKeyFile.";

    private static bool Opens(MasterKey master, byte[]? box)
    {
        try
        {
            return box is not null && master.Decrypt(box) is not null;
        }
        catch (CryptographicException)
        {
            return false;
        }
    }

    private static async Task<(IReadOnlyList<Stored> Keys, bool IsSigned, string? Name)> StoredAsync(string connectionString, CancellationToken ct)
    {
        await using var connection = new NpgsqlConnection(new NpgsqlConnectionStringBuilder(connectionString) { Pooling = false }.ConnectionString);
        await connection.OpenAsync(ct);
        await using var transaction = await connection.BeginTransactionAsync(IsolationLevel.RepeatableRead, ct);
        var keys = new List<Stored>();
        foreach (var (of, table, column, condition) in Kinds)
        {
            // Row-level security binds the owner too: the ring is a visitor's, everything else is HQ's to read.
            await ScopeAsync(connection, column == "xml" ? "" : "hq", ct);
            keys.Add(new(of, column == "xml" ? [.. (await RowsAsync<string>(connection, table, column, condition, ct)).SelectMany(BoxesOf)] : [.. await RowsAsync<byte[]>(connection, table, column, condition, ct)]));
        }

        return (keys, (await RowsAsync<byte[]>(connection, "audit.checkpoints", "root", "true", ct)).Count > 0, await NameAsync(connection, ct));
    }

    private static async Task ScopeAsync(NpgsqlConnection connection, string scope, CancellationToken ct)
    {
        await using var command = new NpgsqlCommand("select set_config('app.scope', $1, true), set_config('app.branch_id', '', true)", connection) { Parameters = { new() { Value = scope } } };
        await command.ExecuteScalarAsync(ct);
    }

    /// <summary>A column of the first rows; none where the table is still to come.</summary>
    private static async Task<IReadOnlyList<T>> RowsAsync<T>(NpgsqlConnection connection, string table, string column, string condition, CancellationToken ct)
    {
        await using (var exists = new NpgsqlCommand("select exists (select from pg_attribute where attrelid = to_regclass($1) and attname = $2 and not attisdropped)", connection) { Parameters = { new() { Value = table }, new() { Value = column } } })
            if (await exists.ExecuteScalarAsync(ct) is not true) return [];
        await using var command = new NpgsqlCommand($"select {column} from {table} where {condition} limit {Sample}", connection);
        await using var reader = await command.ExecuteReaderAsync(ct);
        var rows = new List<T>();
        while (await reader.ReadAsync(ct)) rows.Add(reader.GetFieldValue<T>(0));
        return rows;
    }

    /// <summary>The closed parts of one element of the ring; the end of a key (a revocation) has none.</summary>
    private static IEnumerable<byte[]?> BoxesOf(string xml)
    {
        try
        {
            return [.. XElement.Parse(xml).Descendants(KeyFileEncryptor.Element).Select(e => (byte[]?)Convert.FromBase64String(e.Value))];
        }
        catch (Exception e) when (e is XmlException or FormatException)
        {
            return [null];
        }
    }
}
