using StudioVault.Domain.Kernel;

namespace StudioVault.Domain.Documents;

/// <summary>Refusals of making a document.</summary>
public static class DocumentRefusals
{
    public static readonly RefusalKind PrinterUnavailable = new("refuse.document.printer_unavailable",
        "The part of StudioVault that makes PDFs (Chromium) is missing on this server or does not start.",
        "Try again in a moment; if it stays so, tell whoever runs the server. What the document is about is stored all the same.", 503);

    public static readonly RefusalKind PrinterBusy = new("refuse.document.printer_busy",
        "Too many documents are being made right now, or this one took too long.",
        "Try again in a moment.", 503);

    public static readonly RefusalKind Unsealable = new("refuse.document.unsealable",
        "The printed PDF cannot be sealed: {0}",
        "Tell whoever runs the server: Chromium on it writes PDFs in a form StudioVault does not know. The document waits and is sealed once that is mended.", 503);
}
