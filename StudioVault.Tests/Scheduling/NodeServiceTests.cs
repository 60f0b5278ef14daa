using Microsoft.Extensions.Hosting;
using StudioVault.Infrastructure.Scheduling;
using StudioVault.Web.Hosting;
using Xunit;

namespace StudioVault.Tests.Scheduling;

/// <summary>How the loops of a node end.</summary>
public sealed class NodeServiceTests
{
    [Fact]
    public async Task A_connection_torn_down_at_the_very_moment_of_the_stop_ends_no_node_with_an_error()
    {
        using var loop = new Loop(() => throw new ObjectDisposedException("System.Threading.ManualResetEventSlim"));
        await loop.BeginAsync();

        await loop.StopAsync(TestContext.Current.CancellationToken);

        Assert.True(loop.Ended);
    }

    [Fact]
    public async Task Whatever_else_hears_of_the_stop_and_fails_is_told()
    {
        using var loop = new Loop(() => throw new InvalidOperationException("a bug"));
        await loop.BeginAsync();

        var told = await Assert.ThrowsAsync<AggregateException>(() => loop.StopAsync(TestContext.Current.CancellationToken));

        Assert.Equal("a bug", Assert.Single(told.InnerExceptions).Message);
        Assert.True(loop.Ended);
    }

    [Fact]
    public void Every_loop_of_a_node_ends_this_way() =>
        Assert.DoesNotContain(new[] { typeof(NodeService).Assembly, typeof(VaultHost).Assembly }.SelectMany(assembly => assembly.GetTypes()),
            type => type.IsSubclassOf(typeof(BackgroundService)) && type != typeof(NodeService) && !type.IsSubclassOf(typeof(NodeService)));

    private sealed class Loop(Action told) : NodeService
    {
        private readonly TaskCompletionSource _listens = new();

        public bool Ended { get; private set; }

        /// <summary>Comes back when the loop hears of a stop: a service that never ran has nothing to end.</summary>
        public async Task BeginAsync()
        {
            await StartAsync(TestContext.Current.CancellationToken);
            await _listens.Task.WaitAsync(TestContext.Current.CancellationToken);
        }

        protected override async Task ExecuteAsync(CancellationToken stoppingToken)
        {
            using var heard = stoppingToken.Register(told);
            _listens.SetResult();
            try
            {
                await Task.Delay(Timeout.Infinite, stoppingToken);
            }
            finally
            {
                Ended = true;
            }
        }
    }
}
