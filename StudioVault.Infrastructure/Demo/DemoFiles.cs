using System.Text.Json;
using System.Text.Json.Serialization;

namespace StudioVault.Infrastructure.Demo;

/// <summary>The embedded files of <c>Demo/Data</c>. What is wrong in them is a bug: reading throws.</summary>
internal static class DemoFiles
{
    private const string Prefix = "demo/";

    /// <summary>Strict: an unknown or missing property, a duplicate or a null where none belongs is refused.</summary>
    public static readonly JsonSerializerOptions Json = new(JsonSerializerOptions.Strict)
    {
        PropertyNamingPolicy = JsonNamingPolicy.CamelCase,
        AllowOutOfOrderMetadataProperties = true,
        Converters = { new JsonStringEnumConverter(JsonNamingPolicy.SnakeCaseLower, allowIntegerValues: false) },
    };

    public static T Read<T>(string name)
    {
        using var stream = typeof(DemoFiles).Assembly.GetManifestResourceStream(Prefix + name)
            ?? throw new InvalidDataException($"The demo file {name} is not embedded.");
        try
        {
            return JsonSerializer.Deserialize<T>(stream, Json) ?? throw new InvalidDataException($"The demo file {name} is empty.");
        }
        catch (JsonException e)
        {
            throw new InvalidDataException($"The demo file {name} cannot be read: {e.Message}", e);
        }
    }

    /// <summary>Names of the files in a folder, in ordinal order.</summary>
    public static IReadOnlyList<string> In(string folder) =>
        [.. typeof(DemoFiles).Assembly.GetManifestResourceNames()
            .Select(n => n.Replace('\\', '/'))
            .Where(n => n.StartsWith($"{Prefix}{folder}/", StringComparison.Ordinal))
            .Select(n => n[Prefix.Length..])
            .Order(StringComparer.Ordinal)];
}
