using StudioVault.Domain.Kernel;
using StudioVault.Infrastructure.Audit;
using StudioVault.Web.Audit;
using Xunit;

namespace StudioVault.Tests.Audit;

public sealed class AuditAddressTests
{
    private static readonly AuditPlace Porto = new(BranchId.New(), "porto", "Northlight Porto", "Europe/Lisbon");

    [Fact]
    public void Everything_the_reader_chose_comes_back_from_the_address()
    {
        var address = new AuditAddress
        {
            Text = "wedding & \"film\"",
            Action = "template.publish",
            Who = AuditAddress.Jobs,
            Branch = "porto",
            Outcome = AuditAddress.Refused,
            Thing = "template:0199",
            From = new DateOnly(2026, 11, 1),
            To = new DateOnly(2026, 11, 2),
            Before = Guid.NewGuid(),
            Entry = Guid.NewGuid(),
            Follow = true,
        };
        Assert.Equal(address, AuditAddress.Read("https://vault.example" + address.Href));
        Assert.Equal(address, AuditAddress.Of(address.Href));
    }

    [Fact]
    public void The_whole_log_has_a_bare_address() => Assert.Equal("/audit", new AuditAddress().Href);

    [Theory]
    [InlineData("?from=yesterday&to=2026-13-01&before=x&outcome=maybe&object=nothing&follow=yes")]
    [InlineData("?q=%20%20&who=")]
    public void What_cannot_be_read_counts_as_not_said(string query) => Assert.Equal(new AuditAddress(), AuditAddress.Read("https://vault.example/audit" + query));

    [Fact]
    public void Days_begin_and_end_in_the_zone_of_the_reader()
    {
        var filter = (new AuditAddress { From = new DateOnly(2026, 7, 1), To = new DateOnly(2026, 7, 1) }).ToFilter("Europe/Lisbon", [Porto])!;
        Assert.Equal(new DateTimeOffset(2026, 6, 30, 23, 0, 0, TimeSpan.Zero), filter.From);
        Assert.Equal(new DateTimeOffset(2026, 7, 1, 23, 0, 0, TimeSpan.Zero), filter.Until);
    }

    [Fact]
    public void A_branch_that_is_not_there_matches_nothing_instead_of_everything() => Assert.Null(new AuditAddress { Branch = "atlantis" }.ToFilter("UTC", [Porto]));

    [Fact]
    public void Conditions_become_the_filter()
    {
        var filter = new AuditAddress { Who = AuditAddress.Visitors, Branch = "porto", Thing = "offer:a:b" }.ToFilter("UTC", [Porto])!;
        Assert.Equal(new AuditFilter { ActorKind = "human", Branch = Porto.Id, ObjectType = "offer", ObjectId = "a:b" }, filter);
        Assert.True(new AuditAddress { Branch = AuditAddress.Group }.ToFilter("UTC", [Porto])!.GroupOnly);
    }
}
