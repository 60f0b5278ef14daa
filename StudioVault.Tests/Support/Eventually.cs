using System.Diagnostics;
using Xunit;

namespace StudioVault.Tests.Support;

/// <summary>Waits for a condition instead of a time, and says what it waited for when it does not come.</summary>
internal static class Eventually
{
    public static Task True(Func<bool> condition, string what, int withinSeconds = 30) =>
        True(() => Task.FromResult(condition()), what, withinSeconds);

    public static async Task True(Func<Task<bool>> condition, string what, int withinSeconds = 30)
    {
        for (var clock = Stopwatch.StartNew(); !await condition(); await Task.Delay(20, TestContext.Current.CancellationToken))
        {
            if (clock.Elapsed.TotalSeconds > withinSeconds)
                Assert.Fail($"Waited {withinSeconds} s in vain until {what}.");
        }
    }
}
