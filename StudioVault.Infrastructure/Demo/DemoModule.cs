using Microsoft.Extensions.DependencyInjection;
using StudioVault.Infrastructure.Proposals;

namespace StudioVault.Infrastructure.Demo;

/// <summary>What only the demo group has.</summary>
public static class DemoModule
{
    public static IServiceCollection AddDemo(this IServiceCollection services) => services
        .AddSingleton<ICapability, DemoForbidden>()
        .AddSingleton<DemoSimulator>()
        .AddHostedService(s => s.GetRequiredService<DemoSimulator>());
}
