using StudioVault.Infrastructure.Scheduling;
using Xunit;

namespace StudioVault.Tests.Scheduling;

public sealed class JobScheduleTests
{
    [Theory]
    [InlineData("00:00:10", "0/10 * * * * ?", "every 10 seconds")]
    [InlineData("00:01:00", "0 0/1 * * * ?", "every minute")]
    [InlineData("00:15:00", "0 0/15 * * * ?", "every 15 minutes")]
    [InlineData("01:00:00", "0 0 0/1 * * ?", "every hour")]
    [InlineData("06:00:00", "0 0 0/6 * * ?", "every 6 hours")]
    public void Is_said_in_words(string interval, string expression, string words) =>
        Assert.Equal(new JobSchedule(expression, words), JobSchedule.Every(TimeSpan.Parse(interval, System.Globalization.CultureInfo.InvariantCulture)));

    [Theory]
    [InlineData("00:00:07")]
    [InlineData("00:01:30")]
    [InlineData("05:00:00")]
    [InlineData("1.00:00:00")]
    [InlineData("00:00:00")]
    public void Refuses_an_interval_that_would_limp_at_the_full_hour(string interval) =>
        Assert.Throws<ArgumentOutOfRangeException>(() => JobSchedule.Every(TimeSpan.Parse(interval, System.Globalization.CultureInfo.InvariantCulture)));

    [Fact]
    public void A_daily_time_is_said_with_its_zone() =>
        Assert.Equal(new JobSchedule("0 30 3 * * ?", "every day at 03:30 UTC"), JobSchedule.DailyAt(new TimeOnly(3, 30)));

    [Fact]
    public void A_bad_expression_is_a_bug_found_at_start() => Assert.Throws<FormatException>(() => JobSchedule.Cron("every now and then", "?"));
}
