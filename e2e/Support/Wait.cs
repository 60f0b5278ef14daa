using System.Diagnostics;

namespace StudioVault.E2E.Support;

/// <summary>Waits for a condition, never for a time, and says what it waited for.</summary>
public static class Wait
{
    public static Task UntilAsync(Func<bool> condition, Func<string> what, TimeSpan? limit = null) =>
        UntilAsync(() => Task.FromResult(condition()), what, limit);

    public static async Task UntilAsync(Func<Task<bool>> condition, Func<string> what, TimeSpan? limit = null)
    {
        for (var clock = Stopwatch.StartNew(); !await condition(); await Task.Delay(25))
        {
            if (clock.Elapsed > (limit ?? TimeSpan.FromSeconds(30)))
                throw new TimeoutException($"Waited {clock.Elapsed.TotalSeconds:0} s in vain until {what()}");
        }
    }
}
