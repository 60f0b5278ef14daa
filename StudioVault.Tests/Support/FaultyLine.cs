using System.Collections.Concurrent;
using System.Net;
using System.Net.Sockets;

namespace StudioVault.Tests.Support;

/// <summary>
/// A TCP line to a server, on a bad day: slow in either direction, frozen, deaf on the way back, cut, reset or refused. The browser
/// tests use it too (linked). What was swallowed stays lost, as on a broken link whose sockets time out.
/// </summary>
internal sealed class FaultyLine : IDisposable
{
    private readonly TcpListener _listener = new(IPAddress.Loopback, 0);
    private readonly ConcurrentDictionary<Socket, Socket> _open = [];
    private readonly CancellationTokenSource _end = new();
    private readonly EndPoint _server;
    private volatile Weather _weather = new();

    /// <param name="server">An address, or the file of a Unix socket.</param>
    public FaultyLine(EndPoint server)
    {
        _server = server;
        _listener.Start();
        _ = AcceptAsync();
    }

    /// <summary>To a web server of this machine.</summary>
    public FaultyLine(Uri server) : this(new IPEndPoint(IPAddress.Loopback, server.Port))
    {
    }

    public int Port => ((IPEndPoint)_listener.LocalEndpoint).Port;

    public Uri Address => new($"http://127.0.0.1:{Port}");

    /// <summary>How the line is; replaced as a whole, so that no half of a change is seen.</summary>
    private sealed class Weather
    {
        public bool IsFrozen { get; init; }
        public bool Refuses { get; init; }
        public TimeSpan ToServer { get; init; }
        public TimeSpan FromServer { get; init; }

        /// <summary>No answer comes through.</summary>
        public bool IsDeaf { get; init; }

        /// <summary>The message after which no answer comes through.</summary>
        public byte[]? Last { get; init; }

        /// <summary>What is lost next.</summary>
        public Trap? Trap { get; init; }
    }

    private sealed class Trap(byte[] marker, bool arrives, bool awayAfterwards)
    {
        private int _sprung;
        public bool Arrives => arrives;
        public bool AwayAfterwards => awayAfterwards;
        public bool Springs(ReadOnlySpan<byte> part) => part.IndexOf(marker) >= 0 && Interlocked.Exchange(ref _sprung, 1) == 0;
    }

    /// <summary>So long each way.</summary>
    public void Slow(TimeSpan toServer, TimeSpan fromServer) => _weather = new Weather { ToServer = toServer, FromServer = fromServer };

    /// <summary>Connections are taken, nothing comes through in either direction, and nobody is told: a firewall that drops, a Wi-Fi out of range.</summary>
    public void Freeze() => _weather = new Weather { IsFrozen = true };

    /// <summary>What is sent arrives; no answer comes back.</summary>
    public void SwallowAnswers() => _weather = new Weather { IsDeaf = true };

    /// <summary>The next message with these bytes arrives; from then on no answer comes back, and every connection stays open.</summary>
    public void SwallowAnswersFrom(ReadOnlySpan<byte> marker) => _weather = new Weather { Last = marker.ToArray() };

    /// <summary>The next message with these bytes ends its connection: it is lost on its way, or it arrives and its answer is lost.</summary>
    /// <param name="awayAfterwards">From then on nobody is let in.</param>
    public void LoseNext(ReadOnlySpan<byte> marker, bool arrives, bool awayAfterwards = false) => _weather = new Weather { Trap = new Trap(marker.ToArray(), arrives, awayAfterwards) };

    /// <summary>Every connection ends and no new one is taken.</summary>
    public void Refuse()
    {
        _weather = new Weather { Refuses = true };
        Cut();
    }

    /// <summary>The line is well again; connections from before are dead.</summary>
    public void Clear()
    {
        _weather = new Weather();
        Cut();
    }

    /// <summary>Every connection ends in order.</summary>
    public void Cut() => End(reset: false);

    /// <summary>Every connection ends with a reset.</summary>
    public void Reset() => End(reset: true);

    public void Dispose()
    {
        _end.Cancel();
        _listener.Dispose();
        Cut();
        _end.Dispose();
    }

    private void End(bool reset)
    {
        foreach (var (client, server) in _open)
        {
            _open.TryRemove(client, out _);
            try
            {
                if (reset) client.LingerState = new LingerOption(true, 0);
            }
            catch (Exception e) when (e is ObjectDisposedException or SocketException)
            {
                // It has just ended by itself.
            }

            client.Dispose();
            server.Dispose();
        }
    }

    private async Task AcceptAsync()
    {
        while (!_end.IsCancellationRequested)
        {
            try
            {
                var client = await _listener.AcceptSocketAsync(_end.Token);
                client.NoDelay = true;
                if (_weather.Refuses) client.Dispose();
                else _ = CarryAsync(client);
            }
            catch (Exception e) when (e is OperationCanceledException or SocketException or ObjectDisposedException)
            {
                return;
            }
        }
    }

    private async Task CarryAsync(Socket client)
    {
        var isFile = _server is UnixDomainSocketEndPoint;
        var server = isFile ? new Socket(AddressFamily.Unix, SocketType.Stream, ProtocolType.Unspecified) : new Socket(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp) { NoDelay = true };
        _open[client] = server;
        try
        {
            await server.ConnectAsync(_server, _end.Token);
            var (lost, answered) = (new TaskCompletionSource(), new TaskCompletionSource());
            await Task.WhenAny(PumpAsync(client, server, isAnswer: false, lost, answered), PumpAsync(server, client, isAnswer: true, lost, answered));
        }
        catch (Exception e) when (IsEnd(e))
        {
            // A cut connection is what this class is for.
        }
        finally
        {
            _open.TryRemove(client, out _);
            client.Dispose();
            server.Dispose();
        }
    }

    private async Task PumpAsync(Socket from, Socket to, bool isAnswer, TaskCompletionSource lost, TaskCompletionSource answered)
    {
        var buffer = new byte[32 * 1024];
        try
        {
            for (int length; (length = await from.ReceiveAsync(buffer, _end.Token)) > 0;)
            {
                var (part, weather) = (buffer.AsMemory(0, length), _weather);
                if (!isAnswer && weather.Trap is { } trap && trap.Springs(part.Span))
                {
                    lost.TrySetResult();
                    _weather = new Weather { Refuses = trap.AwayAfterwards };
                    if (!trap.Arrives) return;
                    await to.SendAsync(part, _end.Token);
                    // The server's answer comes and is thrown away.
                    await answered.Task.WaitAsync(_end.Token);
                    return;
                }

                if (!isAnswer && weather.Last is { } last && part.Span.IndexOf(last) >= 0) _weather = weather = new Weather { IsDeaf = true };
                if (isAnswer && lost.Task.IsCompleted)
                {
                    answered.TrySetResult();
                    continue;
                }

                var delay = isAnswer ? weather.FromServer : weather.ToServer;
                if (delay > TimeSpan.Zero) await Task.Delay(delay, _end.Token);
                if (weather.IsFrozen || (isAnswer && weather.IsDeaf)) continue;
                await to.SendAsync(part, _end.Token);
            }
        }
        catch (Exception e) when (IsEnd(e))
        {
            // Cut from outside, or closed by the other side.
        }
    }

    private static bool IsEnd(Exception e) => e is SocketException or IOException or ObjectDisposedException or OperationCanceledException;
}
