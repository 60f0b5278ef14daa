using System.Xml.Linq;
using Microsoft.Extensions.Configuration;
using StudioVault.Infrastructure.Agreements;
using StudioVault.Infrastructure.Audit;
using StudioVault.Infrastructure.Organization;
using StudioVault.Infrastructure.Persistence;
using StudioVault.Tests.Support;
using StudioVault.Web.Hosting;
using Xunit;

namespace StudioVault.Tests.Persistence;

/// <summary>F19: the keys outside the database fit it, or there is no start; a key is never replaced in silence.</summary>
public sealed class VaultKeysTests(PostgresServer server) : VaultTest(server)
{
    private readonly ShortFolder _folder = new();

    private string MasterFile => _folder["d/keys/master.key"];

    private string SigningFile => _folder["d/keys/audit-signing.pem"];

    public override async ValueTask DisposeAsync()
    {
        await base.DisposeAsync();
        _folder.Dispose();
    }

    [Fact]
    public async Task A_fresh_database_gets_keys_once_and_the_next_start_takes_them()
    {
        await StartAsync();
        var (master, signing) = (await File.ReadAllTextAsync(MasterFile, Ct), await File.ReadAllTextAsync(SigningFile, Ct));
        await UseAsync();
        await StartAsync();
        Assert.Equal((master, signing), (await File.ReadAllTextAsync(MasterFile, Ct), await File.ReadAllTextAsync(SigningFile, Ct)));
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task A_lost_master_key_is_not_replaced_whoever_holds_keys(bool onlyClients)
    {
        await StartAsync();
        if (onlyClients) await AddClientAsync(Master());
        else AddToRing(Master());
        File.Delete(MasterFile);
        File.Delete(SigningFile);
        var reason = Assert.Single(await RefusedAsync());
        Assert.StartsWith("The master key file is missing (master.key), but the database holds keys made with it. Put the file back", reason, StringComparison.Ordinal);
        Assert.Contains("Security:MasterKeyFile", reason, StringComparison.Ordinal);
        Assert.False(File.Exists(MasterFile));
        // No key of the other kind is made beside it either.
        Assert.False(File.Exists(SigningFile));
    }

    [Fact]
    public async Task Both_lost_keys_are_named_at_once()
    {
        await StartAsync();
        await UseAsync();
        File.Delete(MasterFile);
        File.Delete(SigningFile);
        Assert.Equal(["The master key file is missing", "The signing key file is missing"], (await RefusedAsync()).Select(r => r[..r.IndexOf(" (", StringComparison.Ordinal)]));
    }

    [Fact]
    public async Task Another_master_key_is_refused_and_left_as_it_is()
    {
        await StartAsync();
        await UseAsync();
        File.Delete(MasterFile);
        MasterKey.Load(MasterFile, mayCreate: true);
        var other = await File.ReadAllTextAsync(MasterFile, Ct);
        var reason = Assert.Single(await RefusedAsync());
        Assert.Contains("(master.key) is not the one this database was used with: it opens 0 of 1 keys of sign-ins, 0 of 1 keys of clients, 0 of 1 keys of document seals.", reason, StringComparison.Ordinal);
        Assert.Equal(other, await File.ReadAllTextAsync(MasterFile, Ct));
    }

    [Fact]
    public async Task A_ring_that_can_be_read_in_part_only_is_no_start()
    {
        await StartAsync();
        AddToRing(Master());
        AddToRing(MasterKey.Load(_folder["other.key"], mayCreate: true));
        Assert.Contains("opens only a part of what the database keeps: 1 of 2 keys of sign-ins.", Assert.Single(await RefusedAsync()), StringComparison.Ordinal);
        await SqlAsync("set session_replication_role = replica; delete from organization.data_protection_keys; insert into organization.data_protection_keys (id, name, xml) values (gen_random_uuid(), 'x', '<key'); set session_replication_role = origin");
        Assert.Contains("it opens 0 of 1 keys of sign-ins.", Assert.Single(await RefusedAsync()), StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_key_file_the_operator_named_is_never_made()
    {
        var files = new VaultKeyFiles(MasterFile, true, SigningFile, true);
        var refused = await Assert.ThrowsAsync<StartRefusedException>(() => VaultKeys.LoadAsync(files, AppConnection, Ct));
        Assert.Equal(2, refused.Reasons.Count);
        Assert.False(Directory.Exists(_folder["d"]));
    }

    /// <summary>A kind whose column was renamed would be looked for in vain, and a lost key made anew.</summary>
    [Fact]
    public async Task Every_kind_of_key_that_is_looked_for_exists()
    {
        foreach (var (_, table, column, _) in VaultKeys.Kinds)
            Assert.Equal(1L, await SqlAsync($"select count(*) from pg_attribute where attrelid = '{table}'::regclass and attname = '{column}'"));
    }

    [Fact]
    public async Task Of_two_first_nodes_each_with_a_key_of_its_own_one_is_refused_before_it_closes_anything()
    {
        var owner = Server.For(Database, EmbeddedPostgres.Superuser);
        var loaded = new List<VaultKeys>();
        foreach (var node in (string[])["one", "two"]) loaded.Add(await VaultKeys.LoadAsync(new VaultKeyFiles(_folder[$"{node}/master.key"], false, _folder[$"{node}/signing.pem"], false), owner, Ct));
        var claims = await Task.WhenAll(loaded.Select(async keys =>
        {
            try
            {
                await keys.ClaimAsync(owner, Ct);
                return null;
            }
            catch (StartRefusedException refused)
            {
                return Assert.Single(refused.Reasons);
            }
        }));
        Assert.StartsWith("The master key file (master.key) is not the one this database was set up with.", Assert.Single(claims.OfType<string>()), StringComparison.Ordinal);
        var winner = Array.IndexOf(claims, null);
        await loaded[winner].ClaimAsync(owner, Ct);
        // Nor does the other come in as a further node, or make itself a third one.
        var later = await Assert.ThrowsAsync<StartRefusedException>(() => VaultKeys.LoadAsync(new VaultKeyFiles(_folder["three/master.key"], false, _folder["three/signing.pem"], false), AppConnection, Ct));
        Assert.Contains("The master key file is missing", later.Reasons[0], StringComparison.Ordinal);
        foreach (var keys in loaded) keys.Dispose();
    }

    [Fact]
    public void The_public_half_is_no_signing_key()
    {
        using var key = System.Security.Cryptography.ECDsa.Create(System.Security.Cryptography.ECCurve.NamedCurves.nistP256);
        Assert.Null(GroupKey.Parse(key.ExportSubjectPublicKeyInfoPem(), GroupKey.LogName));
        using var whole = GroupKey.Parse(key.ExportPkcs8PrivateKeyPem(), GroupKey.LogName);
        Assert.NotNull(whole);
    }

    private MasterKey Master() => MasterKey.Load(MasterFile, mayCreate: false);

    /// <summary>As a node that was given the app's login alone: the keys are looked at all the same.</summary>
    private async Task StartAsync()
    {
        var configuration = new ConfigurationBuilder().AddInMemoryCollection(new Dictionary<string, string?> { ["DataDir"] = _folder["d"], ["ConnectionStrings:Vault"] = AppConnection }).Build();
        await using var database = await VaultDatabase.OpenAsync(SettingsReader.Read(configuration, development: false, serves: true).ToVaultOptions(), Ct);
        Assert.NotNull(database.Keys);
        database.Keys.Dispose();
    }

    private async Task<IReadOnlyList<string>> RefusedAsync() => (await Assert.ThrowsAsync<StartRefusedException>(StartAsync)).Reasons;

    /// <summary>What a vault has after a day of work.</summary>
    private async Task UseAsync()
    {
        AddToRing(Master());
        await AddClientAsync(Master());
        await SqlAsync("set session_replication_role = replica; insert into audit.checkpoints (size, root, note) values (1, decode(repeat('00', 32), 'hex'), 'x');" +
            "insert into documents.seal_keys (fingerprint, certificate, private_key, made_at) values ('f', '\\x00', decode('" + Convert.ToHexStringLower(Master().Encrypt([1, 2, 3])) + "', 'hex'), now()); set session_replication_role = origin");
    }

    private void AddToRing(MasterKey master)
    {
        var closed = new KeyFileEncryptor(master).Encrypt(new XElement("secret", "x")).EncryptedElement;
        new KeyRing(Dbs).StoreElement(new XElement("key", new XElement("descriptor", new XElement("encryptedSecret", closed))), $"key-{Guid.NewGuid():N}");
    }

    private Task AddClientAsync(MasterKey master) => SqlAsync("set session_replication_role = replica; insert into agreements.clients (branch_id, id, name, email, key, created_at) values (" +
        $"'{Porto.Value}', gen_random_uuid(), 'Marta', 'marta@example.org', decode('{Convert.ToHexStringLower(new ClientKeys(master).NewClientKey())}', 'hex'), now()); set session_replication_role = origin");
}
