using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging.Abstractions;
using StudioVault.Tests.Support;
using StudioVault.Web.Hosting;
using Xunit;

namespace StudioVault.Tests.Hosting;

public sealed class ReadinessTests
{
    private static readonly CancellationToken Ct = TestContext.Current.CancellationToken;
    private readonly FakeClock _clock = new();

    [Fact]
    public async Task Is_ready_when_every_check_is_well()
    {
        using var readiness = With(("a", () => null), ("b", () => null));
        var report = await readiness.ReportAsync(Ct);
        Assert.True(report.IsReady);
        Assert.Equal(["a", "b"], report.Checks.Select(c => c.Name));
    }

    [Fact]
    public async Task Gives_the_reason_of_each_check_that_is_not_well()
    {
        using var readiness = With(("a", () => null), ("b", () => "Too late."), ("c", () => "Too full."));
        var report = await readiness.ReportAsync(Ct);
        Assert.Equal("not_ready", report.Status);
        Assert.Equal([null, "Too late.", "Too full."], report.Checks.Select(c => c.Reason));
        Assert.Equal([true, false, false], report.Checks.Select(c => c.Ok));
    }

    [Fact]
    public async Task Goes_on_taking_visitors_when_only_a_lesser_check_is_not_well()
    {
        using var readiness = With(new ReadinessCheck("late", (_, _) => Task.FromResult<string?>("Late."), Blocking: false));
        var report = await readiness.ReportAsync(Ct);
        Assert.Equal("degraded", report.Status);
        Assert.True(report.IsReady);
    }

    [Fact]
    public async Task Tells_everybody_that_a_check_broke_but_not_how()
    {
        using var readiness = With(("a", () => throw new InvalidOperationException("Host=db.internal")));
        var finding = Assert.Single((await readiness.ReportAsync(Ct)).Checks);
        Assert.False(finding.Ok);
        Assert.DoesNotContain("db.internal", finding.Reason, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Does_not_wait_for_ever_for_a_check()
    {
        using var readiness = With(new ReadinessCheck("stuck", async (_, ct) =>
        {
            await Task.Delay(Timeout.Infinite, CancellationToken.None);
            return null;
        }));
        var report = readiness.ReportAsync(Ct);
        _clock.Advance(TimeSpan.FromSeconds(3));
        Assert.StartsWith("No answer within", Assert.Single((await report).Checks).Reason, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Looks_again_only_after_a_second()
    {
        var looks = 0;
        using var readiness = With(("a", () => ++looks == 1 ? null : "Worse."));
        Assert.True((await readiness.ReportAsync(Ct)).IsReady);
        Assert.True((await readiness.ReportAsync(Ct)).IsReady);
        _clock.Advance(TimeSpan.FromSeconds(1));
        Assert.False((await readiness.ReportAsync(Ct)).IsReady);
        Assert.Equal(2, looks);
    }

    [Fact]
    public async Task Says_no_at_once_when_the_node_is_about_to_stop()
    {
        using var readiness = With(("a", () => null));
        Assert.True((await readiness.ReportAsync(Ct)).IsReady);
        readiness.Drain();
        Assert.Equal("draining", (await readiness.ReportAsync(Ct)).Status);
    }

    private Readiness With(params (string Name, Func<string?> Reason)[] checks) =>
        With([.. checks.Select(c => new ReadinessCheck(c.Name, (_, _) => Task.FromResult(c.Reason())))]);

    private Readiness With(params ReadinessCheck[] checks) =>
        new(new ServiceCollection().BuildServiceProvider(), checks, _clock, NullLogger<Readiness>.Instance);
}
