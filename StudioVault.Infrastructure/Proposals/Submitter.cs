using StudioVault.Domain.Kernel;
using StudioVault.Domain.Organization;

namespace StudioVault.Infrastructure.Proposals;

/// <summary>Who proposes, in full: the chain, the humans whose hands are in it, the delegations it rests on.</summary>
internal sealed record Submitter(IReadOnlyList<Actor> Chain, IReadOnlyList<Guid> Humans, IReadOnlyList<Guid> Delegations, Guid? AgentId, Guid? OwnerHuman)
{
    /// <param name="capability">What they want to propose.</param>
    public static Result<Submitter> Of(Caller caller, BranchId branch, string capability)
    {
        _ = (branch, capability);
        IReadOnlyList<Actor> chain = [caller.Chain.Acting, .. caller.Chain.OnBehalfOf];
        if (caller.PersonId is { } person) return new Submitter(chain, [person.Value], [], null, null);
        return new Submitter(chain, [], [], null, null);
    }
}
