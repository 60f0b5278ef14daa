using StudioVault.Domain.Kernel;

namespace StudioVault.Domain.Organization;

/// <summary>An agent as a command meets it: who it is, and what it may propose where, at this moment.</summary>
/// <param name="KeyId">The key it came with; null for an agent that runs inside StudioVault.</param>
/// <param name="Grants">Live chains within the key's branches, the oldest delegation first.</param>
/// <param name="Capabilities">What the key reaches; null = all the grants give.</param>
/// <param name="Branches">Branches the key reaches; null = all.</param>
/// <param name="Lost">Why it may nothing (more) in a branch, for branches somebody gave it a power in.</param>
public sealed record AgentCaller(AgentId Id, string Slug, string Name, PersonId OwnerId, HumanId OwnerHuman, AgentKeyId? KeyId, IReadOnlyList<Grant> Grants,
    IReadOnlySet<string>? Capabilities, IReadOnlySet<BranchId>? Branches, IReadOnlyDictionary<BranchId, Refusal> Lost)
{
    /// <summary>Branches it may propose in now.</summary>
    public IReadOnlySet<BranchId> OpenBranches => Grants.Select(g => g.Branch).ToHashSet();

    /// <summary>Null when it may propose in the branch at all; to a branch that gave it nothing it is told that nothing is there.</summary>
    public Refusal? Refusal(BranchId branch)
    {
        if (Branches?.Contains(branch) == false) return KernelRefusals.NotFound;
        if (Grants.Any(g => g.Branch == branch)) return null;
        return Lost.TryGetValue(branch, out var why) ? why : KernelRefusals.NotFound;
    }

    /// <summary>
    /// The chain by which it may propose under the capability in the branch. Refused with <c>refuse.kernel.not_found</c>,
    /// <c>refuse.agent.key_scope</c>, <c>refuse.delegation.scope</c> or the reason its last delegation ended.
    /// </summary>
    public Result<Grant> GrantFor(BranchId branch, string capability)
    {
        if (Refusal(branch) is { } refusal) return refusal;
        if (Capabilities?.Contains(capability) == false) return AgentRefusals.OutOfKeyScope.With(capability);
        if (Grants.FirstOrDefault(g => g.Branch == branch && g.Covers(capability)) is { } grant) return grant;
        return DelegationRefusals.OutOfScope.With(capability);
    }

    /// <summary>Whether it may propose under the capability in the branch.</summary>
    public bool May(BranchId branch, string capability) => !GrantFor(branch, capability).IsRefused;
}
