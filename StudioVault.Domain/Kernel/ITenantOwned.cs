namespace StudioVault.Domain.Kernel;

/// <summary>
/// A row that belongs to one branch. Its key starts with <c>branch_id</c>, PostgreSQL's row-level security and a named EF
/// filter keep every other branch away from it (requirements TEN-1, TEN-2).
/// </summary>
public interface ITenantOwned
{
    BranchId BranchId { get; }
}
