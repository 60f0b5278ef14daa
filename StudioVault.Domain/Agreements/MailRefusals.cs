using StudioVault.Domain.Kernel;

namespace StudioVault.Domain.Agreements;

/// <summary>Refusals about mails to clients.</summary>
public static class MailRefusals
{
    public static readonly RefusalKind Left = new("refuse.mail.left",
        "This mail has left, or is about to.",
        "Write to the client again and put it right.");

    public static readonly RefusalKind AlreadyRecalled = new("refuse.mail.already_recalled",
        "This mail was taken back already and never left.",
        "Nothing has to be done.");
}
