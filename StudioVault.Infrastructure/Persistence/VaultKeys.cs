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
    /// <summary>Enough of each kind to tell a wrong key by: a vault has more clients than a start should open.</summary>
    private const int Sample = 50;

    private VaultKeys(MasterKey master, GroupKey group) => (Master, Group) = (master, group);

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
        var (stored, isSigned) = await StoredAsync(connectionString, ct);
        var reasons = new List<string>();
        var master = Try(() => MasterKey.Load(files.Master, mayCreate: !files.MasterIsNamed && stored.All(k => k.Boxes.Count == 0)), reasons);
        var mayMakeSigning = !files.SigningIsNamed && !isSigned;
        // Nothing is made for a start that is refused already.
        var group = reasons.Count > 0 && mayMakeSigning && !File.Exists(files.Signing) ? null : Try(() => GroupKey.Load(files.Signing, GroupKey.LogName, mayMakeSigning), reasons);
        if (master is not null && Misfit(master, Path.GetFileName(files.Master), stored) is { } misfit) reasons.Add(misfit);
        if (reasons.Count == 0) return new VaultKeys(master!, group!);
        group?.Dispose();
        throw new StartRefusedException(reasons);
    }

    public void Dispose() => Group.Dispose();

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
            ? $"The master key file ({file}) is not the one this database was used with: it opens {kinds}. Put the right file back: " +
              "it lies on the first node in keys/master.key of its data folder, or in your copies; a further node names it in Security:MasterKeyFile."
            : $"The master key file ({file}) opens only a part of what the database keeps: {kinds}. Somebody changed those keys, or another master key was in use for a time. " +
              "Restore database and key file from copies that were made together.";
    }

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

    private static async Task<(IReadOnlyList<Stored> Keys, bool IsSigned)> StoredAsync(string connectionString, CancellationToken ct)
    {
        await using var connection = new NpgsqlConnection(new NpgsqlConnectionStringBuilder(connectionString) { Pooling = false }.ConnectionString);
        await connection.OpenAsync(ct);
        await using var transaction = await connection.BeginTransactionAsync(IsolationLevel.RepeatableRead, ct);
        // Row-level security binds the owner too: the ring is a visitor's, everything else is HQ's to read.
        await ScopeAsync(connection, "", ct);
        var ring = await RowsAsync<string>(connection, "organization.data_protection_keys", "xml", "true", ct);
        await ScopeAsync(connection, "hq", ct);
        List<Stored> keys =
        [
            new("sign-ins", [.. ring.SelectMany(BoxesOf)]),
            new("clients", await RowsAsync<byte[]>(connection, "agreements.clients", "key", "key is not null", ct)),
            new("document seals", await RowsAsync<byte[]>(connection, "documents.seal_keys", "private_key", "private_key is not null", ct)),
            new("proposals", await RowsAsync<byte[]>(connection, "proposals.proposals", "key", "octet_length(key) > 0", ct)),
        ];
        return (keys, (await RowsAsync<byte[]>(connection, "audit.checkpoints", "root", "true", ct)).Count > 0);
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
