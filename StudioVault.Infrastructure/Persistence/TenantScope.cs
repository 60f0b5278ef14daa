using StudioVault.Domain.Kernel;

namespace StudioVault.Infrastructure.Persistence;

/// <summary>
/// Whose rows a database context may see. It goes to PostgreSQL as <c>app.scope</c> and <c>app.branch_id</c>, where the
/// row-level security policies read it, and into the EF filter named <see cref="VaultDb.TenantFilter"/>.
/// </summary>
public readonly record struct TenantScope
{
    private TenantScope(string name, BranchId? branch) => (Name, BranchId) = (name, branch);

    /// <summary>Sees no tenant row at all: sign-in, public pages.</summary>
    public static TenantScope None => new("", null);

    /// <summary>HQ and jobs: reads every branch; writes only rows HQ owns and update offers.</summary>
    public static TenantScope Hq => new("hq", null);

    /// <summary>One branch: reads and writes its rows and no other's.</summary>
    public static TenantScope Of(BranchId branch) => new("branch", branch);

    /// <summary>"", "hq" or "branch": the value of <c>app.scope</c>.</summary>
    public string Name => field ?? "";

    public BranchId? BranchId { get; }
    public bool IsHq => Name == "hq";
}
