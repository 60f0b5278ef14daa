using System.Net;
using Microsoft.AspNetCore.Http;
using StudioVault.Web.Hosting;
using Xunit;

namespace StudioVault.Tests.Hosting;

/// <summary>Whom a limit of requests counts as one.</summary>
public sealed class LimitsTests
{
    [Theory]
    [InlineData("2001:db8:1:2::1", "2001:db8:1:2:ffff:1:2:3", true)]
    [InlineData("2001:db8:1:2::1", "2001:db8:1:3::1", false)]
    [InlineData("192.0.2.7", "::ffff:192.0.2.7", true)]
    [InlineData("192.0.2.7", "192.0.2.8", false)]
    public void A_household_counts_as_one(string one, string other, bool same) => Assert.Equal(same, KeyOf(one) == KeyOf(other));

    private static string KeyOf(string address) =>
        Limits.OfAddress(new DefaultHttpContext { Connection = { RemoteIpAddress = IPAddress.Parse(address) } }, 60).PartitionKey;
}
