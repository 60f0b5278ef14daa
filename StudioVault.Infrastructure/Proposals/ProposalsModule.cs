using Microsoft.Extensions.DependencyInjection;

namespace StudioVault.Infrastructure.Proposals;

/// <summary>Capabilities, proposals, decisions, execution, stops and exemptions.</summary>
public static class ProposalsModule
{
    /// <param name="enableNew">Whether capabilities this version brings are switched on by themselves: only in the demo group.</param>
    public static IServiceCollection AddProposals(this IServiceCollection services, bool enableNew) => services
        .AddSingleton<CapabilityRegistry>()
        .AddSingleton<CapabilityCommands>()
        .AddSingleton(new CapabilityRegistrar.Options(enableNew))
        .AddHostedService<CapabilityRegistrar>()
        .AddSingleton<ProposalTexts>()
        .AddSingleton<ProposalCommands>()
        .AddSingleton<Api.AgentApi>()
        .AddSingleton<DecisionCommands>()
        .AddSingleton<ProposalQueries>()
        .AddSingleton<LookCommands>()
        .AddSingleton<QueueHistories>()
        .AddSingleton<ProposalPickers>()
        .AddSingleton<FreshSignIns>()
        .AddSingleton<ExemptionCommands>()
        .AddSingleton<StopCommands>()
        .AddSingleton<StopQueries>()
        .AddSingleton<ProposalSweep>()
        .AddSingleton<StopDrills>()
        .AddSingleton<Decoys.DecoyCommands>()
        .AddSingleton<Decoys.DecoyPlanter>()
        .AddSingleton<Decoys.ReviewQueries>()
        .AddSingleton<Leases>()
        .AddHostedService(s => s.GetRequiredService<Leases>())
        .AddSingleton<ProposalExecutor>()
        .AddHostedService(s => s.GetRequiredService<ProposalExecutor>());
}
