using System.Text.Json.Nodes;
using StudioVault.Infrastructure.Organization;
using StudioVault.Infrastructure.Packages;
using StudioVault.Infrastructure.Proposals.Capabilities;
using StudioVault.Tests.Support;
using Xunit;

namespace StudioVault.Tests.Proposals.Capabilities;

public sealed class BookingPauseTests(PostgresServer server) : CapabilityTest(server)
{
    private DateOnly _today;

    private OrganizationQueries Branches => new(Door, Dbs);

    public override async ValueTask InitializeAsync()
    {
        await base.InitializeAsync();
        _today = (DateOnly)(await SqlAsync("select (now() at time zone 'Europe/Lisbon')::date"))!;
    }

    [Fact]
    public async Task Pauses_through_a_day_tells_the_websites_and_is_taken_back()
    {
        var until = _today.AddDays(10);
        var write = await PreparedAsync(BookingPause.Name, Through(until));
        Assert.Equal($"Pause online booking of Northlight Porto through {until:d MMMM yyyy}", write.Title);
        Assert.Equal($"open > paused through {until:d MMMM yyyy}", Change(write, "Online booking"));
        Assert.Equal(new BookingView(true, null), (await Branches.BookingAsync("porto", Ct)).Value);
        var paused = await ExecutedAsync(BookingPause.Name, Through(until));
        Assert.Equal(new BookingView(false, until), (await Branches.BookingAsync("porto", Ct)).Value);
        Assert.Equal(new BookingView(true, null), (await Branches.BookingAsync("berlin", Ct)).Value);
        Assert.Equal("refuse.kernel.not_found", (await Branches.BookingAsync("paris", Ct)).Refusal!.Code);
        Assert.Equal((until, "Everybody is ill."), ((await new BranchQueries(Door).SettingsAsync(Ana, Porto, Ct)).Value.Branch is var b ? (b.BookingPausedUntil!.Value, b.BookingPauseReason) : default));
        var resumed = await UndoAsync(paused);
        Assert.Equal(new BookingView(true, null), (await Branches.BookingAsync("porto", Ct)).Value);
        await UndoAsync(resumed);
        Assert.Equal(new BookingView(false, until), (await Branches.BookingAsync("porto", Ct)).Value);
    }

    [Fact]
    public async Task A_longer_pause_is_taken_back_to_the_shorter_one()
    {
        await ExecutedAsync(BookingPause.Name, Through(_today.AddDays(3)));
        var longer = await ExecutedAsync(BookingPause.Name, Through(_today.AddDays(30), "The roof leaks."));
        Assert.Equal(BookingPause.Name, longer.Undo!.Capability);
        await UndoAsync(longer);
        Assert.Equal($"{_today.AddDays(3):yyyy-MM-dd}|Everybody is ill.", await SqlAsync("select online_booking_paused_until || '|' || online_booking_pause_reason from organization.branches where slug = 'porto'"));
    }

    [Fact]
    public async Task Refuses_past_and_endless_pauses_and_ending_what_is_open()
    {
        await RefusedAsync("refuse.organization.booking_pause_past", BookingPause.Name, Through(_today.AddDays(-1)));
        await RefusedAsync("refuse.organization.booking_pause_long", BookingPause.Name, Through(_today.AddDays(366)));
        await RefusedAsync("refuse.organization.booking_not_paused", BookingResume.Name, []);
        await ExecutedAsync(BookingPause.Name, Through(_today));
        await RefusedAsync("refuse.proposal.nothing_changes", BookingPause.Name, Through(_today));
        // The last day is over: it opened by itself.
        await SqlAsync("set session_replication_role = replica; update organization.branches set online_booking_paused_until = online_booking_paused_until - 1 where slug = 'porto'");
        Assert.True((await Branches.BookingAsync("porto", Ct)).Value.IsOpen);
        await RefusedAsync("refuse.organization.booking_not_paused", BookingResume.Name, []);
        Assert.Equal("booking.resume", (await ExecutedAsync(BookingPause.Name, Through(_today))).Undo!.Capability);
    }

    [Fact]
    public async Task A_pause_of_updates_does_not_disturb_it()
    {
        var etag = await EtagAsync(BookingPause.Name, Through(_today));
        Assert.Null((await new OfferCommands(Door).PauseAllAsync(Ana, Porto, _today.AddDays(5), Ct)).Refusal);
        Assert.Equal(etag, await EtagAsync(BookingPause.Name, Through(_today)));
        await ExecutedAsync(BookingPause.Name, Through(_today.AddDays(1)));
        Assert.NotEqual(etag, await EtagAsync(BookingPause.Name, Through(_today)));
    }

    private static JsonObject Through(DateOnly until, string reason = "Everybody is ill.") => Args(("until", until.ToString("yyyy-MM-dd", System.Globalization.CultureInfo.InvariantCulture)), ("reason", reason));
}
