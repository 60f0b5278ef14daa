using System.Collections.Concurrent;
using System.Net;
using StudioVault.Tests.Support;
using Xunit;

namespace StudioVault.Tests.Faults;

/// <summary>APP-8: commands sent three times and more (at once, after a kill -9, after the sender lost patience) through the API. One effect each.</summary>
public sealed class ThriceSentTests(PostgresServer server) : WebNodeTest(server)
{
    /// <summary>What one agent sends: its share of the branch's attention has room for it.</summary>
    private const int Each = 10;

    private const int AtOnce = 8;

    private sealed record Order(int Agent, string Token, string Key, string Body);

    [Trait(Fault.Category, Fault.Suite)]
    [Fact]
    public Task APP8_Two_hundred_commands_sent_three_times_have_two_hundred_effects() => SendThriceAsync(200);

    [Trait(Fault.Category, Fault.Long)]
    [Fact]
    public Task APP8_A_thousand_commands_sent_three_times_have_a_thousand_effects() => SendThriceAsync(1_000);

    private async Task SendThriceAsync(int count)
    {
        var orders = new List<Order>();
        for (var agent = 0; agent < count / Each; agent++)
        {
            var (_, key) = await NewAgentAsync($"sender-{agent}", null);
            for (var i = 0; i < Each; i++) orders.Add(new Order(agent, key.Token, $"order-{agent}-{i}", NoteBody($"{agent}-{i}")));
        }

        // Each twice at the same time, and in the middle of it the process is killed.
        var told = new ConcurrentDictionary<(int, string), string>();
        var first = await StartNodeAsync();
        var sending = SendAllAsync(first, [.. orders.SelectMany(o => new[] { o, o })], told, mayFail: true);
        await Eventually.True(() => told.Count >= count / 4, "a quarter was answered", 120);
        await first.KillAsync();
        await sending;
        var killed = told.Count;
        Assert.InRange(killed, count / 4, count - 1);

        // Every third sender gives up on the next process before it could answer; in the end each has its answer, and the same however often.
        var second = await StartNodeAsync();
        await GiveUpAsync(second, [.. orders.Where((_, i) => i % 3 == 0)], told);
        for (var i = 0; i < 2; i++) await SendAllAsync(second, orders, told, mayFail: false);
        Assert.Equal(count, told.Count);
        Assert.Equal(count, told.Values.Distinct().Count());
        foreach (var rows in new[] { "proposals.proposals", "proposals.kept_answers", "audit.entries where action = 'proposal.submit' and outcome = 'done'" })
            Assert.Equal((rows, count), (rows, (int)await CountAsync($"select count(*) from {rows}")));
    }

    private static async Task SendAllAsync(WebNode node, IReadOnlyList<Order> orders, ConcurrentDictionary<(int, string), string> told, bool mayFail)
    {
        using var clients = new Clients(node.Address);
        await Parallel.ForEachAsync(orders, new ParallelOptions { MaxDegreeOfParallelism = AtOnce, CancellationToken = Ct }, async (order, ct) =>
        {
            try
            {
                var (answer, body) = await AskAsync(ct);
                Assert.True(answer.StatusCode == HttpStatusCode.Accepted, body);
                Assert.Equal(told.GetOrAdd((order.Agent, order.Key), body), body);
            }
            catch (HttpRequestException) when (mayFail)
            {
                // Killed meanwhile: sent, and nobody knows what became of it.
            }

            // On a machine this busy it may be told to come back; it does, with the same key.
            async Task<(HttpResponseMessage Answer, string Body)> AskAsync(CancellationToken token)
            {
                for (var tries = 1; ; tries++)
                {
                    var answer = await clients.Of(order).SendAsync(ApiHost.Post(order.Body, order.Key), token);
                    var body = await answer.Content.ReadAsStringAsync(token);
                    if (tries == 20 || answer.StatusCode is not (HttpStatusCode.ServiceUnavailable or HttpStatusCode.TooManyRequests)) return (answer, body);
                    answer.Dispose();
                    await Task.Delay(Random.Shared.Next(100, 500), token);
                }
            }
        });
    }

    private static async Task GiveUpAsync(WebNode node, IReadOnlyList<Order> orders, ConcurrentDictionary<(int, string), string> told)
    {
        using var clients = new Clients(node.Address);
        await Parallel.ForEachAsync(orders, new ParallelOptions { MaxDegreeOfParallelism = AtOnce, CancellationToken = Ct }, async (order, ct) =>
        {
            using var patience = CancellationTokenSource.CreateLinkedTokenSource(ct);
            patience.CancelAfter(Random.Shared.Next(1, 15));
            try
            {
                using var answer = await clients.Of(order).SendAsync(ApiHost.Post(order.Body, order.Key), patience.Token);
                if (answer.StatusCode == HttpStatusCode.Accepted) told.TryAdd((order.Agent, order.Key), await answer.Content.ReadAsStringAsync(ct));
            }
            catch (OperationCanceledException) when (!ct.IsCancellationRequested)
            {
                // What a timeout is: the other side may have done it or not.
            }
        });
    }

    private sealed class Clients(Uri address) : IDisposable
    {
        private readonly ConcurrentDictionary<int, Lazy<HttpClient>> _all = [];

        public HttpClient Of(Order order) => _all.GetOrAdd(order.Agent, a => new Lazy<HttpClient>(() => Client(address, order.Token, a + 2))).Value;

        public void Dispose()
        {
            foreach (var client in _all.Values) client.Value.Dispose();
        }
    }
}
