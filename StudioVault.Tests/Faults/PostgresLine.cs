using System.Collections.Concurrent;
using System.Net;
using System.Net.Sockets;

namespace StudioVault.Tests.Faults;

/// <summary>The network between StudioVault and PostgreSQL: clear, slow, silent, one-way, or cut.</summary>
internal sealed class PostgresLine : IDisposable
{
    private readonly TcpListener _listener = new(IPAddress.Loopback, 0);
    private readonly ConcurrentDictionary<Socket, Socket> _open = [];
    private readonly CancellationTokenSource _end = new();
    private readonly string _socket;
    private volatile bool _silent;
    private volatile bool _oneWay;
    private volatile int _delay;

    /// <param name="socket">The server's Unix socket.</param>
    public PostgresLine(string socket)
    {
        _socket = socket;
        _listener.Start();
        _ = AcceptAsync();
    }

    public int Port => ((IPEndPoint)_listener.LocalEndpoint).Port;

    /// <summary>Connections are taken and nothing comes through; nobody is told.</summary>
    public void Silence() => _silent = true;

    /// <summary>What is sent arrives; no answer comes back.</summary>
    public void SwallowAnswers() => _oneWay = true;

    /// <summary>So many milliseconds each way.</summary>
    public void Slow(int milliseconds) => _delay = milliseconds;

    /// <summary>Every connection ends with a reset.</summary>
    public void Reset()
    {
        foreach (var (client, server) in _open)
        {
            client.LingerState = new LingerOption(true, 0);
            client.Dispose();
            server.Dispose();
        }

        _open.Clear();
    }

    /// <summary>The network is back; connections from before are dead.</summary>
    public void Clear()
    {
        (_silent, _oneWay, _delay) = (false, false, 0);
        Reset();
    }

    public void Dispose()
    {
        _end.Cancel();
        _listener.Dispose();
        Reset();
        _end.Dispose();
    }

    private async Task AcceptAsync()
    {
        while (!_end.IsCancellationRequested)
        {
            try
            {
                var client = await _listener.AcceptSocketAsync(_end.Token);
                client.NoDelay = true;
                _ = CarryAsync(client);
            }
            catch (Exception e) when (e is OperationCanceledException or SocketException or ObjectDisposedException)
            {
                return;
            }
        }
    }

    private async Task CarryAsync(Socket client)
    {
        var server = new Socket(AddressFamily.Unix, SocketType.Stream, ProtocolType.Unspecified);
        try
        {
            await server.ConnectAsync(new UnixDomainSocketEndPoint(_socket), _end.Token);
            _open[client] = server;
            await Task.WhenAny(PumpAsync(client, server, false), PumpAsync(server, client, true));
        }
        catch (Exception e) when (e is SocketException or OperationCanceledException or ObjectDisposedException)
        {
            // Cut, or the server is away.
        }
        finally
        {
            _open.TryRemove(client, out _);
            client.Dispose();
            server.Dispose();
        }
    }

    private async Task PumpAsync(Socket from, Socket to, bool isAnswer)
    {
        var buffer = new byte[32 * 1024];
        try
        {
            for (int length; (length = await from.ReceiveAsync(buffer, _end.Token)) > 0;)
            {
                if (_delay is > 0 and var wait) await Task.Delay(wait, _end.Token);
                if (!_silent && !(isAnswer && _oneWay)) await to.SendAsync(buffer.AsMemory(0, length), _end.Token);
            }
        }
        catch (Exception e) when (e is SocketException or OperationCanceledException or ObjectDisposedException)
        {
            // Cut.
        }
    }
}
