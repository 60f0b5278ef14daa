using StudioVault.Domain.Organization;
using StudioVault.Infrastructure.Live;
using StudioVault.Infrastructure.Packages;
using StudioVault.Web.Organization;
using StudioVault.Web.Shell;

namespace StudioVault.Web.Packages.Updates;

/// <summary>How many updates wait for the branch one works in, beside the menu entry, live.</summary>
public sealed class UpdatesCounter(Session session, PackageQueries packages, LiveFeed feed, NavCounts counts) : INavCounter
{
    private IDisposable? _subscription;
    private SessionState? _state;

    public async Task StartAsync()
    {
        _state = await session.GetAsync();
        if (_state is not { BranchRole: Role.BranchManager, BranchId: { } branch }) return;
        _subscription ??= feed.Subscribe(e => e.Branch == branch && e.Topic is Topics.OfferChanged or Topics.BranchChanged, _ => CountAsync());
        await CountAsync();
    }

    public void Dispose() => _subscription?.Dispose();

    private async Task CountAsync()
    {
        var result = await packages.WaitingAsync(_state!.Sender, _state.BranchId!.Value, CancellationToken.None);
        if (result.TryGet(out var waiting, out _)) counts.Set("updates", waiting);
    }
}
