using System.Net;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.TestHost;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;
using StudioVault.Infrastructure.Organization;
using StudioVault.Tests.Support;
using StudioVault.Web.Api;
using StudioVault.Web.Hosting;
using Xunit;

namespace StudioVault.Tests.Api;

/// <summary>What the studios' own websites ask.</summary>
public sealed class BookingEndpointTests(PostgresServer server) : VaultTest(server)
{
    [Fact]
    public async Task Says_without_an_account_whether_bookings_are_taken_and_that_no_such_studio_is_there()
    {
        var builder = WebApplication.CreateSlimBuilder();
        builder.WebHost.UseTestServer();
        builder.Logging.ClearProviders();
        builder.Services.AddAuthorization();
        builder.Services.AddVaultLimits();
        builder.Services.AddSingleton(new OrganizationQueries(Door, Dbs));
        await using var app = builder.Build();
        app.UseRateLimiter();
        app.MapBooking();
        await app.StartAsync(Ct);
        using var http = app.GetTestClient();

        Assert.Equal("""{"open":true,"pausedUntil":null}""", await http.GetStringAsync("/v1/branches/porto/booking", Ct));
        await SqlAsync("set session_replication_role = replica; update organization.branches set online_booking_paused_until = '2099-06-12', online_booking_pause_reason = 'Full.' where slug = 'porto'");
        using var paused = await http.GetAsync("/v1/branches/porto/booking", Ct);
        // The reason is for colleagues.
        Assert.Equal("""{"open":false,"pausedUntil":"2099-06-12"}""", await paused.Content.ReadAsStringAsync(Ct));
        Assert.Equal(("*", TimeSpan.FromMinutes(1)), (paused.Headers.GetValues("Access-Control-Allow-Origin").Single(), paused.Headers.CacheControl!.MaxAge));
        using var unknown = await http.GetAsync("/v1/branches/paris/booking", Ct);
        Assert.Equal((HttpStatusCode.NotFound, "application/problem+json"), (unknown.StatusCode, unknown.Content.Headers.ContentType!.MediaType));
        Assert.Contains("\"code\":\"refuse.kernel.not_found\"", await unknown.Content.ReadAsStringAsync(Ct), StringComparison.Ordinal);
    }
}
