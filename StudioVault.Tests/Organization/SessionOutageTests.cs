using Bunit;
using Microsoft.Extensions.DependencyInjection;
using Npgsql;
using StudioVault.Domain.Kernel;
using StudioVault.Infrastructure.Persistence;
using StudioVault.Tests.Support;
using StudioVault.Web.Organization;
using StudioVault.Web.Packages.BranchPackages;
using StudioVault.Web.Packages.Updates;
using Xunit;
using static StudioVault.Tests.Support.PageActions;

namespace StudioVault.Tests.Organization;

/// <summary>A circuit that begins while the database is away: it says so, and recovers without being opened anew.</summary>
public sealed class SessionOutageTests(PostgresServer server) : PackagePageTest(server)
{
    private readonly FaultyLine _line = new(new System.Net.Sockets.UnixDomainSocketEndPoint(server.Socket));

    protected override string AppConnection => new NpgsqlConnectionStringBuilder(Server.For(Database, VaultRoles.Default.App)) { Host = "127.0.0.1", Port = _line.Port }.ConnectionString;

    public override async ValueTask DisposeAsync()
    {
        _line.Clear();
        await base.DisposeAsync();
        _line.Dispose();
        GC.SuppressFinalize(this);
    }

    [Fact]
    public async Task A_session_that_could_not_be_read_says_why_and_is_read_anew()
    {
        var session = BrowserOf(Ana).Services.GetRequiredService<Session>();
        _line.Refuse();
        var refused = await session.GetAsync();
        Assert.Equal((KernelRefusals.StorageUnavailable.Code, true), (refused.Refusal?.Code, refused.View is null));
        _line.Clear();
        var read = await session.GetAsync();
        Assert.Null(read.Refusal);
        Assert.Equal(Porto, read.BranchId);
        // What was read is kept: the next question costs nothing.
        _line.Refuse();
        Assert.Same(read, await session.GetAsync());
    }

    [Fact]
    public async Task Whoever_is_no_longer_signed_in_is_told_so()
    {
        var session = BrowserOf(Ana).Services.GetRequiredService<Session>();
        await PastGuardsAsync("update organization.people set security_stamp = 'another' where id = $1", Ana.PersonId!.Value.Value);
        Assert.Equal(KernelRefusals.SignedOut.Code, (await session.GetAsync()).Refusal?.Code);
    }

    [Fact]
    public async Task The_pages_of_updates_say_that_the_database_is_away_and_try_again_asks_it_again()
    {
        await PublishAsync(WeddingContent());
        var offer = await OpenOfferAsync(Porto);
        _line.Refuse();
        var inbox = Open<InboxPage>(Ana, "/updates");
        var review = Open<ReviewPage>(Ana, $"/updates/{offer}", null, (nameof(ReviewPage.Id), offer.Value));
        foreach (var page in new[] { inbox, review })
        {
            Shows(page, KernelRefusals.StorageUnavailable.Code);
            Assert.DoesNotContain(KernelRefusals.NotFound.Code, page.Markup, StringComparison.Ordinal);
            Assert.DoesNotContain(KernelRefusals.NotAllowed.Code, page.Markup, StringComparison.Ordinal);
        }

        _line.Clear();
        foreach (var page in new[] { inbox, review })
        {
            Press(page, "Try again");
            Shows(page, "Wedding Classic");
            Assert.DoesNotContain("refuse.", page.Markup, StringComparison.Ordinal);
        }

        // With the rights of a manager, which were not known at first.
        Shows(inbox, "Pause updates");
        Shows(review, "Take it up");
    }

    [Fact]
    public void Other_pages_of_a_branch_say_it_too()
    {
        _line.Refuse();
        var packages = Open<PackagesPage>(Ana, "/packages");
        Shows(packages, KernelRefusals.StorageUnavailable.Code);
        Assert.DoesNotContain(KernelRefusals.NotAllowed.Code, packages.Markup, StringComparison.Ordinal);
    }

    [Fact]
    public void The_frame_says_it_in_place_of_the_page_and_begins_the_page_anew_by_itself()
    {
        _line.Refuse();
        var told = new List<string?>();
        var frame = BrowserOf(Ana).Render<SessionGate>(gate => gate.Add(g => g.Changed, refusal => told.Add(refusal?.Code)));
        frame.WaitForAssertion(() => Assert.Contains(KernelRefusals.StorageUnavailable.Code, frame.Markup, StringComparison.Ordinal));
        frame.Find("button").Click();
        frame.WaitForAssertion(() => Assert.Contains(KernelRefusals.StorageUnavailable.Code, frame.Markup, StringComparison.Ordinal));
        _line.Clear();
        frame.WaitForAssertion(() =>
        {
            Clock.Advance(TimeSpan.FromSeconds(5));
            Assert.Equal("", frame.Markup.Trim());
        });
        Assert.Equal([KernelRefusals.StorageUnavailable.Code, null], told);
    }

    [Fact]
    public void Where_the_session_can_be_read_the_frame_is_drawn_once()
    {
        var told = 0;
        var frame = BrowserOf(Ana).Render<SessionGate>(gate => gate.Add(g => g.Changed, _ => told++));
        frame.WaitForState(() => frame.Services.GetRequiredService<Session>().GetAsync().IsCompleted);
        Assert.Equal(("", 0), (frame.Markup.Trim(), told));
    }
}
