using StudioVault.Domain.Kernel;

namespace StudioVault.Domain.Proposals;

/// <summary>A concrete intended write that waits for a human's verdict.</summary>
public readonly record struct ProposalId(Guid Value) : IId<ProposalId>
{
    public static ProposalId From(Guid value) => new(value);
    public static ProposalId New() => new(Guid.CreateVersion7());
    public override string ToString() => Value.ToString();
}

/// <summary>A stop that was thrown.</summary>
public readonly record struct StopId(Guid Value) : IId<StopId>
{
    public static StopId From(Guid value) => new(value);
    public static StopId New() => new(Guid.CreateVersion7());
    public override string ToString() => Value.ToString();
}

/// <summary>A waived approval, narrow and with an end.</summary>
public readonly record struct ExemptionId(Guid Value) : IId<ExemptionId>
{
    public static ExemptionId From(Guid value) => new(value);
    public static ExemptionId New() => new(Guid.CreateVersion7());
    public override string ToString() => Value.ToString();
}
