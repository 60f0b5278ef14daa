using StudioVault.Domain.Organization;
using StudioVault.Infrastructure.Live;
using StudioVault.Infrastructure.Proposals;
using StudioVault.Web.Organization;
using StudioVault.Web.Shell;

namespace StudioVault.Web.Proposals.Hq;

/// <summary>The stops in force, across every page of everybody whose work they stop, live; their number beside the menu entry.</summary>
public sealed class StopStripe(Session session, StopQueries stops, LiveFeed feed, Stripes stripes, NavCounts counts) : IStripeSource
{
    private const string Source = "stop";
    private IDisposable? _subscription;
    private SessionState? _state;

    public async Task StartAsync(bool follow)
    {
        _state = await session.GetAsync();
        if (_state.View is null) return;
        if (follow) _subscription ??= feed.Subscribe(e => e.Topic == Topics.StopChanged, _ => ReadAsync());
        await ReadAsync();
    }

    public void Dispose() => _subscription?.Dispose();

    private async Task ReadAsync()
    {
        var result = await stops.InForceAsync(_state!.Sender, _state.BranchId, CancellationToken.None);
        // A database that does not answer must not take the line away.
        if (!result.TryGet(out var inForce, out _)) return;
        counts.Set("stops", inForce.Count);
        if (inForce is not [var first, ..])
        {
            stripes.Set(Source, null);
            return;
        }

        var href = _state.IsHqAdmin ? "/hq/stop" : _state.BranchRole == Role.BranchManager ? "/stop" : null;
        stripes.Set(Source, new Stripe($"Stopped: {first.What}", $"by {first.Stop.ThrownByName}: “{first.Stop.Reason}”", first.Stop.ThrownAt, _state.Branch?.TimeZone ?? "UTC", href, "See the stop", inForce.Count - 1));
    }
}
