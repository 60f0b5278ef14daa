using Bunit;
using Microsoft.Extensions.DependencyInjection;
using StudioVault.Infrastructure.Door;
using StudioVault.Infrastructure.Live;
using StudioVault.Infrastructure.Organization;
using StudioVault.Tests.Support;
using StudioVault.Web.Proposals;
using StudioVault.Web.Shell;
using Xunit;

namespace StudioVault.Tests.Proposals;

/// <summary>Managers that are called hear of it on whichever page they are (features row 5.7).</summary>
public sealed class CalledStripeTests(PostgresServer server) : ProposalsTest(server)
{
    private readonly PageBrowsers _browsers = new();

    public override async ValueTask DisposeAsync()
    {
        await _browsers.DisposeAsync();
        await base.DisposeAsync();
        GC.SuppressFinalize(this);
    }

    [Fact]
    public async Task A_managers_page_says_it_live_until_it_is_decided_and_nobody_elses_does()
    {
        var made = await ProposeAsync(PortoStaff);
        var (manager, staff, berlin) = (Frame(Rui), Frame(PortoStaff), Frame(BerlinManager));
        Assert.Empty(manager.FindAll(".stripe"));

        // A quarter of its time is left.
        await TamperAsync("update proposals.proposals set created_at = clock_timestamp() - interval '1 hour', approve_by = clock_timestamp() + interval '5 minutes'");
        Assert.False((await Sweep.RunAsync(Sender.System("test"), Ct)).IsRefused);
        Ring();

        manager.WaitForAssertion(() => Assert.Contains("1 proposal waits for a manager", manager.Find(".stripe-call").TextContent, StringComparison.Ordinal));
        Assert.Equal($"/queue/{made.Id}?show=review", manager.Find(".stripe a").GetAttribute("href"));
        Assert.Contains("time runs out", manager.Find(".stripe").TextContent, StringComparison.Ordinal);
        Assert.Empty(staff.FindAll(".stripe"));
        Assert.Empty(berlin.FindAll(".stripe"));

        var second = await ProposeAsync(PortoStaff, until: "2030-02-28");
        Assert.Null((await Decide.SendToReviewAsync(Bia, Porto, second.Id, "I am not sure about this", Ct)).Refusal);
        Ring();
        manager.WaitForAssertion(() => Assert.Contains("2 proposals wait for a manager", manager.Find(".stripe").TextContent, StringComparison.Ordinal));
        Assert.Equal("/queue?show=review", manager.Find(".stripe a").GetAttribute("href"));

        Assert.Null((await Decide.RejectAsync(Ana, Porto, second.Id, second.Digest, "Done by hand", null, Ct)).Refusal);
        await TamperAsync("update proposals.proposals set state = 'Rejected', end_code = 'rejected'");
        Ring();
        manager.WaitForAssertion(() => Assert.Empty(manager.FindAll(".stripe")));
    }

    [Fact]
    public void A_call_does_not_look_like_a_stop_and_stands_below_it()
    {
        var browser = BrowserOf(BerlinManager);
        var frame = browser.Render<StripeBar>();
        var stripes = browser.Services.GetRequiredService<Stripes>();
        var call = new Stripe("1 proposal waits for a manager", "called because time runs out", DateTimeOffset.UnixEpoch, "UTC", "/queue", "Look at it", 0) { IsCall = true };
        stripes.Set("stop.then.called", call);
        stripes.Set("stop", call with { Text = "Stopped: everything", IsCall = false });

        frame.WaitForAssertion(() => Assert.Equal(["Stopped: everything", "1 proposal waits for a manager"], frame.FindAll(".stripe > strong").Select(s => s.TextContent)));
        Assert.Equal("1 proposal waits for a manager", Assert.Single(frame.FindAll(".stripe-call > strong")).TextContent);
    }

    private IRenderedComponent<StripeBar> Frame(Sender who) => BrowserOf(who).Render<StripeBar>();

    private BunitContext BrowserOf(Sender who) => _browsers.Of(who, services => services.AddSingleton(Door).AddSingleton(Dbs).AddSingleton<OrganizationQueries>().AddSingleton(Queue).AddScoped<Stripes>().AddScoped<IStripeSource, CalledStripe>());

    private void Ring() => _browsers.Live.Publish([new LiveEvent(1, Guid.NewGuid(), DateTimeOffset.UnixEpoch, Topics.ProposalChanged, "test", Porto, "{}")]);
}
