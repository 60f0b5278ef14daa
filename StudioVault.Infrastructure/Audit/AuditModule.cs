using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.DependencyInjection.Extensions;
using Microsoft.Extensions.Logging;

namespace StudioVault.Infrastructure.Audit;

/// <summary>Where the audit keeps what does not lie in the database.</summary>
/// <param name="Folder">Folder of this node's files.</param>
/// <param name="CheckpointFile">File of the checkpoints; best on another device, where those who run the database cannot write.</param>
public sealed record AuditPlaces(string Folder, string CheckpointFile);

/// <summary>The audit outside the database: proofs for everybody, checkpoints in a file, the second sink.</summary>
public static class AuditModule
{
    public static IServiceCollection AddAuditOutside(this IServiceCollection services, AuditPlaces places)
    {
        services.TryAddSingleton<AuditTree>();
        services.TryAddSingleton(TimeProvider.System);
        services.AddSingleton(places);
        services.AddSingleton(new CheckpointFile(places.CheckpointFile));
        services.AddSingleton(s => new AttemptFile(places.Folder, s.GetRequiredService<ILogger<AttemptFile>>()));
        services.AddSingleton<AuditAlarms>();
        services.AddSingleton<AuditProofs>();
        services.AddSingleton<AuditChecks>();
        services.AddSingleton<AuditReads>();
        services.AddSingleton<CheckpointWitness>();
        services.AddHostedService(s => s.GetRequiredService<CheckpointWitness>());
        return services;
    }
}
