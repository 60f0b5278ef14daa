using System.Text.Json;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Logging.Abstractions;
using StudioVault.Tests.Support;
using StudioVault.Web.Hosting;
using Xunit;

namespace StudioVault.Tests.Hosting;

public sealed class LogTests
{
    private const string Canary = "c4n4ry";
    private readonly FakeClock _clock = new();

    [Fact]
    public void Json_is_one_object_a_line_with_the_named_values()
    {
        var line = Json("Publishing {Template} to {Count} branches\nand on", null, "Wedding", 12);
        Assert.Equal(1, line.Count(c => c == '\n'));
        var entry = JsonDocument.Parse(line).RootElement;
        Assert.Equal("2026-03-02T09:00:00.000Z", entry.GetProperty("ts").GetString());
        Assert.Equal("warn", entry.GetProperty("level").GetString());
        Assert.Equal("StudioVault.Packages.Publish", entry.GetProperty("logger").GetString());
        Assert.Equal("Publishing Wedding to 12 branches\nand on", entry.GetProperty("message").GetString());
        Assert.Equal("12", entry.GetProperty("values").GetProperty("Count").GetString());
    }

    [Fact]
    public void Text_keeps_a_message_on_its_line() =>
        Assert.EndsWith("warn  Publish: A forged line\n", Text("A forged\nline"), StringComparison.Ordinal);

    /// <summary>The framework's own words for a broken circuit, which carry its id (WEB-10).</summary>
    [Theory]
    [InlineData("Unhandled exception in circuit '{CircuitId}'.")]
    [InlineData("Connection string is {ConnectionString}")]
    [InlineData("Cookie {CookieValue} and {AuthorizationHeader}")]
    [InlineData("Reset token {ResetToken} sent")]
    public void Hides_values_whose_name_says_that_they_are_secret(string message)
    {
        foreach (var line in new[] { Json(message, null, Canary, Canary), Text(message, null, Canary, Canary) })
        {
            Assert.DoesNotContain(Canary, line, StringComparison.Ordinal);
            Assert.Contains("(hidden)", line, StringComparison.Ordinal);
        }
    }

    [Theory]
    [InlineData("Host=db;Username=app;Password=c4n4ry;Timeout=5")]
    [InlineData("""{"password": "c4n4ry"}""")]
    [InlineData("GET http://vault/_blazor?id=c4n4ry&negotiateVersion=1")]
    [InlineData("GET /hubs/live?id=c4n4ry")]
    [InlineData("GET /setup?token=c4n4ry")]
    [InlineData("POST https://vault.example/password/c4n4ryAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA took 3 ms")]
    [InlineData("GET https://vault.example/c/c4n4ryAAAAAAAAAAAAAAAAAAAAAA_-/sign?s=c4n4ry took 3 ms")]
    [InlineData("GET /hubs/live?access_token=c4n4ry&id=7")]
    [InlineData("It sent svk_0a1b2c3d0a1b2c3d0a1b2c3d0a1b2c3d_c4n4ryAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA as a name")]
    [InlineData("/d/c4n4ryAAAAAAAAAAAAAAAAAAAAAA")]
    public void Hides_secrets_inside_any_text(string text)
    {
        foreach (var line in new[] { Json(text), Text(text), Json("{Url}", null, text), Text("x", new InvalidOperationException(text)), Json("x", new InvalidOperationException(text)) })
            Assert.DoesNotContain(Canary, line, StringComparison.Ordinal);
    }

    [Fact]
    public void Leaves_ordinary_words_alone() =>
        Assert.Contains("The password was changed; 3 tokens of Ana stay.", Text("The password was changed; 3 tokens of {Name} stay.", null, "Ana"), StringComparison.Ordinal);

    private string Json(string message, Exception? exception = null, params object?[] args) =>
        Write((entry, writer) => new JsonLogFormatter(_clock).Write(entry, null, writer), message, exception, args);

    private string Text(string message, Exception? exception = null, params object?[] args) =>
        Write((entry, writer) => new TextLogFormatter(_clock).Write(entry, null, writer), message, exception, args);

    private static string Write(Action<LogEntry<object>, TextWriter> write, string message, Exception? exception, object?[] args)
    {
        LogEntry<object> entry = default;
        var catcher = new Catcher(e => entry = e);
#pragma warning disable CA2254 // the message is the test's input
        catcher.LogWarning(exception, args.Length == 0 ? message.Replace("{", "{{", StringComparison.Ordinal).Replace("}", "}}", StringComparison.Ordinal) : message, args);
#pragma warning restore CA2254
        using var writer = new StringWriter();
        write(entry, writer);
        return writer.ToString();
    }

    private sealed class Catcher(Action<LogEntry<object>> caught) : ILogger
    {
        public IDisposable? BeginScope<TState>(TState state) where TState : notnull => null;

        public bool IsEnabled(LogLevel logLevel) => true;

        public void Log<TState>(LogLevel logLevel, EventId eventId, TState state, Exception? exception, Func<TState, Exception?, string> formatter) =>
            caught(new LogEntry<object>(logLevel, "StudioVault.Packages.Publish", eventId, state!, exception, (s, e) => formatter((TState)s, e)));
    }
}
