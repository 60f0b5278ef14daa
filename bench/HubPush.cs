using System.Collections.Concurrent;
using System.Diagnostics;
using System.Net.WebSockets;
using System.Text;
using System.Text.Json;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.SignalR;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;
using StudioVault.Domain.Kernel;
using StudioVault.Domain.Proposals;
using StudioVault.Infrastructure.Door;
using StudioVault.Infrastructure.Live;
using StudioVault.Infrastructure.Proposals;
using StudioVault.Web.Live;

namespace StudioVault.Bench;

/// <summary>
/// Requirement LOAD-1: 500 clients of the public hub, ten branches' people with fifty tablets each, while twenty proposals a second
/// are sent and approved on another node. From the call of the approval until a tablet of the branch holds the event; nothing may be
/// missed and nothing may reach another branch. Beside a bare SignalR hub that sends as many messages of the same size to groups of
/// the same size, from the call of its own send, in a process of its own.
/// </summary>
internal static class HubPush
{
    private const int Branches = 10;
    private const int Tablets = 50;
    private const int Rate = 20;
    private const int Warm = 8;

    public static async Task<IReadOnlyList<Measure>> RunAsync(bool quick)
    {
        await using var vault = await PublishedVault.StartAsync();
        await using var node = await vault.NodeAsync();
        await using var numbers = await PublishedVault.NumberAsync(node);
        var (propose, decide) = await Approvals.CommandsAsync(node);
        var people = await vault.ManagersAsync(Branches);
        var senders = new List<Sender>();
        foreach (var (_, name) in people) senders.Add(await vault.SenderAsync(name));
        var approving = new ConcurrentBag<double>();

        await using var bare = await BareHub.StartAsync();
        await using var browser = await BenchBrowser.StartAsync();
        var (tablets, others) = (new List<HubClient>(), new List<HubClient>());
        var heard = new ConcurrentDictionary<string, ConcurrentBag<(int Tablet, long At)>>();
        var strangers = 0;
        foreach (var (branch, name) in people)
        {
            var cookie = await browser.CookiesAsync(vault.Address, name);
            for (var i = 0; i < Tablets; i++)
            {
                var tablet = tablets.Count;
                tablets.Add(await HubClient.OpenAsync(vault.Address, "/hubs/live", cookie, (e, at) =>
                {
                    if (e.GetProperty("topic").GetString() != Topics.ProposalChanged) return;
                    if (e.GetProperty("spaceId").GetGuid() != branch.Value) Interlocked.Increment(ref strangers);
                    using var payload = JsonDocument.Parse(e.GetProperty("payload").GetString()!);
                    if (payload.RootElement.GetProperty("state").GetString() == nameof(ProposalState.Grace)) heard.GetOrAdd(payload.RootElement.GetProperty("proposalId").GetString()!, _ => []).Add((tablet, at));
                }));
                others.Add(await HubClient.OpenAsync(bare.Address, $"/bare?group={branch}", null, (e, at) => bare.Heard(e, at)));
            }
        }

        await vault.QuietAsync();
        var seconds = quick ? 5 : 20;
        var begun = new ConcurrentDictionary<string, (BranchId Branch, long At)>();
        await bare.RunAsync(Warm + seconds, Rate, people, Warm);
        var rate = await PaceAsync(Warm + seconds, async n =>
        {
            var branch = people[n % Branches].Branch;
            var sent = await BenchLab.MustAsync(propose.SubmitAsync(Sender.System("bench"), branch, new ProposalInput(Approvals.Nothing.Name, [], "Bench", []), default));
            var at = Stopwatch.GetTimestamp();
            await BenchLab.MustAsync(decide.ApproveAsync(senders[n % Branches], branch, sent.Id, new Approval(sent.Digest), default));
            if (n < Warm * Rate) return;
            approving.Add(Stopwatch.GetElapsedTime(at).TotalMilliseconds);
            begun[sent.Id.ToString()] = (branch, at);
        });
        await bare.RunAsync(Warm + seconds, Rate, people, Warm);

        // The last ones have a moment to arrive; what has not come by then is missed.
        var patience = Stopwatch.StartNew();
        while (patience.Elapsed < TimeSpan.FromSeconds(10) && begun.Keys.Any(id => HeardBy(id) < Tablets)) await Task.Delay(50);
        var missed = begun.Keys.Sum(id => Tablets - HeardBy(id));
        var times = begun.SelectMany(b => heard.TryGetValue(b.Key, out var who) ? who.Select(w => Stopwatch.GetElapsedTime(b.Value.At, w.At).TotalMilliseconds) : []).ToList();
        // Different tablets: what one hears twice is no other's.
        int HeardBy(string id) => heard.TryGetValue(id, out var who) ? who.Select(w => w.Tablet).Distinct().Count() : 0;
        foreach (var client in tablets.Concat(others)) await client.DisposeAsync();
        var (ours, plain) = (Measure.Percentile(times, 99), Measure.Percentile(bare.Times, 99));
        return
        [
            new($"approve to seen on {Branches * Tablets} hub clients, p99", ours / plain, "× the time", 2, false, $"bare SignalR: {plain:0.0} ms",
                $"{begun.Count} approvals, {rate:0.0}/s begun of {Rate}/s, to {Tablets} tablets each: median {Measure.Median(times):0.0} ms, p99 {ours:0.0} ms, of which the approval itself {Measure.Median(approving):0.0} and {Measure.Percentile(approving, 99):0.0} ms; the bare hub's send: median {Measure.Median(bare.Times):0.0} ms, p99 {plain:0.0} ms"),
            new("approve to seen, p50", Measure.Median(times), "ms", 150, false, $"bare SignalR: {Measure.Median(bare.Times):0.0} ms", "LOAD-1"),
            new("approve to seen, p99", ours, "ms", 1000, false, $"bare SignalR: {plain:0.0} ms", "LOAD-1"),
            new("events missed or heard by another branch", missed + strangers, "events", 0, false, "", $"{missed} missed and {strangers} of another branch, of {begun.Count * Tablets}; the bare hub missed {bare.Missed}"),
        ];
    }

    /// <summary>Begins one every 50 ms, whatever the ones before do, and waits for all.</summary>
    /// <returns>How many a second were begun: a machine that is too busy for the timer begins fewer.</returns>
    private static async Task<double> PaceAsync(int seconds, Func<int, Task> one)
    {
        using var timer = new PeriodicTimer(TimeSpan.FromSeconds(1.0 / Rate));
        var (running, clock) = (new List<Task>(), Stopwatch.StartNew());
        for (var n = 0; n < seconds * Rate && await timer.WaitForNextTickAsync(); n++)
        {
            var number = n;
            running.Add(Task.Run(() => one(number)));
        }

        var rate = running.Count / clock.Elapsed.TotalSeconds;
        await Task.WhenAll(running);
        return rate;
    }

    /// <summary>A WebSocket that speaks SignalR's JSON protocol.</summary>
    private sealed class HubClient : IAsyncDisposable
    {
        private const byte Separator = 0x1e;
        private readonly ClientWebSocket _socket = new();
        private readonly CancellationTokenSource _end = new();
        private Task _reading = Task.CompletedTask;

        public static async Task<HubClient> OpenAsync(Uri address, string path, string? cookie, Action<JsonElement, long> heard)
        {
            var client = new HubClient();
            if (cookie is not null) client._socket.Options.SetRequestHeader("Cookie", cookie);
            await client._socket.ConnectAsync(new Uri(new UriBuilder(address) { Scheme = "ws" }.Uri, path), default);
            await client.SendAsync("""{"protocol":"json","version":1}""");
            var shaken = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
            client._reading = Task.WhenAll(client.ReadAsync(shaken, heard), client.PingAsync());
            await shaken.Task.WaitAsync(TimeSpan.FromSeconds(30));
            return client;
        }

        private async Task SendAsync(string message) => await _socket.SendAsync((byte[])[.. Encoding.UTF8.GetBytes(message), Separator], WebSocketMessageType.Text, true, _end.Token);

        private async Task PingAsync()
        {
            try
            {
                while (true)
                {
                    await Task.Delay(TimeSpan.FromSeconds(10), _end.Token);
                    await SendAsync("""{"type":6}""");
                }
            }
            catch (OperationCanceledException)
            {
            }
        }

        private async Task ReadAsync(TaskCompletionSource shaken, Action<JsonElement, long> heard)
        {
            var (buffer, held) = (new byte[64 * 1024], 0);
            try
            {
                while (true)
                {
                    var got = await _socket.ReceiveAsync(buffer.AsMemory(held), _end.Token);
                    if (got.MessageType == WebSocketMessageType.Close) throw new InvalidOperationException("The server closed a client of the hub.");
                    var at = Stopwatch.GetTimestamp();
                    held += got.Count;
                    var from = 0;
                    for (int end; (end = Array.IndexOf(buffer, Separator, from, held - from)) >= 0; from = end + 1)
                    {
                        using var message = JsonDocument.Parse(buffer.AsMemory(from, end - from));
                        if (!message.RootElement.TryGetProperty("type", out var type)) shaken.TrySetResult();
                        else if (type.GetInt32() == 1) heard(message.RootElement.GetProperty("arguments")[0], at);
                        else if (type.GetInt32() == 7) throw new InvalidOperationException($"The hub ended a client: {message.RootElement}");
                    }

                    buffer.AsSpan(from, held - from).CopyTo(buffer);
                    held -= from;
                }
            }
            catch (OperationCanceledException)
            {
            }
            catch (Exception e)
            {
                shaken.TrySetException(e);
                throw;
            }
        }

        public async ValueTask DisposeAsync()
        {
            await _end.CancelAsync();
            await _reading;
            _socket.Dispose();
            _end.Dispose();
        }
    }
}

/// <summary>A SignalR hub with groups and nothing else, in a process of its own; this program, started as <c>bare-hub</c>.</summary>
internal sealed class BareHub : IAsyncDisposable
{
    private readonly Process _process;
    private readonly ConcurrentBag<double> _times = [];

    private BareHub(Process process) => _process = process;

    public Uri Address { get; private set; } = default!;

    /// <summary>Milliseconds from the server's call to a client's receipt.</summary>
    public IReadOnlyList<double> Times => [.. _times];

    public int Missed { get; private set; }

    private int _heard;

    public static async Task<BareHub> StartAsync()
    {
        var hub = new BareHub(Process.Start(new ProcessStartInfo("dotnet", [typeof(BareHub).Assembly.Location, Verb]) { RedirectStandardOutput = true, RedirectStandardInput = true })!);
        hub.Address = new Uri(await hub._process.StandardOutput.ReadLineAsync() ?? throw new InvalidOperationException("The bare hub did not start."));
        return hub;
    }

    public void Heard(JsonElement e, long at)
    {
        Interlocked.Increment(ref _heard);
        if (e.GetProperty("position").GetInt64() is var sent && sent > 0) _times.Add(Stopwatch.GetElapsedTime(sent, at).TotalMilliseconds);
    }

    /// <summary>Sends what the product sends for as many proposals: a message when one is proposed and one when it is approved.</summary>
    public async Task RunAsync(int seconds, int rate, IReadOnlyList<(BranchId Branch, string Name)> groups, int warm)
    {
        var before = _heard;
        using var http = new HttpClient { BaseAddress = Address, Timeout = TimeSpan.FromMinutes(5) };
        (await http.PostAsync($"/run?seconds={seconds}&rate={rate}&warm={warm}&groups={string.Join(',', groups.Select(g => g.Branch))}", null)).EnsureSuccessStatusCode();
        var expected = seconds * rate * 2 * 50;
        var patience = Stopwatch.StartNew();
        while (_heard - before < expected && patience.Elapsed < TimeSpan.FromSeconds(10)) await Task.Delay(20);
        Missed += expected - (_heard - before);
    }

    public const string Verb = "bare-hub";

    /// <summary>The process itself; ends with its input.</summary>
    public static async Task ServeAsync()
    {
        var builder = WebApplication.CreateSlimBuilder();
        builder.WebHost.UseUrls("http://127.0.0.1:0");
        builder.Logging.ClearProviders();
        builder.Services.AddSignalR();
        var app = builder.Build();
        app.MapHub<Hub>("/bare");
        app.MapPost("/run", async (int seconds, int rate, int warm, string groups, IHubContext<Hub> hub) =>
        {
            var names = groups.Split(',');
            using var timer = new PeriodicTimer(TimeSpan.FromSeconds(1.0 / rate));
            for (var n = 0; n < seconds * rate && await timer.WaitForNextTickAsync(); n++)
            {
                var payload = $$"""{"band":"AMBER","capability":"bench.nothing","proposalId":"{{Guid.CreateVersion7()}}","state":"Grace","version":1}""";
                foreach (var counts in (bool[])[false, true])
                {
                    var message = new LiveMessage(counts && n >= warm * rate ? Stopwatch.GetTimestamp() : 0, Guid.CreateVersion7(), TimeProvider.System.GetUtcNow(), Topics.ProposalChanged, Guid.Parse(names[n % names.Length]), payload);
                    await hub.Clients.Groups(names[n % names.Length]).SendAsync(LiveHub.EventMethod, message);
                }
            }

            return Results.Ok();
        });
        await app.StartAsync();
        Console.WriteLine(app.Urls.First());
        while (await Console.In.ReadLineAsync() is not null)
        {
        }
    }

    public async ValueTask DisposeAsync()
    {
        _process.StandardInput.Close();
        await _process.WaitForExitAsync();
        _process.Dispose();
    }

    internal sealed class Hub : Microsoft.AspNetCore.SignalR.Hub
    {
        public override Task OnConnectedAsync() => Groups.AddToGroupAsync(Context.ConnectionId, Context.GetHttpContext()!.Request.Query["group"].ToString());
    }
}
