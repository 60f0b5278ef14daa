using StudioVault.Domain.Organization;
using StudioVault.Infrastructure.Organization;
using StudioVault.Web.Hosting;
using Xunit;

namespace StudioVault.Tests.Hosting;

public sealed class StartBannerTests
{
    private static readonly DemoPerson[] People =
    [
        Person("Astrid Holm", Role.HqAdmin, ""), Person("Jonas Kjær", Role.HqAdmin, ""), Person("Ana Moreira", Role.BranchManager, "Northlight Porto"), Person("Inês Carvalho", Role.Staff, "Northlight Porto"),
    ];

    [Fact]
    public void Names_the_first_person_of_each_role_in_a_demo()
    {
        var text = StartBanner.Text(["http://[::]:5080"], demo: true, People);
        Assert.Contains("StudioVault is ready:  http://localhost:5080", text, StringComparison.Ordinal);
        Assert.Contains("  Headquarters    Astrid Holm" + Environment.NewLine, text, StringComparison.Ordinal);
        Assert.Contains("  Branch manager  Ana Moreira (Northlight Porto)" + Environment.NewLine, text, StringComparison.Ordinal);
        Assert.Contains("  Staff           Inês Carvalho (Northlight Porto)" + Environment.NewLine, text, StringComparison.Ordinal);
        Assert.DoesNotContain("Jonas", text, StringComparison.Ordinal);
    }

    [Fact]
    public void Names_nobody_where_people_have_accounts() =>
        Assert.Contains("Sign in with your account.", StartBanner.Text(["https://[::]:443"], demo: false, []), StringComparison.Ordinal);

    private static DemoPerson Person(string name, Role role, string branches) => new(Guid.NewGuid(), name, "", "", role, branches);
}
