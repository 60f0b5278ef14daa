using StudioVault.Domain.Kernel;

namespace StudioVault.Domain.Organization;

/// <summary>Refusals of a password somebody chooses. There is no rule about kinds of characters.</summary>
public static class PasswordRefusals
{
    public static readonly RefusalKind TooShort = new("refuse.organization.password_too_short",
        "This password has fewer than {0} characters.",
        "Take a longer one; a few words in a row are easy to remember.", 400);

    public static readonly RefusalKind TooLong = new("refuse.organization.password_too_long",
        "This password has more than {0} characters.",
        "Take a shorter one.", 400);

    public static readonly RefusalKind Common = new("refuse.organization.password_common",
        "This password is one of those that are tried first, or such a one with digits and signs around it.",
        "Take another one, for example a few words that do not belong together.", 400);

    public static readonly RefusalKind Guessable = new("refuse.organization.password_guessable",
        "This password is little more than your name or ours.",
        "Take one that has nothing to do with you or StudioVault.", 400);
}
