using System.Net.Sockets;
using System.Net.WebSockets;
using System.Text;
using Microsoft.Extensions.DependencyInjection;
using StudioVault.Infrastructure.Live;
using StudioVault.Tests.Support;
using StudioVault.Web.Live;
using Xunit;

namespace StudioVault.Tests.Api;

/// <summary>A client of the hub that does not read, beside one that does.</summary>
public sealed class SlowHubClientTests(PostgresServer server) : ApiTest(server)
{
    [Fact]
    public async Task Whoever_does_not_read_keeps_nobody_waiting_and_is_disconnected_in_the_end()
    {
        using var stuck = await ConnectAsync();
        using var reader = await ConnectAsync();
        var open = Host.Services.GetRequiredService<LiveHubConnections>();
        await Eventually.True(() => open.Count == 2, "the hub knows both");

        // More than all buffers on the way to the one who does not read can hold.
        var large = $$"""{"text":"{{new string('x', 100_000)}}"}""";
        for (var n = 0; n < 20; n++)
        {
            Publish(large, 10);
            await HearAsync(reader, 10);
        }

        Assert.Equal(2, open.Count);
        for (var n = 0; n < LiveHubConnections.MostWaiting / 50; n++)
        {
            Publish("{}", 50);
            await HearAsync(reader, 50);
        }

        await Eventually.True(() => open.Count == 1, "the one who does not read is disconnected");
        Publish("{}", 1);
        await HearAsync(reader, 1);
    }

    [Fact]
    public async Task When_this_node_loses_events_every_client_connects_anew()
    {
        using var reader = await ConnectAsync();
        var open = Host.Services.GetRequiredService<LiveHubConnections>();
        await Eventually.True(() => open.Count == 1, "the hub knows it");
        Publish("{}", LiveFeed.Most);
        await HearAsync(reader, LiveFeed.Most);
        Assert.Equal(1, open.Count);
        Publish("{}", LiveFeed.Most + 1);
        await Eventually.True(() => open.Count == 0, "nobody goes on without knowing what was lost");
    }

    private void Publish(string payload, int times) => Host.Services.GetRequiredService<LiveFeed>()
        .Publish([.. Enumerable.Range(1, times).Select(n => new LiveEvent(n, Guid.CreateVersion7(), TimeProvider.System.GetUtcNow(), Topics.ProposalChanged, "staff:x", Porto, payload))]);

    /// <summary>A WebSocket by hand, for the small receive buffer.</summary>
    private async Task<WebSocket> ConnectAsync()
    {
        var socket = new Socket(SocketType.Stream, ProtocolType.Tcp) { ReceiveBufferSize = 8_192 };
        await socket.ConnectAsync(Host.Address.Host, Host.Address.Port, Ct);
        var stream = new NetworkStream(socket, ownsSocket: true);
        await stream.WriteAsync(Encoding.ASCII.GetBytes($"""
            GET /hubs/live HTTP/1.1
            Host: {Host.Address.Authority}
            Connection: Upgrade
            Upgrade: websocket
            Sec-WebSocket-Version: 13
            Sec-WebSocket-Key: {Convert.ToBase64String(Guid.NewGuid().ToByteArray())}
            Authorization: Bearer {Key.Token}


            """.ReplaceLineEndings("\r\n")), Ct);
        var head = new StringBuilder();
        while (!head.ToString().EndsWith("\r\n\r\n", StringComparison.Ordinal)) head.Append((char)stream.ReadByte());
        Assert.StartsWith("HTTP/1.1 101", head.ToString(), StringComparison.Ordinal);
        var web = WebSocket.CreateFromStream(stream, new WebSocketCreationOptions { IsServer = false });
        await web.SendAsync("{\"protocol\":\"json\",\"version\":1}\u001e"u8.ToArray(), WebSocketMessageType.Text, true, Ct);
        return web;
    }

    /// <summary>Reads until that many events were heard.</summary>
    private static async Task HearAsync(WebSocket from, int events)
    {
        using var patience = CancellationTokenSource.CreateLinkedTokenSource(Ct);
        patience.CancelAfter(TimeSpan.FromSeconds(60));
        var (buffer, heard, text) = (new byte[16_384], 0, new StringBuilder());
        while (heard < events)
        {
            var got = await from.ReceiveAsync(buffer, patience.Token);
            Assert.NotEqual(WebSocketMessageType.Close, got.MessageType);
            text.Append(Encoding.UTF8.GetString(buffer, 0, got.Count));
            if (!got.EndOfMessage) continue;
            heard += text.ToString().Split('\u001e').Count(m => m.StartsWith("{\"type\":1,", StringComparison.Ordinal));
            text.Clear();
        }

        Assert.Equal(events, heard);
    }
}
