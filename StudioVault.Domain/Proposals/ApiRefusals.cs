using StudioVault.Domain.Kernel;

namespace StudioVault.Domain.Proposals;

/// <summary>Refusals of the public API that are about the request, not about what it asks for.</summary>
public static class ApiRefusals
{
    public static readonly RefusalKind KeyMissing = new("refuse.api.key_missing",
        "No agent key came with this request.",
        "Send the key as a bearer token in the Authorization header.", 401);

    public static readonly RefusalKind TooManyRequests = new("refuse.api.too_many_requests",
        "Too many requests came at once.",
        "Wait as many seconds as Retry-After says, then go on.", 429);

    public static readonly RefusalKind IdempotencyKeyMissing = new("refuse.api.idempotency_key_missing",
        "A proposal needs an Idempotency-Key header of 8 to 100 letters, digits, hyphens, underscores, colons or dots.",
        "Draw one for each proposal, and send the same one when you try again.", 400);

    public static readonly RefusalKind IdempotencyMismatch = new("refuse.api.idempotency_mismatch",
        "This Idempotency-Key came with another request before.",
        "Use a new key for a new proposal.", 409);

    public static readonly RefusalKind TooLarge = new("refuse.api.too_large",
        "The request is larger than {0} KiB.",
        "Send less; evidence is linked, not attached.", 413);

    public static readonly RefusalKind MediaType = new("refuse.api.media_type",
        "Only application/json in UTF-8 is read here.",
        "Set the Content-Type header.", 415);

    public static readonly RefusalKind Malformed = new("refuse.api.malformed",
        "The body cannot be read: {0}.",
        "Correct it as the reference shows.", 400);

    public static readonly RefusalKind Parameter = new("refuse.api.parameter",
        "The parameter “{0}” cannot be used: {1}.",
        "Correct it as the reference shows.", 400);

    public static readonly RefusalKind Cursor = new("refuse.api.cursor",
        "This cursor is none that was given for this list.",
        "Begin the list anew without one.", 400);

    public static readonly RefusalKind NoSuchAddress = new("refuse.api.no_such_address",
        "There is nothing under this address in version 1.",
        "Look at the reference.", 404);

    public static readonly RefusalKind MethodNotAllowed = new("refuse.api.method",
        "This address takes {0} alone.",
        "Look at the reference.", 405);

    public static readonly RefusalKind Failed = new("refuse.api.failed",
        "Something broke here, and nothing was written.",
        "Try again with the same Idempotency-Key; if it stays, tell whoever runs the server.", 500);
}
