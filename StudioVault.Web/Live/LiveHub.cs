using System.Collections.Concurrent;
using System.Threading.Channels;
using Microsoft.AspNetCore.Authorization;
using Microsoft.AspNetCore.Connections.Features;
using Microsoft.AspNetCore.Identity;
using Microsoft.AspNetCore.SignalR;
using StudioVault.Domain.Kernel;
using StudioVault.Domain.Organization;
using StudioVault.Infrastructure.Door;
using StudioVault.Infrastructure.Live;
using StudioVault.Infrastructure.Organization;
using StudioVault.Infrastructure.Persistence;
using StudioVault.Infrastructure.Scheduling;
using StudioVault.Web.Api;

namespace StudioVault.Web.Live;

/// <summary>
/// The public live channel. A client listens to <c>event</c> and fetches the truth with the ids in it; it cannot send anything.
/// Who hears what is read from the database when the connection opens: a branch's people hear their branches, HQ hears all, an
/// agent hears of proposals in the branches its key reaches.
/// </summary>
[Authorize(AuthenticationSchemes = LiveHubModule.Scheme)]
public sealed class LiveHub(LiveHubConnections connections) : Hub
{
    /// <summary>Method called on clients with a <see cref="LiveMessage"/>.</summary>
    public const string EventMethod = "event";

    /// <summary>Everybody of HQ.</summary>
    public const string HqGroup = "hq";

    /// <summary>Everybody with an account.</summary>
    public const string PeopleGroup = "people";

    /// <summary>Every agent.</summary>
    public const string AgentsGroup = "agents";

    /// <summary>What agents hear of; all else is no business of theirs.</summary>
    public static readonly IReadOnlyList<string> AgentTopics = [Topics.ProposalChanged, Topics.CapabilityChanged, Topics.StopChanged];

    /// <summary>Everybody of one branch.</summary>
    public static string GroupOf(BranchId branch) => $"branch:{branch}";

    /// <summary>Agents that may propose in one branch.</summary>
    public static string AgentsOf(BranchId branch) => $"agents:{branch}";

    public override async Task OnConnectedAsync()
    {
        var sender = AgentKeyHandler.SenderOf(Context.User!) ?? PersonClaims.SenderOf(Context.User!);
        if (!(await connections.GroupsOfAsync(sender, Context.ConnectionAborted)).TryGet(out var groups, out _))
        {
            Context.Abort();
            return;
        }

        connections.Add(Context, sender, groups);
        await base.OnConnectedAsync();
    }

    public override Task OnDisconnectedAsync(Exception? exception)
    {
        connections.Remove(Context.ConnectionId);
        return base.OnDisconnectedAsync(exception);
    }
}

/// <summary>What a client of the hub receives.</summary>
/// <param name="Position">Where it stands in the order of the whole group. A client hears a part of it, so a missing number means nothing: one that was cut off fetches the truth.</param>
/// <param name="Topic">For example <c>OFFER_CHANGED@1.0</c>.</param>
/// <param name="SpaceId">The branch, or null for the group.</param>
/// <param name="Payload">Ids and numbers as JSON text.</param>
public sealed record LiveMessage(long Position, Guid Id, DateTimeOffset Ts, string Topic, Guid? SpaceId, string Payload);

/// <summary>Hands the in-process feed to the hub's clients of this node; every node does so for its own.</summary>
public sealed class LiveHubRelay(LiveFeed feed, LiveHubConnections connections) : IHostedService
{
    private IDisposable? _subscription;

    public Task StartAsync(CancellationToken cancellationToken)
    {
        _subscription = feed.Subscribe(_ => true, RelayAsync, connections.EndAll);
        return Task.CompletedTask;
    }

    public Task StopAsync(CancellationToken cancellationToken)
    {
        _subscription?.Dispose();
        return Task.CompletedTask;
    }

    private static (string Payload, bool PeopleOnly) PayloadOf(string payload)
    {
        if (!payload.Contains($"\"{Topics.PeopleOnly}\"", StringComparison.Ordinal) || System.Text.Json.Nodes.JsonNode.Parse(payload) is not System.Text.Json.Nodes.JsonObject json) return (payload, false);
        json.Remove(Topics.PeopleOnly);
        return (json.ToJsonString(), true);
    }

    private Task RelayAsync(IReadOnlyList<LiveEvent> events)
    {
        foreach (var e in events)
        {
            if (e.Topic is Topics.AccountChanged or Topics.SessionEnded) connections.ReviewSoon(e.Payload);
            if (e.Topic == Topics.SessionEnded) continue;
            var (payload, peopleOnly) = PayloadOf(e.Payload);
            // Who has an account, and when something changes about it, is the business of headquarters.
            List<string> groups = e.Branch is { } branch ? [LiveHub.GroupOf(branch), LiveHub.HqGroup] : [e.Topic == Topics.AccountChanged ? LiveHub.HqGroup : LiveHub.PeopleGroup];
            if (!peopleOnly && LiveHub.AgentTopics.Contains(e.Topic)) groups.Add(e.Branch is { } theirs ? LiveHub.AgentsOf(theirs) : LiveHub.AgentsGroup);
            connections.Send(groups, new LiveMessage(e.Position, e.Id, e.Ts, e.Topic, e.Branch?.Value, payload));
        }

        return Task.CompletedTask;
    }
}

/// <summary>
/// The hub connections of this node, each with a queue of its own: the framework's groups would let everybody wait for the one who
/// does not read (dotnet/aspnetcore#33582), and would send twice to whoever is in two. Twice a minute whoever is behind them is
/// looked up again: who was switched off, whose branches changed or whose key was revoked is disconnected and may connect anew with
/// the rights of today (WEB-2: at most 60 seconds; those whose account or session this node hears of, at once). Whoever reads is told
/// goodbye in the protocol's own words before the connection ends, and that it may connect anew: a client that is cut off has to guess, and one that is closed without those words gives up.
/// </summary>
public sealed class LiveHubConnections(WriteDoor door, AgentGate agents, IHubContext<LiveHub> hub, IHostApplicationLifetime application, ILogger<LiveHubConnections> log) : NodeService
{
    /// <summary>Events that may wait for one client; beyond that it is disconnected, connects anew and fetches the truth.</summary>
    internal const int MostWaiting = 1_000;

    /// <summary>How long a client may take to hear that it is let go.</summary>
    internal TimeSpan GoodbyeWithin { get; set; } = TimeSpan.FromSeconds(2);

    private readonly ConcurrentDictionary<string, Listener> _open = [];
    private int _serving;
    private CancellationTokenRegistration _stopping;

    /// <summary>How many clients are connected to this node.</summary>
    public int Count => _open.Count;

    internal void Add(HubCallerContext context, Sender sender, IReadOnlySet<string> groups)
    {
        var listener = new Listener(context, sender, groups);
        _open[context.ConnectionId] = listener;
        _ = ForwardAsync(listener);
    }

    internal void Remove(string connectionId)
    {
        if (_open.TryRemove(connectionId, out var listener)) listener.Waiting.Writer.TryComplete();
    }

    /// <summary>Sends to everybody in one of the groups; waits for nobody.</summary>
    internal void Send(IReadOnlyList<string> groups, LiveMessage message)
    {
        foreach (var listener in _open.Values)
        {
            if (!groups.Any(listener.Groups.Contains) || listener.Waiting.Writer.TryWrite(message) || listener.Context.ConnectionAborted.IsCancellationRequested) continue;
            log.LogInformation("A live connection was ended because {Most} events waited for it", MostWaiting);
            listener.Context.Abort();
        }
    }

    /// <summary>Events were lost before they came here: everybody connects anew and fetches the truth.</summary>
    internal void EndAll()
    {
        log.LogWarning("This node fell behind with its events; {Count} live connections were ended so that none of them misses one unknowingly", _open.Count);
        foreach (var listener in _open.Values) LetGo(listener);
    }

    public override Task StartAsync(CancellationToken cancellationToken)
    {
        // The framework cuts its connections at the same signal; who registers later is called first.
        _stopping = application.ApplicationStopping.Register(LetAllGo);
        return base.StartAsync(cancellationToken);
    }

    public override void Dispose()
    {
        _stopping.Dispose();
        base.Dispose();
    }

    /// <summary>The node stops: everybody hears it and looks for another one.</summary>
    private void LetAllGo()
    {
        foreach (var listener in _open.Values) RequestClose(listener);
        // The hub forgets a client when its goodbye is written; the framework would cut the line before it is sent.
        SpinWait.SpinUntil(() => _open.IsEmpty && Volatile.Read(ref _serving) == 0, GoodbyeWithin);
    }

    /// <summary>Knows how long the requests last that carry the connections: they end after the last byte was sent.</summary>
    internal RequestDelegate Counted(RequestDelegate serve) => async http =>
    {
        Interlocked.Increment(ref _serving);
        try
        {
            await serve(http);
        }
        finally
        {
            Interlocked.Decrement(ref _serving);
        }
    };

    /// <summary>Ends one connection: from now on nothing is sent to it but the goodbye, and who does not take that is cut off.</summary>
    private void LetGo(Listener listener)
    {
        Remove(listener.Context.ConnectionId);
        RequestClose(listener);
        _ = AbortLaterAsync(listener.Context);
    }

    private static void RequestClose(Listener listener)
    {
        // The framework's own way to end a connection whose sign-in has run out: a close message that allows to connect anew.
        if (listener.Context.Features.Get<IConnectionLifetimeNotificationFeature>() is { } lifetime) lifetime.RequestClose();
        else listener.Context.Abort();
    }

    private async Task AbortLaterAsync(HubCallerContext context)
    {
        // Not shortened by the connection's own end, which begins before its goodbye is written: an abort by then would take the leave
        // to come again out of it.
        await Task.Delay(GoodbyeWithin);
        context.Abort();
    }

    private async Task ForwardAsync(Listener listener)
    {
        var client = hub.Clients.Client(listener.Context.ConnectionId);
        try
        {
            await foreach (var message in listener.Waiting.Reader.ReadAllAsync(listener.Context.ConnectionAborted))
            {
                // Let go with events waiting: what it may no longer see is not sent after all.
                if (!_open.ContainsKey(listener.Context.ConnectionId)) return;
                await client.SendAsync(LiveHub.EventMethod, message, listener.Context.ConnectionAborted);
            }
        }
        catch (OperationCanceledException)
        {
            // It left.
        }
        catch (Exception e)
        {
            log.LogDebug(e, "A live connection failed");
            listener.Context.Abort();
        }
    }

    private sealed record Listener(HubCallerContext Context, Sender Sender, IReadOnlySet<string> Groups)
    {
        // The writer goes on with the sending itself where nothing waits: no thread has to be found for it.
        public Channel<LiveMessage> Waiting { get; } = Channel.CreateBounded<LiveMessage>(new BoundedChannelOptions(MostWaiting) { SingleReader = true, AllowSynchronousContinuations = true });
    }

    /// <summary>What a sender may hear now; refused when it may nothing.</summary>
    internal async Task<Result<HashSet<string>>> GroupsOfAsync(Sender sender, CancellationToken ct)
    {
        if (sender.Agent is not null)
        {
            var agent = await agents.WhoAsync(sender, ct);
            if (agent.IsRefused) return agent.Refusal;
            return new HashSet<string>([LiveHub.AgentsGroup, .. agent.Value.OpenBranches.Select(LiveHub.AgentsOf)]);
        }

        var person = await door.ReadAsync<Caller>(sender, TenantScope.None, Access.AnySignedIn, (_, caller, _) => Task.FromResult<Result<Caller>>(caller), ct);
        if (person.IsRefused) return person.Refusal;
        var groups = new HashSet<string>([LiveHub.PeopleGroup, .. person.Value.Roles.Select(r => r.Branch).OfType<BranchId>().Select(LiveHub.GroupOf)]);
        if (person.Value.IsHqAdmin) groups.Add(LiveHub.HqGroup);
        return groups;
    }

    /// <summary>Looks the connections of a person up again, without waiting for it: the events of everybody else go on.</summary>
    /// <param name="payload">Of an event about them; their id stands in it.</param>
    internal void ReviewSoon(string payload)
    {
        var theirs = _open.Values.Where(o => o.Sender.PersonId is { } id && payload.Contains(id.ToString(), StringComparison.Ordinal)).ToList();
        if (theirs.Count > 0) _ = SoonAsync();

        async Task SoonAsync()
        {
            try
            {
                await ReviewAsync(theirs, CancellationToken.None);
            }
            catch (Exception e)
            {
                // The next round looks them up anyway.
                log.LogWarning(e, "Live connections could not be looked up at once");
            }
        }
    }

    /// <summary>Looks everybody up again.</summary>
    internal Task ReviewAsync(CancellationToken ct) => ReviewAsync(_open.Values, ct);

    private async Task ReviewAsync(IEnumerable<Listener> listeners, CancellationToken ct)
    {
        foreach (var bySender in listeners.GroupBy(o => o.Sender))
        {
            var result = await GroupsOfAsync(bySender.Key, ct);
            // A database that is away says nothing about anybody.
            if (result.IsRefused && result.Refusal.Kind.HttpStatus >= StatusCodes.Status500InternalServerError) continue;
            foreach (var connection in bySender)
            {
                if (!result.IsRefused && result.Value.SetEquals(connection.Groups)) continue;
                log.LogInformation("A live connection was ended because the rights behind it changed");
                LetGo(connection);
            }
        }
    }

    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        using var timer = new PeriodicTimer(TimeSpan.FromSeconds(30));
        while (await TickAsync(timer, stoppingToken))
        {
            try
            {
                await ReviewAsync(stoppingToken);
            }
            catch (Exception e) when (VaultErrors.IsForALoop(e))
            {
                log.LogError(e, "Who may go on listening could not be looked up; it is tried again");
            }
        }
    }

    private static async Task<bool> TickAsync(PeriodicTimer timer, CancellationToken ct)
    {
        try
        {
            return await timer.WaitForNextTickAsync(ct);
        }
        catch (OperationCanceledException)
        {
            return false;
        }
    }
}

/// <summary>Registers the hub and its relay.</summary>
public static class LiveHubModule
{
    /// <summary>A cookie, or an agent key when one is there.</summary>
    public const string Scheme = "Live";

    public static void AddLiveHub(this IServiceCollection services)
    {
        services.AddCircuitOwners();
        services.AddAuthentication().AddPolicyScheme(Scheme, null, o => o.ForwardDefaultSelector = http => AgentKeyHandler.TokenOf(http.Request) is null ? IdentityConstants.ApplicationScheme : AgentKeyHandler.SchemeName);
        services.AddSingleton<LiveHubConnections>();
        services.AddHostedService(sp => sp.GetRequiredService<LiveHubConnections>());
        services.AddHostedService<LiveHubRelay>();
    }

    /// <summary>Holds for every hub, the framework's own for circuits among them.</summary>
    public static void AddCircuitOwners(this IServiceCollection services)
    {
        services.AddSingleton<CircuitOwners>();
        services.AddSignalR(o => o.AddFilter<CircuitOwners>());
    }

    public static void MapLiveHub(this IEndpointRouteBuilder routes) =>
        routes.MapHub<LiveHub>("/hubs/live", o => o.CloseOnAuthenticationExpiration = true)
            .Add(endpoint => endpoint.RequestDelegate = routes.ServiceProvider.GetRequiredService<LiveHubConnections>().Counted(endpoint.RequestDelegate!));
}
