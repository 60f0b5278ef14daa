using Microsoft.Extensions.DependencyInjection.Extensions;
using Microsoft.Extensions.Logging.Console;

namespace StudioVault.Web.Hosting;

/// <summary>Logs on standard output, cleaned of secrets: JSON for machines, text for people.</summary>
internal static class VaultLogging
{
    public static void AddVaultLogging(this WebApplicationBuilder builder, LogSettings settings)
    {
        var text = settings.Format == LogFormat.Text || (settings.Format == LogFormat.Auto && builder.Environment.IsDevelopment());
        builder.Services.TryAddSingleton(TimeProvider.System);
        var logging = builder.Logging;
        logging.ClearProviders();
        logging.AddConsoleFormatter<JsonLogFormatter, ConsoleFormatterOptions>();
        logging.AddConsoleFormatter<TextLogFormatter, ConsoleFormatterOptions>();
        logging.AddConsole(o => o.FormatterName = text ? TextLogFormatter.FormatterName : JsonLogFormatter.FormatterName);
        logging.SetMinimumLevel(LogLevel.Warning);
        logging.AddFilter("StudioVault", settings.Level);
        // Where it listens is said by the start banner, in words.
        logging.AddFilter("Microsoft.Hosting.Lifetime", text ? LogLevel.Warning : LogLevel.Information);
        // Whatever Logging:LogLevel says wins over the lines above, because it comes last.
        logging.AddConfiguration(builder.Configuration.GetSection("Logging"));
    }
}
