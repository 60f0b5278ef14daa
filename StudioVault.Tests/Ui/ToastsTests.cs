using Bunit;
using Microsoft.Extensions.DependencyInjection;
using StudioVault.Domain.Kernel;
using StudioVault.Web.Ui;
using Xunit;

namespace StudioVault.Tests.Ui;

public sealed class ToastsTests : UiTest
{
    private Toasts Toasts => Services.GetRequiredService<Toasts>();

    [Fact]
    public void A_refusal_stays_until_it_is_closed()
    {
        var host = Render<ToastHost>();
        Toasts.Refuse(KernelRefusals.StaleWrite.With());
        Clock.Advance(TimeSpan.FromHours(1));
        host.WaitForAssertion(() => Assert.Contains(KernelRefusals.StaleWrite.NextStep, host.Find("[role=alert]").TextContent, StringComparison.Ordinal));
        host.Find("button[aria-label='Close message']").Click();
        host.WaitForAssertion(() => Assert.Empty(host.FindAll(".toast")));
    }

    [Fact]
    public void Good_news_leaves_by_itself()
    {
        var host = Render<ToastHost>();
        Toasts.Say("Version 5 accepted");
        host.WaitForAssertion(() => Assert.Single(host.FindAll(".toast")));
        Clock.Advance(TimeSpan.FromSeconds(7));
        host.WaitForAssertion(() => Assert.Empty(host.FindAll(".toast")));
    }

    [Fact]
    public void Undo_is_offered_for_its_time_and_taken_once()
    {
        var undone = 0;
        var host = Render<ToastHost>();
        Toasts.SayWithUndo("Version 5 accepted", () => { undone++; return Task.CompletedTask; });
        Clock.Advance(TimeSpan.FromSeconds(9));
        host.WaitForElement(".toast .btn-small:not(.btn-icon)").Click();
        host.WaitForAssertion(() => Assert.Empty(host.FindAll(".toast")));
        Assert.Equal(1, undone);
    }
}
