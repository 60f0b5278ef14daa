using Microsoft.EntityFrameworkCore;
using Npgsql;
using StudioVault.Infrastructure.Agreements;
using StudioVault.Infrastructure.Agreements.Deliveries;
using StudioVault.Infrastructure.Audit;
using StudioVault.Infrastructure.Demo;
using StudioVault.Infrastructure.Documents.Sealing;
using StudioVault.Infrastructure.Door;
using StudioVault.Infrastructure.Live;
using StudioVault.Infrastructure.Mail;
using StudioVault.Infrastructure.Organization;
using StudioVault.Infrastructure.Persistence;
using StudioVault.Tests.Support;
using Xunit;

namespace StudioVault.Tests.Persistence;

/// <summary>Nodes on a server that asks for passwords (scram), each with a data folder of its own.</summary>
public sealed class RoleLoginsTests : IAsyncLifetime
{
    private static readonly CancellationToken Ct = TestContext.Current.CancellationToken;
    private readonly ShortFolder _folder = new();
    private EmbeddedPostgres _server = null!;

    public async ValueTask InitializeAsync()
    {
        await File.WriteAllTextAsync(_folder["hba"], "local all postgres trust\nlocal all all scram-sha-256\n", Ct);
        File.SetUnixFileMode(_folder["hba"], (UnixFileMode)0b110_100_100);
        _server = await EmbeddedPostgres.StartAsync(new EmbeddedPostgresOptions { Folder = _folder["pg"], Settings = new Dictionary<string, string> { ["hba_file"] = _folder["hba"] } }, Ct);
        await VaultSetup.CreateDatabaseAsync(_server.ConnectionString("postgres", EmbeddedPostgres.Superuser), "vault", Ct);
    }

    public async ValueTask DisposeAsync()
    {
        NpgsqlConnection.ClearAllPools();
        await _server.DisposeAsync();
        _folder.Dispose();
    }

    private string Owner => _server.ConnectionString("vault", EmbeddedPostgres.Superuser);

    [Fact]
    public async Task A_second_node_and_migrate_leave_the_passwords_of_running_nodes_alone_and_say_what_is_missing()
    {
        var first = await OpenAsync("a");
        Assert.True(File.Exists(_folder["a/secrets/database-roles.json"]));

        // Another folder: it says where the password is and which setting takes it, and makes nothing up.
        var refused = await RefusedAsync("b");
        Assert.Equal(2, refused.Count);
        Assert.Contains("Role studiovault_app was made by another node, and this one has no password for it.", refused[0], StringComparison.Ordinal);
        foreach (var word in new[] { "App in secrets/database-roles.json", "ConnectionStrings:Vault", "Database:Password", "migrate --set-passwords" }) Assert.Contains(word, refused[0], StringComparison.Ordinal);
        foreach (var word in new[] { "studiovault_sequencer", "Sequencer in secrets/database-roles.json", "ConnectionStrings:VaultSequencer", "Database:SequencerPassword" }) Assert.Contains(word, refused[1], StringComparison.Ordinal);
        Assert.False(Directory.Exists(_folder["b/secrets"]));
        await AssertWorksAsync(first);

        // With the passwords of the first it starts, beside an owner or without.
        var (app, sequencer) = (With(first.App), With(first.Sequencer!));
        await (await OpenAsync("b", o => (o.AppConnection, o.SequencerConnection) = (app, sequencer))).DisposeAsync();
        await (await OpenAsync("b", o => (o.OwnerConnection, o.AppConnection, o.SequencerConnection) = (null, app, sequencer))).DisposeAsync();
        await AssertWorksAsync(first);
        var wrong = await RefusedAsync("b", o => (o.OwnerConnection, o.AppConnection) = (null, new NpgsqlConnectionStringBuilder(app) { Password = "c4n4ry" }.ConnectionString));
        Assert.Contains("does not let role studiovault_app in as ConnectionStrings:Vault says", Assert.Single(wrong), StringComparison.Ordinal);
        Assert.DoesNotContain("c4n4ry", wrong[0], StringComparison.Ordinal);

        // Only when asked to, the roles get other passwords; then the first node is told what became of its own.
        await (await OpenAsync("b", o => o.SetPasswords = true)).DisposeAsync();
        Assert.Contains("does not take the password kept in secrets/database-roles.json", (await RefusedAsync("a"))[0], StringComparison.Ordinal);
        await (await OpenAsync("b")).DisposeAsync();
        await first.DisposeAsync();
    }

    [Fact]
    public async Task New_roles_take_the_passwords_of_the_connection_strings_and_an_owner_who_is_no_superuser_suffices_for_set_up_and_demo()
    {
        await SqlAsync(Owner, "create role managed login createrole password 'm'");
        await SqlAsync(Owner, "alter database vault owner to managed");
        var owner = As("managed", "m");
        // One password has a quote in it.
        var database = await OpenAsync("a", o => (o.OwnerConnection, o.AppConnection, o.SequencerConnection) = (owner, As("studiovault_app", "it's"), As("studiovault_sequencer", "other")));
        await AssertWorksAsync(database);

        using var key = GroupKey.Load(_folder["key.pem"], "studiovault/test", mayCreate: true);
        var now = new DateTimeOffset(2026, 11, 21, 15, 0, 0, TimeSpan.Zero);
        Assert.True(await new DemoLoader(key).LoadAsync(owner, now, Ct));
        Assert.False(await new DemoLoader(key).LoadAsync(owner, now, Ct));
        await using (var db = new VaultDbs(database.App).Open(TenantScope.Hq))
        {
            var group = DemoGroup.Load(DateOnly.FromDateTime(now.UtcDateTime));
            Assert.Equal((group.Branches.Count, group.Projects.Count), (await db.Branches.CountAsync(Ct), await db.Projects.CountAsync(Ct)));
            Assert.Equal(group.Branches.Count, await db.AuditEntries.Where(e => e.BranchId != null).Select(e => e.BranchId).Distinct().CountAsync(Ct));
        }

        var (master, door) = (MasterKey.Load(_folder["master.key"], mayCreate: true), new WriteDoor(new VaultDbs(database.App, database.Door), new FeedWake(), new NodeIdentity("test"), Microsoft.Extensions.Logging.Abstractions.NullLogger<WriteDoor>.Instance));
        var (keys, printer) = (new ClientKeys(master), new PlainPaperPrinter());
        var papers = new Papers(keys);
        using var seals = new SealKeys(door, master, "Northlight");
        var letters = new ClientLetters(new MailOut(keys), new ClientLinks(master), new Uri("https://vault.example"));
        var demo = new DemoAgreements(keys, printer, seals, new SealPapers(door, papers, keys, seals, printer, letters, new AgreementEffects(papers)), new DeliveryFiles(_folder["deliveries"]));
        Assert.Equal(12, (await demo.LoadAsync(owner, 12, now, Ct)).Value);

        // The next start finds everything as it is.
        await database.DisposeAsync();
        await (await OpenAsync("a", o => (o.OwnerConnection, o.AppConnection, o.SequencerConnection) = (owner, As("studiovault_app", "it's"), As("studiovault_sequencer", "other")))).DisposeAsync();
    }

    private async Task<VaultDatabase> OpenAsync(string folder, Action<VaultOptions>? also = null)
    {
        var options = new VaultOptions { OwnerConnection = Owner, DataDir = _folder[folder] };
        also?.Invoke(options);
        return await VaultDatabase.OpenAsync(options, Ct);
    }

    private async Task<IReadOnlyList<string>> RefusedAsync(string folder, Action<VaultOptions>? also = null) =>
        (await Assert.ThrowsAsync<StartRefusedException>(() => OpenAsync(folder, also))).Reasons;

    private string As(string role, string password) => new NpgsqlConnectionStringBuilder(Owner) { Username = role, Password = password }.ConnectionString;

    /// <summary>The connection string of a node, its password with it: a source does not tell it.</summary>
    private string With(NpgsqlDataSource source)
    {
        var parts = new NpgsqlConnectionStringBuilder(source.ConnectionString);
        var kept = System.Text.Json.JsonSerializer.Deserialize<RolePasswords>(File.ReadAllText(_folder["a/secrets/database-roles.json"]))!;
        return As(parts.Username!, parts.Username == VaultRoles.Default.App ? kept.App : kept.Sequencer);
    }

    /// <summary>New connections of a running node come through.</summary>
    private static async Task AssertWorksAsync(VaultDatabase node)
    {
        foreach (var source in new[] { node.App, node.Door, node.Sequencer! })
        {
            source.Clear();
            await using var command = source.CreateCommand("select 1");
            Assert.Equal(1, await command.ExecuteScalarAsync(Ct));
        }
    }

    private static async Task SqlAsync(string connection, string sql)
    {
        await using var source = NpgsqlDataSource.Create(connection);
        await using var command = source.CreateCommand(sql);
        await command.ExecuteNonQueryAsync(Ct);
    }
}
