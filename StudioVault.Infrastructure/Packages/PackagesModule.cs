using Microsoft.Extensions.DependencyInjection;
using StudioVault.Infrastructure.Agreements;

namespace StudioVault.Infrastructure.Packages;

/// <summary>The package use cases and queries, with the quotes and projects that pin their revisions.</summary>
public static class PackagesModule
{
    public static IServiceCollection AddPackages(this IServiceCollection services) => services
        .AddSingleton<TemplateDrafts>()
        .AddSingleton<TemplateQueries>()
        .AddSingleton<PublishTemplateVersion>()
        .AddSingleton<OpenWave>()
        .AddSingleton<YankTemplateVersion>()
        .AddSingleton<BlastRadius>()
        .AddSingleton<MandatoryUpdates>()
        .AddSingleton<DecideUpdate>()
        .AddSingleton<UndoUpdate>()
        .AddSingleton<OfferCommands>()
        .AddSingleton<PackageCommands>()
        .AddSingleton<PackageQueries>()
        .AddSingleton<ConsentQueries>()
        .AddSingleton<ProjectCommands>()
        .AddSingleton<ProjectQueries>();
}
