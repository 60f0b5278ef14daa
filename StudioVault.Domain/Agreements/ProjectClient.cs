using StudioVault.Domain.Kernel;

namespace StudioVault.Domain.Agreements;

/// <summary>A client's part in a project.</summary>
public sealed class ProjectClient : ITenantOwned
{
    private ProjectClient() { }

    public BranchId BranchId { get; private init; }
    public ProjectId ProjectId { get; private init; }
    public ClientId ClientId { get; private init; }

    /// <summary>Who this is in the papers of the project; never given to anybody else.</summary>
    public string PartyId { get; private init; } = "";

    /// <summary>Order on the paper, from 1.</summary>
    public int Place { get; private set; }

    public PartyRole Role { get; private set; }
    public bool IsMinor { get; private set; }

    /// <summary>A guardian's ward by party id; else empty.</summary>
    public string SignsFor { get; private set; } = "";

    public static ProjectClient Of(BranchId branch, ProjectId project, ClientId client, string party, int place, PartyRole role, bool isMinor, string signsFor) =>
        new() { BranchId = branch, ProjectId = project, ClientId = client, PartyId = party, Place = place, Role = role, IsMinor = isMinor, SignsFor = signsFor };
}
