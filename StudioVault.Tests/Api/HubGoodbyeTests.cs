using System.Net.WebSockets;
using System.Text;
using System.Text.Json;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using StudioVault.Infrastructure.Live;
using StudioVault.Tests.Support;
using StudioVault.Web.Live;
using Xunit;

namespace StudioVault.Tests.Api;

/// <summary>A client of the hub hears that it is let go, and that it may come again: SignalR's close message, by a raw client.</summary>
public sealed class HubGoodbyeTests(PostgresServer server) : ApiTest(server)
{
    private LiveHubConnections Open => Host.Services.GetRequiredService<LiveHubConnections>();

    // Whether they are told at all is asked here, not how quickly this machine does it.
    public override async ValueTask InitializeAsync()
    {
        await base.InitializeAsync();
        Open.GoodbyeWithin = TimeSpan.FromSeconds(30);
    }

    [Fact]
    public async Task When_the_node_stops_every_client_is_told_goodbye_first()
    {
        var clients = new List<ClientWebSocket>();
        for (var i = 0; i < 20; i++) clients.Add(await ConnectAsync());
        await Eventually.True(() => Open.Count == clients.Count, "the hub knows them");
        var heard = clients.ConvertAll(HearAsync);
        await Task.Run(Host.Services.GetRequiredService<IHostApplicationLifetime>().StopApplication, Ct);
        foreach (var client in heard) AssertGoodbye(await client.WaitAsync(TimeSpan.FromSeconds(30), Ct));
        clients.ForEach(c => c.Dispose());
    }

    [Fact]
    public async Task Whose_rights_changed_is_told_goodbye_and_hears_nothing_more()
    {
        using var client = await ConnectAsync();
        await Eventually.True(() => Open.Count == 1, "the hub knows it");
        var heard = HearAsync(client);
        Assert.Null((await Agents.RevokeKeyAsync(Hq, Key.Id, "Enough.", Ct)).Refusal);
        await Open.ReviewAsync(Ct);
        Host.Services.GetRequiredService<LiveFeed>().Publish([new LiveEvent(1, Guid.CreateVersion7(), TimeProvider.System.GetUtcNow(), Topics.ProposalChanged, "staff:x", Porto, "{}")]);
        var messages = await heard.WaitAsync(TimeSpan.FromSeconds(30), Ct);
        AssertGoodbye(messages);
        Assert.DoesNotContain(Topics.ProposalChanged, messages, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Who_missed_events_is_told_goodbye()
    {
        using var client = await ConnectAsync();
        await Eventually.True(() => Open.Count == 1, "the hub knows it");
        var heard = HearAsync(client);
        Open.EndAll();
        AssertGoodbye(await heard.WaitAsync(TimeSpan.FromSeconds(30), Ct));
    }

    /// <summary>The last message is of type 7, names no error, and lets the client come again.</summary>
    private static void AssertGoodbye(string messages)
    {
        var last = messages.Split('\u001e', StringSplitOptions.RemoveEmptyEntries).LastOrDefault() ?? "";
        Assert.True(last.StartsWith("{\"type\":7", StringComparison.Ordinal), $"heard: {messages}");
        var goodbye = JsonDocument.Parse(last).RootElement;
        Assert.True(goodbye.GetProperty("allowReconnect").GetBoolean());
        Assert.False(goodbye.TryGetProperty("error", out _));
    }

    private async Task<ClientWebSocket> ConnectAsync()
    {
        var socket = new ClientWebSocket();
        await socket.ConnectAsync(new Uri($"ws://{Host.Address.Authority}/hubs/live?access_token={Key.Token}"), Ct);
        await socket.SendAsync("{\"protocol\":\"json\",\"version\":1}\u001e"u8.ToArray(), WebSocketMessageType.Text, true, Ct);
        return socket;
    }

    /// <summary>Everything it heard until the server ended it.</summary>
    private static async Task<string> HearAsync(ClientWebSocket socket)
    {
        var (heard, buffer) = (new StringBuilder(), new byte[8 * 1024]);
        try
        {
            while (await socket.ReceiveAsync(buffer, CancellationToken.None) is { MessageType: not WebSocketMessageType.Close } part) heard.Append(Encoding.UTF8.GetString(buffer, 0, part.Count));
        }
        catch (WebSocketException)
        {
            // Cut instead of closed: over as well.
        }

        return heard.ToString();
    }
}
