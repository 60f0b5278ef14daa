using StudioVault.Infrastructure.Live;
using StudioVault.Infrastructure.Proposals;
using StudioVault.Web.Organization;
using StudioVault.Web.Shell;

namespace StudioVault.Web.Proposals.Hq;

/// <summary>How many approvals are waived now, beside the menu entry, live: waived, never hidden.</summary>
public sealed class ExemptionsCounter(Session session, ExemptionCommands exemptions, LiveFeed feed, NavCounts counts) : INavCounter
{
    private IDisposable? _subscription;
    private SessionState? _state;

    public async Task StartAsync()
    {
        _state = await session.GetAsync();
        if (!_state.IsHqAdmin) return;
        _subscription ??= feed.Subscribe(e => e.Topic == Topics.CapabilityChanged, _ => CountAsync());
        await CountAsync();
    }

    public void Dispose() => _subscription?.Dispose();

    private async Task CountAsync()
    {
        var result = await exemptions.ListAsync(_state!.Sender, CancellationToken.None);
        if (result.TryGet(out var all, out _)) counts.Set("exemptions", all.Count(x => !x.IsOver));
    }
}
