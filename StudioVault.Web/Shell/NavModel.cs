using System.Security.Claims;

namespace StudioVault.Web.Shell;

/// <summary>Role names as they stand in the sign-in cookie; here because menus must not reach into a module for them.</summary>
public static class ShellRoles
{
    public const string HqAdmin = "HqAdmin";
    public const string BranchManager = "BranchManager";
    public const string Staff = "Staff";
}

/// <summary>One entry of the menu.</summary>
/// <param name="Href">Address, with the leading slash; the entry is current on every address below it.</param>
/// <param name="Label">Plain word for people.</param>
/// <param name="Icon">Name in <c>wwwroot/fonts/icons.txt</c>.</param>
/// <param name="Roles">Whoever has one of these roles sees it.</param>
/// <param name="Count">Key in <see cref="NavCounts"/> of the number beside it, or null.</param>
public sealed record NavItem(string Href, string Label, string Icon, IReadOnlyList<string> Roles, string? Count = null);

/// <summary>The whole menu as data: a page joins it by one line here.</summary>
public static class NavModel
{
    public static IReadOnlyList<NavItem> Items { get; } =
    [
        new("/updates", "Updates", "sync", [ShellRoles.BranchManager], Count: "updates"),
        new("/queue", "Queue", "inbox", [ShellRoles.BranchManager, ShellRoles.Staff], Count: "queue"),
        new("/packages", "Packages", "package_2", [ShellRoles.BranchManager, ShellRoles.Staff]),
        new("/projects", "Projects", "photo_camera", [ShellRoles.BranchManager, ShellRoles.Staff]),
        new("/agreements", "Agreements", "draw", [ShellRoles.BranchManager, ShellRoles.Staff]),
        new("/branch", "Branch", "storefront", [ShellRoles.BranchManager, ShellRoles.Staff]),
        new("/hq/templates", "Templates", "layers", [ShellRoles.HqAdmin]),
        new("/hq/branches", "Branches", "storefront", [ShellRoles.HqAdmin]),
        new("/hq/capabilities", "Capabilities", "tune", [ShellRoles.HqAdmin]),
        new("/hq/exemptions", "Exemptions", "rule", [ShellRoles.HqAdmin], Count: "exemptions"),
        new("/hq/reviews", "Reviews", "fact_check", [ShellRoles.HqAdmin]),
        new("/hq/stop", "Stop", "block", [ShellRoles.HqAdmin], Count: "stops"),
        new("/hq/people", "People", "group", [ShellRoles.HqAdmin]),
        new("/hq/agents", "Agents", "bolt", [ShellRoles.HqAdmin]),
        new("/hq/jobs", "Jobs", "schedule", [ShellRoles.HqAdmin], Count: "jobs"),
        new("/audit", "Audit", "history", [ShellRoles.HqAdmin, ShellRoles.BranchManager]),
    ];

    /// <summary>The entries a person may see, in menu order.</summary>
    public static IEnumerable<NavItem> For(ClaimsPrincipal person) =>
        Items.Where(item => item.Roles.Any(person.IsInRole));
}
