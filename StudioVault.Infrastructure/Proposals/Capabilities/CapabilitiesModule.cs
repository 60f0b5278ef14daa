using Microsoft.Extensions.DependencyInjection;

namespace StudioVault.Infrastructure.Proposals.Capabilities;

/// <summary>Everything that may be done on approval.</summary>
public static class CapabilitiesModule
{
    public static IServiceCollection AddCapabilities(this IServiceCollection services) => services
        .AddSingleton<ICapability, ClientMessage>()
        .AddSingleton<ICapability, ClientMessageRecall>()
        .AddSingleton<ICapability, SessionMove>()
        .AddSingleton<ICapability, SessionAssign>()
        .AddSingleton<ICapability, SessionUnassign>()
        .AddSingleton<ICapability, DeliveryExtend>()
        .AddSingleton<ICapability, DeliveryTakeBackExtension>()
        .AddSingleton<ICapability, InvoiceDiscount>()
        .AddSingleton<ICapability, RefundRecord>()
        .AddSingleton<ICapability, CreditNoteVoid>()
        .AddSingleton<ICapability, PackageAcceptSafe>()
        .AddSingleton<ICapability, PackageRevert>()
        .AddSingleton<ICapability, BookingPause>()
        .AddSingleton<ICapability, BookingResume>();
}
