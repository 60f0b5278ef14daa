using Npgsql;
using StudioVault.Domain.Kernel;
using StudioVault.Domain.Organization;
using StudioVault.Domain.Proposals;
using StudioVault.Infrastructure.Organization;
using StudioVault.Infrastructure.Persistence;

namespace StudioVault.Infrastructure.Proposals;

/// <summary>
/// Whose hands are in a proposal and in each decision on it, as accounts belong to people at this moment: two accounts that were
/// linked or parted after it was proposed are still not two pairs of eyes (features row 5.4, APP-3).
/// </summary>
internal sealed class FourEyes
{
    private readonly Dictionary<Guid, Guid> _now;

    private FourEyes(Dictionary<Guid, Guid> now) => _now = now;

    public static async Task<FourEyes> LookAsync(VaultDb db, Proposal proposal, IReadOnlyList<Decision> decisions, CancellationToken ct)
    {
        Guid[] accounts = [.. Accounts(proposal).Concat(decisions.SelectMany(Accounts)).Distinct()];
        return new(await HumansAsync(db, accounts, ct));
    }

    /// <summary>The human behind each account, as accounts are linked now; those nobody knows are left out.</summary>
    public static async Task<Dictionary<Guid, Guid>> HumansAsync(VaultDb db, Guid[] accounts, CancellationToken ct)
    {
        if (accounts.Length == 0) return [];
        var command = new NpgsqlBatchCommand("select id, coalesce(human_id, id) from organization.people where id = any($1)") { Parameters = { new() { Value = accounts } } };
        return await Delegations.InNoScopeAsync(db, command, async reader =>
        {
            var now = new Dictionary<Guid, Guid>();
            while (await reader.ReadAsync(ct)) now[reader.GetGuid(0)] = reader.GetGuid(1);
            return now;
        }, ct);
    }

    /// <summary>Enough to find the caller's own hands in it, and nobody else's; the door has asked for their accounts already.</summary>
    public static FourEyes OfCaller(Caller caller)
    {
        var human = caller.Humans.Single().Value;
        return new(caller.OtherAccounts.Append(caller.PersonId!.Value.Value).Append(human).Distinct().ToDictionary(a => a, _ => human));
    }

    public IReadOnlySet<Guid> Of(Proposal proposal) => People(Accounts(proposal));

    public IReadOnlySet<Guid> Of(Decision decision) => People(Accounts(decision));

    /// <summary>As they were kept, and as they are now.</summary>
    private HashSet<Guid> People(IEnumerable<Guid> accounts) => [.. accounts.SelectMany(a => _now.TryGetValue(a, out var human) ? (Guid[])[a, human] : [a])];

    private static IEnumerable<Guid> Accounts(Proposal p) =>
        p.Humans.Concat(p.Chain.Where(a => a.Kind == ActorKind.Staff).Select(a => Guid.TryParseExact(a.Id, "D", out var id) ? id : (Guid?)null).OfType<Guid>());

    private static IEnumerable<Guid> Accounts(Decision d) => d.OnBehalfOf is { } other ? [.. d.Humans, d.PersonId.Value, other.Value] : [.. d.Humans, d.PersonId.Value];
}
