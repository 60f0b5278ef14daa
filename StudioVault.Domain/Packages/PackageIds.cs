using StudioVault.Domain.Kernel;

namespace StudioVault.Domain.Packages;

/// <summary>HQ's master of a package.</summary>
public readonly record struct TemplateId(Guid Value) : IId<TemplateId>
{
    public static TemplateId From(Guid value) => new(value);
    public static TemplateId New() => new(Guid.CreateVersion7());
    public override string ToString() => Value.ToString();
}

/// <summary>A branch's own copy of a template.</summary>
public readonly record struct BranchPackageId(Guid Value) : IId<BranchPackageId>
{
    public static BranchPackageId From(Guid value) => new(value);
    public static BranchPackageId New() => new(Guid.CreateVersion7());
    public override string ToString() => Value.ToString();
}

/// <summary>One template version offered to one branch.</summary>
public readonly record struct OfferId(Guid Value) : IId<OfferId>
{
    public static OfferId From(Guid value) => new(value);
    public static OfferId New() => new(Guid.CreateVersion7());
    public override string ToString() => Value.ToString();
}
