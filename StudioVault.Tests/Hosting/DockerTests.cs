using System.Text.RegularExpressions;
using System.Xml.Linq;
using Microsoft.Extensions.Configuration;
using StudioVault.Infrastructure.Persistence;
using StudioVault.Tests.Support;
using StudioVault.Web.Hosting;
using Xunit;
using YamlDotNet.Serialization;

namespace StudioVault.Tests.Hosting;

/// <summary>What can be known of the container files without an engine: that they agree with the product and each other.</summary>
public sealed partial class DockerTests : IDisposable
{
    private readonly ShortFolder _folder = new();
    private readonly List<(string Verb, string Text)> _image = Instructions();
    private readonly Dictionary<object, object> _compose =
        new DeserializerBuilder().Build().Deserialize<Dictionary<object, object>>(Checkout.File("docker/compose.yaml"));

    public void Dispose() => _folder.Dispose();

    [Fact]
    public void Everything_the_image_copies_is_there()
    {
        var sources = _image.Where(i => i.Verb == "COPY" && !i.Text.StartsWith("--from", StringComparison.Ordinal)).SelectMany(i => i.Text.Split(' ')[..^1]).ToList();
        Assert.NotEmpty(sources);
        Assert.All(sources, s => Assert.True(Path.Exists(Path.Combine(Checkout.Root, s)), s));
        var let = Checkout.File("docker/Dockerfile.dockerignore").Split('\n').Where(l => l.StartsWith('!')).Select(l => l[1..]);
        Assert.Equal(sources.Order(StringComparer.Ordinal), let.Order(StringComparer.Ordinal));
    }

    [Fact]
    public void The_image_has_every_project_and_file_the_product_is_built_from()
    {
        var copied = _image.Where(i => i.Verb == "COPY").SelectMany(i => i.Text.Split(' ')).Select(s => s.TrimEnd('/')).ToHashSet();
        foreach (var project in new[] { "StudioVault.Web", "StudioVault.Infrastructure", "StudioVault.Domain" })
        {
            Assert.Contains(project, copied);
            var references = XDocument.Load(Path.Combine(Checkout.Root, project, project + ".csproj")).Descendants("ProjectReference").Select(r => r.Attribute("Include")!.Value.Split('/', '\\')[1]);
            Assert.All(references, r => Assert.Contains(r, copied));
        }
        foreach (var file in Directory.EnumerateFiles(Checkout.Root, "Directory.*").Select(Path.GetFileName))
            Assert.Contains(file!, copied);
    }

    [Fact]
    public void The_image_runs_on_the_framework_the_product_is_built_for()
    {
        var version = XDocument.Load(Path.Combine(Checkout.Root, "Directory.Build.props")).Descendants("TargetFramework").Single().Value["net".Length..];
        Assert.Equal(2, _image.Count(i => i.Verb == "FROM" && i.Text.StartsWith("mcr.microsoft.com/dotnet/", StringComparison.Ordinal)
            && i.Text.Split(' ')[0].EndsWith(":" + version, StringComparison.Ordinal)));
    }

    [Fact]
    public void The_image_has_a_browser_the_product_finds_and_fonts_for_names_in_any_script()
    {
        var packages = LastStage().First(i => i.Verb == "RUN").Text.Split(' ');
        Assert.Contains("/usr/lib/chromium/chromium-headless-shell", Infrastructure.Documents.DocumentPrinter.Programs);
        Assert.Superset(new HashSet<string> { "chromium-headless-shell", "fonts-noto-cjk", "fonts-noto-core" }, packages.ToHashSet());
    }

    [Fact]
    public void The_process_is_not_root_and_gets_its_signals()
    {
        var user = LastStage().Last(i => i.Verb == "USER").Text;
        Assert.Matches("^[1-9][0-9]+$", user);
        Assert.Contains($"--uid {user} ", LastStage().First(i => i.Verb == "RUN").Text, StringComparison.Ordinal);
        Assert.StartsWith("[\"tini\", \"--\", ", LastStage().Single(i => i.Verb == "ENTRYPOINT").Text, StringComparison.Ordinal);
    }

    [Fact]
    public void Every_setting_of_the_image_is_known_and_none_is_a_secret()
    {
        var settings = Assignment().Matches(string.Join(' ', _image.Where(i => i.Verb is "ENV" or "ARG").Select(i => i.Text))).ToDictionary(m => m.Groups[1].Value, m => m.Groups[2].Value);
        var ours = settings.Where(s => !s.Key.StartsWith("DOTNET_", StringComparison.Ordinal) && !s.Key.StartsWith("ASPNETCORE_", StringComparison.Ordinal)).ToList();
        Assert.Equal(["DataDir"], ours.Select(s => s.Key));
        Assert.DoesNotContain(settings.Keys, k => Regex.IsMatch(k, "password|secret|token|key", RegexOptions.IgnoreCase));
    }

    [Fact]
    public void All_name_the_same_port()
    {
        var port = Regex.Match(Checkout.File("run.sh"), "^port=([0-9]+)$", RegexOptions.Multiline).Groups[1].Value;
        Assert.Equal(port, LastStage().Single(i => i.Verb == "EXPOSE").Text);
        Assert.Contains($"ASPNETCORE_URLS=http://+:{port}", LastStage().Single(i => i.Verb == "ENV").Text, StringComparison.Ordinal);
        Assert.Contains($"http://localhost:{port}/health/ready", LastStage().Single(i => i.Verb == "HEALTHCHECK").Text, StringComparison.Ordinal);
        var published = Services().SelectMany(s => List(Map(s.Value), "ports"));
        Assert.Equal($"127.0.0.1:{port}:{port}", Assert.Single(published));
        Assert.Contains($"http://localhost:{port}", Checkout.File("README.md"), StringComparison.Ordinal);
    }

    [Fact]
    public void The_settings_of_compose_are_accepted_by_the_product()
    {
        var password = _folder["password"];
        File.WriteAllText(password, "p");
        var settings = Map(Service("web")["environment"]).Select(p => KeyValuePair.Create(((string)p.Key).Replace("__", ":", StringComparison.Ordinal), (string?)Default().Replace((string)p.Value, "$1")))
            .Select(p => p.Value == "/run/secrets/postgres_password" ? KeyValuePair.Create(p.Key, (string?)password) : p).ToList();
        var (read, problems) = SettingsReader.Check(new ConfigurationBuilder().AddInMemoryCollection(settings).Build(), development: false);
        Assert.Empty(problems);
        Assert.Contains("Password=p", read.ToVaultOptions().OwnerConnection, StringComparison.Ordinal);
        Assert.False(read.Demo.Enabled);
    }

    [Fact]
    public void The_application_and_its_database_mean_the_same_database()
    {
        var owner = new Npgsql.NpgsqlConnectionStringBuilder((string)Map(Service("web")["environment"])["ConnectionStrings__VaultOwner"]);
        var database = Map(Service("postgres")["environment"]);
        Assert.Equal("postgres", owner.Host);
        Assert.Equal(database["POSTGRES_DB"], owner.Database);
        Assert.Equal(database["POSTGRES_USER"], owner.Username);
        Assert.Equal($"CMD pg_isready --username={owner.Username} --dbname={owner.Database}", string.Join(' ', List(Map(Service("postgres")["healthcheck"]), "test")));
        Assert.True(int.Parse(((string)Service("postgres")["image"]).Split(':')[1], System.Globalization.CultureInfo.InvariantCulture) >= PostgresBinaries.OldestMajor);
    }

    [Fact]
    public void The_application_waits_for_a_healthy_database()
    {
        Assert.Equal("service_healthy", Map(Map(Service("web")["depends_on"])["postgres"])["condition"]);
        Assert.True(Service("postgres").ContainsKey("healthcheck"));
    }

    [Fact]
    public void Secrets_come_from_files_that_git_never_sees()
    {
        var files = Map(_compose["secrets"]).ToDictionary(s => (string)s.Key, s => (string)Map(s.Value)["file"]);
        Assert.NotEmpty(files);
        Assert.All(files, f => Assert.Equal("secrets/" + f.Key, f.Value));
        Assert.Contains("docker/secrets/", Checkout.File(".gitignore").Split('\n'));
        foreach (var (name, service) in Services())
        {
            Assert.All(List(Map(service), "secrets"), s => Assert.Contains(s, files.Keys));
            Assert.All(Map(Map(service)["environment"]), e => Assert.DoesNotMatch("(?i)password=|^pass", (string)e.Value));
            Assert.All(Map(Map(service)["environment"]).Where(e => ((string)e.Key).Contains("assword", StringComparison.OrdinalIgnoreCase)),
                e => Assert.Contains(((string)e.Value)["/run/secrets/".Length..], List(Map(Services()[name]), "secrets")));
        }
    }

    [Fact]
    public void What_must_last_lives_in_volumes()
    {
        var declared = Map(_compose["volumes"]).Keys.Cast<string>().ToHashSet();
        var used = Services().SelectMany(s => List(Map(s.Value), "volumes")).Select(v => v.Split(':')[0]).ToList();
        Assert.Equal(declared.Order(StringComparer.Ordinal), used.Order(StringComparer.Ordinal));
        var dataDir = Assignment().Matches(LastStage().Single(i => i.Verb == "ENV").Text).Single(m => m.Groups[1].Value == "DataDir").Groups[2].Value;
        Assert.Contains($"vault-data:{dataDir}", List(Service("web"), "volumes"));
        Assert.Equal(dataDir, LastStage().Single(i => i.Verb == "VOLUME").Text);
    }

    [Fact]
    public void The_build_of_compose_names_files_that_are_there()
    {
        var build = Map(Service("web")["build"]);
        var context = Path.GetFullPath(Path.Combine(Checkout.Root, "docker", (string)build["context"]));
        Assert.Equal(Checkout.Root, context);
        Assert.True(File.Exists(Path.Combine(context, (string)build["dockerfile"])));
    }

    [Fact]
    public void Docker_waits_longer_than_the_product_needs_to_stop()
    {
        var patience = Duration.Parse((string)Service("web")["stop_grace_period"])!.Value;
        Assert.True(patience > new ShutdownSettings().Drain + TimeSpan.FromSeconds(20));
    }

    private Dictionary<object, object> Services() => Map(_compose["services"]);

    private Dictionary<object, object> Service(string name) => Map(Services()[name]);

    private static Dictionary<object, object> Map(object node) => (Dictionary<object, object>)node;

    private static List<string> List(Dictionary<object, object> node, string key) => node.TryGetValue(key, out var list) ? [.. ((List<object>)list).Cast<string>()] : [];

    private IEnumerable<(string Verb, string Text)> LastStage() => _image.Skip(_image.FindLastIndex(i => i.Verb == "FROM"));

    private static List<(string Verb, string Text)> Instructions()
    {
        var lines = Checkout.File("docker/Dockerfile").Split('\n').Where(l => !l.StartsWith('#') && l.Length > 0);
        return [.. Continued().Replace(string.Join('\n', lines), " ").Split('\n', StringSplitOptions.RemoveEmptyEntries).Select(l => (l[..l.IndexOf(' ', StringComparison.Ordinal)], l[(l.IndexOf(' ', StringComparison.Ordinal) + 1)..]))];
    }

    [GeneratedRegex(@"\s*\\\n\s*")]
    private static partial Regex Continued();

    [GeneratedRegex(@"(\w+)=(\S+)")]
    private static partial Regex Assignment();

    // ${Demo__Enabled:-false}
    [GeneratedRegex(@"\$\{\w+:-([^}]*)\}")]
    private static partial Regex Default();
}
