using System.Globalization;
using System.Net;
using System.Reflection;
using Npgsql;
using StudioVault.Infrastructure.Audit;
using StudioVault.Infrastructure.Mail;
using StudioVault.Infrastructure.Organization;
using StudioVault.Infrastructure.Persistence;

namespace StudioVault.Web.Hosting;

/// <summary>
/// Reads <see cref="VaultSettings"/> and names everything wrong with the configuration at once. No message repeats a
/// value: what is malformed may still be a secret.
/// </summary>
internal sealed class SettingsReader
{
    private readonly IConfiguration _configuration;
    private readonly List<string> _problems = [];

    private SettingsReader(IConfiguration configuration) => _configuration = configuration;

    /// <param name="configuration">All sources together.</param>
    /// <param name="development">True in the development environment, which may do without HTTPS.</param>
    /// <param name="serves">True for a node: it needs its keys and writes files. A verb that only looks needs neither.</param>
    /// <exception cref="StartRefusedException">Every bad or unknown key.</exception>
    public static VaultSettings Read(IConfiguration configuration, bool development, bool serves = false)
    {
        var (settings, problems) = Check(configuration, development, serves);
        return problems.Count == 0 ? settings : throw new StartRefusedException(problems);
    }

    /// <summary>The settings as far as they can be read, and one sentence a problem.</summary>
    public static (VaultSettings Settings, IReadOnlyList<string> Problems) Check(IConfiguration configuration, bool development, bool serves = false)
    {
        var reader = new SettingsReader(configuration);
        var settings = reader.ReadTogether(development);
        if (serves) reader.CheckFiles(settings);
        return (settings, reader._problems);
    }

    /// <summary>All keys with the property each sets, in the order of declaration.</summary>
    public static IEnumerable<(string Key, PropertyInfo Property)> Keys()
    {
        foreach (var property in typeof(VaultSettings).GetProperties().Where(p => p.CanWrite))
        {
            if (!IsSection(property))
            {
                yield return (property.Name, property);
                continue;
            }
            foreach (var inner in property.PropertyType.GetProperties().Where(p => p.CanWrite))
                yield return ($"{property.Name}:{inner.Name}", inner);
        }
    }

    private static bool IsSection(PropertyInfo property) => property.PropertyType.Namespace == typeof(VaultSettings).Namespace && property.PropertyType.IsClass;

    private VaultSettings ReadTogether(bool development)
    {
        var settings = new VaultSettings();
        foreach (var property in typeof(VaultSettings).GetProperties().Where(p => p.CanWrite))
        {
            if (!IsSection(property))
            {
                Fill(settings, property, property.Name);
                continue;
            }
            var section = property.GetValue(settings)!;
            foreach (var inner in property.PropertyType.GetProperties().Where(p => p.CanWrite))
                Fill(section, inner, $"{property.Name}:{inner.Name}");
        }
        FindUnknownKeys();
        CheckTogether(settings, development);
        return settings;
    }

    private void Fill(object owner, PropertyInfo property, string key)
    {
        var text = Text(property, key);
        if (string.IsNullOrWhiteSpace(text))
            return; // empty is the same as not set: compose files pass variables on that way
        if (Value(property, key, text.Trim()) is { } value)
            property.SetValue(owner, value);
    }

    private string? Text(PropertyInfo property, string key)
    {
        var direct = _configuration[key];
        if (property.GetCustomAttribute<SecretAttribute>() is null)
            return direct;
        var files = new[] { $"{key}:File", $"{key}_FILE" }.Where(k => !string.IsNullOrWhiteSpace(_configuration[k])).ToList();
        if (files.Count + (string.IsNullOrWhiteSpace(direct) ? 0 : 1) > 1)
        {
            _problems.Add($"{key} is set more than once, as {string.Join(" and ", files.Prepend(key))}; keep one.");
            return null;
        }
        if (files.Count == 0)
            return direct;
        try
        {
            var text = File.ReadAllText(_configuration[files[0]]!);
            if (string.IsNullOrWhiteSpace(text))
                _problems.Add($"{files[0]} names an empty file.");
            return text;
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException or ArgumentException)
        {
            _problems.Add($"{files[0]} names a file that cannot be read.");
            return null;
        }
    }

    private object? Value(PropertyInfo property, string key, string text)
    {
        var type = Nullable.GetUnderlyingType(property.PropertyType) ?? property.PropertyType;
        if (type == typeof(bool))
            return bool.TryParse(text, out var flag) ? flag : Bad(key, "is neither true nor false");
        if (type == typeof(int))
            return WholeValue(property, key, text);
        if (type == typeof(TimeSpan))
            return DurationValue(property, key, text);
        if (type.IsEnum)
        {
            // Numbers would pass Enum.TryParse, and mean nothing to a reader.
            return Enum.TryParse(type, text, ignoreCase: true, out var member) && Enum.GetNames(type).Contains(text, StringComparer.OrdinalIgnoreCase)
                ? member : Bad(key, $"is none of {string.Join(", ", Enum.GetNames(type))}");
        }
        if (type == typeof(Uri))
        {
            return Uri.TryCreate(text, UriKind.Absolute, out var uri) && uri.Scheme is "http" or "https"
                ? uri : Bad(key, "is not an http or https address");
        }
        if (type == typeof(IReadOnlyList<IPNetwork>))
            return NetworksValue(key, text);
        return TextValue(property, key, text);
    }

    private object? WholeValue(PropertyInfo property, string key, string text)
    {
        if (!int.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out var number))
            return Bad(key, "is not a whole number");
        if (property.GetCustomAttribute<BetweenAttribute>() is { } bounds
            && (number < int.Parse(bounds.Least, CultureInfo.InvariantCulture) || number > int.Parse(bounds.Most, CultureInfo.InvariantCulture)))
            return Bad(key, $"is outside {Bounds(bounds)}");
        return number;
    }

    private object? DurationValue(PropertyInfo property, string key, string text)
    {
        if (Duration.Parse(text) is not { } span)
            return Bad(key, "is not a duration such as 250ms, 5s, 10m, 12h or 00:00:05");
        if (property.GetCustomAttribute<BetweenAttribute>() is { } bounds && (span < Duration.Parse(bounds.Least) || span > Duration.Parse(bounds.Most)))
            return Bad(key, $"is outside {Bounds(bounds)}");
        return span;
    }

    /// <summary>The bounds of a duration or a number for people.</summary>
    public static string Bounds(BetweenAttribute bounds)
    {
        static string Written(string bound) => Duration.Parse(bound) is { } span ? Duration.Write(span) : bound;
        return $"{Written(bounds.Least)} to {Written(bounds.Most)}";
    }

    private object? NetworksValue(string key, string text)
    {
        var networks = new List<IPNetwork>();
        foreach (var part in text.Split(',', StringSplitOptions.TrimEntries | StringSplitOptions.RemoveEmptyEntries))
        {
            if (IPNetwork.TryParse(part, out var network))
                networks.Add(network);
            else if (IPAddress.TryParse(part, out var address))
                networks.Add(new IPNetwork(address, address.GetAddressBytes().Length * 8));
            else
                return Bad(key, "is not a list of addresses and networks such as 10.0.0.0/8, 192.168.1.7");
        }
        return networks;
    }

    private object? TextValue(PropertyInfo property, string key, string text)
    {
        if (property.GetCustomAttribute<ConnectionStringAttribute>() is not null)
        {
            try
            {
                var parts = new NpgsqlConnectionStringBuilder(text);
                if (string.IsNullOrEmpty(parts.Host) || string.IsNullOrEmpty(parts.Database))
                    return Bad(key, "is a connection string without Host or Database");
            }
            catch (Exception e) when (e is ArgumentException or FormatException or InvalidCastException or OverflowException)
            {
                return Bad(key, "is not a connection string such as Host=db;Database=studiovault;Username=app");
            }
        }
        if (property.GetCustomAttribute<ExistingAttribute>() is { } existing && !(existing.Folder ? Directory.Exists(text) : File.Exists(text)))
            return Bad(key, existing.Folder ? "names a folder that is not there" : "names a file that is not there");
        if (property.GetCustomAttribute<SenderAttribute>() is not null && !MailServer.IsSender(text))
            return Bad(key, "is not an e-mail address such as post@example.org or Northlight <post@example.org>");
        if (text.Contains('\0', StringComparison.Ordinal))
            return Bad(key, "holds a character no text may hold");
        return text;
    }

    private object? Bad(string key, string what)
    {
        _problems.Add($"{key} {what}.");
        return null;
    }

    // A typing mistake in a key must not be silent: the setting would keep its default and nobody would know.
    private void FindUnknownKeys()
    {
        var known = Keys().Select(k => k.Key).ToHashSet(StringComparer.OrdinalIgnoreCase);
        foreach (var (key, property) in Keys())
            if (property.GetCustomAttribute<SecretAttribute>() is not null)
                known.UnionWith([$"{key}:File", $"{key}_FILE"]);
        var sections = known.Where(k => k.Contains(':', StringComparison.Ordinal)).Select(k => k[..k.IndexOf(':', StringComparison.Ordinal)]).ToHashSet(StringComparer.OrdinalIgnoreCase);
        string[] foreign = ["Logging", "Kestrel", "HttpLogging"];

        foreach (var key in _configuration.AsEnumerable().Where(p => p.Value is not null).Select(p => p.Key).Order(StringComparer.Ordinal))
        {
            if (known.Contains(key) || !key.Contains(':', StringComparison.Ordinal))
                continue;
            var section = key[..key.IndexOf(':', StringComparison.Ordinal)];
            if (sections.Contains(section))
                _problems.Add($"{key} is no setting of StudioVault{Suggestion(key, known)}.");
            else if (!foreign.Contains(section, StringComparer.OrdinalIgnoreCase) && Nearest(section, sections) is { } meant)
                _problems.Add($"{key} is no setting of StudioVault; is {meant}{key[section.Length..]} meant?");
        }
    }

    private static string Suggestion(string key, IEnumerable<string> known) => Nearest(key, known) is { } meant ? $"; is {meant} meant?" : "";

    private static string? Nearest(string word, IEnumerable<string> words)
    {
        var best = words.Select(w => (Word: w, Distance: Distance(word.ToUpperInvariant(), w.ToUpperInvariant()))).OrderBy(p => p.Distance).ThenBy(p => p.Word, StringComparer.Ordinal).First();
        return best.Distance <= (best.Word.Length < 5 ? 1 : best.Word.Length < 12 ? 2 : 4) ? best.Word : null;
    }

    // Letters to insert, delete, replace, or swap with their neighbour.
    private static int Distance(string a, string b)
    {
        var d = new int[a.Length + 1, b.Length + 1];
        for (var i = 0; i <= a.Length; i++)
        {
            for (var j = 0; j <= b.Length; j++)
            {
                d[i, j] = i == 0 || j == 0 ? i + j
                    : Math.Min(Math.Min(d[i - 1, j], d[i, j - 1]) + 1, d[i - 1, j - 1] + (a[i - 1] == b[j - 1] ? 0 : 1));
                if (i > 1 && j > 1 && a[i - 1] == b[j - 2] && a[i - 2] == b[j - 1])
                    d[i, j] = Math.Min(d[i, j], d[i - 2, j - 2] + 1);
            }
        }
        return d[a.Length, b.Length];
    }

    private void CheckTogether(VaultSettings settings, bool development)
    {
        if (settings.Demo is { LoadOnStart: true, Enabled: false })
            _problems.Add("Demo:LoadOnStart needs Demo:Enabled.");
        if (!settings.Security.RequireHttps && !settings.Demo.Enabled && !development)
            _problems.Add("Security:RequireHttps may be off only with Demo:Enabled or in development.");
        foreach (var (key, password, connection) in new[]
        {
            ("Database:Password", settings.Database.Password, settings.ConnectionStrings.Vault),
            ("Database:OwnerPassword", settings.Database.OwnerPassword, settings.ConnectionStrings.VaultOwner),
            ("Database:SequencerPassword", settings.Database.SequencerPassword, settings.ConnectionStrings.VaultSequencer),
        })
        {
            var name = "ConnectionStrings:Vault" + key["Database:".Length..].Replace("Password", "", StringComparison.Ordinal);
            if (password is not null && connection is null && !_problems.Any(p => p.StartsWith(name + " ", StringComparison.Ordinal)))
                _problems.Add($"{key} is set, but {name} is not.");
        }
        if (settings.ConnectionStrings is { VaultSequencer: not null, Vault: null, VaultOwner: null })
            _problems.Add("ConnectionStrings:VaultSequencer is set, but ConnectionStrings:Vault is not.");
    }

    /// <summary>What a node would otherwise meet later, one at a time: keys that are none, places it may not write to.</summary>
    private void CheckFiles(VaultSettings settings)
    {
        CheckKeyFile("Security:MasterKeyFile", settings.Security.MasterKeyFile is not null, settings.MasterKeyFile, "32 bytes in base64", text => MasterKey.Parse(text) is not null);
        CheckKeyFile("Audit:SigningKeyFile", settings.Audit.SigningKeyFile is not null, settings.SigningKeyFile, "an ECDSA P-256 private key in PEM form", text =>
        {
            using var key = GroupKey.Parse(text, GroupKey.LogName);
            return key is not null;
        });
        if (WritePlace.TroubleWithFolder(settings.DataDir) is { } trouble)
            _problems.Add($"DataDir cannot be used: {trouble}. Give that user the folder (chown), or name another one.");
        if (settings.Audit.CheckpointFile is { } file && WritePlace.TroubleWithFile(file) is { } unwritten)
            _problems.Add($"Audit:CheckpointFile cannot be written: {unwritten}. Let that user write there, or name another file.");
    }

    /// <param name="key">The setting that names the file.</param>
    /// <param name="isNamed">False: the file is the one in the data folder, which may be missing still.</param>
    /// <param name="path">The file.</param>
    /// <param name="what">What it must hold, for people.</param>
    /// <param name="holds">Whether a text is that.</param>
    private void CheckKeyFile(string key, bool isNamed, string path, string what, Func<string, bool> holds)
    {
        var subject = isNamed ? $"{key} names a file that" : $"DataDir has a key file, {Path.GetFileName(Path.GetDirectoryName(path))}/{Path.GetFileName(path)}, that";
        try
        {
            if (File.Exists(path) && !holds(File.ReadAllText(path))) _problems.Add($"{subject} does not hold {what}. Put the right one back from a copy.");
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            _problems.Add($"{subject} {WritePlace.Who} may not read.");
        }
    }
}
