using System.Globalization;
using StudioVault.Infrastructure.Organization;
using Xunit;

namespace StudioVault.Tests.Organization;

public sealed class BranchClockTests
{
    [Theory]
    [InlineData("Europe/Lisbon", "2026-01-10", "2026-01-09T23:59:59Z", false)]
    [InlineData("Europe/Lisbon", "2026-01-10", "2026-01-10T00:00:00Z", true)]
    [InlineData("Europe/Berlin", "2026-01-10", "2026-01-09T22:59:59Z", false)]
    [InlineData("Europe/Berlin", "2026-01-10", "2026-01-09T23:00:00Z", true)]
    [InlineData("America/Los_Angeles", "2026-07-10", "2026-07-10T06:59:59Z", false)]
    [InlineData("America/Los_Angeles", "2026-07-10", "2026-07-10T07:00:00Z", true)]
    [InlineData("Pacific/Kiritimati", "2026-01-10", "2026-01-09T10:00:00Z", true)]
    [InlineData("Asia/Kathmandu", "2026-01-10", "2026-01-09T18:14:59Z", false)]
    [InlineData("Asia/Kathmandu", "2026-01-10", "2026-01-09T18:15:00Z", true)]
    public void A_day_begins_at_the_branchs_own_midnight(string zone, string day, string now, bool begun) => Assert.Equal(begun, HasBegun(day, now, zone));

    [Theory]
    [InlineData("2026-09-06T03:59:59Z", false)]
    [InlineData("2026-09-06T04:00:00Z", true)]
    public void Where_the_clocks_skip_midnight_the_day_begins_with_its_first_moment(string now, bool begun) =>
        Assert.Equal(begun, HasBegun("2026-09-06", now, "America/Santiago"));

    private static bool HasBegun(string day, string now, string zone) =>
        BranchClock.HasBegun(DateOnly.Parse(day, CultureInfo.InvariantCulture), DateTimeOffset.Parse(now, CultureInfo.InvariantCulture), zone);
}
