using System.Collections.Concurrent;
using System.Security.Claims;
using Microsoft.AspNetCore.Http.Features;
using Microsoft.AspNetCore.SignalR;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging.Abstractions;
using StudioVault.Domain.Organization;
using StudioVault.Infrastructure.Door;
using StudioVault.Infrastructure.Live;
using StudioVault.Infrastructure.Organization;
using StudioVault.Tests.Support;
using StudioVault.Web.Live;
using Xunit;

namespace StudioVault.Tests.Live;

/// <summary>WEB-2 at the public channel: whoever may hear no more is cut off, at once where the node hears of it and within half a minute anyhow.</summary>
public sealed class LiveHubPeopleTests(PostgresServer server) : VaultTest(server)
{
    private WholeHost _host = null!;

    private LiveHubConnections Connections => _host.Services.GetRequiredService<LiveHubConnections>();
    private PeopleCommands People => _host.Services.GetRequiredService<PeopleCommands>();

    public override async ValueTask InitializeAsync()
    {
        await base.InitializeAsync();
        _host = await WholeHost.StartAsync(Server, Database, Ct);
    }

    public override async ValueTask DisposeAsync()
    {
        await _host.DisposeAsync();
        await base.DisposeAsync();
        GC.SuppressFinalize(this);
    }

    [Fact]
    public async Task Signing_out_cuts_this_session_off_at_once_and_not_the_persons_other_device()
    {
        var (desk, tablet, ana) = (await ConnectAsync(Rui with { Session = Guid.NewGuid() }), await ConnectAsync(Rui with { Session = Guid.NewGuid() }), await ConnectAsync(Ana with { Session = Guid.NewGuid() }));
        Assert.Null((await People.EndSessionAsync(desk.Sender, Ct)).Refusal);
        await Eventually.True(() => desk.IsCut, "the session that ended is cut off", withinSeconds: 15);
        // Everybody has been looked up by then.
        await Connections.ReviewAsync(Ct);
        Assert.False(tablet.IsCut);
        Assert.False(ana.IsCut);
    }

    [Fact]
    public async Task Whoever_loses_a_right_or_the_account_is_cut_off_at_once()
    {
        var (rui, berlin, ana) = (await ConnectAsync(Rui), await ConnectAsync(BerlinManager), await ConnectAsync(Ana));
        Assert.Null((await People.DisableAsync(Hq, Rui.PersonId!.Value, "He left", Ct)).Refusal);
        await Eventually.True(() => rui.IsCut, "who was switched off is cut off", withinSeconds: 15);
        var seen = new PersonFacts("Jonas", "", "jonas@northlight.example", false, new Dictionary<Domain.Kernel.BranchId, Role> { [Berlin] = Role.BranchManager });
        Assert.Null((await People.ChangeAsync(Hq, BerlinManager.PersonId!.Value, seen, seen with { Roles = new Dictionary<Domain.Kernel.BranchId, Role> { [Porto] = Role.Staff } }, Ct)).Refusal);
        await Eventually.True(() => berlin.IsCut, "who lost a branch is cut off", withinSeconds: 15);
        await Connections.ReviewAsync(Ct);
        Assert.False(ana.IsCut);
    }

    [Fact]
    public async Task The_round_finds_whom_no_event_told_of_and_leaves_everybody_else()
    {
        var (rui, ana) = (await ConnectAsync(Rui), await ConnectAsync(Ana));
        await Connections.ReviewAsync(Ct);
        Assert.False(rui.IsCut);
        await PastGuardsAsync("update organization.people set security_stamp = 'another' where name = 'Rui'");
        await Connections.ReviewAsync(Ct);
        Assert.True(rui.IsCut);
        Assert.False(ana.IsCut);
    }

    [Fact]
    public async Task What_changes_about_an_account_is_told_to_headquarters_only()
    {
        var post = new Post();
        using var connections = new LiveHubConnections(Door, _host.Services.GetRequiredService<AgentGate>(), post, _host.Services.GetRequiredService<IHostApplicationLifetime>(), NullLogger<LiveHubConnections>.Instance);
        var feed = new LiveFeed(NullLogger<LiveFeed>.Instance);
        var relay = new LiveHubRelay(feed, connections);
        await relay.StartAsync(Ct);
        var (ana, helena) = (await ConnectAsync(Ana, connections), await ConnectAsync(Hq, connections));
        feed.Publish([Event(1, Topics.AccountChanged), Event(2, Topics.TemplateChanged)]);
        // In order: whoever has the second one has been passed by with the first.
        await Eventually.True(() => post.To(ana).Contains(Topics.TemplateChanged) && post.To(helena).Contains(Topics.TemplateChanged), "both hear of the template");
        Assert.Equal([Topics.TemplateChanged], post.To(ana));
        Assert.Equal([Topics.AccountChanged, Topics.TemplateChanged], post.To(helena));
        await relay.StopAsync(Ct);

        static LiveEvent Event(long position, string topic) => new(position, Guid.NewGuid(), DateTimeOffset.UnixEpoch, topic, "staff:x", null, "{}");
    }

    private async Task<Connection> ConnectAsync(Sender sender, LiveHubConnections? to = null)
    {
        var connection = new Connection(sender);
        (to ?? Connections).Add(connection, sender, (await Connections.GroupsOfAsync(sender, Ct)).Value);
        return connection;
    }

    /// <summary>Keeps what is sent to whom.</summary>
    private sealed class Post : IHubContext<LiveHub>, IHubClients
    {
        private readonly ConcurrentQueue<(string Connection, string Topic)> _sent = [];

        public IHubClients Clients => this;
        public IGroupManager Groups => throw new NotSupportedException();
        public IClientProxy All => throw new NotSupportedException();

        public IReadOnlyList<string> To(Connection connection) => [.. _sent.Where(s => s.Connection == connection.ConnectionId).Select(s => s.Topic)];

        ISingleClientProxy IHubClients.Client(string connectionId) => new Box(this, connectionId);

        public IClientProxy Client(string connectionId) => new Box(this, connectionId);
        public IClientProxy AllExcept(IReadOnlyList<string> excludedConnectionIds) => throw new NotSupportedException();
        IClientProxy IHubClients<IClientProxy>.Clients(IReadOnlyList<string> connectionIds) => throw new NotSupportedException();
        public IClientProxy Group(string groupName) => throw new NotSupportedException();
        public IClientProxy GroupExcept(string groupName, IReadOnlyList<string> excludedConnectionIds) => throw new NotSupportedException();
        IClientProxy IHubClients<IClientProxy>.Groups(IReadOnlyList<string> groupNames) => throw new NotSupportedException();
        public IClientProxy User(string userId) => throw new NotSupportedException();
        public IClientProxy Users(IReadOnlyList<string> userIds) => throw new NotSupportedException();

        private sealed class Box(Post post, string connection) : ISingleClientProxy
        {
            public Task SendCoreAsync(string method, object?[] args, CancellationToken cancellationToken = default)
            {
                post._sent.Enqueue((connection, Assert.IsType<LiveMessage>(args[0]).Topic));
                return Task.CompletedTask;
            }

            public Task<T> InvokeCoreAsync<T>(string method, object?[] args, CancellationToken cancellationToken) => throw new NotSupportedException();
        }
    }

    private sealed class Connection(Sender sender) : HubCallerContext
    {
        public Sender Sender { get; } = sender;

        public bool IsCut { get; private set; }

        public override string ConnectionId { get; } = Guid.NewGuid().ToString();
        public override string? UserIdentifier => Sender.PersonId.ToString();
        public override ClaimsPrincipal? User => null;
        public override IDictionary<object, object?> Items { get; } = new Dictionary<object, object?>();
        public override IFeatureCollection Features { get; } = new FeatureCollection();
        public override CancellationToken ConnectionAborted => new(IsCut);

        public override void Abort() => IsCut = true;
    }
}
