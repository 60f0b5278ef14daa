using System.Text.Json;
using Microsoft.Extensions.Logging;
using StudioVault.Domain.Documents;
using StudioVault.Domain.Kernel;
using StudioVault.Infrastructure.Persistence;

namespace StudioVault.Infrastructure.Documents;

/// <summary>
/// Turns HTML into PDF with one warm headless Chromium, started by the first document and started anew when it has died. The
/// page runs no script and reaches nothing: fonts and pictures stand in the HTML as data.
/// </summary>
public sealed partial class DocumentPrinter : IAsyncDisposable
{
    // Debian's windowless Chromium makes the same pages in a third of the time. Its script in /usr/bin would stand between us and the process.
    internal static readonly string[] Programs =
    [
        "/usr/lib/chromium/chromium-headless-shell",
        .. from folder in new[] { "/usr/local/bin", "/usr/bin", "/bin" } from name in new[] { "chromium", "chromium-browser", "google-chrome-stable", "google-chrome" } select $"{folder}/{name}",
    ];

    private static readonly TimeSpan StartLimit = TimeSpan.FromSeconds(15);
    private static readonly TimeSpan CloseLimit = TimeSpan.FromSeconds(2);
    private static readonly TimeSpan AskAgain = TimeSpan.FromMilliseconds(5);

    // A comment behind </html> becomes the last child of the document.
    private const string End = "the end";
    private const string IsWhole = $"""
        document.readyState === 'complete' && document.lastChild.data === '{End}' && document.body.offsetHeight >= 0 && document.fonts.ready.then(() => true)
        """;

    private readonly PrinterOptions _options;
    private readonly ILogger<DocumentPrinter> _log;
    private readonly SemaphoreSlim _slots;
    private readonly SemaphoreSlim _starting = new(1, 1);
    private ChromiumProcess? _browser;
    private bool _unsandboxed;
    private int _asked;
    private bool _disposed;

    public DocumentPrinter(PrinterOptions options, ILogger<DocumentPrinter> log)
    {
        (_options, _log) = (options, log);
        _slots = new SemaphoreSlim(options.Parallel, options.Parallel);
    }

    /// <summary>Chromium's process while it runs, else null.</summary>
    public int? ProcessId => _browser is { HasEnded: false } browser ? browser.ProcessId : null;

    /// <summary>Where Chromium is, or null when it is not installed.</summary>
    public string? Program => _options.BrowserPath is { } path ? (File.Exists(path) ? path : null) : Programs.FirstOrDefault(File.Exists);

    /// <summary>Prints a document: tagged, with an outline of its headings, pages as its style sheet sizes them.</summary>
    /// <param name="html">A whole document; it may refer to nothing but what is in it.</param>
    /// <param name="dated">The document's own time, written into the file in place of the time of printing.</param>
    /// <returns>The file, or <c>refuse.document.printer_unavailable</c>, <c>refuse.document.printer_busy</c>.</returns>
    public async Task<Result<byte[]>> PrintAsync(string html, DateTimeOffset dated, CancellationToken ct)
    {
        if (!OperatingSystem.IsLinux() || Program is not { } program) return DocumentRefusals.PrinterUnavailable;
        if (Interlocked.Increment(ref _asked) > _options.Parallel + _options.Waiting)
        {
            Interlocked.Decrement(ref _asked);
            return DocumentRefusals.PrinterBusy;
        }

        using var limit = CancellationTokenSource.CreateLinkedTokenSource(ct);
        limit.CancelAfter(_options.TimeLimit);
        try
        {
            await _slots.WaitAsync(limit.Token);
            try
            {
                var pdf = await PrintAsync(program, html, limit.Token);
                PdfDates.Set(pdf, dated);
                PdfIds.Renumber(pdf);
                return pdf;
            }
            finally
            {
                _slots.Release();
            }
        }
        catch (OperationCanceledException) when (!ct.IsCancellationRequested)
        {
            LogTooLong(_options.TimeLimit);
            return DocumentRefusals.PrinterBusy;
        }
        catch (ChromiumException e)
        {
            LogFailed(e);
            return DocumentRefusals.PrinterUnavailable;
        }
        finally
        {
            Interlocked.Decrement(ref _asked);
        }
    }

    public async ValueTask DisposeAsync()
    {
        if (_disposed) return;
        _disposed = true;
        if (_browser is { } browser) await browser.DisposeAsync();
        _slots.Dispose();
        _starting.Dispose();
    }

    [System.Runtime.Versioning.SupportedOSPlatform("linux")]
    private async Task<byte[]> PrintAsync(string program, string html, CancellationToken ct)
    {
        var browser = await BrowserAsync(program, ct);
        try
        {
            return await PrintAsync(browser, html, ct);
        }
        catch (ChromiumException e)
        {
            // It died under the document, perhaps because of another one. Printing changes nothing, so once more.
            LogAgain(e);
            return await PrintAsync(await BrowserAsync(program, ct), html, ct);
        }
    }

    private async Task<byte[]> PrintAsync(ChromiumProcess browser, string html, CancellationToken ct)
    {
        var context = (await browser.CallAsync("Target.createBrowserContext", null, null, ct)).GetProperty("browserContextId").GetString();
        try
        {
            var target = (await browser.CallAsync("Target.createTarget", new { url = "about:blank", browserContextId = context }, null, ct)).GetProperty("targetId").GetString();
            var session = (await browser.CallAsync("Target.attachToTarget", new { targetId = target, flatten = true }, null, ct)).GetProperty("sessionId").GetString();
            await browser.CallAsync("Emulation.setScriptExecutionDisabled", new { value = true }, session, ct);
            await browser.CallAsync("Emulation.setEmulatedMedia", new { media = "print" }, session, ct);
            await browser.CallAsync("Fetch.enable", new { patterns = new[] { new { urlPattern = "*" } } }, session, ct);
            var frame = (await browser.CallAsync("Page.getFrameTree", null, session, ct)).GetProperty("frameTree").GetProperty("frame").GetProperty("id").GetString();
            await browser.CallAsync("Page.setDocumentContent", new { frameId = frame, html = $"{html}<!--{End}-->" }, session, ct);
            await WholeAsync(browser, session, ct);
            var printed = await browser.CallAsync("Page.printToPDF",
                new { preferCSSPageSize = true, printBackground = true, generateTaggedPDF = true, generateDocumentOutline = true }, session, ct);
            return printed.GetProperty("data").GetBytesFromBase64();
        }
        finally
        {
            await CloseAsync(browser, context);
        }
    }

    /// <summary>
    /// Waits for the end of the document, for what it refers to (here, or refused) and for its fonts. The call that sets the
    /// content returns while Chromium may still be reading it, and half a document must never become a file.
    /// </summary>
    private static async Task WholeAsync(ChromiumProcess browser, string? session, CancellationToken ct)
    {
        while (true)
        {
            // The page's own scripts are off; ours, from outside, may still ask.
            var asked = await browser.CallAsync("Runtime.evaluate", new { expression = IsWhole, awaitPromise = true, returnByValue = true }, session, ct);
            if (asked.GetProperty("result").TryGetProperty("value", out var whole) && whole.ValueKind == JsonValueKind.True) return;
            await Task.Delay(AskAgain, ct);
        }
    }

    /// <summary>Closes a page; a Chromium that cannot even do that is ended, and the next document starts another.</summary>
    private async Task CloseAsync(ChromiumProcess browser, string? context)
    {
        using var patience = new CancellationTokenSource(CloseLimit);
        try
        {
            await browser.CallAsync("Target.disposeBrowserContext", new { browserContextId = context }, null, patience.Token);
        }
        catch (Exception e) when (e is ChromiumException or OperationCanceledException)
        {
            if (!browser.HasEnded) LogStuck();
            await ForgetAsync(browser);
        }
    }

    [System.Runtime.Versioning.SupportedOSPlatform("linux")]
    private async Task<ChromiumProcess> BrowserAsync(string program, CancellationToken ct)
    {
        await _starting.WaitAsync(ct);
        try
        {
            if (_browser is { HasEnded: false } running) return running;
            if (_browser is { } dead) await dead.DisposeAsync();
            _browser = null;
            ObjectDisposedException.ThrowIf(_disposed, this);
            return _browser = await StartAsync(program, ct);
        }
        finally
        {
            _starting.Release();
        }
    }

    private async Task ForgetAsync(ChromiumProcess browser)
    {
        await _starting.WaitAsync();
        try
        {
            if (_browser != browser) return;
            _browser = null;
            await browser.DisposeAsync();
        }
        finally
        {
            _starting.Release();
        }
    }

    /// <summary>In its sandbox where the machine allows one. A container often does not: then without, and the log says so.</summary>
    [System.Runtime.Versioning.SupportedOSPlatform("linux")]
    private async Task<ChromiumProcess> StartAsync(string program, CancellationToken ct)
    {
        var user = Libc.EffectiveUserId() == 0 ? UserId(_options.UnprivilegedUser) : null;
        if (!_unsandboxed)
        {
            try
            {
                return await StartAsync(program, user, sandboxed: true, ct);
            }
            catch (ChromiumException e)
            {
                LogNoSandbox(e.Message);
            }
        }

        var browser = await StartAsync(program, user, sandboxed: false, ct);
        _unsandboxed = true;
        return browser;
    }

    [System.Runtime.Versioning.SupportedOSPlatform("linux")]
    private async Task<ChromiumProcess> StartAsync(string program, (uint, uint)? user, bool sandboxed, CancellationToken ct)
    {
        using var limit = CancellationTokenSource.CreateLinkedTokenSource(ct);
        limit.CancelAfter(StartLimit);
        try
        {
            var browser = await ChromiumProcess.StartAsync(program, user, sandboxed, limit.Token);
            LogStarted(browser.Version, sandboxed ? "in its sandbox" : "without a sandbox");
            return browser;
        }
        catch (OperationCanceledException e) when (!ct.IsCancellationRequested)
        {
            throw new ChromiumException($"Chromium did not answer within {StartLimit.TotalSeconds:0} seconds.", e);
        }
    }

    private static (uint, uint)? UserId(string name)
    {
        // nobody:x:65534:65534:nobody:/nonexistent:/usr/sbin/nologin
        foreach (var line in File.ReadLines("/etc/passwd"))
        {
            var fields = line.Split(':');
            if (fields.Length > 3 && fields[0] == name && uint.TryParse(fields[2], out var uid) && uint.TryParse(fields[3], out var gid)) return (uid, gid);
        }

        return null;
    }

    [LoggerMessage(Level = LogLevel.Information, Message = "Documents are printed with {Version}, {Sandbox}")]
    private partial void LogStarted(string version, string sandbox);

    [LoggerMessage(Level = LogLevel.Warning, Message = "Chromium does not start in its sandbox here, so it is tried without one: {Reason}")]
    private partial void LogNoSandbox(string reason);

    [LoggerMessage(Level = LogLevel.Warning, Message = "A document is printed a second time")]
    private partial void LogAgain(Exception exception);

    [LoggerMessage(Level = LogLevel.Warning, Message = "Chromium does not close a page and is ended")]
    private partial void LogStuck();

    [LoggerMessage(Level = LogLevel.Error, Message = "A document could not be printed")]
    private partial void LogFailed(Exception exception);

    [LoggerMessage(Level = LogLevel.Warning, Message = "A document was not printed within {Limit}")]
    private partial void LogTooLong(TimeSpan limit);
}
