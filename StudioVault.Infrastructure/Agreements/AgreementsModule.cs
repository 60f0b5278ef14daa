using Microsoft.Extensions.DependencyInjection;
using StudioVault.Infrastructure.Agreements.Deliveries;
using StudioVault.Infrastructure.Agreements.Evidence;
using StudioVault.Infrastructure.Documents.Sealing;
using StudioVault.Infrastructure.Door;
using StudioVault.Infrastructure.Mail;
using StudioVault.Infrastructure.Organization;

namespace StudioVault.Infrastructure.Agreements;

/// <summary>Clients, agreements, signing and sealing. The host adds an <see cref="IPaperPrinter"/>.</summary>
public static class AgreementsModule
{
    /// <param name="group">Name of the group as it stands in seals.</param>
    /// <param name="site">Address of StudioVault as clients reach it.</param>
    /// <param name="deliveries">Folder of delivered files.</param>
    public static IServiceCollection AddAgreements(this IServiceCollection services, string group, Uri site, MailServerOptions mail, string deliveries) => services
        .AddSingleton(new DeliveryFiles(deliveries))
        .AddSingleton<DeliveryCommands>()
        .AddSingleton(new MailServer(mail))
        .AddSingleton<MailOut>()
        .AddSingleton<SendMail>()
        .AddSingleton<MailQueries>()
        .AddSingleton(s => new ClientLetters(s.GetRequiredService<MailOut>(), s.GetRequiredService<ClientLinks>(), site))
        .AddSingleton<ClientKeys>()
        .AddSingleton<Papers>()
        .AddSingleton<ClientLinks>()
        .AddSingleton<ClientCommands>()
        .AddSingleton<AgreementEffects>()
        .AddSingleton<InvoiceCommands>()
        .AddSingleton<SessionCommands>()
        .AddSingleton<AgreementCommands>()
        .AddSingleton<AgreementQueries>()
        .AddSingleton<AgreementProofs>()
        .AddSingleton<SigningCommands>()
        .AddSingleton<SealPapers>()
        .AddSingleton<WithdrawalReceipts>()
        .AddSingleton<WithdrawalCommands>()
        .AddSingleton<ReleaseDocuments>()
        .AddSingleton<ReleaseCommands>()
        .AddSingleton<EvidencePack>()
        .AddSingleton(s => new SealKeys(s.GetRequiredService<WriteDoor>(), s.GetRequiredService<MasterKey>(), group));
}
