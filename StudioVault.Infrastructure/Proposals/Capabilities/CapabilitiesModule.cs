using Microsoft.Extensions.DependencyInjection;

namespace StudioVault.Infrastructure.Proposals.Capabilities;

/// <summary>Everything that may be done on approval.</summary>
public static class CapabilitiesModule
{
    public static IServiceCollection AddCapabilities(this IServiceCollection services) => services
        .AddSingleton<ICapability, ClientMessage>()
        .AddSingleton<ICapability, ClientMessageRecall>()
        .AddSingleton<ICapability, InvoiceDiscount>()
        .AddSingleton<ICapability, RefundRecord>()
        .AddSingleton<ICapability, CreditNoteVoid>();
}
