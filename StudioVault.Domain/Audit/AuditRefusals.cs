using StudioVault.Domain.Kernel;

namespace StudioVault.Domain.Audit;

/// <summary>Refusals of the audit log.</summary>
public static class AuditRefusals
{
    public static readonly RefusalKind Unavailable = new("refuse.audit.unavailable",
        "The audit log cannot be written, so nothing else was written either.",
        "Reading still works. Try again in a moment, and tell whoever runs the server if it stays so.", 503);

    public static readonly RefusalKind KeyUnsupported = new("refuse.audit.key_unsupported",
        "A signature of this kind of key cannot be checked here.",
        "Check it with another tool, or use an ECDSA P-256 key.", 422);

    public static readonly RefusalKind CheckpointMalformed = new("refuse.audit.checkpoint_malformed",
        "This is not a checkpoint: {0}.",
        "Fetch the checkpoint again, byte for byte, from where it was published.", 400);

    public static readonly RefusalKind BodyMalformed = new("refuse.audit.body_malformed",
        "This is not the content of an audit leaf: {0}.",
        "Export the log again; if it stays so, treat the log as tampered with.", 400);
}
