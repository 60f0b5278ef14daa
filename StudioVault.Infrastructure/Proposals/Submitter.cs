using StudioVault.Domain.Kernel;
using StudioVault.Domain.Organization;

namespace StudioVault.Infrastructure.Proposals;

/// <summary>Who proposes, in full: the chain, the humans whose hands are in it, the delegations it rests on.</summary>
/// <param name="Owner">For an agent: the human who answers for it, whose quota it uses too.</param>
internal sealed record Submitter(IReadOnlyList<Actor> Chain, IReadOnlyList<Guid> Humans, IReadOnlyList<Guid> Delegations, AgentId? Agent, HumanId? Owner)
{
    /// <param name="capability">What they want to propose; an agent needs a chain that covers it.</param>
    public static Result<Submitter> Of(Caller caller, BranchId branch, string capability)
    {
        if (caller.Agent is not { } agent) return new Submitter(ChainOf(caller.Chain), Ids(caller.Humans), [], null, null);
        if (!agent.GrantFor(branch, capability).TryGet(out var grant, out var refusal)) return refusal;
        // The owner answers for the agent: they approve nothing it proposes, whoever gave it the power.
        return new Submitter(ChainOf(grant.Chain), [.. Ids(grant.Humans).Append(agent.OwnerHuman.Value).Distinct().Order()], [.. grant.Delegations.Select(d => d.Value)], agent.Id, agent.OwnerHuman);
    }

    private static IReadOnlyList<Actor> ChainOf(ActorChain chain) => [chain.Acting, .. chain.OnBehalfOf];

    private static Guid[] Ids(IEnumerable<HumanId> humans) => [.. humans.Select(h => h.Value).Order()];
}
