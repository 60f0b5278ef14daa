using System.Collections.Concurrent;
using System.Net;
using System.Net.Sockets;

namespace StudioVault.Tests.Faults;

/// <summary>What lies between a node and its database on a bad day. Carries TCP to the socket of a private PostgreSQL.</summary>
internal sealed class DatabaseProxy : IDisposable
{
    private readonly TcpListener _listener = new(IPAddress.Loopback, 0);
    private readonly ConcurrentDictionary<Guid, (Socket Node, Socket Server)> _open = [];
    private readonly CancellationTokenSource _end = new();
    private readonly string _socket;

    public DatabaseProxy(string socket)
    {
        _socket = socket;
        _listener.Start();
        _ = AcceptAsync();
    }

    public int Port => ((IPEndPoint)_listener.LocalEndpoint).Port;

    /// <summary>No new connection is taken.</summary>
    public volatile bool Refuses;

    /// <summary>The next COMMIT reaches the server, its answer is lost and the connection ends.</summary>
    public volatile bool LosesCommitAnswer;

    /// <summary>The next COMMIT is lost on its way, and the connection ends.</summary>
    public volatile bool LosesCommit;

    /// <summary>After the connection ended with a COMMIT, the database is away.</summary>
    public volatile bool AwayAfterwards;

    /// <summary>Ends every connection with a reset.</summary>
    public void Reset()
    {
        foreach (var (id, pair) in _open)
        {
            _open.TryRemove(id, out _);
            try
            {
                pair.Node.LingerState = new LingerOption(true, 0);
            }
            catch (ObjectDisposedException)
            {
                // It has just ended by itself.
            }

            pair.Node.Dispose();
            pair.Server.Dispose();
        }
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
                var node = await _listener.AcceptSocketAsync(_end.Token);
                if (Refuses) node.Dispose();
                else _ = CarryAsync(node);
            }
            catch (Exception e) when (e is OperationCanceledException or SocketException or ObjectDisposedException)
            {
                return;
            }
        }
    }

    private async Task CarryAsync(Socket node)
    {
        var server = new Socket(AddressFamily.Unix, SocketType.Stream, ProtocolType.Unspecified);
        var id = Guid.NewGuid();
        node.NoDelay = true;
        _open[id] = (node, server);
        try
        {
            await server.ConnectAsync(new UnixDomainSocketEndPoint(_socket), _end.Token);
            var (lost, answered) = (new TaskCompletionSource(), new TaskCompletionSource());
            await Task.WhenAny(PumpAsync(node, server, toServer: true, lost, answered), PumpAsync(server, node, toServer: false, lost, answered));
        }
        catch (Exception e) when (e is SocketException or ObjectDisposedException or OperationCanceledException)
        {
            // A cut connection is what this class is for.
        }
        finally
        {
            _open.TryRemove(id, out _);
            node.Dispose();
            server.Dispose();
        }
    }

    private async Task PumpAsync(Socket from, Socket to, bool toServer, TaskCompletionSource lost, TaskCompletionSource answered)
    {
        var buffer = new byte[32 * 1024];
        try
        {
            for (int length; (length = await from.ReceiveAsync(buffer, _end.Token)) > 0;)
            {
                var part = buffer.AsMemory(0, length);
                if (toServer && (LosesCommit || LosesCommitAnswer) && part.Span.IndexOf("COMMIT\0"u8) >= 0)
                {
                    var arrives = LosesCommitAnswer;
                    (LosesCommit, LosesCommitAnswer) = (false, false);
                    lost.TrySetResult();
                    if (AwayAfterwards) Refuses = true;
                    if (arrives)
                    {
                        await to.SendAsync(part, _end.Token);
                        // The server's answer comes and is thrown away.
                        await answered.Task.WaitAsync(_end.Token);
                    }

                    return;
                }

                if (!toServer && lost.Task.IsCompleted)
                {
                    answered.TrySetResult();
                    continue;
                }

                await to.SendAsync(part, _end.Token);
            }
        }
        catch (Exception e) when (e is SocketException or ObjectDisposedException or OperationCanceledException)
        {
            // Cut by Reset or Dispose, or closed by the other side.
        }
    }
}
