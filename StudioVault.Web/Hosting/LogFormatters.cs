using System.Diagnostics;
using System.Globalization;
using System.Text.Encodings.Web;
using System.Text.Json;
using Microsoft.Extensions.Logging.Abstractions;
using Microsoft.Extensions.Logging.Console;

namespace StudioVault.Web.Hosting;

/// <summary>One JSON object a line, for machines.</summary>
internal sealed class JsonLogFormatter(TimeProvider clock) : ConsoleFormatter(FormatterName)
{
    public const string FormatterName = "studiovault-json";

    private static readonly JsonWriterOptions Options = new() { Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping };

    public override void Write<TState>(in LogEntry<TState> logEntry, IExternalScopeProvider? scopeProvider, TextWriter textWriter)
    {
        var (message, values) = LogScrubber.Clean(logEntry);
        using var buffer = new MemoryStream();
        using (var json = new Utf8JsonWriter(buffer, Options))
        {
            json.WriteStartObject();
            json.WriteString("ts", clock.GetUtcNow().ToString("yyyy-MM-ddTHH:mm:ss.fffZ", CultureInfo.InvariantCulture));
            json.WriteString("level", LogWords.Of(logEntry.LogLevel));
            json.WriteString("logger", logEntry.Category);
            json.WriteString("message", message);
            if (logEntry.EventId.Name is { Length: > 0 } name)
                json.WriteString("event", name);
            if (Activity.Current is { } activity)
                json.WriteString("trace", activity.TraceId.ToHexString());
            if (values.Count > 0)
            {
                json.WriteStartObject("values");
                foreach (var (key, value) in values.DistinctBy(v => v.Key))
                    json.WriteString(key, value);
                json.WriteEndObject();
            }
            if (logEntry.Exception is { } exception)
                json.WriteString("exception", LogScrubber.CleanText(exception.ToString()));
            json.WriteEndObject();
        }
        textWriter.WriteLine(System.Text.Encoding.UTF8.GetString(buffer.GetBuffer(), 0, (int)buffer.Length));
    }
}

/// <summary>One line a message, for people; an exception goes below it.</summary>
internal sealed class TextLogFormatter(TimeProvider clock) : ConsoleFormatter(FormatterName)
{
    public const string FormatterName = "studiovault-text";

    public override void Write<TState>(in LogEntry<TState> logEntry, IExternalScopeProvider? scopeProvider, TextWriter textWriter)
    {
        var (message, _) = LogScrubber.Clean(logEntry);
        var category = logEntry.Category[(logEntry.Category.LastIndexOf('.') + 1)..];
        // A message with line breaks in it could pass for several.
        textWriter.WriteLine(string.Create(CultureInfo.InvariantCulture,
            $"{clock.GetLocalNow():HH:mm:ss} {LogWords.Of(logEntry.LogLevel),-5} {category}: {message.ReplaceLineEndings(" ")}"));
        if (logEntry.Exception is { } exception)
            textWriter.WriteLine(LogScrubber.CleanText(exception.ToString()));
    }
}

internal static class LogWords
{
    public static string Of(LogLevel level) => level switch
    {
        LogLevel.Trace => "trace",
        LogLevel.Debug => "debug",
        LogLevel.Information => "info",
        LogLevel.Warning => "warn",
        LogLevel.Error => "error",
        _ => "fatal",
    };
}
