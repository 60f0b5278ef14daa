namespace StudioVault.Domain.Organization;

/// <summary>What a person may do. HQ administrators act for the group, the others inside the branches they belong to.</summary>
public enum Role
{
    /// <summary>Sees the branch's work and approves proposals; decides nothing about packages.</summary>
    Staff = 0,

    /// <summary>Decides for the branch: reviews, accepts, edits its packages.</summary>
    BranchManager = 1,

    /// <summary>Publishes templates and watches the group; never writes a branch's rows.</summary>
    HqAdmin = 2,
}
