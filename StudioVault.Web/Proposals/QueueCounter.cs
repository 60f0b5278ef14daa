using StudioVault.Domain.Organization;
using StudioVault.Infrastructure.Live;
using StudioVault.Infrastructure.Proposals;
using StudioVault.Web.Organization;
using StudioVault.Web.Shell;

namespace StudioVault.Web.Proposals;

/// <summary>How many proposals wait for a decision in the branch one works in, beside the menu entry, live.</summary>
public sealed class QueueCounter(Session session, ProposalQueries proposals, LiveFeed feed, NavCounts counts) : INavCounter
{
    private IDisposable? _subscription;
    private SessionState? _state;

    public async Task StartAsync()
    {
        _state = await session.GetAsync();
        if (_state is not { BranchRole: Role.BranchManager or Role.Staff, BranchId: { } branch }) return;
        _subscription ??= feed.Subscribe(e => e.Branch == branch && e.Topic == Topics.ProposalChanged, _ => CountAsync());
        await CountAsync();
    }

    public void Dispose() => _subscription?.Dispose();

    private async Task CountAsync()
    {
        var result = await proposals.CountAsync(_state!.Sender, _state.BranchId!.Value, CancellationToken.None);
        if (result.TryGet(out var open, out _)) counts.Set("queue", open);
    }
}
