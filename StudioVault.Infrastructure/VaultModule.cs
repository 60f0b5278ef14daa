using Microsoft.AspNetCore.DataProtection;
using Microsoft.AspNetCore.DataProtection.KeyManagement;
using Microsoft.AspNetCore.Identity;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.DependencyInjection.Extensions;
using StudioVault.Infrastructure.Audit;
using StudioVault.Infrastructure.Door;
using StudioVault.Infrastructure.Live;
using StudioVault.Infrastructure.Organization;
using StudioVault.Infrastructure.Packages;
using StudioVault.Infrastructure.Persistence;

namespace StudioVault.Infrastructure;

/// <summary>Everything of the foundation that is not a web page: storage, the door, live channel, accounts.</summary>
public static class VaultModule
{
    public static IServiceCollection AddVault(this IServiceCollection services, VaultDatabase database, MasterKey masterKey, GroupKey groupKey)
    {
        services.AddSingleton(database);
        services.AddSingleton(masterKey);
        services.AddSingleton(groupKey);
        services.AddSingleton(new VaultDbs(database.App, database.Door));
        services.AddSingleton(NodeIdentity.OfThisProcess());
        services.TryAddSingleton(new LiveOptions());
        services.TryAddSingleton(new SequencerOptions());
        services.AddSingleton<FeedWake>();
        services.AddSingleton<LiveFeed>();
        services.AddSingleton<PresenceBoard>();
        services.AddSingleton<WriteDoor>();
        services.AddSingleton<OrganizationQueries>();
        services.AddSingleton<BranchQueries>();
        services.AddSingleton<BranchCommands>();
        services.AddSingleton<AgentCommands>();
        services.AddSingleton<DelegationCommands>();
        services.AddSingleton<AccountLinks>();
        services.AddSingleton<PeopleQueries>();
        services.AddSingleton<PeopleCommands>();
        services.AddSingleton<AgentGate>();
        services.AddSingleton<AuditQueries>();
        services.TryAddSingleton<AuditTree>();
        services.TryAddSingleton<OfferCommands>();
        services.AddSingleton<FeedReader>();
        services.AddHostedService(sp => sp.GetRequiredService<FeedReader>());
        services.AddSingleton(sp => ActivatorUtilities.CreateInstance<Sequencer>(sp, new SequencerSource(database.Sequencer)));
        services.AddHostedService(sp => sp.GetRequiredService<Sequencer>());
        return services;
    }

    /// <summary>Accounts: ASP.NET Core Identity over our context, PBKDF2-HMAC-SHA512 with 210,000 rounds (ID-1).</summary>
    public static IServiceCollection AddVaultAccounts(this IServiceCollection services)
    {
        // Identity's stores want a scoped context; they see no tenant row.
        services.AddScoped(sp => sp.GetRequiredService<VaultDbs>().Open(TenantScope.None));
        services.AddSingleton(_ => Passwords.Hasher());
        services.AddSingleton<Passwords>();
        services.AddIdentityCore<Person>(o => o.User.RequireUniqueEmail = true)
            .AddEntityFrameworkStores<VaultDb>()
            .AddSignInManager()
            .AddClaimsPrincipalFactory<PersonClaims>();
        services.AddDataProtection().SetApplicationName("StudioVault");
        services.AddOptions<KeyManagementOptions>().Configure<VaultDbs, MasterKey>((o, dbs, key) =>
        {
            o.XmlRepository = new KeyRing(dbs);
            o.XmlEncryptor = new KeyFileEncryptor(key);
        });
        return services;
    }
}
