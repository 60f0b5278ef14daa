using System.Collections.Concurrent;
using System.Net;
using System.Net.Sockets;

namespace StudioVault.E2E.Support;

/// <summary>
/// Stands between browser and server as a studio's Wi-Fi does: lets everything through, swallows it, or refuses it.
/// Swallowing is what walking out of range looks like: nobody is told.
/// </summary>
public sealed class OutageProxy : IDisposable
{
    private readonly TcpListener _listener = new(IPAddress.Loopback, 0);
    private readonly ConcurrentDictionary<Guid, (TcpClient Browser, TcpClient Server)> _open = [];
    private readonly Uri _server;
    private readonly CancellationTokenSource _end = new();
    private volatile Weather _weather;

    public OutageProxy(Uri server)
    {
        _server = server;
        _listener.Start();
        _ = AcceptAsync();
    }

    private enum Weather
    {
        Clear,
        Swallow,
        Refuse,
    }

    public Uri Address => new($"http://127.0.0.1:{((IPEndPoint)_listener.LocalEndpoint).Port}");

    /// <summary>Nothing gets through and nobody is told.</summary>
    public void Swallow() => _weather = Weather.Swallow;

    /// <summary>Every connection ends and no new one is taken.</summary>
    public void Refuse()
    {
        _weather = Weather.Refuse;
        Cut();
    }

    /// <summary>The network is back; connections from before are dead.</summary>
    public void Clear()
    {
        _weather = Weather.Clear;
        Cut();
    }

    public void Dispose()
    {
        _end.Cancel();
        _listener.Dispose();
        Cut();
        _end.Dispose();
    }

    private void Cut()
    {
        foreach (var (id, pair) in _open)
        {
            _open.TryRemove(id, out _);
            pair.Browser.Dispose();
            pair.Server.Dispose();
        }
    }

    private async Task AcceptAsync()
    {
        while (!_end.IsCancellationRequested)
        {
            TcpClient browser;
            try
            {
                browser = await _listener.AcceptTcpClientAsync(_end.Token);
            }
            catch (Exception e) when (e is OperationCanceledException or SocketException or ObjectDisposedException)
            {
                return;
            }

            if (_weather == Weather.Refuse)
                browser.Dispose();
            else
                _ = CarryAsync(browser);
        }
    }

    private async Task CarryAsync(TcpClient browser)
    {
        var server = new TcpClient();
        var id = Guid.NewGuid();
        _open[id] = (browser, server);
        try
        {
            await server.ConnectAsync(_server.Host, _server.Port);
            await Task.WhenAny(PumpAsync(browser, server), PumpAsync(server, browser));
        }
        catch (Exception e) when (e is SocketException or IOException or ObjectDisposedException)
        {
            // A cut connection is what this class is for.
        }
        finally
        {
            _open.TryRemove(id, out _);
            browser.Dispose();
            server.Dispose();
        }
    }

    private async Task PumpAsync(TcpClient from, TcpClient to)
    {
        var buffer = new byte[16 * 1024];
        var (source, target) = (from.GetStream(), to.GetStream());
        try
        {
            for (int length; (length = await source.ReadAsync(buffer, _end.Token)) > 0;)
            {
                // What was swallowed stays lost, as on a broken link whose sockets time out.
                if (_weather == Weather.Clear)
                    await target.WriteAsync(buffer.AsMemory(0, length), _end.Token);
            }
        }
        catch (Exception e) when (e is SocketException or IOException or ObjectDisposedException or OperationCanceledException)
        {
            // Cut by Clear, Refuse or Dispose, or closed by the other side.
        }
    }
}
