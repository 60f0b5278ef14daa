using Bunit;
using Microsoft.Extensions.DependencyInjection;
using Radzen;
using StudioVault.Tests.Support;
using StudioVault.Web.Ui;

namespace StudioVault.Tests.Ui;

/// <summary>A page of parts with a clock that stands still; script calls of Radzen are answered with nothing.</summary>
public abstract class UiTest : BunitContext
{
    private protected UiTest()
    {
        JSInterop.Mode = JSRuntimeMode.Loose;
        Services.AddSingleton<TimeProvider>(Clock);
        Services.AddRadzenComponents();
        Services.AddScoped<AgeClock>();
        Services.AddScoped<Dialogs>();
        Services.AddScoped<Toasts>();
    }

    private protected FakeClock Clock { get; } = new();
}
