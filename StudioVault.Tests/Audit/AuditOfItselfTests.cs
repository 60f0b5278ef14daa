using System.Text.Json.Nodes;
using System.Xml.Linq;
using Microsoft.Extensions.Logging.Abstractions;
using StudioVault.Domain.Kernel;
using StudioVault.Domain.Organization;
using StudioVault.Infrastructure.Audit;
using StudioVault.Infrastructure.Door;
using StudioVault.Infrastructure.Organization;
using StudioVault.Infrastructure.Persistence;
using StudioVault.Tests.Support;
using StudioVault.Web.Hosting;
using Xunit;

namespace StudioVault.Tests.Audit;

/// <summary>AUD-10: denials, failed sign-ins, other settings, other keys, and who read the log stand in it too.</summary>
public sealed class AuditOfItselfTests(PostgresServer server) : VaultTest(server)
{
    private readonly ShortFolder _folder = new();
    private readonly FakeClock _clock = new();
    private AuditReads _reads = null!;

    public override async ValueTask InitializeAsync()
    {
        await base.InitializeAsync();
        _reads = new AuditReads(Door, _clock);
    }

    public override async ValueTask DisposeAsync()
    {
        _folder.Dispose();
        await base.DisposeAsync();
        GC.SuppressFinalize(this);
    }

    [Fact]
    public async Task A_command_and_a_query_that_were_denied()
    {
        await Door.RunAsync<Done>(new Command("template.create", Ana, TenantScope.Hq, Access.Hq, "template", "new"), (_, _) => Task.FromResult<Result<Done>>(Done.It), Ct);
        await new AuditQueries(Door).HeadAsync(new AuditReader(PortoStaff, Porto), Ct);
        Assert.Equal([("template.create", "refuse.kernel.not_allowed", Ana.PersonId.ToString()), ("read", "refuse.kernel.not_allowed", PortoStaff.PersonId.ToString())], await RefusedAsync());
    }

    [Fact]
    public async Task A_sign_in_that_failed()
    {
        await Door.NoteRefusalAsync(new Command("session.sign_in", Sender.Nobody, TenantScope.None, Access.AnySignedIn, "person", "unknown"), OrganizationRefusals.SignInFailed, Ct);
        await Door.NoteRefusalAsync(new Command("session.sign_in", Sender.Person(Ana.PersonId!.Value, null), TenantScope.None, Access.AnySignedIn, "person", Ana.PersonId.ToString()!), OrganizationRefusals.SignInFailed, Ct);
        Assert.Equal([("session.sign_in", OrganizationRefusals.SignInFailed.Code, "anonymous"), ("session.sign_in", OrganizationRefusals.SignInFailed.Code, Ana.PersonId.ToString())], await RefusedAsync());
    }

    [Fact]
    public async Task Other_settings_than_at_the_last_start_by_key_and_never_by_value()
    {
        var settings = new VaultSettings { DataDir = _folder["data"] };
        Assert.True(await Watch(settings).LookAsync(Ct));
        Assert.True(await Watch(settings).LookAsync(Ct));
        Assert.Equal(["settings.change"], await ActionsAsync());

        Assert.True(await Watch(settings with { Mail = new MailSettings { Password = "c4n4ry" }, Audit = new AuditSettings { CheckpointInterval = TimeSpan.FromSeconds(7) } }).LookAsync(Ct));
        var entry = JsonNode.Parse((string)(await SqlAsync("select payload from audit.entries where action = 'settings.change' order by at desc limit 1"))!)!;
        Assert.Equal("Audit:CheckpointInterval, Mail:Password", (string?)entry["keys"]);
        Assert.Equal([16, 16], entry["after"]!.AsObject().Select(h => ((string)h.Value!).Length));
        Assert.NotEqual((string?)entry["before"]!["Mail:Password"], (string?)entry["after"]!["Mail:Password"]);
        var kept = await File.ReadAllTextAsync(Path.Combine(settings.AuditPlaces.Folder, SettingsWatch.FileName), Ct);
        Assert.DoesNotContain("c4n4ry", kept + entry.ToJsonString(), StringComparison.Ordinal);

        // Who takes the memory away is seen as well.
        File.Delete(Path.Combine(settings.AuditPlaces.Folder, SettingsWatch.FileName));
        Assert.True(await Watch(settings).LookAsync(Ct));
        Assert.Equal(3, (await ActionsAsync()).Count);
    }

    [Fact]
    public async Task Another_signing_key_or_master_key_than_at_the_last_start()
    {
        var settings = new VaultSettings { DataDir = _folder["data"] };
        await Watch(settings).LookAsync(Ct);
        await Watch(settings, signing: "other.pem").LookAsync(Ct);
        await Watch(settings, "other.key", "other.pem").LookAsync(Ct);
        // With another master key the hashes of settings mean nothing any more, so watching begins anew.
        Assert.Equal(["settings.change", "key.change", "key.change", "settings.change"], await ActionsAsync());
        Assert.Equal("master", (string?)JsonNode.Parse((string)(await SqlAsync("select payload from audit.entries where action = 'key.change' order by at desc limit 1"))!)!["keys"]);
    }

    [Fact]
    public async Task A_new_key_of_the_session_ring_together_with_the_key_or_neither()
    {
        var ring = new KeyRing(Dbs);
        ring.StoreElement(new XElement("key", "x"), "key-1");
        Assert.Equal(["session_key.make"], await ActionsAsync());
        Assert.Single(ring.GetAllElements());
        await SqlAsync("revoke insert on audit.entries from studiovault_app");
        Assert.ThrowsAny<Exception>(() => ring.StoreElement(new XElement("key", "y"), "key-2"));
        Assert.Single(ring.GetAllElements());
    }

    [Fact]
    public async Task Who_read_the_log_with_what_in_mind_once_in_a_while_and_never_the_words_they_searched()
    {
        var reader = new AuditReader(Hq, null);
        var asked = new AuditFilter { Action = "package.accept", Text = "Maria Costa" };
        await _reads.ListAsync(reader, asked, Ct);
        await _reads.ListAsync(reader, asked, Ct);
        await _reads.EntryAsync(reader, Guid.NewGuid(), 7, Ct);
        await _reads.ListAsync(new AuditReader(Ana, Porto), new AuditFilter(), Ct);
        Assert.Equal(["audit.read", "audit.read", "audit.read"], await ActionsAsync());
        Assert.Equal("""{"asked":{"action":"package.accept","words":true}}""", await SqlAsync("select payload from audit.entries where action = 'audit.read' order by at limit 1"));
        _clock.Advance(TimeSpan.FromMinutes(11));
        await _reads.ListAsync(reader, asked, Ct);
        Assert.Equal(4, (await ActionsAsync()).Count);
    }

    [Fact]
    public async Task Reads_stay_out_of_the_list_until_they_are_asked_for()
    {
        var (reader, audit) = (new AuditReader(Hq, null), new AuditQueries(Door));
        await _reads.ListAsync(reader, new AuditFilter(), Ct);
        Assert.DoesNotContain((await audit.PageAsync(reader, new AuditFilter(), AuditCursor.Newest, Ct)).Value.Lines, l => l.Action == AuditReads.Action);
        Assert.Contains((await audit.PageAsync(reader, new AuditFilter { WithReads = true }, AuditCursor.Newest, Ct)).Value.Lines, l => l.Action == AuditReads.Action);
        Assert.Single((await audit.PageAsync(reader, new AuditFilter { Action = AuditReads.Action }, AuditCursor.Newest, Ct)).Value.Lines);
    }

    [Fact]
    public async Task Reading_goes_on_when_the_log_cannot_be_written()
    {
        await SqlAsync("revoke insert on audit.entries from studiovault_app");
        await _reads.ListAsync(new AuditReader(Hq, null), new AuditFilter(), Ct);
        Assert.False((await new AuditQueries(Door).PageAsync(new AuditReader(Hq, null), new AuditFilter(), AuditCursor.Newest, Ct)).IsRefused);
    }

    private SettingsWatch Watch(VaultSettings settings, string master = "master.key", string signing = "signing.pem") => new(settings, MasterKey.Load(_folder[master], mayCreate: true),
        GroupKey.Load(_folder[signing], GroupKey.LogName, mayCreate: true), settings.AuditPlaces, Door, NullLogger<SettingsWatch>.Instance);

    private async Task<List<string>> ActionsAsync()
    {
        await using var command = Superuser.CreateCommand("select action from audit.entries where action <> 'setup.organization' order by at");
        await using var row = await command.ExecuteReaderAsync(Ct);
        var actions = new List<string>();
        while (await row.ReadAsync(Ct)) actions.Add(row.GetString(0));
        return actions;
    }

    private async Task<List<(string, string, string?)>> RefusedAsync()
    {
        await using var command = Superuser.CreateCommand("select action, reason_code, actor_id from audit.entries where outcome = 'refused' order by at");
        await using var row = await command.ExecuteReaderAsync(Ct);
        var refused = new List<(string, string, string?)>();
        while (await row.ReadAsync(Ct)) refused.Add((row.GetString(0), row.GetString(1), row.GetString(2)));
        return refused;
    }
}
