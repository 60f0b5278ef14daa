using StudioVault.Domain.Kernel;

namespace StudioVault.Domain.Agreements;

/// <summary>Refusals of links that need no account.</summary>
public static class LinkRefusals
{
    /// <summary>One answer for everything that is not there, so that nobody learns what is.</summary>
    public static readonly RefusalKind Unknown = new("refuse.link.unknown",
        "This link leads nowhere.",
        "Open it from the mail once more, whole; if it was cut in two, copy both parts.", 404);

    public static readonly RefusalKind TooManyTries = new("refuse.link.too_many_tries",
        "That was tried too often within a short time.",
        "Wait ten minutes, then go on where you were.", 429);

    public static readonly RefusalKind ForeignForm = new("refuse.link.foreign_form",
        "Another site sent this for you.",
        "Open the link from your mail and do it there.", 403);
}
