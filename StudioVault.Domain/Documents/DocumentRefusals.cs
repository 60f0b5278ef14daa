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

    public static readonly RefusalKind FileMissing = new("refuse.document.file_missing",
        "No file arrived.",
        "Choose a file and send it again.", 400);

    public static readonly RefusalKind FileTooLarge = new("refuse.document.file_too_large",
        "The file is larger than {0} MB, which is the most that can be sent here.",
        "Turn scripts on in the browser: then the file is read on your own device and may have any size. Or check it with the program: agreements verify FILE.", 413);

    public static readonly RefusalKind FactsMalformed = new("refuse.document.facts_malformed",
        "What the browser says of the file cannot be read: {0}.",
        "Load the page again and choose the file once more.", 400);

    public static readonly RefusalKind HashMalformed = new("refuse.document.hash_malformed",
        "This is not a SHA-256: it takes 64 digits from 0 to 9 and a to f.",
        "Copy it again as it stands on the document, or scan the code beside it.", 400);

    public static readonly RefusalKind TooManyQuestions = new("refuse.document.too_many_questions",
        "Very many requests came from your network within the last minute.",
        "Wait a minute and try again. To check many files at once there is the program, agreements verify.", 429);
}
