using StudioVault.Domain.Organization;
using StudioVault.Infrastructure.Live;
using StudioVault.Infrastructure.Proposals;
using StudioVault.Web.Organization;
using StudioVault.Web.Shell;

namespace StudioVault.Web.Proposals;

/// <summary>That managers are called to a proposal, across every page of the branch's managers, live, until somebody decided on it (features row 5.7).</summary>
public sealed class CalledStripe(Session session, ProposalQueries proposals, LiveFeed feed, Stripes stripes) : IStripeSource
{
    // Below the stop's line: what stops everything comes first.
    private const string Source = "stop.then.called";
    private IDisposable? _subscription;
    private SessionState? _state;

    public async Task StartAsync(bool follow)
    {
        _state = await session.GetAsync();
        if (_state is not { BranchRole: Role.BranchManager, BranchId: { } branch }) return;
        if (follow) _subscription ??= feed.Subscribe(e => e.Branch == branch && e.Topic == Topics.ProposalChanged, _ => ReadAsync());
        await ReadAsync();
    }

    public void Dispose() => _subscription?.Dispose();

    /// <summary>"1 proposal waits for a manager".</summary>
    internal static string Waiting(int count) => count == 1 ? "1 proposal waits for a manager" : $"{count} proposals wait for a manager";

    private async Task ReadAsync()
    {
        // A database that does not answer must not take the line away.
        if (!(await proposals.CalledAsync(_state!.Sender, _state.BranchId!.Value, CancellationToken.None)).TryGet(out var called, out _)) return;
        stripes.Set(Source, called is not [var first, ..] ? null : new Stripe(Waiting(called.Count), Why(called), first.Since, _state.Branch!.TimeZone,
            called.Count == 1 ? $"/queue/{first.Id}?show=review" : "/queue?show=review", called.Count == 1 ? "Look at it" : "Look at them", 0)
        { IsCall = true });
    }

    private static string Why(IReadOnlyList<CalledProposal> called) => (called.Any(c => c.IsAsked), called.Any(c => !c.IsAsked)) switch
    {
        (true, true) => "called for human review, and because time runs out",
        (true, false) => "called for human review",
        _ => "called because time runs out",
    };
}
