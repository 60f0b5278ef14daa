using System.Text.RegularExpressions;
using Microsoft.Extensions.Configuration;
using StudioVault.Infrastructure.Persistence;
using StudioVault.Tests.Support;
using StudioVault.Web.Hosting;
using Xunit;

namespace StudioVault.Tests.Hosting;

public sealed class SettingsReaderTests
{
    private const string Canary = "c4n4ry";

    /// <summary>For every key at least one value it must refuse.</summary>
    public static TheoryData<string, string> BadValues { get; } = new()
    {
        { "DataDir", $"{Canary}\0" },
        { "ConnectionStrings:Vault", $"Host=;Password={Canary}" },
        { "ConnectionStrings:Vault", Canary },
        { "ConnectionStrings:Vault", $"Host=db;Database=x;Port={Canary}" },
        { "ConnectionStrings:Vault", $"Host=db;Database=x;{Canary}=1" },
        { "ConnectionStrings:VaultOwner", Canary },
        { "ConnectionStrings:VaultSequencer", Canary },
        { "Database:Password", $"{Canary}\0" },
        { "Database:OwnerPassword", $"{Canary}\0" },
        { "Database:SequencerPassword", $"{Canary}\0" },
        { "Database:BinFolder", $"/nowhere/{Canary}" },
        { "Demo:Enabled", Canary },
        { "Demo:Enabled", "1" },
        { "Demo:LoadOnStart", Canary },
        { "Demo:Agreements", Canary },
        { "Security:RequireHttps", Canary },
        { "Security:TrustedProxies", $"10.0.0.0/8, {Canary}" },
        { "Security:MasterKeyFile", $"/nowhere/{Canary}" },
        { "Session:Lifetime", Canary },
        { "Session:Lifetime", "4m" },
        { "Session:Lifetime", "12" },
        { "Audit:SigningKeyFile", $"/nowhere/{Canary}" },
        { "Audit:CheckpointInterval", "0s" },
        { "Audit:CheckpointInterval", "61m" },
        { "Audit:CheckpointFile", $"{Canary}\0" },
        { "Live:PollInterval", "49ms" },
        { "Live:PollInterval", "-5s" },
        { "Jobs:Enabled", Canary },
        { "Documents:BrowserPath", $"/nowhere/{Canary}" },
        { "Site:Address", Canary },
        { "Site:Group", $"{Canary}\0" },
        { "Mail:Host", $"{Canary}\0" },
        { "Mail:Port", Canary },
        { "Mail:Port", "65536" },
        { "Mail:UseTls", Canary },
        { "Mail:User", $"{Canary}\0" },
        { "Mail:Password", $"{Canary}\0" },
        { "Mail:From", $"{Canary}\0" },
        { "Mail:From", Canary },
        { "Mail:From", $"{Canary} <post@example.org" },
        { "Log:Format", Canary },
        { "Log:Format", "1" },
        { "Log:Level", Canary },
        { "Telemetry:OtlpEndpoint", Canary },
        { "Telemetry:OtlpEndpoint", $"file:///{Canary}" },
        { "Shutdown:Drain", "121s" },
    };

    [Theory, MemberData(nameof(BadValues))]
    public void Names_the_bad_key_and_never_its_value(string key, string value)
    {
        var problem = Assert.Single(Problems((key, value)));
        Assert.StartsWith(key + " ", problem, StringComparison.Ordinal);
        Assert.DoesNotContain(Canary, problem, StringComparison.Ordinal);
    }

    [Fact]
    public void Has_a_bad_value_in_this_test_for_every_key() =>
        Assert.Empty(SettingsReader.Keys().Select(k => k.Key).Except(BadValues.Select(row => row.Data.Item1)));

    [Fact]
    public void Lists_every_bad_key_at_once()
    {
        var bad = BadValues.Select(row => row.Data).DistinctBy(d => d.Item1).ToArray();
        var problems = Problems(bad);
        Assert.All(bad, b => Assert.Contains(problems, p => p.StartsWith(b.Item1 + " ", StringComparison.Ordinal)));
        Assert.DoesNotContain(problems, p => p.Contains(Canary, StringComparison.Ordinal));
    }

    [Fact]
    public void Starts_with_nothing_set_or_everything_empty()
    {
        Assert.Empty(Problems());
        Assert.Empty(Problems([.. SettingsReader.Keys().Select(k => (k.Key, ""))]));
    }

    [Fact]
    public void Reads_every_kind_of_value()
    {
        var settings = Read(("Demo:Enabled", "True"), ("Session:Lifetime", "90m"), ("Live:PollInterval", "00:00:02"), ("Log:Format", "json"),
            ("Security:TrustedProxies", "10.0.0.0/8,192.168.1.7"), ("Telemetry:OtlpEndpoint", "http://collector:4318"), ("DataDir", " /srv/vault "));
        Assert.True(settings.Demo.Enabled);
        Assert.Equal(TimeSpan.FromMinutes(90), settings.Session.Lifetime);
        Assert.Equal(TimeSpan.FromSeconds(2), settings.Live.PollInterval);
        Assert.Equal(LogFormat.Json, settings.Log.Format);
        Assert.Equal(["10.0.0.0/8", "192.168.1.7/32"], settings.Security.TrustedProxies.Select(n => n.ToString()));
        Assert.Equal(new Uri("http://collector:4318"), settings.Telemetry.OtlpEndpoint);
        Assert.Equal("/srv/vault", settings.DataDir);
    }

    [Theory]
    [InlineData("Demo:Enable", "Demo:Enabled")]
    [InlineData("Live:PolInterval", "Live:PollInterval")]
    [InlineData("Dmeo:Enabled", "Demo:Enabled")]
    [InlineData("ConnectionString:Vault", "ConnectionStrings:Vault")]
    [InlineData("ConnectionStrings:VaultOwners", "ConnectionStrings:VaultOwner")]
    public void Asks_whether_another_key_was_meant(string typed, string meant)
    {
        var problem = Assert.Single(Problems((typed, Canary)));
        Assert.StartsWith(typed + " ", problem, StringComparison.Ordinal);
        Assert.Contains($"is {meant} meant?", problem, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("Log:Colour")]
    [InlineData("Demo:Enabled:Really")]
    [InlineData("Live:PollInterval_FILE")]
    public void Refuses_unknown_keys_of_its_own_sections(string key) =>
        Assert.StartsWith(key + " ", Assert.Single(Problems((key, "x"))), StringComparison.Ordinal);

    [Theory]
    [InlineData("Logging:LogLevel:Npgsql")]
    [InlineData("Kestrel:Endpoints:Http:Url")]
    [InlineData("PATH")]
    [InlineData("npm:config:cache")]
    public void Leaves_foreign_keys_alone(string key) => Assert.Empty(Problems((key, "x")));

    [Theory]
    [InlineData("ConnectionStrings:Vault:File")]
    [InlineData("ConnectionStrings:Vault_FILE")]
    public void Takes_a_secret_from_a_file(string key)
    {
        using var folder = new ShortFolder();
        File.WriteAllText(folder["secret"], "Host=db;Database=vault;Username=app\n");
        Assert.Equal("Host=db;Database=vault;Username=app", Read((key, folder["secret"])).ConnectionStrings.Vault);
    }

    [Fact]
    public void Puts_a_password_of_its_own_file_into_the_connection_string()
    {
        using var folder = new ShortFolder();
        File.WriteAllText(folder["secret"], "p;w=1\n");
        var options = Read(("ConnectionStrings:VaultOwner", "Host=db;Database=vault;Username=owner"), ("Database:OwnerPassword:File", folder["secret"])).ToVaultOptions();
        Assert.Equal("p;w=1", new Npgsql.NpgsqlConnectionStringBuilder(options.OwnerConnection).Password);
    }

    [Fact]
    public void Refuses_a_secret_file_that_is_missing_empty_or_given_twice()
    {
        using var folder = new ShortFolder();
        File.WriteAllText(folder["empty"], "\n");
        Assert.Contains("cannot be read", Assert.Single(Problems(("ConnectionStrings:Vault:File", folder["none"]))), StringComparison.Ordinal);
        Assert.Contains("empty file", Assert.Single(Problems(("ConnectionStrings:Vault:File", folder["empty"]))), StringComparison.Ordinal);
        Assert.Contains("more than once", Assert.Single(Problems(("ConnectionStrings:Vault", "Host=a;Database=b"), ("ConnectionStrings:Vault_FILE", folder["empty"]))), StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("Demo:LoadOnStart", "true", "Demo:LoadOnStart needs Demo:Enabled.")]
    [InlineData("Security:RequireHttps", "false", "Security:RequireHttps may be off only with Demo:Enabled or in development.")]
    [InlineData("Database:Password", "x", "Database:Password is set, but ConnectionStrings:Vault is not.")]
    [InlineData("Database:SequencerPassword", "x", "Database:SequencerPassword is set, but ConnectionStrings:VaultSequencer is not.")]
    [InlineData("ConnectionStrings:VaultSequencer", "Host=a;Database=b", "ConnectionStrings:VaultSequencer is set, but ConnectionStrings:Vault is not.")]
    public void Refuses_settings_that_make_no_sense_alone(string key, string value, string problem) =>
        Assert.Equal(problem, Assert.Single(Problems((key, value))));

    [Fact]
    public void Names_keys_that_are_none_and_places_it_may_not_write_to_all_at_once()
    {
        using var folder = new ShortFolder();
        File.WriteAllText(folder["master"], Canary);
        File.WriteAllText(folder["signing"], $"-----BEGIN PUBLIC KEY-----\n{Canary}\n-----END PUBLIC KEY-----");
        var problems = SettingsReader.Check(Configuration(("Security:MasterKeyFile", folder["master"]), ("Audit:SigningKeyFile", folder["signing"]), ("DataDir", folder["master/data"]),
            ("Audit:CheckpointFile", folder.Path), ("Mail:From", Canary)), development: false, serves: true).Problems;
        Assert.Equal(
        [
            "Mail:From is not an e-mail address such as post@example.org or Northlight <post@example.org>.",
            "Security:MasterKeyFile names a file that does not hold 32 bytes in base64. Put the right one back from a copy.",
            "Audit:SigningKeyFile names a file that does not hold an ECDSA P-256 private key in PEM form. Put the right one back from a copy.",
            $"DataDir cannot be used: {folder["master"]} is a file. Give that user the folder (chown), or name another one.",
            $"Audit:CheckpointFile cannot be written: {folder.Path} is a folder. Let that user write there, or name another file.",
        ], problems);
    }

    [Fact]
    public void Names_a_spoilt_key_of_the_data_folder_and_leaves_a_verb_that_needs_none_alone()
    {
        using var folder = new ShortFolder();
        Directory.CreateDirectory(folder["d/keys"]);
        File.WriteAllText(folder["d/keys/master.key"], "");
        Assert.Equal("DataDir has a key file, keys/master.key, that does not hold 32 bytes in base64. Put the right one back from a copy.",
            Assert.Single(SettingsReader.Check(Configuration(("DataDir", folder["d"])), development: false, serves: true).Problems));
        Assert.Empty(Problems(("DataDir", folder["d"])));
        Assert.Empty(SettingsReader.Check(Configuration(("DataDir", folder["new/data"]), ("Audit:CheckpointFile", folder["other/checkpoints.txt"])), development: false, serves: true).Problems);
        Assert.False(Directory.Exists(folder["new"]));
    }

    [Fact]
    public void Throws_one_exception_with_every_reason()
    {
        var refused = Assert.Throws<StartRefusedException>(() => SettingsReader.Read(Configuration(("Demo:Enabled", "x"), ("Live:PollInterval", "y")), development: false));
        Assert.Equal(2, refused.Reasons.Count);
    }

    [Fact]
    public void Never_writes_a_secret_when_the_settings_are_written_out()
    {
        var settings = Read(("ConnectionStrings:Vault", $"Host=db;Database=x;Password={Canary}"), ("ConnectionStrings:VaultOwner", $"Host=db;Database=x;Password={Canary}"),
            ("Database:OwnerPassword", Canary));
        Assert.DoesNotContain(Canary, settings.ToString(), StringComparison.Ordinal);
    }

    /// <summary>A setting that nothing reads is a promise nobody keeps.</summary>
    [Fact]
    public void Is_used_for_every_key()
    {
        var source = string.Concat(Directory.EnumerateFiles(Path.Combine(Checkout.Root, "StudioVault.Web"), "*.cs", SearchOption.AllDirectories)
            .Where(f => !f.Contains("/obj/", StringComparison.Ordinal) && !f.Contains("/bin/", StringComparison.Ordinal) && !f.EndsWith("SettingsReader.cs", StringComparison.Ordinal))
            .Select(File.ReadAllText));
        var unused = SettingsReader.Keys().Select(k => k.Key).Where(key =>
            !Regex.IsMatch(source, $@"\b({(key.Contains(':', StringComparison.Ordinal) ? key[..key.IndexOf(':', StringComparison.Ordinal)] + "|" : "")}settings)\.{key[(key.IndexOf(':', StringComparison.Ordinal) + 1)..]}\b"));
        // Their modules are being built; strike each out once it is read.
        string[] waiting = ["Demo:LoadOnStart"];
        Assert.Empty(unused.Except(waiting));
    }

    [Fact]
    public void Describes_every_key_in_the_source()
    {
        foreach (var (key, property) in SettingsReader.Keys())
            Assert.False(string.IsNullOrWhiteSpace(SettingsTable.Summary(property)), key);
    }

    private static VaultSettings Read(params (string Key, string Value)[] values) => SettingsReader.Read(Configuration(values), development: false);

    private static IReadOnlyList<string> Problems(params (string Key, string Value)[] values) => SettingsReader.Check(Configuration(values), development: false).Problems;

    private static IConfiguration Configuration(params (string Key, string Value)[] values) =>
        new ConfigurationBuilder().AddInMemoryCollection(values.Select(v => KeyValuePair.Create(v.Key, (string?)v.Value))).Build();
}
