using System.Collections;
using System.Globalization;
using System.Reflection;
using System.Text;
using System.Xml.Linq;
using StudioVault.Web.Hosting;

namespace StudioVault.Tests.Hosting;

/// <summary>Writes the configuration table of the README from the settings classes and their doc comments.</summary>
internal static class SettingsTable
{
    private static readonly XDocument Comments = XDocument.Load(Path.ChangeExtension(typeof(VaultSettings).Assembly.Location, ".xml"));

    public static string Render()
    {
        var table = new StringBuilder("| key | default | meaning |\n|---|---|---|\n");
        var defaults = new VaultSettings();
        foreach (var (key, property) in SettingsReader.Keys())
        {
            var owner = key.Contains(':', StringComparison.Ordinal) ? typeof(VaultSettings).GetProperty(key[..key.IndexOf(':', StringComparison.Ordinal)])!.GetValue(defaults)! : defaults;
            table.Append(CultureInfo.InvariantCulture, $"| `{key}` | {Default(property.GetValue(owner))} | {Summary(property)}{Rule(property)} |\n");
        }
        return table.ToString();
    }

    /// <summary>The summary of a property as Markdown on one line.</summary>
    public static string Summary(PropertyInfo property)
    {
        var summary = Comments.Descendants("member").FirstOrDefault(m => m.Attribute("name")?.Value == $"P:{property.DeclaringType!.FullName}.{property.Name}")?.Element("summary");
        if (summary is null)
            return "";
        var text = string.Concat(summary.Nodes().Select(n => n is XElement { Name.LocalName: "c" } code ? $"`{code.Value}`" : n is XElement see ? see.Attribute("cref")?.Value.Split('.')[^1] : ((XText)n).Value));
        return string.Join(' ', text.Split((char[]?)null, StringSplitOptions.RemoveEmptyEntries)).Replace("|", "\\|", StringComparison.Ordinal);
    }

    private static string Default(object? value) => value switch
    {
        null => "",
        TimeSpan span => $"`{Duration.Write(span)}`",
        bool flag => flag ? "`true`" : "`false`",
        ICollection { Count: 0 } => "",
        _ => $"`{value}`",
    };

    private static string Rule(PropertyInfo property)
    {
        var rule = new StringBuilder();
        if (property.GetCustomAttribute<BetweenAttribute>() is { } bounds)
            rule.Append(CultureInfo.InvariantCulture, $" From {SettingsReader.Bounds(bounds)}.");
        if (property.PropertyType.IsEnum)
            rule.Append(CultureInfo.InvariantCulture, $" One of {string.Join(", ", Enum.GetNames(property.PropertyType).Select(n => $"`{n}`"))}.");
        if (property.GetCustomAttribute<SecretAttribute>() is not null)
            rule.Append(" Secret: may come from a file.");
        return rule.ToString();
    }
}
