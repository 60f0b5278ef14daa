using StudioVault.Domain.Kernel;
using StudioVault.Domain.Proposals;
using StudioVault.Infrastructure.Persistence;

namespace StudioVault.Infrastructure.Proposals;

/// <summary>Conditions on the history of a branch's proposals (features row 5.5); null = any.</summary>
public sealed record QueueHistory
{
    public static readonly QueueHistory Everything = new();

    /// <summary>Name of a capability.</summary>
    public string? Capability { get; init; }

    /// <summary>Id of a person or an agent: proposed it, or somebody did on their behalf, or they said something on it.</summary>
    public Guid? Who { get; init; }

    /// <summary>Last changed at this instant or later.</summary>
    public DateTimeOffset? From { get; init; }

    /// <summary>Last changed before this instant.</summary>
    public DateTimeOffset? Until { get; init; }

    internal IQueryable<Proposal> Narrow(VaultDb db, IQueryable<Proposal> all)
    {
        if (Capability is { } capability)
        {
            // A test of reviewers is found where what it imitates is: a filter must not tell it from the others.
            var imitating = Decoy.Prefix + capability;
            all = all.Where(p => p.Capability == capability || p.Capability == imitating);
        }

        if (Who is { } who)
        {
            var (text, person, agent) = (who.ToString(), new PersonId(who), new AgentId(who));
            all = all.Where(p => p.ChainJson.Contains(text) || db.Decisions.Any(d => d.BranchId == p.BranchId && d.ProposalId == p.Id && (d.PersonId == person || d.OnBehalfOf == person))
                || db.Decoys.Any(t => t.BranchId == p.BranchId && t.ProposalId == p.Id && (t.ShownAgent == agent || t.ShownFor == person)));
        }

        if (From is { } from) all = all.Where(p => p.ChangedAt >= from);
        if (Until is { } until) all = all.Where(p => p.ChangedAt < until);
        return all;
    }
}

/// <summary>What the history may be filtered by.</summary>
/// <param name="People">Of the branch, and whoever once decided there.</param>
/// <param name="Agents">Who ever proposed there.</param>
/// <param name="Capabilities">Every capability this version knows.</param>
public sealed record QueueHistoryChoices(IReadOnlyList<(Guid Id, string Name)> People, IReadOnlyList<(Guid Id, string Name)> Agents, IReadOnlyList<(string Name, string Title)> Capabilities);
