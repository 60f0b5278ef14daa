using StudioVault.Domain.Kernel;

namespace StudioVault.Domain.Agreements;

/// <summary>An agreement with all its amendments.</summary>
public readonly record struct AgreementId(Guid Value) : IId<AgreementId>
{
    public static AgreementId From(Guid value) => new(value);
    public static AgreementId New() => new(Guid.CreateVersion7());
    public override string ToString() => Value.ToString();
}

/// <summary>One paper of an agreement: the agreement itself or an amendment.</summary>
public readonly record struct PaperId(Guid Value) : IId<PaperId>
{
    public static PaperId From(Guid value) => new(value);
    public static PaperId New() => new(Guid.CreateVersion7());
    public override string ToString() => Value.ToString();
}

/// <summary>One person's signing of one issue of a paper; the link in their mail leads to it.</summary>
public readonly record struct SigningId(Guid Value) : IId<SigningId>
{
    public static SigningId From(Guid value) => new(value);
    public static SigningId New() => new(Guid.CreateVersion7());
    public override string ToString() => Value.ToString();
}
