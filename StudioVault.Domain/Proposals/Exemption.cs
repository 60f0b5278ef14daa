using StudioVault.Domain.Kernel;

namespace StudioVault.Domain.Proposals;

/// <summary>
/// A waived approval, never hidden (features row 5.9): GREEN and AMBER proposals of one capability in one scope need none until a
/// day or a number of uses. Ended ones stay visible.
/// </summary>
public sealed class Exemption
{
    public const int LongestReason = 500;
    public const int LongestDays = 90;
    public const int MostUsesEver = 500;

    private Exemption() { }

    public ExemptionId Id { get; private init; }
    public string Capability { get; private init; } = "";

    /// <summary>Null: every branch.</summary>
    public BranchId? BranchId { get; private init; }

    /// <summary>Null: every agent and every person.</summary>
    public AgentId? AgentId { get; private init; }

    public string Reason { get; private init; } = "";
    public DateTimeOffset GrantedAt { get; private init; }
    public PersonId? GrantedBy { get; private init; }
    public string GrantedByName { get; private init; } = "";
    public DateTimeOffset ExpiresAt { get; private init; }
    public int MostUses { get; private init; }
    public DateTimeOffset? EndedAt { get; private set; }
    public string? EndReason { get; private set; }

    /// <returns><c>refuse.kernel.reason_required</c>, <c>refuse.kernel.too_long</c>, <c>refuse.exemption.too_wide</c>.</returns>
    public static Result<Exemption> Grant(string capability, Band band, BranchId? branch, AgentId? agent, string reason, int days, int mostUses, DateTimeOffset at, PersonId? by, string byName)
    {
        if (string.IsNullOrWhiteSpace(reason)) return KernelRefusals.ReasonRequired.At("reason");
        if (reason.Trim().Length > LongestReason) return KernelRefusals.TooLong.At("reason", LongestReason);
        if (band > Band.Amber) return ExemptionRefusals.TooWide.At("capability", $"{band.ToString().ToUpperInvariant()} always needs its people");
        if (days is < 1 or > LongestDays) return ExemptionRefusals.TooWide.At("days", $"it lasts 1 to {LongestDays} days");
        if (mostUses is < 1 or > MostUsesEver) return ExemptionRefusals.TooWide.At("mostUses", $"it is good for 1 to {MostUsesEver} uses");
        return new Exemption
        {
            Id = ExemptionId.New(),
            Capability = capability,
            BranchId = branch,
            AgentId = agent,
            Reason = reason.Trim(),
            GrantedAt = at,
            GrantedBy = by,
            GrantedByName = byName,
            ExpiresAt = at.AddDays(days),
            MostUses = mostUses,
        };
    }

    public bool Covers(string capability, BranchId branch, AgentId? agent, DateTimeOffset now) =>
        EndedAt is null && now < ExpiresAt && Capability == capability && (BranchId is null || BranchId == branch) && (AgentId is null || AgentId == agent);

    /// <returns><c>refuse.exemption.ended</c>, <c>refuse.kernel.reason_required</c>.</returns>
    public Result<Done> End(string reason, DateTimeOffset at)
    {
        if (EndedAt is not null || at >= ExpiresAt) return ExemptionRefusals.Ended;
        if (string.IsNullOrWhiteSpace(reason)) return KernelRefusals.ReasonRequired.At("reason");
        (EndedAt, EndReason) = (at, reason.Trim());
        return Done.It;
    }
}

/// <summary>One use of an exemption. Insert-only.</summary>
public sealed class ExemptionUse : ITenantOwned
{
    private ExemptionUse() { }

    public BranchId BranchId { get; private init; }
    public ExemptionId ExemptionId { get; private init; }
    public ProposalId ProposalId { get; private init; }
    public DateTimeOffset At { get; private init; }

    public static ExemptionUse Of(BranchId branch, ExemptionId exemption, ProposalId proposal, DateTimeOffset at) => new() { BranchId = branch, ExemptionId = exemption, ProposalId = proposal, At = at };
}

/// <summary>Refusals of exemptions.</summary>
public static class ExemptionRefusals
{
    public static readonly RefusalKind TooWide = new("refuse.exemption.too_wide",
        "An exemption must stay narrow: {0}.",
        "Make it narrower.", 400);

    public static readonly RefusalKind Ended = new("refuse.exemption.ended",
        "This exemption has ended already.",
        "Grant another one if it is still needed.", 409);
}
