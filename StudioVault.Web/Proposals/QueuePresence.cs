using StudioVault.Domain.Kernel;
using StudioVault.Domain.Proposals;
using StudioVault.Infrastructure.Live;
using StudioVault.Infrastructure.Persistence;

namespace StudioVault.Web.Proposals;

/// <summary>Who else looks at which proposal of the list, live. It decides nothing.</summary>
/// <param name="rung">Called on any thread when somebody came or left.</param>
internal sealed class QueuePresence(PresenceBoard board, Action rung) : IDisposable
{
    private readonly Dictionary<string, IDisposable> _watches = [];

    /// <summary>First names of the others, by proposal.</summary>
    public IReadOnlyDictionary<ProposalId, IReadOnlyList<string>> There { get; private set; } = new Dictionary<ProposalId, IReadOnlyList<string>>();

    public static string PlaceOf(ProposalId id) => $"proposal:{id}";

    /// <summary>Watches the open ones of the list, and no others any more.</summary>
    public void Watch(QueueOrder order)
    {
        var places = order.Entries.SelectMany(e => e.Rows).Where(QueueWords.IsOpen).Select(r => PlaceOf(r.Id)).ToHashSet();
        foreach (var gone in _watches.Keys.Except(places).ToList())
        {
            _watches.Remove(gone, out var watch);
            watch?.Dispose();
        }

        foreach (var place in places.Where(p => !_watches.ContainsKey(p))) _watches[place] = board.Watch(place, rung);
    }

    /// <returns>Whether somebody came or left.</returns>
    public async Task<bool> LookAsync(QueueOrder order, BranchId branch, PersonId me)
    {
        if (_watches.Count == 0) return false;
        try
        {
            var here = await board.WhoIsAtAsync([.. _watches.Keys], branch, me, CancellationToken.None);
            var there = order.Ids.Where(id => here.Contains(PlaceOf(id))).ToDictionary(id => id, IReadOnlyList<string> (id) => [.. here[PlaceOf(id)].Select(p => p.Name.Split(' ')[0])]);
            if (there.Count == There.Count && there.All(t => There.TryGetValue(t.Key, out var names) && names.SequenceEqual(t.Value))) return false;
            There = there;
            return true;
        }
        catch (Exception e) when (VaultErrors.IsForALoop(e))
        {
            return false;
        }
    }

    public void Dispose()
    {
        foreach (var watch in _watches.Values) watch.Dispose();
    }
}
