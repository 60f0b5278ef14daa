using FsCheck;
using FsCheck.Fluent;
using NodaTime;
using StudioVault.Infrastructure.Agreements.Deliveries;
using StudioVault.Infrastructure.Organization;
using Xunit;

namespace StudioVault.Tests.Agreements;

/// <summary>Until when a delivery is online, where clocks are put forward and back and days are left out.</summary>
public sealed class DeliveryClockTests
{
    [Theory]
    // A plain year in Porto: the day counts whole, to midnight there, which is an hour before or after that in UTC.
    [InlineData("2026-06-03T09:00:00Z", 365, "Europe/Lisbon", "2027-06-03", "2027-06-03T23:00:00Z")]
    [InlineData("2026-12-03T09:00:00Z", 365, "Europe/Lisbon", "2027-12-03", "2027-12-04T00:00:00Z")]
    // Late in the evening there, the next day already in UTC: the branch's day counts.
    [InlineData("2026-06-04T05:30:00Z", 30, "America/Los_Angeles", "2026-07-03", "2026-07-04T07:00:00Z")]
    // 30 days of 24 hours end half an hour into the next summer day: never earlier than promised.
    [InlineData("2027-03-10T22:30:00Z", 30, "Europe/Berlin", "2027-04-10", "2027-04-10T22:00:00Z")]
    // Clocks put back: by hours it would be the evening before; the day counts.
    [InlineData("2027-10-10T22:15:00Z", 30, "Europe/Berlin", "2027-11-10", "2027-11-10T23:00:00Z")]
    // Midnight does not exist on the day after (Chile): the day ends when the next one begins, at one o'clock.
    [InlineData("2026-08-06T12:00:00Z", 30, "America/Santiago", "2026-09-05", "2026-09-06T04:00:00Z")]
    // The whole next day did not exist (Samoa crossed the date line).
    [InlineData("2011-12-19T12:00:00Z", 10, "Pacific/Apia", "2011-12-29", "2011-12-30T10:00:00Z")]
    // Ten days in which a whole one is missing: by hours it is two later than by date.
    [InlineData("2011-08-15T10:30:00Z", 150, "Pacific/Apia", "2012-01-13", "2012-01-13T10:00:00Z")]
    // Clocks went back over midnight, so the day ended twice (Newfoundland, one minute after midnight): the first end was too early.
    [InlineData("2010-10-08T02:45:00Z", 30, "America/St_Johns", "2010-11-07", "2010-11-08T03:30:00Z")]
    // A leap day counts as one.
    [InlineData("2028-02-01T12:00:00Z", 28, "Europe/Warsaw", "2028-02-29", "2028-02-29T23:00:00Z")]
    public void The_last_day_counts_whole_by_the_clock_of_the_branch(string opened, int days, string zone, string last, string end)
    {
        var day = DeliveryClock.LastDay(At(opened), days, zone);
        Assert.Equal(DateOnly.Parse(last, System.Globalization.CultureInfo.InvariantCulture), day);
        Assert.Equal(At(end), DeliveryClock.EndOf(day, zone));
    }

    [Fact]
    public void It_is_never_earlier_than_promised_and_always_the_end_of_a_day_wherever_and_whenever()
    {
        var zones = DateTimeZoneProviders.Tzdb.Ids.ToArray();
        var cases = from zone in Gen.Elements(zones)
                    from minute in Gen.Choose(0, 60 * 24 * 365 * 40)
                    from days in Gen.Choose(1, 3650)
                    select (zone, new DateTimeOffset(2000, 1, 1, 0, 0, 0, TimeSpan.Zero).AddMinutes(minute), days);
        Prop.ForAll(cases.ToArbitrary(), c =>
        {
            var (zone, opened, days) = c;
            var last = DeliveryClock.LastDay(opened, days, zone);
            var end = DeliveryClock.EndOf(last, zone);
            var byDate = BranchClock.DayOf(opened, zone).AddDays(days);
            return (end >= opened.AddDays(days)).Label("so many days of 24 hours")
                // A day later where clocks went forward; two where an island left out a day.
                .And((last >= byDate && last <= byDate.AddDays(zone == "Pacific/Apia" ? 2 : 1)).Label("so many days of the calendar"))
                .And((BranchClock.DayOf(end, zone) > last && BranchClock.DayOf(end.AddTicks(-1), zone) <= last).Label("the end of that day"));
        }).Check(Config.QuickThrowOnFailure.WithMaxTest(3_000));
    }

    private static DateTimeOffset At(string text) => DateTimeOffset.Parse(text, System.Globalization.CultureInfo.InvariantCulture);
}
