using Bunit;
using Microsoft.AspNetCore.Components;
using Microsoft.Extensions.DependencyInjection;
using StudioVault.Domain.Kernel;
using StudioVault.Domain.Proposals;
using StudioVault.Tests.Support;
using StudioVault.Web.Shell;
using Xunit;

namespace StudioVault.Tests.Shell;

public sealed class RefusalNoticeTests
{
    private static readonly Refusal Late = ApprovalRefusals.Expired.With(new Moment(new DateTimeOffset(2026, 7, 1, 12, 0, 0, TimeSpan.Zero)));

    [Fact]
    public void A_time_in_a_no_is_told_in_the_zone_of_the_branch_one_works_in()
    {
        Assert.Contains("14:00 Berlin time", Draw(new ShellModel { Zone = "Europe/Berlin" }), StringComparison.Ordinal);
        Assert.DoesNotContain("UTC", Draw(new ShellModel { Zone = "Europe/Berlin" }), StringComparison.Ordinal);
    }

    [Fact]
    public void Without_a_branch_it_stands_in_utc_and_says_so()
    {
        Assert.Contains("12:00:00 UTC", Draw(new ShellModel()), StringComparison.Ordinal);
        Assert.Contains("12:00:00 UTC", Draw(null), StringComparison.Ordinal);
    }

    private static string Draw(ShellModel? shell)
    {
        using var browser = new BunitContext();
        browser.Services.AddSingleton<TimeProvider>(new FakeClock());
        var page = browser.Render(builder =>
        {
            builder.OpenComponent<CascadingValue<ShellModel?>>(0);
            builder.AddComponentParameter(1, nameof(CascadingValue<ShellModel?>.Value), shell);
            builder.AddComponentParameter(2, nameof(CascadingValue<ShellModel?>.ChildContent), (RenderFragment)(inner =>
            {
                inner.OpenComponent<RefusalNotice>(0);
                inner.AddComponentParameter(1, nameof(RefusalNotice.Refusal), Late);
                inner.CloseComponent();
            }));
            builder.CloseComponent();
        });
        return string.Join(' ', page.Nodes.Select(PageActions.Said));
    }
}
