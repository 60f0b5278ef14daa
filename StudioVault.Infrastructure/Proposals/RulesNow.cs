using System.Text;
using StudioVault.Domain.Kernel;
using StudioVault.Domain.Proposals;

namespace StudioVault.Infrastructure.Proposals;

/// <summary>Whether the rules a proposal was made under are still those in force: its approvals rest on them (features row 5.3).</summary>
internal static class RulesNow
{
    /// <summary>
    /// Null while they are; else <c>refuse.capability.not_enabled</c>, or <c>refuse.approval.rules_changed</c>, which a recomputed one is free of.
    /// </summary>
    /// <param name="version">Version of the card in force; null while the capability is off.</param>
    public static Refusal? Check(Proposal proposal, int? version)
    {
        if (version is null) return CapabilityRefusals.NotEnabled.With(proposal.Capability);
        if (version != proposal.CapabilityVersion) return ApprovalRefusals.RulesChanged.With("the capability's card");
        if (!CanonicalJson.Canonicalize(ProposalCommands.PoliciesNow()).AsSpan().SequenceEqual(Encoding.UTF8.GetBytes(proposal.Policies))) return ApprovalRefusals.RulesChanged.With("the compliance rules");
        return null;
    }
}
