namespace StudioVault.Domain.Kernel;

/// <summary>A typed id over a version 7 GUID: two kinds of id can never be mixed up.</summary>
public interface IId<TSelf> where TSelf : struct, IId<TSelf>
{
    Guid Value { get; }
    static abstract TSelf From(Guid value);

    /// <summary>A new id; version 7, so ids sort roughly by time.</summary>
    static virtual TSelf New() => TSelf.From(Guid.CreateVersion7());
}

/// <summary>A studio of the group (never a git branch).</summary>
public readonly record struct BranchId(Guid Value) : IId<BranchId>
{
    public static BranchId From(Guid value) => new(value);
    public static BranchId New() => new(Guid.CreateVersion7());
    public override string ToString() => Value.ToString();
}

/// <summary>A person of the group who signs in: HQ administrator, branch manager or staff.</summary>
public readonly record struct PersonId(Guid Value) : IId<PersonId>
{
    public static PersonId From(Guid value) => new(value);
    public static PersonId New() => new(Guid.CreateVersion7());
    public override string ToString() => Value.ToString();
}

/// <summary>A client of a branch.</summary>
public readonly record struct ClientId(Guid Value) : IId<ClientId>
{
    public static ClientId From(Guid value) => new(value);
    public static ClientId New() => new(Guid.CreateVersion7());
    public override string ToString() => Value.ToString();
}

/// <summary>A human, however many accounts they have: four eyes count these. The id of one of the accounts.</summary>
public readonly record struct HumanId(Guid Value) : IId<HumanId>
{
    public static HumanId From(Guid value) => new(value);
    public static HumanId New() => new(Guid.CreateVersion7());
    public override string ToString() => Value.ToString();
}

/// <summary>A software agent of the group.</summary>
public readonly record struct AgentId(Guid Value) : IId<AgentId>
{
    public static AgentId From(Guid value) => new(value);
    public static AgentId New() => new(Guid.CreateVersion7());
    public override string ToString() => Value.ToString();
}

/// <summary>A key an agent proves itself with. Random, because its first characters are shown to tell keys apart.</summary>
public readonly record struct AgentKeyId(Guid Value) : IId<AgentKeyId>
{
    public static AgentKeyId From(Guid value) => new(value);
    public override string ToString() => Value.ToString();
}

/// <summary>A power one actor gave another in a branch.</summary>
public readonly record struct DelegationId(Guid Value) : IId<DelegationId>
{
    public static DelegationId From(Guid value) => new(value);
    public static DelegationId New() => new(Guid.CreateVersion7());
    public override string ToString() => Value.ToString();
}
