using System.Collections.Concurrent;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Hosting.Server;
using Microsoft.AspNetCore.Hosting.Server.Features;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;
using StudioVault.Infrastructure.Persistence;
using StudioVault.Web.Hosting;
using Xunit;

namespace StudioVault.Tests.Support;

/// <summary>
/// The whole web application as its composition root builds it, on a free port of this process: every page, endpoint, middleware and
/// loop of a node, on a test's own database. It trusts this machine as its proxy, so a test says by header whether a visitor came by HTTPS.
/// </summary>
internal sealed class WholeVault : IAsyncDisposable
{
    private readonly ShortFolder _folder;
    private readonly VaultDatabase _database;

    private WholeVault(ShortFolder folder, VaultDatabase database, WebApplication app, LogCollector log) =>
        (_folder, _database, App, Log, Address) = (folder, database, app, log, new Uri(app.Services.GetRequiredService<IServer>().Features.Get<IServerAddressesFeature>()!.Addresses.Single()));

    public WebApplication App { get; }
    public Uri Address { get; }

    /// <summary>What it wrote into its log.</summary>
    public LogCollector Log { get; }

    /// <param name="app">How the app role reaches the database.</param>
    /// <param name="sequencer">How the sequencer does.</param>
    /// <param name="settings">Beside the demo's one-click sign-in and no jobs.</param>
    public static async Task<WholeVault> StartAsync(string app, string sequencer, Action<IServiceCollection>? change = null, params (string Key, string Value)[] settings)
    {
        var (folder, log) = (new ShortFolder(), new LogCollector());
        var builder = WebApplication.CreateBuilder(new WebApplicationOptions { EnvironmentName = "Production", ApplicationName = "StudioVault.Web" });
        foreach (var (key, value) in ((string, string)[])[("DataDir", folder["data"]), ("Demo:Enabled", "true"), ("Jobs:Enabled", "false"), ("Security:TrustedProxies", "127.0.0.1"),
            ("ConnectionStrings:Vault", app), ("ConnectionStrings:VaultSequencer", sequencer), .. settings])
            builder.Configuration[key] = value;
        var read = builder.AddVaultHosting();
        builder.Logging.ClearProviders().AddProvider(log);
        builder.WebHost.UseUrls("http://127.0.0.1:0");
        // The signals of this process are the test runner's.
        builder.Services.AddSingleton<IHostLifetime, NoLifetime>();
        var database = await VaultDatabase.OpenAsync(read.ToVaultOptions(), TestContext.Current.CancellationToken);
        builder.Services.AddSingleton(database);
        change?.Invoke(builder.Services);
        var built = VaultHost.Build(builder, database, read);
        await built.StartAsync(TestContext.Current.CancellationToken);
        return new WholeVault(folder, database, built, log);
    }

    public async ValueTask DisposeAsync()
    {
        await App.StopAsync(CancellationToken.None);
        await App.DisposeAsync();
        await _database.DisposeAsync();
        _folder.Dispose();
    }

    private sealed class NoLifetime : IHostLifetime
    {
        public Task WaitForStartAsync(CancellationToken cancellationToken) => Task.CompletedTask;

        public Task StopAsync(CancellationToken cancellationToken) => Task.CompletedTask;
    }

    /// <summary>Keeps what is logged.</summary>
    internal sealed class LogCollector : ILoggerProvider
    {
        private readonly ConcurrentQueue<string> _lines = [];

        /// <summary>Level, message and the cause's own.</summary>
        public IReadOnlyCollection<string> Lines => _lines;

        public ILogger CreateLogger(string categoryName) => new Logger(_lines);

        public void Dispose()
        {
        }

        private sealed class Logger(ConcurrentQueue<string> lines) : ILogger
        {
            public IDisposable? BeginScope<TState>(TState state) where TState : notnull => null;

            public bool IsEnabled(LogLevel logLevel) => logLevel >= LogLevel.Information;

            public void Log<TState>(LogLevel logLevel, EventId eventId, TState state, Exception? exception, Func<TState, Exception?, string> formatter)
            {
                if (IsEnabled(logLevel)) lines.Enqueue($"{logLevel}: {formatter(state, exception)} {exception?.Message}");
            }
        }
    }
}
