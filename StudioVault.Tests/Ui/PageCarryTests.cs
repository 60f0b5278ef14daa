using StudioVault.Tests.Support;
using StudioVault.Web.Ui;
using Xunit;

namespace StudioVault.Tests.Ui;

public sealed class PageCarryTests
{
    private readonly FakeClock _clock = new();

    [Fact]
    public void What_a_page_read_reaches_its_circuit_once()
    {
        var carry = new PageCarry(_clock);
        var key = carry.Put("read");
        Assert.Equal("read", carry.Take<string>(key));
        Assert.Null(carry.Take<string>(key));
        Assert.Null(carry.Take<string>(null));
    }

    [Fact]
    public void A_circuit_that_comes_too_late_reads_anew()
    {
        var carry = new PageCarry(_clock);
        var key = carry.Put("read");
        _clock.Advance(TimeSpan.FromMinutes(1));
        Assert.Null(carry.Take<string>(key));
    }
}
