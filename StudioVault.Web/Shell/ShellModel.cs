namespace StudioVault.Web.Shell;

/// <summary>One branch in the switcher.</summary>
/// <param name="Id">Value posted back as <c>branch</c>.</param>
/// <param name="Name">Name for people.</param>
/// <param name="Detail">Second line, for example city and time zone.</param>
public sealed record ShellBranch(string Id, string Name, string Detail);

/// <summary>
/// What the frame around the pages shows of the signed-in person. Filled once per circuit by the Organization module,
/// empty for a visitor.
/// </summary>
public sealed class ShellModel
{
    /// <summary>Raised after <see cref="Show"/>, on the caller's thread.</summary>
    public event Action? Changed;

    public string PersonName { get; private set; } = "";

    /// <summary>The role in words, for example "Branch manager".</summary>
    public string RoleLabel { get; private set; } = "";

    /// <summary>Branches the person may switch to; empty for HQ.</summary>
    public IReadOnlyList<ShellBranch> Branches { get; private set; } = [];

    /// <summary>The branch whose data the pages show, or null for the whole group.</summary>
    public ShellBranch? Current { get; private set; }

    /// <summary>IANA zone of that branch, in which times are told; null for the whole group.</summary>
    public string? Zone { get; set; }

    /// <summary>True while the demo group is loaded: every page then carries the DEMO ribbon.</summary>
    public bool IsDemo { get; private set; }

    /// <summary>Other accounts that count as the same person; empty for almost everybody.</summary>
    public IReadOnlyList<string> SamePerson { get; private set; } = [];

    /// <summary>Says which accounts are the same person.</summary>
    public void ShowSamePerson(IReadOnlyList<string> accounts)
    {
        SamePerson = accounts;
        Changed?.Invoke();
    }

    public void Show(string personName, string roleLabel, IReadOnlyList<ShellBranch> branches, string? currentBranchId, bool isDemo)
    {
        (PersonName, RoleLabel, Branches, IsDemo) = (personName, roleLabel, branches, isDemo);
        Current = branches.FirstOrDefault(b => b.Id == currentBranchId);
        Changed?.Invoke();
    }
}
