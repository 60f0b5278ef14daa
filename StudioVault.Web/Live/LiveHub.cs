using Microsoft.AspNetCore.Authorization;
using Microsoft.AspNetCore.SignalR;
using StudioVault.Domain.Kernel;
using StudioVault.Domain.Organization;
using StudioVault.Infrastructure.Door;
using StudioVault.Infrastructure.Live;
using StudioVault.Infrastructure.Organization;
using StudioVault.Infrastructure.Persistence;

namespace StudioVault.Web.Live;

/// <summary>
/// The public live channel. A client listens to <c>event</c> and fetches the truth with the ids in it; it cannot send anything.
/// Who hears what is read from the database when the connection opens: a branch's people hear their branches, HQ hears all.
/// </summary>
[Authorize]
public sealed class LiveHub(WriteDoor door, LiveHubConnections connections) : Hub
{
    /// <summary>Method called on clients with a <see cref="LiveMessage"/>.</summary>
    public const string EventMethod = "event";

    /// <summary>Everybody of HQ.</summary>
    public const string HqGroup = "hq";

    /// <summary>Everybody of one branch.</summary>
    public static string GroupOf(BranchId branch) => $"branch:{branch}";

    public override async Task OnConnectedAsync()
    {
        var sender = PersonClaims.SenderOf(Context.User!);
        var result = await door.ReadAsync<Caller>(sender, TenantScope.None, Access.AnySignedIn,
            (_, caller, _) => Task.FromResult<Result<Caller>>(caller), Context.ConnectionAborted);
        if (result.IsRefused)
        {
            Context.Abort();
            return;
        }

        if (result.Value.IsHqAdmin)
            await Groups.AddToGroupAsync(Context.ConnectionId, HqGroup, Context.ConnectionAborted);
        foreach (var branch in result.Value.Roles.Where(r => r.Branch is not null).Select(r => r.Branch!.Value).Distinct())
            await Groups.AddToGroupAsync(Context.ConnectionId, GroupOf(branch), Context.ConnectionAborted);
        connections.Add(Context, sender, result.Value.Roles);
        await base.OnConnectedAsync();
    }

    public override Task OnDisconnectedAsync(Exception? exception)
    {
        connections.Remove(Context.ConnectionId);
        return base.OnDisconnectedAsync(exception);
    }
}

/// <summary>What a client of the hub receives.</summary>
/// <param name="Position">Cursor: order and gap detection.</param>
/// <param name="Topic">For example <c>OFFER_CHANGED@1.0</c>.</param>
/// <param name="SpaceId">The branch, or null for the group.</param>
/// <param name="Payload">Ids and numbers as JSON text.</param>
public sealed record LiveMessage(long Position, Guid Id, DateTimeOffset Ts, string Topic, Guid? SpaceId, string Payload);

/// <summary>Hands the in-process feed to the hub's clients of this node; every node does so for its own.</summary>
public sealed class LiveHubRelay(LiveFeed feed, IHubContext<LiveHub> hub) : IHostedService
{
    private IDisposable? _subscription;

    public Task StartAsync(CancellationToken cancellationToken)
    {
        _subscription = feed.Subscribe(_ => true, RelayAsync);
        return Task.CompletedTask;
    }

    public Task StopAsync(CancellationToken cancellationToken)
    {
        _subscription?.Dispose();
        return Task.CompletedTask;
    }

    private async Task RelayAsync(IReadOnlyList<LiveEvent> events)
    {
        foreach (var e in events)
        {
            var message = new LiveMessage(e.Position, e.Id, e.Ts, e.Topic, e.Branch?.Value, e.Payload);
            var groups = e.Branch is { } branch ? hub.Clients.Groups(LiveHub.GroupOf(branch), LiveHub.HqGroup) : hub.Clients.All;
            await groups.SendAsync(LiveHub.EventMethod, message);
        }
    }
}

/// <summary>
/// The hub connections of this node. Twice a minute their people are looked up again: whoever was switched off, or whose
/// branches changed, is disconnected and may connect anew with the rights of today (WEB-2: at most 60 seconds).
/// </summary>
public sealed class LiveHubConnections(WriteDoor door, ILogger<LiveHubConnections> log) : BackgroundService
{
    private readonly System.Collections.Concurrent.ConcurrentDictionary<string, (HubCallerContext Context, Sender Sender, IReadOnlyList<(BranchId? Branch, Role Role)> Roles)> _open = [];

    /// <summary>How many clients are connected to this node.</summary>
    public int Count => _open.Count;

    internal void Add(HubCallerContext context, Sender sender, IReadOnlyList<(BranchId? Branch, Role Role)> roles) => _open[context.ConnectionId] = (context, sender, roles);

    internal void Remove(string connectionId) => _open.TryRemove(connectionId, out _);

    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        using var timer = new PeriodicTimer(TimeSpan.FromSeconds(30));
        while (await TickAsync(timer, stoppingToken))
        {
            foreach (var bySender in _open.Values.GroupBy(o => o.Sender))
            {
                var result = await door.ReadAsync<Caller>(bySender.Key, TenantScope.None, Access.AnySignedIn,
                    (_, caller, _) => Task.FromResult<Result<Caller>>(caller), stoppingToken);
                // A database that is away says nothing about the person.
                if (result.IsRefused && result.Refusal.Code != KernelRefusals.SignedOut.Code) continue;
                foreach (var connection in bySender)
                {
                    if (!result.IsRefused && result.Value.Roles.ToHashSet().SetEquals(connection.Roles)) continue;
                    log.LogInformation("A live connection was ended because its person's rights changed");
                    connection.Context.Abort();
                }
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
    public static void AddLiveHub(this IServiceCollection services)
    {
        services.AddSignalR();
        services.AddSingleton<LiveHubConnections>();
        services.AddHostedService(sp => sp.GetRequiredService<LiveHubConnections>());
        services.AddHostedService<LiveHubRelay>();
    }

    public static void MapLiveHub(this IEndpointRouteBuilder routes) =>
        routes.MapHub<LiveHub>("/hubs/live", o => o.CloseOnAuthenticationExpiration = true);
}
