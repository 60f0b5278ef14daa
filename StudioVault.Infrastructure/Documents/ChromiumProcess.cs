using System.Collections.Concurrent;
using System.ComponentModel;
using System.Diagnostics;
using System.Runtime.Versioning;
using System.Text.Json;
using StudioVault.Infrastructure.Persistence;

namespace StudioVault.Infrastructure.Documents;

/// <summary>
/// One headless Chromium, spoken to in the DevTools protocol over a pipe: no port is opened, and it ends by itself when the
/// pipe closes, so not even a killed StudioVault leaves it behind. It gets an empty environment, a profile folder of its
/// own and no way to the network.
/// </summary>
internal sealed class ChromiumProcess : IAsyncDisposable
{
    private const int MessagesKept = 20;

    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(2);

    private readonly Process _process;
    private readonly Stream _toBrowser;
    private readonly Stream _fromBrowser;
    private readonly string _profile;
    private readonly ConcurrentDictionary<int, (string? Session, TaskCompletionSource<JsonElement> Answer)> _calls = new();
    private readonly ConcurrentQueue<string> _errors = new();
    private readonly SemaphoreSlim _writing = new(1, 1);
    private readonly Task _reading;
    private int _lastCall;
    private volatile bool _ended;

    private ChromiumProcess(Process process, string profile)
    {
        (_process, _profile, _toBrowser, _fromBrowser) = (process, profile, process.StandardInput.BaseStream, process.StandardOutput.BaseStream);
        process.EnableRaisingEvents = true;
        process.Exited += (_, _) => End();
        process.ErrorDataReceived += (_, e) => Remember(e.Data);
        process.BeginErrorReadLine();
        _reading = ReadAsync();
    }

    public int ProcessId => _process.Id;

    public bool HasEnded => _ended || _process.HasExited;

    /// <summary>Product and version, for example <c>Chrome/156.0.0.0</c>.</summary>
    public string Version { get; private set; } = "";

    /// <summary>Starts Chromium and waits until it answers.</summary>
    /// <param name="program">Absolute path.</param>
    /// <param name="user">Account to run as, null for our own.</param>
    /// <param name="sandboxed">False only where the kernel or container allows no sandbox.</param>
    /// <exception cref="ChromiumException">It did not start; the message holds what it wrote.</exception>
    [SupportedOSPlatform("linux")]
    public static async Task<ChromiumProcess> StartAsync(string program, (uint Uid, uint Gid)? user, bool sandboxed, CancellationToken ct)
    {
        string profile;
        try
        {
            profile = Directory.CreateTempSubdirectory("studiovault-print-").FullName;
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            throw new ChromiumException($"Chromium needs a temporary folder: {e.Message}", e);
        }

        if (user is { } owner) Libc.ChangeOwner(profile, owner.Uid, owner.Gid);
        // The shell hands its standard streams over as descriptors 3 and 4, where Chromium expects the pipe.
        var info = new ProcessStartInfo("/bin/sh", ["-c", "exec \"$@\" 3<&0 4>&1 </dev/null >/dev/null", "sh"])
        {
            RedirectStandardInput = true,
            RedirectStandardOutput = true,
            RedirectStandardError = true,
            WorkingDirectory = profile,
        };
        if (user is { } account)
            Add(info, "setpriv", $"--reuid={account.Uid}", $"--regid={account.Gid}", "--clear-groups");
        Add(info, program, "--headless", "--remote-debugging-pipe", $"--user-data-dir={profile}", "--disable-gpu", "--disable-dev-shm-usage", "--disable-breakpad",
            "--disable-extensions", "--disable-background-networking", "--disable-component-update", "--disable-sync", "--no-first-run", "--no-default-browser-check",
            // The page has no business on the network: every request is refused as well, this is for what the browser itself might try.
            "--host-resolver-rules=MAP * ~NOTFOUND", "--proxy-server=http://0.0.0.0:1", "--proxy-bypass-list=<-loopback>",
            // The same layout and the same words in the file on every machine. The name becomes the file's creator: this one is what the windowless
            // Chromium writes whatever it is told, so both make the same bytes.
            "--font-render-hinting=none", "--force-device-scale-factor=1", "--lang=en", "--user-agent=Chromium", "--js-flags=--jitless");
        if (!sandboxed) info.ArgumentList.Add("--no-sandbox");
        // Our own environment may hold connection strings.
        info.Environment.Clear();
        foreach (var (key, value) in new[] { ("PATH", "/usr/local/bin:/usr/bin:/bin"), ("HOME", profile), ("TMPDIR", "/tmp"), ("LANG", "C.UTF-8"), ("TZ", "UTC") })
            info.Environment[key] = value;

        Process process;
        try
        {
            process = Process.Start(info)!;
        }
        catch (Win32Exception e)
        {
            Delete(profile);
            throw new ChromiumException($"Chromium could not be started: {e.Message}", e);
        }

        var browser = new ChromiumProcess(process, profile);
        try
        {
            browser.Version = (await browser.CallAsync("Browser.getVersion", null, null, ct)).GetProperty("product").GetString() ?? "";
            return browser;
        }
        catch
        {
            await browser.DisposeAsync();
            throw;
        }
    }

    /// <summary>Calls a method of the protocol.</summary>
    /// <param name="method">For example <c>Page.printToPDF</c>.</param>
    /// <param name="parameters">Serialized as they are named; null for none.</param>
    /// <param name="session">The page's session, null for the browser.</param>
    /// <exception cref="ChromiumException">Chromium or the page ended, or refused the call.</exception>
    public async Task<JsonElement> CallAsync(string method, object? parameters, string? session, CancellationToken ct)
    {
        var id = Interlocked.Increment(ref _lastCall);
        var answer = new TaskCompletionSource<JsonElement>(TaskCreationOptions.RunContinuationsAsynchronously);
        _calls[id] = (session, answer);
        try
        {
            await WriteAsync(id, method, parameters, session, ct);
            // It may have ended between the entry above and now, when nobody looks at the list any more.
            if (_ended) throw Ended();
            return await answer.Task.WaitAsync(ct);
        }
        finally
        {
            _calls.TryRemove(id, out _);
        }
    }

    /// <summary>Closes the pipe, on which Chromium ends; kills what is left after two seconds.</summary>
    public async ValueTask DisposeAsync()
    {
        await _toBrowser.DisposeAsync();
        if (!await EndsAsync())
        {
            _process.Kill(entireProcessTree: true);
            await EndsAsync();
        }

        End();
        await _fromBrowser.DisposeAsync();
        _process.Dispose();
        Delete(_profile);
    }

    private async Task<bool> EndsAsync()
    {
        try
        {
            await Task.WhenAll(_process.WaitForExitAsync(), _reading).WaitAsync(Patience);
            return true;
        }
        catch (TimeoutException)
        {
            return false;
        }
    }

    private async Task WriteAsync(int id, string method, object? parameters, string? session, CancellationToken ct)
    {
        // {"id":7,"method":"Page.enable","params":{},"sessionId":"28B9…"} and a zero byte
        var message = JsonSerializer.SerializeToUtf8Bytes(session is null
            ? new Dictionary<string, object?> { ["id"] = id, ["method"] = method, ["params"] = parameters ?? new { } }
            : new Dictionary<string, object?> { ["id"] = id, ["method"] = method, ["params"] = parameters ?? new { }, ["sessionId"] = session });
        await _writing.WaitAsync(ct);
        try
        {
            // Half a message would break the pipe for everybody: no cancellation in here.
            await _toBrowser.WriteAsync(message, CancellationToken.None);
            await _toBrowser.WriteAsync(new byte[1], CancellationToken.None);
            await _toBrowser.FlushAsync(CancellationToken.None);
        }
        catch (Exception e) when (e is IOException or ObjectDisposedException)
        {
            throw Ended(e);
        }
        finally
        {
            _writing.Release();
        }
    }

    private async Task ReadAsync()
    {
        using var message = new MemoryStream();
        var buffer = new byte[64 * 1024];
        try
        {
            for (int count; (count = await _fromBrowser.ReadAsync(buffer)) > 0;)
            {
                var rest = buffer.AsMemory(0, count);
                for (int end; (end = rest.Span.IndexOf((byte)0)) >= 0; rest = rest[(end + 1)..])
                {
                    message.Write(rest.Span[..end]);
                    Take(message.GetBuffer().AsMemory(0, (int)message.Length));
                    message.SetLength(0);
                }

                message.Write(rest.Span);
            }
        }
        catch (Exception e) when (e is IOException or ObjectDisposedException or JsonException)
        {
            Remember(e.Message);
        }

        End();
    }

    private void End()
    {
        _ended = true;
        foreach (var call in _calls.Values) call.Answer.TrySetException(Ended());
    }

    private void Take(ReadOnlyMemory<byte> bytes)
    {
        using var document = JsonDocument.Parse(bytes);
        var message = document.RootElement;
        if (message.TryGetProperty("id", out var id))
        {
            if (!_calls.TryGetValue(id.GetInt32(), out var call)) return;
            if (message.TryGetProperty("error", out var error)) call.Answer.TrySetException(new ChromiumException(error.GetProperty("message").GetString() ?? "Refused."));
            else call.Answer.TrySetResult(message.GetProperty("result").Clone());
            return;
        }

        var session = message.TryGetProperty("sessionId", out var s) ? s.GetString() : null;
        switch (message.GetProperty("method").GetString())
        {
            case "Fetch.requestPaused":
                _ = RefuseAsync(message.GetProperty("params").GetProperty("requestId").GetString()!, session);
                break;
            case "Inspector.targetCrashed":
                Fail(session);
                break;
            case "Target.detachedFromTarget":
                Fail(message.GetProperty("params").GetProperty("sessionId").GetString());
                break;
        }
    }

    private async Task RefuseAsync(string request, string? session)
    {
        try
        {
            // Not "BlockedByClient": that puts an error page in the place of a document which tries to send its reader elsewhere.
            await CallAsync("Fetch.failRequest", new { requestId = request, errorReason = "Aborted" }, session, CancellationToken.None);
        }
        catch (ChromiumException)
        {
            // The page is gone, and its request with it.
        }
    }

    private void Fail(string? session)
    {
        foreach (var call in _calls.Values.Where(c => c.Session == session && session is not null))
            call.Answer.TrySetException(new ChromiumException("The page ended while it was being printed."));
    }

    private ChromiumException Ended(Exception? inner = null) => new($"Chromium ended. {string.Join(" | ", _errors)}", inner);

    private void Remember(string? line)
    {
        if (string.IsNullOrWhiteSpace(line)) return;
        _errors.Enqueue(line);
        while (_errors.Count > MessagesKept) _errors.TryDequeue(out _);
    }

    private static void Add(ProcessStartInfo info, params string[] arguments)
    {
        foreach (var argument in arguments) info.ArgumentList.Add(argument);
    }

    private static void Delete(string folder)
    {
        try
        {
            Directory.Delete(folder, recursive: true);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            // A helper process of Chromium may still be closing; the system clears its temporary folder.
        }
    }
}
