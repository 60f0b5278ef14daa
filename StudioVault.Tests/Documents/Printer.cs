using Microsoft.Extensions.Logging.Abstractions;
using StudioVault.Infrastructure.Documents;

namespace StudioVault.Tests.Documents;

/// <summary>One real Chromium for all tests of a class.</summary>
public sealed class Printer : IAsyncDisposable
{
    public DocumentPrinter Documents { get; } = Of(new PrinterOptions());

    public static DocumentPrinter Of(PrinterOptions options) => new(options, NullLogger<DocumentPrinter>.Instance);

    public ValueTask DisposeAsync() => Documents.DisposeAsync();
}
