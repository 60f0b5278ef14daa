using StudioVault.Domain.Kernel;

namespace StudioVault.Domain.Organization;

/// <summary>
/// A power that one actor gave another in one branch, with an end: a person to an agent, a person to a stand-in, an agent to
/// another agent. What it gives is cut by everything above it (<see cref="DelegationChain"/>); nothing but its end ever changes.
/// </summary>
public sealed class Delegation
{
    /// <summary>Longest life.</summary>
    public const int LongestDays = 366;

    public const int LongestReason = 400;

    private Delegation() { }

    public BranchId BranchId { get; private init; }
    public DelegationId Id { get; private init; }
    public PersonId? FromPersonId { get; private init; }
    public AgentId? FromAgentId { get; private init; }
    public PersonId? ToPersonId { get; private init; }
    public AgentId? ToAgentId { get; private init; }

    /// <summary>Names of capabilities; null = all the giver has.</summary>
    public string[]? Capabilities { get; private init; }

    public DateTimeOffset StartsAt { get; private init; }
    public DateTimeOffset ExpiresAt { get; private init; }
    public string Reason { get; private init; } = "";

    /// <summary>The delegation the giver has the power from; null when a person gives their own.</summary>
    public DelegationId? ParentId { get; private init; }

    public DateTimeOffset CreatedAt { get; private init; }
    public PersonId CreatedBy { get; private init; }
    public DateTimeOffset? RevokedAt { get; private set; }
    public PersonId? RevokedBy { get; private set; }

    /// <summary>
    /// A new one. Refused with <c>refuse.kernel.reason_required</c>, <c>refuse.kernel.too_long</c>, <c>refuse.delegation.lifetime</c>,
    /// <c>capabilities_malformed</c>. Whether the giver has the power is for <see cref="DelegationChain.Extend"/>.
    /// </summary>
    public static Result<Delegation> Give(BranchId branch, Party from, Party to, IReadOnlyCollection<string>? capabilities, DateTimeOffset? startsAt, DateTimeOffset expiresAt,
        string reason, DelegationId? parent, PersonId by, DateTimeOffset now)
    {
        reason = reason.Trim();
        if (reason.Length == 0) return KernelRefusals.ReasonRequired.At("reason");
        if (reason.Length > LongestReason) return KernelRefusals.TooLong.At("reason", LongestReason);
        var starts = startsAt ?? now;
        if (starts < now || starts > now.AddDays(LongestDays)) return DelegationRefusals.Lifetime.At("startsAt", LongestDays);
        if (expiresAt <= starts || expiresAt > starts.AddDays(LongestDays)) return DelegationRefusals.Lifetime.At("expiresAt", LongestDays);
        if (capabilities is not null && CapabilityNames.Problem(capabilities) is { } problem) return DelegationRefusals.CapabilitiesMalformed.At("capabilities", problem);
        return new Delegation
        {
            BranchId = branch,
            Id = DelegationId.New(),
            FromPersonId = from.Person,
            FromAgentId = from.Agent,
            ToPersonId = to.Person,
            ToAgentId = to.Agent,
            Capabilities = capabilities is null ? null : [.. capabilities.Distinct().Order(StringComparer.Ordinal)],
            StartsAt = starts.ToUniversalTime(),
            ExpiresAt = expiresAt.ToUniversalTime(),
            Reason = reason,
            ParentId = parent,
            CreatedAt = now,
            CreatedBy = by,
        };
    }

    /// <summary>Ends it and with it all below. Refused with <c>refuse.delegation.ended</c>.</summary>
    public Refusal? Revoke(PersonId by, DateTimeOffset now)
    {
        if (RevokedAt is not null || now >= ExpiresAt) return DelegationRefusals.Ended;
        (RevokedAt, RevokedBy) = (now, by);
        return null;
    }
}

/// <summary>One end of a delegation: a person or an agent.</summary>
public readonly record struct Party
{
    public PersonId? Person { get; private init; }
    public AgentId? Agent { get; private init; }

    public static Party Of(PersonId person) => new() { Person = person };
    public static Party Of(AgentId agent) => new() { Agent = agent };
}
