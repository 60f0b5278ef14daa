using System.Net.Sockets;
using Npgsql;

namespace StudioVault.Infrastructure.Persistence;

/// <summary>
/// Tells a PostgreSQL that is slow from one that is not there (fault F5): work may wait as long as its own timeouts say while the
/// server answers at all, and is given up within five seconds when it does not.
/// </summary>
internal sealed class StorageReach
{
    /// <summary>What every command may take before anybody asks.</summary>
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(2);

    /// <summary>How long a server that is there may take for one byte.</summary>
    private static readonly TimeSpan Answer = TimeSpan.FromSeconds(2);

    /// <summary>"Would you speak TLS?", to which every server answers with one byte before anybody has signed in.</summary>
    private static readonly byte[] Question = [0, 0, 0, 8, 0x04, 0xd2, 0x16, 0x2f];

    private readonly IReadOnlyList<(string Host, int Port)> _servers;

    public StorageReach(string connectionString)
    {
        var builder = new NpgsqlConnectionStringBuilder(connectionString);
        _servers = [.. (builder.Host ?? "").Split(',', StringSplitOptions.TrimEntries | StringSplitOptions.RemoveEmptyEntries).Select(h =>
            h[0] != '/' && h.LastIndexOf(':') is var colon and > 0 && int.TryParse(h[(colon + 1)..], out var port) ? (h[..colon], port) : (h, builder.Port))];
    }

    /// <summary>Runs work; when the server stays silent, cancels it and throws as a broken connection would.</summary>
    /// <exception cref="NpgsqlException">The server does not answer; whether the work was committed is not known.</exception>
    public async Task<T> GuardAsync<T>(Func<CancellationToken, Task<T>> work, CancellationToken ct)
    {
        using var gone = CancellationTokenSource.CreateLinkedTokenSource(ct);
        var task = work(gone.Token);
        while (true)
        {
            try
            {
                return await task.WaitAsync(Patience, CancellationToken.None);
            }
            catch (TimeoutException) when (!task.IsCompleted)
            {
                if (await AnswersAsync(ct)) continue;
                if (task.IsCompleted) continue;
                await gone.CancelAsync();
                // It ends when the driver has noticed; nobody waits for that.
                _ = task.ContinueWith(static t => t.Exception, CancellationToken.None, TaskContinuationOptions.OnlyOnFaulted, TaskScheduler.Default);
                throw new NpgsqlException("PostgreSQL does not answer.", new TimeoutException());
            }
        }
    }

    private async Task<bool> AnswersAsync(CancellationToken ct)
    {
        using var patience = CancellationTokenSource.CreateLinkedTokenSource(ct);
        patience.CancelAfter(Answer);
        foreach (var (host, port) in _servers)
        {
            try
            {
                using var socket = host[0] == '/' ? new Socket(AddressFamily.Unix, SocketType.Stream, ProtocolType.Unspecified) : new Socket(SocketType.Stream, ProtocolType.Tcp);
                if (host[0] == '/') await socket.ConnectAsync(new UnixDomainSocketEndPoint($"{host}/.s.PGSQL.{port}"), patience.Token);
                else await socket.ConnectAsync(host, port, patience.Token);
                await socket.SendAsync(Question, patience.Token);
                if (await socket.ReceiveAsync(new byte[1], patience.Token) == 1) return true;
            }
            catch (Exception e) when (e is SocketException or OperationCanceledException)
            {
                // Not this one.
            }
        }

        ct.ThrowIfCancellationRequested();
        return false;
    }
}
