namespace StudioVault.Domain.Kernel;

/// <summary>Refusals any command can answer with.</summary>
public static class KernelRefusals
{
    public static readonly RefusalKind NotFound = new("refuse.kernel.not_found",
        "There is nothing here under that address that you may see.",
        "Check the link, or switch to the branch it belongs to.", 404);

    public static readonly RefusalKind NotAllowed = new("refuse.kernel.not_allowed",
        "Your role does not allow this: it takes {0}.",
        "Ask a colleague with that role to do it, or HQ to change your role.", 403);

    public static readonly RefusalKind SignedOut = new("refuse.kernel.signed_out",
        "You are no longer signed in, or your account was switched off.",
        "Sign in again; what you typed is kept.", 401);

    public static readonly RefusalKind StaleWrite = new("refuse.kernel.stale_write",
        "Somebody changed this while you had it open, so nothing was written.",
        "Look at the current state and decide again.", 409);

    public static readonly RefusalKind Malformed = new("refuse.kernel.malformed",
        "The input cannot be read: {0}",
        "Correct it and send it again; nothing was changed.", 400);

    public static readonly RefusalKind StaleForm = new("refuse.kernel.stale_form",
        "This form was opened by somebody else or long ago, or another site sent it, so nothing was done.",
        "Go back, reload the page and send it again.", 400);

    public static readonly RefusalKind ForeignOrigin = new("refuse.kernel.foreign_origin",
        "A page of another site asked for a live connection, which only this site's own pages and programs may open.",
        "Open StudioVault at its own address; a program leaves the Origin header out.", 403);

    public static readonly RefusalKind StorageUnavailable = new("refuse.storage.unavailable",
        "The database did not answer, so nothing was written.",
        "Wait a moment and try again; your draft is kept.", 503);

    public static readonly RefusalKind OutcomeUnknown = new("refuse.storage.outcome_unknown",
        "The database stopped answering after the change was handed over, so it is not known whether it was written.",
        "Look at the current state first; it is never tried again by itself.", 503);

    public static readonly RefusalKind StorageFull = new("refuse.storage.full",
        "The database has no room left, so nothing was written.",
        "Reading still works. Tell whoever runs the server.", 507);

    public static readonly RefusalKind ReasonRequired = new("refuse.kernel.reason_required",
        "This needs a reason, so that people can understand the decision later.",
        "Write a short reason.", 400);

    public static readonly RefusalKind TooLong = new("refuse.kernel.too_long",
        "This text is longer than {0} characters.",
        "Shorten it.", 400);
}
