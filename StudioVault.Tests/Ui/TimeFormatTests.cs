using System.Globalization;
using StudioVault.Web.Ui;
using Xunit;

namespace StudioVault.Tests.Ui;

public sealed class TimeFormatTests
{
    private static readonly DateTimeOffset Instant = new(2026, 5, 12, 23, 30, 0, TimeSpan.Zero);

    [Theory]
    [InlineData("Europe/Lisbon", "13 May 2026, 00:30")]
    [InlineData("America/New_York", "12 May 2026, 19:30")]
    [InlineData("UTC", "12 May 2026, 23:30")]
    [InlineData("Nowhere/Atall", "12 May 2026, 23:30")]
    public void Shows_the_wall_clock_of_the_branch(string zone, string expected) =>
        Assert.Equal(expected, TimeFormat.Format(Instant, zone, TimeShape.DateTime, CultureInfo.GetCultureInfo("en-GB")));

    [Theory]
    [InlineData("2026-05-13T08:00:00Z", "00:30 Lisbon time")]
    [InlineData("2026-05-12T08:00:00Z", "13 May, 00:30 Lisbon time")]
    [InlineData("2027-01-01T08:00:00Z", "13 May 2026, 00:30 Lisbon time")]
    public void Says_as_much_of_a_day_as_is_not_plain(string now, string words) =>
        Assert.Equal(words, TimeFormat.Spoken(Instant, "Europe/Lisbon", DateTimeOffset.Parse(now, CultureInfo.InvariantCulture), CultureInfo.GetCultureInfo("en-GB")));

    [Fact]
    public void Names_the_zone_in_the_exact_time() =>
        Assert.Equal("13 May 2026, 00:30, Lisbon time", TimeFormat.Exact(Instant, "Europe/Lisbon", CultureInfo.GetCultureInfo("en-GB")));

    [Theory]
    [InlineData(0, "just now")]
    [InlineData(44, "just now")]
    [InlineData(50, "1\u00A0min ago")]
    [InlineData(59 * 60, "59\u00A0min ago")]
    [InlineData(35 * 3600, "35\u00A0h ago")]
    [InlineData(3 * 86400, "3\u00A0days ago")]
    [InlineData(-3 * 86400, "in 3\u00A0days")]
    [InlineData(29 * 86400, null)]
    public void Says_the_age_in_words_until_a_date_says_more(int seconds, string? expected) =>
        Assert.Equal(expected, TimeFormat.Age(TimeSpan.FromSeconds(seconds)));

    [Theory]
    [InlineData("Europe/Lisbon", "Lisbon time")]
    [InlineData("America/New_York", "New York time")]
    [InlineData("UTC", "UTC")]
    public void A_zone_is_named_by_its_city(string zone, string words) => Assert.Equal(words, TimeFormat.ZoneWords(zone));
}
