using Bunit;
using StudioVault.Web.Ui;
using Xunit;

namespace StudioVault.Tests.Ui;

public sealed class AgeTextTests : UiTest
{
    public AgeTextTests() => SetRendererInfo(new("Server", isInteractive: true));

    [Fact]
    public void Grows_older_by_itself_and_carries_the_exact_time()
    {
        var text = Render<AgeText>(p => p.Add(a => a.Value, Clock.GetUtcNow()).Add(a => a.Zone, "Europe/Lisbon"));
        Assert.StartsWith("just now", text.Find("time").TextContent, StringComparison.Ordinal);
        Clock.Advance(TimeSpan.FromMinutes(2));
        text.WaitForAssertion(() => Assert.StartsWith("2\u00A0min ago", text.Find("time").TextContent, StringComparison.Ordinal));
        Assert.EndsWith("2 Mar 2026, 09:00, Lisbon time", text.Find("time").TextContent, StringComparison.Ordinal);
        Assert.Equal("2026-03-02T09:00:00Z", text.Find("time").GetAttribute("datetime"));
    }

    [Fact]
    public async Task Stops_listening_when_it_leaves_the_page()
    {
        var beats = 0;
        using var clock = new AgeClock(Clock);
        var listening = clock.Subscribe(() => beats++);
        Clock.Advance(TimeSpan.FromSeconds(31));
        listening.Dispose();
        Clock.Advance(TimeSpan.FromSeconds(31));
        Assert.Equal(1, beats);
        await DisposeComponentsAsync();
    }
}
