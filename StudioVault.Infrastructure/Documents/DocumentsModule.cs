using Microsoft.Extensions.DependencyInjection;
using StudioVault.Infrastructure.Documents.Sealing;

namespace StudioVault.Infrastructure.Documents;

/// <summary>Printing of documents.</summary>
public static class DocumentsModule
{
    public static IServiceCollection AddDocuments(this IServiceCollection services, PrinterOptions options) => services
        .AddSingleton(options)
        .AddSingleton<DocumentPrinter>()
        .AddSingleton<PublicRegister>();
}
