using System.Collections.Concurrent;
using System.Net;
using System.Net.WebSockets;
using System.Text;
using System.Text.Json;
using StudioVault.Domain.Proposals;
using StudioVault.Tests.Support;
using Xunit;

namespace StudioVault.Tests.Faults;

/// <summary>F4: an operator ends a web process while it works.</summary>
[Trait(Fault.Category, Fault.Suite)]
public sealed class NodeLeavesTests(PostgresServer server) : WebNodeTest(server)
{
    [Fact]
    public async Task F4_On_SIGTERM_it_says_not_ready_first_answers_what_comes_lets_its_live_clients_go_and_leaves_nothing_held()
    {
        var node = await StartNodeAsync(("Shutdown__Drain", "8s"));
        await Eventually.True(async () => await CountAsync("select count(*) from proposals.executor_leases") == 1, "it has its lease");
        var name = (string)(await SqlAsync("select node from proposals.executor_leases"))!;
        await Eventually.True(async () => await CountAsync("select count(*) from quartz.qrtz_scheduler_state where instance_name = $1", name) == 1, "its scheduler has begun");
        using var http = Client(node.Address, Key.Token, 1);
        var (acknowledged, others, cut, drainingAt) = (new ConcurrentBag<string>(), new ConcurrentBag<string>(), 0, 0);
        using var stop = CancellationTokenSource.CreateLinkedTokenSource(Ct);
        var load = new List<Task>();
        for (var worker = 0; worker < 3; worker++)
        {
            var (_, key) = await NewAgentAsync($"busy-{worker}", null);
            load.Add(LoadAsync(worker, key.Token));
        }

        await Eventually.True(() => acknowledged.Count > 6, "it is at work");
        using var live = await ListenAsync(node);
        var heard = HearAsync(live);
        var held = await DueAsync("while it leaves");
        node.Process.Signal("TERM");
        await Eventually.True(async () => await StatusAsync() == "draining", "readiness says no");
        Volatile.Write(ref drainingAt, acknowledged.Count + others.Count);
        await Eventually.True(() => acknowledged.Count + others.Count > Volatile.Read(ref drainingAt) + 3, "it goes on answering");
        Assert.Equal(0, await node.Process.ExitAsync());
        // Nobody is left hanging: everybody finds that it listens no more.
        await Eventually.True(() => Volatile.Read(ref cut) == load.Count, "every worker is told");
        await stop.CancelAsync();
        await Task.WhenAll(load);

        // Never an answer that is no answer; what was acknowledged is there.
        Assert.All(others, o => Assert.Matches("^429 |^503 .*refuse\\.storage\\.unavailable", o));
        Assert.Equal(0, await CountAsync("select count(*) from unnest($1) as told(id) where not exists (select from proposals.proposals p where p.id = told.id)", acknowledged.Select(Guid.Parse).ToArray()));
        // A browser that is let go looks for another node at once; one left hanging would wait for its timeout.
        var messages = await heard.WaitAsync(Fault.Hang, Ct);
        Assert.Contains("PROPOSAL_CHANGED", messages, StringComparison.Ordinal);
        Assert.EndsWith("{\"type\":7,\"allowReconnect\":true}\u001e", messages, StringComparison.Ordinal);

        // Nobody waits for thirty seconds because it left: lease and jobs are given back.
        Assert.Equal(0, await CountAsync("select count(*) from proposals.executor_leases where until > clock_timestamp()"));
        Assert.Equal(0, await CountAsync("select count(*) from quartz.qrtz_fired_triggers where instance_name = $1", name));
        // Done or left to the next start, never half.
        Assert.Equal(await StateAsync(held.Id) == ProposalState.Succeeded ? 1 : 0, await EffectsAsync("while it leaves"));
        Assert.Contains(await StateAsync(held.Id), new[] { ProposalState.Succeeded, ProposalState.IntentLogged, ProposalState.Grace });

        async Task<string?> StatusAsync()
        {
            using var answer = await http.GetAsync("/health/ready", Ct);
            var status = JsonDocument.Parse(await answer.Content.ReadAsStringAsync(Ct)).RootElement.GetProperty("status").GetString();
            Assert.Equal(status == "draining" ? HttpStatusCode.ServiceUnavailable : HttpStatusCode.OK, answer.StatusCode);
            return status;
        }

        async Task LoadAsync(int worker, string token)
        {
            using var client = Client(node.Address, token, worker + 2);
            for (var i = 0; !stop.IsCancellationRequested; i++)
            {
                try
                {
                    using var answer = await client.SendAsync(ApiHost.Post(NoteBody($"{worker}-{i}"), $"order-{worker}-{i}"), stop.Token);
                    var body = await answer.Content.ReadAsStringAsync(stop.Token);
                    if (answer.StatusCode == HttpStatusCode.Accepted) acknowledged.Add(JsonDocument.Parse(body).RootElement.GetProperty("id").GetString()!);
                    else others.Add($"{(int)answer.StatusCode} {body}");
                }
                catch (HttpRequestException)
                {
                    // It listens no more.
                    Interlocked.Increment(ref cut);
                    return;
                }
                catch (OperationCanceledException) when (stop.IsCancellationRequested)
                {
                    return;
                }
            }
        }
    }

    /// <summary>The hub as any client speaks to it: JSON, one message to a record separator.</summary>
    private async Task<ClientWebSocket> ListenAsync(WebNode node)
    {
        var socket = new ClientWebSocket();
        await socket.ConnectAsync(new Uri($"ws://127.0.0.1:{node.Address.Port}/hubs/live?access_token={Key.Token}"), Ct);
        await socket.SendAsync(Encoding.UTF8.GetBytes("{\"protocol\":\"json\",\"version\":1}\u001e"), WebSocketMessageType.Text, true, Ct);
        return socket;
    }

    /// <summary>Everything it heard until the server ended it.</summary>
    private static async Task<string> HearAsync(ClientWebSocket socket)
    {
        var (heard, buffer) = (new StringBuilder(), new byte[8 * 1024]);
        try
        {
            while (await socket.ReceiveAsync(buffer, CancellationToken.None) is { MessageType: not WebSocketMessageType.Close } part)
            {
                heard.Append(Encoding.UTF8.GetString(buffer, 0, part.Count));
                // Alive, as often as the server is. Whoever has left hears it no more; what it said before is still to be read.
                if (socket.State == WebSocketState.Open) await SayAsync();
            }
        }
        catch (WebSocketException)
        {
            // Cut instead of closed: over as well.
        }

        return heard.ToString();

        async Task SayAsync()
        {
            try
            {
                await socket.SendAsync(Encoding.UTF8.GetBytes("{\"type\":6}\u001e"), WebSocketMessageType.Text, true, CancellationToken.None);
            }
            catch (WebSocketException)
            {
                // Reading goes on.
            }
        }
    }
}
