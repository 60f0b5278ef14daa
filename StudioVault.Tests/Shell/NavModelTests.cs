using System.Security.Claims;
using StudioVault.Web.Shell;
using Xunit;

namespace StudioVault.Tests.Shell;

public sealed class NavModelTests
{
    [Theory]
    [InlineData(ShellRoles.HqAdmin, "/hq/templates")]
    [InlineData(ShellRoles.BranchManager, "/updates")]
    [InlineData(ShellRoles.Staff, "/queue")]
    public void Everybody_begins_with_their_own_work(string role, string first) => Assert.Equal(first, Menu(role)[0].Href);

    [Fact]
    public void Nobody_sees_work_of_another_role()
    {
        Assert.DoesNotContain(Menu(ShellRoles.BranchManager), i => i.Href.StartsWith("/hq/", StringComparison.Ordinal));
        Assert.DoesNotContain(Menu(ShellRoles.HqAdmin), i => i.Href == "/updates");
        Assert.Empty(Menu("none"));
    }

    [Fact]
    public void A_person_with_two_roles_sees_each_entry_once() =>
        Assert.Equal(Menu(ShellRoles.BranchManager).Select(i => i.Href), Menu(ShellRoles.BranchManager, ShellRoles.Staff).Select(i => i.Href));

    private static List<NavItem> Menu(params string[] roles) =>
        [.. NavModel.For(new ClaimsPrincipal(new ClaimsIdentity(roles.Select(r => new Claim(ClaimTypes.Role, r)), "test")))];
}
