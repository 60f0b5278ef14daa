using System.Globalization;
using System.Reflection;
using System.Security.Cryptography;
using System.Text;
using System.Text.Json;
using System.Text.Json.Nodes;
using StudioVault.Domain.Kernel;
using StudioVault.Domain.Organization;
using StudioVault.Infrastructure.Audit;
using StudioVault.Infrastructure.Door;
using StudioVault.Infrastructure.Organization;
using StudioVault.Infrastructure.Persistence;
using StudioVault.Infrastructure.Scheduling;

namespace StudioVault.Web.Hosting;

/// <summary>
/// Notices at the start that settings or keys are not those of this node's last start, and writes it into the audit log (AUD-10):
/// which keys, and a keyed hash of each value before and after; never a value. What they were is kept in a file beside the
/// other files of the audit, so that taking the file away shows too.
/// </summary>
internal sealed class SettingsWatch(VaultSettings settings, MasterKey master, GroupKey group, AuditPlaces places, WriteDoor door, ILogger<SettingsWatch> log) : NodeService
{
    public const string FileName = "settings.json";

    private static readonly TimeSpan Pause = TimeSpan.FromSeconds(5);

    /// <summary>Compares, writes the entries, remembers.</summary>
    /// <returns>False when the log could not be written: then nothing is remembered either.</returns>
    public async Task<bool> LookAsync(CancellationToken ct)
    {
        var path = Path.Combine(places.Folder, FileName);
        var before = Read(path);
        var now = new Seen(Hashes(), new SortedDictionary<string, string>(StringComparer.Ordinal)
        {
            ["master"] = Convert.ToHexStringLower(SHA256.HashData(master.Derive("fingerprint")))[..16],
            ["signing"] = Convert.ToHexStringLower(SHA256.HashData(group.Signer.Key.Spki.Span))[..16],
        });
        if (before is not null && before.Keys.SequenceEqual(now.Keys) && before.Settings.SequenceEqual(now.Settings)) return true;

        var noted = true;
        if (before is not null && Changes(before.Keys, now.Keys) is { Count: > 0 } keys) noted = await NoteAsync("key.change", "key", keys, ct);
        // Hashes made with another master key say nothing about what changed.
        var comparable = before is not null && before.Keys.GetValueOrDefault("master") == now.Keys["master"];
        if (before is null || !comparable) noted &= await NoteAsync("settings.change", "settings", null, ct);
        else if (Changes(before.Settings, now.Settings) is { Count: > 0 } changed) noted &= await NoteAsync("settings.change", "settings", changed, ct);
        if (noted) SecretFiles.Write(path, JsonSerializer.Serialize(now));
        return noted;
    }

    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        await Task.Yield();
        try
        {
            while (!await TryAsync(stoppingToken)) await Task.Delay(Pause, stoppingToken);
        }
        catch (OperationCanceledException)
        {
            // Stopping.
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            log.LogError(e, "What the settings are cannot be remembered for the next start");
        }
    }

    private async Task<bool> TryAsync(CancellationToken ct)
    {
        try
        {
            return await LookAsync(ct);
        }
        catch (Exception e) when (VaultErrors.IsOfDatabase(e))
        {
            log.LogError(e, "What changed in the settings could not be written into the audit log; it is tried again");
            return false;
        }
    }

    private SortedDictionary<string, string> Hashes()
    {
        var key = master.Derive("settings");
        var hashes = new SortedDictionary<string, string>(StringComparer.Ordinal);
        foreach (var (name, property) in SettingsReader.Keys())
        {
            object owner = name.Contains(':', StringComparison.Ordinal) ? typeof(VaultSettings).GetProperty(name[..name.IndexOf(':', StringComparison.Ordinal)])!.GetValue(settings)! : settings;
            hashes[name] = Convert.ToHexStringLower(HMACSHA256.HashData(key, Encoding.UTF8.GetBytes($"{name}={Text(property, owner)}")))[..16];
        }

        return hashes;
    }

    private static string Text(PropertyInfo property, object owner) => property.GetValue(owner) switch
    {
        null => "",
        System.Collections.IEnumerable list and not string => string.Join(',', list.Cast<object>()),
        IFormattable value => value.ToString(null, CultureInfo.InvariantCulture),
        var other => other.ToString() ?? "",
    };

    private static SortedDictionary<string, (string? Before, string? After)> Changes(IReadOnlyDictionary<string, string> before, IReadOnlyDictionary<string, string> after)
    {
        var changes = new SortedDictionary<string, (string?, string?)>(StringComparer.Ordinal);
        foreach (var name in before.Keys.Union(after.Keys).Where(k => before.GetValueOrDefault(k) != after.GetValueOrDefault(k)))
            changes[name] = (before.GetValueOrDefault(name), after.GetValueOrDefault(name));
        return changes;
    }

    private async Task<bool> NoteAsync(string action, string type, SortedDictionary<string, (string? Before, string? After)>? changes, CancellationToken ct)
    {
        var payload = changes is null ? new JsonObject { ["first"] = true } : new JsonObject
        {
            ["keys"] = string.Join(", ", changes.Keys),
            ["before"] = new JsonObject(changes.Select(c => KeyValuePair.Create(c.Key, (JsonNode?)c.Value.Before))),
            ["after"] = new JsonObject(changes.Select(c => KeyValuePair.Create(c.Key, (JsonNode?)c.Value.After))),
        };
        var done = await door.RunAsync<Done>(new(action, Sender.System("start"), TenantScope.Hq, Access.Hq, type, Environment.MachineName), (context, _) =>
        {
            context.Audit(payload);
            return Task.FromResult<Result<Done>>(Done.It);
        }, ct);
        return !done.IsRefused;
    }

    private Seen? Read(string path)
    {
        try
        {
            return File.Exists(path) ? JsonSerializer.Deserialize<Seen>(File.ReadAllText(path)) : null;
        }
        catch (JsonException e)
        {
            log.LogWarning(e, "What the settings were at the last start cannot be read");
            return null;
        }
    }

    private sealed record Seen(SortedDictionary<string, string> Settings, SortedDictionary<string, string> Keys);
}
